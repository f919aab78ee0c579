//! A section's heading in a quiet rule: `── Title ──────── lifted by ────`.

use crate::tui::{
    canvas::{Canvas, Line},
    theme::Role,
};

/// Draws the rule over the whole width, with a title near the left and perhaps a label from a column on.
pub fn rule(canvas: &mut Canvas<'_>, y: u16, title: &Line, label: Option<(u16, &Line)>) {
    let width = canvas.width();
    canvas.put(0, y, width, Role::Frame, &"─".repeat(width.into()));
    if !title.is_empty() && width > 6 {
        let room = width - 5;
        let end = canvas.line(3, y, room, &title.parts_within(room.into()));
        canvas.put(2, y, 1, Role::Frame, " ");
        canvas.put(end, y, 1, Role::Frame, " ");
    }
    if let Some((x, label)) = label {
        let room = width.saturating_sub(x + 2);
        if room as usize >= label.width() && usize::from(x) > title.width() + 5 {
            canvas.put(x - 1, y, 1, Role::Frame, " ");
            let end = canvas.line(x, y, room, label);
            canvas.put(end, y, 1, Role::Frame, " ");
        }
    }
}
