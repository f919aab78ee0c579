//! Rehearsals: what is played in the place of the plan's hosts, what a rehearsal has shown, and what that is worth to
//! the go-live it was for. A rehearsal is a session of its own, on processes that stand in for the hosts; nothing of it
//! may count as something that happened to these.

mod compare;
mod fewer;
mod record;
mod stand_in;
mod standing;

pub use compare::Rehearsed;
pub(in crate::domain) use compare::of;
pub use fewer::{TooFew, fewer, staged, staged_hosts};
pub use record::{Aims, Back, PartTimed, Rehearsal, record};
pub use stand_in::{Place, Played, StandIns, stand_in};
pub use standing::{Standing, never_played, said, standing, told};
