//! The Timeline screen: a row a part of the go-live, with what was expected of it, what it took, and when it ends.

mod draw;
mod show;
mod state;
mod view;

pub use draw::{NEEDS, draw, list_rows};
pub use show::{show, under_way};
pub use state::{Key, State};
pub use view::{PartRow, View};
