//! The Checklist screen: groups, items, and the selected item with what would lift it.

mod draw;
mod show;
mod state;
mod view;

pub use draw::{NEEDS, draw, group_at, list_rows};
pub use show::{groups, show, speaks_to_me};
pub use state::State;
pub use view::{GroupTab, ItemRow, View};
