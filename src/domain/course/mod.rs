//! The course of a session: opened, prepared, held, watched, gone live, closed. Its phases, and who is on watch.

mod adopt;
mod candidate;
mod capacity;
mod close;
mod command;
mod event;
mod hold;
pub mod hotfix;
mod open;
mod phase;
mod places;
mod state;
pub mod strictness;
pub mod supersede;
mod waits;
mod watch;

pub use adopt::{Difference, difference, what_becomes_of_the_share};
pub use capacity::what_becomes_of_capacity;
pub use close::close_obstacles;
pub(super) use close::closing;
pub use command::CourseCommand;
pub(super) use command::{decide, nothing_looked_after, said_why};
pub use event::{CourseEvent, Ending, Mode, Opened, Release, ReopenedBecause, SleepGuard};
pub(super) use hold::continue_is_meant;
pub use hold::{GoesOn, goes_on};
pub use open::{OpenRequest, open, open_at};
pub(super) use open::{at_home, may_open, usable};
pub use phase::Phase;
pub(super) use state::apply;
pub use state::{Course, Hold, Watch};
