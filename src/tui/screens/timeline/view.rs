//! What the Timeline screen shows, ready to be drawn.

use crate::tui::{canvas::Line, glyph::Glyph, screens::layout::Chrome, theme::Role, widgets::Rows};

/// A stage, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRow {
    pub role: Role,
    pub glyph: Option<Glyph>,
    pub name: String,
    /// How long it was expected to take.
    pub planned: String,
    /// How long it took when these steps were rehearsed.
    pub rehearsed: String,
    /// How long it took, or has taken so far.
    pub actual: String,
    /// The difference in words.
    pub differs: (Role, String),
    /// The end hangs on it.
    pub critical: bool,
    /// When it was over; `~` before it: when it is expected to be.
    pub ends: String,
}

impl PartRow {
    /// It is gone since the list was made.
    pub fn gone() -> Self {
        Self {
            role: Role::TextDim,
            glyph: None,
            name: String::new(),
            planned: String::new(),
            rehearsed: String::new(),
            actual: String::new(),
            differs: (Role::TextDim, String::new()),
            critical: false,
            ends: String::new(),
        }
    }
}

pub struct View<'a> {
    pub chrome: Chrome,
    /// `Timeline · ETA 12:11:16, besides 1 decision`.
    pub title: Line,
    pub narrowed: Line,
    /// Whether any part was rehearsed.
    pub rehearsed: bool,
    pub rows: Rows,
    pub row: &'a dyn Fn(usize) -> PartRow,
    /// The selected part: its name, and what is known of it.
    pub detail: (Line, Vec<Line>),
    /// What the end hangs on, in order.
    pub path: Vec<Line>,
    /// Only the detail, over the whole body.
    pub zoomed: bool,
}
