//! What every command is given: the options that stand before any command, the output, and the clock.

use super::{arguments::Everywhere, failure::Failure, out::Out, project::Project};
use crate::{
    clock::Clock,
    domain::time::{Now, WallTime},
};

pub struct Context {
    pub everywhere: Everywhere,
    pub out: Out,
    pub clock: Clock,
}

impl Context {
    pub fn project(&self) -> Result<Project, Failure> {
        Project::find(self.everywhere.project.as_deref(), self.everywhere.data_dir.as_deref())
    }

    pub fn wall(&self) -> WallTime {
        WallTime(self.clock.read().wall)
    }

    /// The time for reading a folded session: its own session time, which stands still while nobody conducts.
    pub fn now_of(&self, session: &crate::domain::session::Session) -> Now {
        Now { wall: self.wall(), session: session.now.session }
    }
}
