//! The frame of a dialog: over everything else, which recedes.

use ratatui::layout::Rect;

use crate::tui::{
    canvas::{Canvas, Line},
    theme::Role,
};

/// The lines of a dialog, broken at spaces where the canvas is narrower than they are and high enough for them and
/// `more` rows under them; else each in a row, cut.
pub fn told(canvas: &Canvas<'_>, lines: &[Line], more: usize) -> Vec<Line> {
    let room = usize::from(canvas.width().saturating_sub(4));
    let broken: Vec<Line> = lines.iter().flat_map(|line| line.hanging(room, 2)).collect();
    let fits = height_of((broken.len() + more) as u16) <= canvas.height();
    if fits { broken } else { lines.to_vec() }
}

/// The rows that a dialog with so many lines takes.
pub const fn height_of(lines: u16) -> u16 {
    lines.saturating_add(2)
}

/// Draws the frame in the middle of `canvas`, at most as large as that, and returns the place inside it.
pub fn frame(canvas: &mut Canvas<'_>, title: &str, role: Role, width: u16, height: u16) -> Rect {
    let area = canvas.area();
    let (width, height) = (width.min(area.width), height.min(area.height));
    let outer =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let mut part = canvas.part(outer);
    part.clear(Role::Text);
    if width < 4 || height < 3 {
        // No room for a frame: what is said matters more.
        return outer;
    }
    let bar = "─".repeat(usize::from(width) - 2);
    part.put(0, 0, width, role, &format!("┌{bar}┐"));
    for y in 1..height - 1 {
        part.put(0, y, 1, role, "│");
        part.put(width - 1, y, 1, role, "│");
    }
    part.put(0, height - 1, width, role, &format!("└{bar}┘"));
    if !title.is_empty() && width > 6 {
        part.put(2, 0, width - 4, Role::Accent, &format!(" {title} "));
    }
    Rect { x: outer.x + 2, y: outer.y + 1, width: width - 4, height: height - 2 }
}
