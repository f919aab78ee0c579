//! What takes a host out of traffic and back: one trait, one file a kind.

mod balance;
mod exec;
mod haproxy;
mod none;
mod runtime_api;
mod servers;
mod shares;
mod told;

pub(crate) use balance::of;
pub use balance::{Balance, BalancerError, Count, Drained, Gets, Member, Told};
pub use haproxy::Haproxy;
pub(crate) use told::{Held, Weights};
