//! A page to read: keys, output, what happened since. Scrolls; anything else closes it.

use super::Reply;
use crate::tui::{
    canvas::{Canvas, Line},
    keymap::Action,
    terminal::{Code, Key},
    theme::Role,
    widgets::frame,
};

#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    lines: Vec<Line>,
    first: usize,
}

impl Page {
    pub fn new(title: impl Into<String>, lines: Vec<Line>) -> Self {
        Self { title: title.into(), lines, first: 0 }
    }

    /// Opened at its end, as output is read.
    pub fn at_end(title: impl Into<String>, lines: Vec<Line>) -> Self {
        Self { first: lines.len(), ..Self::new(title, lines) }
    }

    pub(super) fn key(&mut self, key: &Key, action: Option<Action>) -> Reply {
        let most = self.lines.len().saturating_sub(1);
        let by = |page: &mut Self, n: isize| page.first = page.first.saturating_add_signed(n).min(most);
        match action {
            Some(Action::Down) => by(self, 1),
            Some(Action::Up) => by(self, -1),
            Some(Action::PageDown | Action::HalfDown) => by(self, 10),
            Some(Action::PageUp | Action::HalfUp) => by(self, -10),
            Some(Action::Top) => self.first = 0,
            Some(Action::Bottom) => self.first = most,
            Some(Action::Hold | Action::RollBack | Action::Redraw) => return Reply::Pass,
            _ if matches!(key.code, Code::Esc | Code::Enter) => return Reply::Close(None),
            Some(Action::Leave | Action::Keys | Action::Since) => return Reply::Close(None),
            _ => {}
        }
        Reply::Stay
    }

    /// By so many rows.
    pub(super) fn scroll(&mut self, action: Action, rows: usize) {
        self.first = match action {
            Action::Up => self.first.saturating_sub(rows),
            _ => (self.first + rows).min(self.lines.len().saturating_sub(1)),
        };
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) {
        let wide = self.lines.iter().map(Line::width).max().unwrap_or(0).max(self.title.len() + 4);
        let inner = frame(
            canvas,
            &self.title,
            Role::FrameFocus,
            (wide + 4).min(400) as u16,
            (self.lines.len() + 3).min(400) as u16,
        );
        let mut part = canvas.part(inner);
        let room = usize::from(part.height()).saturating_sub(1);
        let first = self.first.min(self.lines.len().saturating_sub(room));
        for (y, line) in self.lines.iter().skip(first).take(room).enumerate() {
            part.line(0, y as u16, inner.width, line);
        }
        let more = self.lines.len().saturating_sub(first + room);
        let mut keys = Line::of(Role::Key, "Esc").dim(" back");
        if more > 0 || first > 0 {
            keys = keys.dim("   ").add(Role::Key, "j k").dim(format!(" scroll · {more} more below"));
        }
        part.line(0, room as u16, inner.width, &keys);
    }
}
