//! The project's own stream beside the sessions: which were opened and how they ended, which release was
//! proven good where, and who holds an environment.

mod attempts;
mod left;
pub mod queue;
mod state;

pub use left::{CrossedOnce, Left, OnceLeft, crossed};
pub use queue::Queued;
pub use state::{Project, ProjectCommand, ProjectEvent, SessionLine, owed};
