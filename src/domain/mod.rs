//! The pure core: every rule of a go-live. No IO, no clock, no randomness; time and ids are passed in.

pub mod checklist;
pub mod effect;
pub mod name;
pub mod plan;
pub mod time;
