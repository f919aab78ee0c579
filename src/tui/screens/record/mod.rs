//! The Record screen: every event in order, what it says, and the head of the chain.

mod draw;
mod view;

pub use draw::{draw, list_rows};
pub use view::{EventRow, View};
