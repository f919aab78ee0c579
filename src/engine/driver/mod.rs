//! How a unit is changed: one trait, one file a kind. `ssh` and other engines come later.

mod converge;
mod drive;
mod exec;
mod local;
mod said;
mod ssh;

pub(crate) use drive::{Drive, Job, Looking, Observed, Running, Turn, of};
pub use local::{CAPTURE, capture};
pub(crate) use local::{Services, follow, log_tail};
