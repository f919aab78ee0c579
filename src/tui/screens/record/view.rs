//! What the Record screen shows, ready to be drawn.

use crate::tui::{canvas::Line, screens::layout::Chrome, theme::Role, widgets::Rows};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    pub seq: u64,
    /// Wall time, `13:53:07`.
    pub time: String,
    pub actor: String,
    pub role: Role,
    /// What happened, in a sentence.
    pub says: String,
}

pub struct View<'a> {
    pub chrome: Chrome,
    /// `412 records · head 412 9f3c…`.
    pub title: Line,
    pub narrowed: Line,
    pub rows: Rows,
    pub row: &'a dyn Fn(usize) -> EventRow,
    /// The selected event: its title, and its fields.
    pub detail: (Line, Vec<Line>),
    /// Only the detail, over the whole body.
    pub zoomed: bool,
}
