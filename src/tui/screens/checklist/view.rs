//! What the Checklist screen shows, ready to be drawn.

use crate::tui::{canvas::Line, glyph::Glyph, screens::layout::Chrome, theme::Role, widgets::Rows};

/// A group of items with how many are ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupTab {
    pub name: String,
    pub ready: usize,
    pub of: usize,
    pub role: Role,
    pub glyph: Glyph,
    pub selected: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRow {
    pub role: Role,
    pub glyph: Glyph,
    pub title: String,
    pub state: String,
    pub shows: String,
    pub owner: String,
    pub due: String,
    pub late: bool,
}

/// How wide the columns of all items have to be, so that nothing shifts when one filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Widths {
    pub title: u16,
    pub owner: u16,
    /// One at least is late.
    pub late: bool,
}

pub struct View<'a> {
    pub chrome: Chrome,
    pub groups: Vec<GroupTab>,
    /// `Pre-production · 3 open first`.
    pub title: Line,
    pub narrowed: Line,
    pub rows: Rows,
    pub widths: Widths,
    pub row: &'a dyn Fn(usize) -> ItemRow,
    /// `load test on this build · required · tier 1`, and label by label what is known.
    pub detail: (Line, Vec<(&'static str, Line)>),
    /// What Space would do, or why it does nothing.
    pub hint: Line,
    /// Only the detail, over the whole body.
    pub zoomed: bool,
}
