//! What golive knows about the time of a go-live: its parts in order, how long each was expected to take and did, when
//! it ends, and what that hangs on. It decides nothing, and guesses nothing: what was never timed is named.

mod actual;
mod by_stage;
mod course;
mod end;
mod expected;
mod hosts;
mod left;
mod line;
mod outlook;
mod part;
mod whole;

pub use by_stage::{StageTime, by_stage};
pub use end::End;
pub use expected::{Expected, Sum};
pub use hosts::Chain;
pub use line::{Row, Timeline, timeline};
pub use outlook::{Link, Outlook, halted};
pub use part::{What, parts};
pub use whole::{Ahead, ahead, whole};
