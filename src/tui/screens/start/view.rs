//! What the start screen shows, ready to be drawn.

use crate::tui::{canvas::Line, screens::layout::Chrome};

#[derive(Clone, Debug, Default)]
pub struct View {
    pub chrome: Chrome,
    /// How the open session stands, or that none is open and how to open one.
    pub now: Vec<Line>,
    /// What each person on this machine may do next, with its key.
    pub next: Vec<Line>,
    /// Where it runs: machine, conductor, directory, age of the data.
    pub place: Vec<Line>,
    /// The last few records.
    pub last: Vec<Line>,
}
