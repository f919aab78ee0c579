//! A unit's lane as a bar: one box a step.

use crate::tui::{
    canvas::{Canvas, Line},
    glyph::Glyph,
    theme::Role,
};

/// `done` boxes of `steps` are full; the last full one shows how it stands.
pub fn lane_line(done: u16, steps: u16, role: Role) -> Line {
    let done = done.min(steps);
    let full = Glyph::Full.unicode().repeat(done.into());
    let empty = Glyph::Empty.unicode().repeat((steps - done).into());
    Line::of(role, full).dim(empty)
}

pub fn lane(canvas: &mut Canvas<'_>, x: u16, y: u16, done: u16, steps: u16, role: Role) -> u16 {
    let line = lane_line(done, steps, role);
    canvas.line(x, y, steps, &line)
}
