//! The Record screen: every event in order, what it says, and the head of the chain.

mod draw;
mod show;
mod state;
mod view;

pub use draw::{NEEDS, draw, list_rows};
pub use show::show;
pub use state::State;
pub use view::{EventRow, View};
