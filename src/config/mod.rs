//! golive.toml, checklists, themes, keymap and paths; errors with file, line and column.

mod hosts;
pub mod init;
pub mod keymap;
mod lists;
mod load;
mod node;
mod paths;
mod problem;
pub mod project;
mod read;
mod schema;
mod secret;
pub mod shape;
mod source;
mod suggest;
mod text_file;
pub mod theme;
mod validate;

pub use lists::EMBEDDED as EMBEDDED_CHECKLISTS;
pub use load::{FILE, Loaded, load, read_text};
pub use paths::{DATA_DIR, PathError, Paths, ProjectPaths, SOCKET, private};
pub use problem::{Note, Problem, Problems};
pub use schema::{checklist_schema, schema};
pub use source::{Position, Source};
pub use suggest::advice;
pub use suggest::nearest;
pub use text_file::read as read_file;
