//! The embedded fleet: real child processes on this machine (hosts, a balancer, steady traffic), so that a
//! whole go-live can be played through without anything of the team's. It owns those processes and their one
//! directory; it must not touch anything outside that directory, and it decides nothing about a go-live.

mod agents;
pub mod balancer;
mod fault;
mod flags;
pub mod fleet;
mod hidden;
mod http;
mod layout;
mod release;
pub mod script;
pub mod service;
mod tether;
pub mod traffic;

pub use fault::{BadFault, Fault, FaultKind};
pub use hidden::{HiddenError, hidden};
pub use layout::Layout;
pub use release::{Release, ReleaseError};
pub use tether::{Owner, Tether, TetherError};
