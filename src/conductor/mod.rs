//! The turn, the loop, the single writer, the socket server.

mod lock;
mod log;
mod peer;
mod socket;

pub use lock::Lock;
pub use log::LogFile;
pub use peer::{Logins, Peer};
pub use socket::{Share, SocketError, bind};
pub mod turn;
