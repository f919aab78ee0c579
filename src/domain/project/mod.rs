//! The project's own stream beside the sessions: which were opened and how they ended, which release was
//! proven good where, and who holds an environment.

mod state;

pub use state::{Project, ProjectCommand, ProjectEvent, SessionLine, owed};
