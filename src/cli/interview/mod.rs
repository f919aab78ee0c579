//! The eight questions of `golive init`, and the conversation in which they are asked.

mod question;
mod talk;

pub use question::Question;
pub use talk::{Talk, Terminal};
