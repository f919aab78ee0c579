//! The desired version that agents read: one file a kind of store, and what agents report. A key is read before it is
//! set, and set only where it still holds what was read.

mod exec;
mod http;
mod key;
mod reports;
mod said;
mod set;
mod tell;
mod watch;

pub use reports::{Reported, reported};
pub use set::set;
pub use tell::Tell;
pub use watch::watch;
