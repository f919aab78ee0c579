//! The embedded fleet.
