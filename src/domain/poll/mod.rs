//! The go/no-go poll: seats, votes, what each vote relied on, and the declaration.

mod command;
mod event;
mod reliance;
mod seats;
mod state;
mod tally;

pub use command::PollCommand;
pub(super) use command::decide;
pub use event::{Decision, PollEvent, Reliance, VoteKind};
pub use reliance::{reliance, stale_because, would_stale};
pub use seats::{assign, eligible, uncovered};
pub use state::{Declared, Poll, Vote};
pub(super) use state::{apply, void};
pub use tally::{SeatStanding, SeatState, Tally, go_valid, tally};
