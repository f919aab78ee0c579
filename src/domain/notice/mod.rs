//! Notices to people: what is worth telling, to whom, and whether it arrived. Sent through the engine, retried,
//! acknowledged by the person.

mod command;
mod next;
mod state;

pub use command::NoticeCommand;
pub(super) use command::decide;
pub(super) use next::next;
pub use state::{Notice, NoticeEvent, NoticeState, Outbox};
pub(super) use state::{apply, ended, interrupted, sending};
