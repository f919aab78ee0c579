//! The line under the header that says what everything waits for, and the line above the footer that says what
//! happened last.

use crate::tui::{
    canvas::{Canvas, Line},
    glyph::Glyph,
    theme::Role,
};

/// What is said in one line, with its mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub role: Role,
    pub glyph: Option<Glyph>,
    pub line: Line,
    /// What releases it: stays where the rest is cut.
    pub tail: Line,
    /// The same in fewer words, for a line on which it does not fit.
    pub brief: Option<Box<Message>>,
}

impl Message {
    pub fn new(role: Role, glyph: Glyph, line: impl Into<Line>) -> Self {
        Self { role, glyph: Some(glyph), line: line.into(), tail: Line::new(), brief: None }
    }
    /// With what releases it, in the same role.
    #[must_use]
    pub fn until(self, words: impl Into<String>) -> Self {
        let words: String = words.into();
        let tail = if words.is_empty() { Line::new() } else { Line::of(self.role, format!(" · {words}")) };
        Self { tail, ..self }
    }
    /// The same in fewer words, taken where the line is too short.
    #[must_use]
    pub fn or(self, brief: Message) -> Self {
        Self { brief: Some(Box::new(brief)), ..self }
    }
    /// Without a mark: an answer to a key.
    pub fn plain(line: impl Into<Line>) -> Self {
        Self { role: Role::Text, glyph: None, line: line.into(), tail: Line::new(), brief: None }
    }
}

pub fn message(canvas: &mut Canvas<'_>, y: u16, view: &Message) {
    let x = match view.glyph {
        Some(glyph) => canvas.put(1, y, 1, view.role, glyph.unicode()) + 1,
        None => 1,
    };
    let room = canvas.width().saturating_sub(x + 1);
    let view = in_few(view, room.into());
    let tail = view.tail.width() as u16;
    // On a line too short for both, what it is about matters more: above all where it is whole without the rest.
    let line = view.line.width() as u16;
    if view.tail.is_empty() || tail + 24 > room || (line <= room && line + tail > room) {
        canvas.line(x, y, room, &view.line.parts_within(room.into()));
        return;
    }
    let end = canvas.line(x, y, room - tail, &view.line.parts_within((room - tail).into()));
    canvas.line(end, y, tail, &view.tail);
}

/// In fewer words where that keeps more of it: of what is cut, or of what releases it.
fn in_few(view: &Message, room: usize) -> &Message {
    let cut = view.line.width() > room;
    let helps = |brief: &&Message| cut && room >= FEW || !cut && !brief.tail.is_empty();
    let whole = view.line.width() + view.tail.width() <= room;
    view.brief.as_deref().filter(|_| !whole).filter(helps).unwrap_or(view)
}

/// On a line shorter than this the first words are all there is room for.
const FEW: usize = 40;

/// What waits, and what will release it: the whole line in the colour of its weight.
pub fn waiting(canvas: &mut Canvas<'_>, y: u16, view: Option<&Message>) {
    if let Some(view) = view {
        message(canvas, y, view);
    }
}
