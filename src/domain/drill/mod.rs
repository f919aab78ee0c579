//! Resiliency drills: when one is due, an attempt and its criteria as the record has them, and the attempts of a drill
//! until one passes. What is done to hosts is the operation's.

mod attempt;
mod book;
mod command;
mod due;
mod event;
mod findings;
mod hours;
mod next;
mod samples;
mod state;

pub use attempt::{Attempt, Carried, HumanAct, Receipt};
pub use book::{AttemptLine, Book, Case, Entry, Note};
pub use command::DrillCommand;
pub(super) use command::{decide, under_way};
pub use due::{Due, Quarter, due};
pub use event::DrillEvent;
pub use findings::{Criterion, Finding, Standing};
pub(super) use next::next;
pub use next::so_far;
pub use samples::{Dip, Samples};
pub use state::Drills;
pub(super) use state::{apply, carried, judged, unobserved, witnessed};

pub(super) use due::obstacles;
