//! Rules across the plan.
