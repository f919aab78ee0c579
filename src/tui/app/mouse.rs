//! The mouse: a click selects, the wheel moves. It confirms nothing.

use crate::tui::terminal::{Button, Gesture, Mouse};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// A row of the body, counted from its top.
    Row(u16),
    Wheel(isize),
    Nothing,
}

/// What a gesture means over a list that begins at `top` and shows `rows`.
pub fn pointed(mouse: &Mouse, top: u16, rows: u16) -> Pointed {
    match mouse.gesture {
        Gesture::Down(Button::Left) if (top..top.saturating_add(rows)).contains(&mouse.row) => {
            Pointed::Row(mouse.row - top)
        }
        Gesture::WheelUp => Pointed::Wheel(-3),
        Gesture::WheelDown => Pointed::Wheel(3),
        _ => Pointed::Nothing,
    }
}
