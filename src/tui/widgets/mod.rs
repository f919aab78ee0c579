//! The parts that screens are made of. Each draws from a view that it is given, and only reads; what has a state
//! of its own (a list's selection, a line that is typed) keeps it beside, in a type that knows no canvas.

mod dialog;
mod entry;
mod footer;
mod header;
mod lane;
mod list;
mod message;
mod rule;
mod spark;
mod table;

pub use dialog::{frame, height_of, told};
pub use entry::Entry;
pub use footer::{HANG, clicked, footer, help_lines};
pub use header::{End, Header, header, header_at};
pub use lane::{lane, lane_line};
pub use list::{List, window};
pub use message::{Message, message, waiting};
pub use rule::rule;
pub use spark::spark;
pub use table::{Column, Rows, natural, table};
