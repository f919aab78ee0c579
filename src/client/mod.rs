//! The connection to the conductor, and the folded session. It starts a conductor where none runs, and decides
//! nothing: what a command leads to is seen in the record that comes back.

mod error;
mod reach;

pub use error::ClientError;
pub use reach::{Launch, Way, reach};
