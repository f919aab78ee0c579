//! What the Compare screen shows, ready to be drawn.

use crate::{
    report::Compared,
    tui::{canvas::Line, screens::layout::Chrome},
};

#[derive(Clone, Debug, Default)]
pub struct View {
    pub chrome: Chrome,
    /// `1-box beside the rest of production`.
    pub title: Line,
    /// The columns of both sides: `2.5.0, 1 host`.
    pub sides: [String; 2],
    pub figures: Vec<Compared>,
    /// Since when, how old, what is missing.
    pub about: Vec<Line>,
    pub verdict: Vec<Line>,
    /// What a verdict leads to.
    pub after: Vec<Line>,
}
