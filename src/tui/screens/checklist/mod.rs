//! The Checklist screen: groups, items, and the selected item with what would lift it.

mod draw;
mod view;

pub use draw::{draw, list_rows};
pub use view::{GroupTab, ItemRow, View};
