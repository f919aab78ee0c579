//! Checklists: embedded, the user's, the project's; in TOML, or a team's Markdown list as it is.

mod due;
mod embedded;
mod find;
mod markdown;
mod owner;
mod slug;
mod toml_list;

pub use embedded::EMBEDDED;
use find::Origin;
pub use find::{List, find};
pub use slug::slug;
pub use toml_list::{Known, read};
