//! What the Decision screen shows, ready to be drawn.

use crate::tui::{canvas::Line, glyph::Glyph, screens::layout::Chrome, theme::Role};

/// A seat of the poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatRow {
    pub role: Role,
    pub glyph: Glyph,
    pub seat: String,
    pub person: String,
    pub vote: String,
    pub note: String,
}

/// One thing in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObstacleRow {
    pub role: Role,
    pub glyph: Glyph,
    pub what: String,
    pub why: String,
    pub lift: String,
    pub who: String,
}

#[derive(Clone, Debug, Default)]
pub struct View {
    pub chrome: Chrome,
    /// `Roll call · quorum 4 of 5 · GO 2 · …`.
    pub roll_call: Line,
    pub seats: Vec<SeatRow>,
    /// `In the way · 5`: of all there is, whatever the list is narrowed to.
    pub in_the_way: Line,
    pub obstacles: Vec<ObstacleRow>,
    /// The selected row: seats first, then obstacles.
    pub selected: Option<usize>,
    /// The first seat shown.
    pub first_seat: usize,
    /// The first obstacle shown.
    pub first: usize,
    pub plan_b: Vec<Line>,
    pub after_go: Vec<Line>,
    /// Where a start means that nobody is served for a while.
    pub downtime: Option<Line>,
    /// More about the selected row, where there is room beside.
    pub detail: (Line, Vec<Line>),
    /// What the lists are narrowed to.
    pub narrowed: Line,
    /// Only the detail, over the whole body.
    pub zoomed: bool,
}
