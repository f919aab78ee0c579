//! What an action asks before it is done: a dialog, a form, or nothing.

mod asking;
mod item;
mod judge;
mod poll;
mod repair;
mod rollback;
mod start;
mod unread;
mod watch;

pub use asking::{Asking, Step, ask};
use asking::{confirm, shown, target, target_in};
pub use rollback::{CALM, in_environment as rollback_in, narrow as narrow_rollback, plan_b};
