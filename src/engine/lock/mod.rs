//! The lock on an environment at its deploy target: what keeps conductors apart that share no journal.
//!
//! - `identity`: who we are, and whether whoever wrote a lock still lives.
//! - `file`: the lock file in a deploy root, changed whole or not at all.
//! - `act`: taking, looking and releasing, in every deploy root of an environment, or by the team's own commands.

mod act;
mod file;
mod identity;

pub use act::{Lock, look, release, take};
