//! A page of text over the screen: help, what was recorded, the output of a host. Scrolls and closes, nothing else.

use super::Reply;
use crate::{
    domain::name::UnitId,
    tui::{
        canvas::{Canvas, Line},
        keymap::Action,
        terminal::{Code, Key, Size},
        theme::Role,
        widgets::frame,
    },
};

#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    /// As they were said; `shown` is how they are broken to the width there is.
    lines: Vec<Line>,
    shown: Vec<Line>,
    /// Cells by which what is broken off a line stands in.
    hang: usize,
    first: usize,
    room: Size,
    /// It is about a host, and goes on while that host does.
    unit: Option<UnitId>,
    /// It stands at its end, and stays there as lines are added.
    at_end: bool,
}

/// Cells and rows that the frame takes, and the row of the page's own keys.
const FRAME: (u16, u16) = (4, 3);

/// The cells that the line of keys takes on a page that scrolls.
const KEYS: usize = 42;

impl Page {
    pub fn new(title: impl Into<String>, lines: Vec<Line>) -> Self {
        Self {
            title: title.into(),
            shown: lines.clone(),
            lines,
            hang: 0,
            first: 0,
            room: Size { columns: u16::MAX, rows: u16::MAX },
            unit: None,
            at_end: false,
        }
    }

    /// Keys and what they do: what has no room in a line goes on under the words, not under the key.
    pub fn keys(title: impl Into<String>, lines: Vec<Line>, hang: usize) -> Self {
        Self { hang, ..Self::new(title, lines) }
    }

    /// About a host, opened at its end, as output is read.
    pub fn of_unit(unit: UnitId, lines: Vec<Line>) -> Self {
        let title = format!("{unit}: lane and output");
        Self { at_end: true, unit: Some(unit), hang: 2, ..Self::new(title, lines) }
    }

    /// The host that it is about.
    pub fn unit(&self) -> Option<&UnitId> {
        self.unit.as_ref()
    }

    /// What there is to say by now.
    pub fn says(&mut self, lines: Vec<Line>) {
        if lines != self.lines {
            self.lines = lines;
            self.broken();
        }
    }

    /// Takes over how much room the terminal has.
    pub fn fit(&mut self, size: Size) {
        let room =
            Size { columns: size.columns.saturating_sub(FRAME.0), rows: size.rows.saturating_sub(FRAME.1) };
        if room != self.room {
            self.room = room;
            self.broken();
        }
        let last = self.last();
        self.first = if self.at_end { last } else { self.first.min(last) };
    }

    fn broken(&mut self) {
        let (room, hang) = (self.room.columns.into(), self.hang);
        self.shown = self.lines.iter().flat_map(|line| line.hanging(room, hang)).collect();
    }

    /// The first row that is shown when the last one is.
    fn last(&self) -> usize {
        self.shown.len().saturating_sub(self.room.rows.into())
    }

    fn to(&mut self, first: usize) {
        self.first = first.min(self.last());
        self.at_end = self.unit.is_some() && self.first == self.last();
    }

    pub(super) fn key(&mut self, key: &Key, action: Option<Action>) -> Reply {
        let page = usize::from(self.room.rows.min(400)).max(1);
        match action {
            Some(Action::Down) => self.to(self.first + 1),
            Some(Action::Up) => self.to(self.first.saturating_sub(1)),
            Some(Action::PageDown) => self.to(self.first + page),
            Some(Action::PageUp) => self.to(self.first.saturating_sub(page)),
            Some(Action::HalfDown) => self.to(self.first + page / 2),
            Some(Action::HalfUp) => self.to(self.first.saturating_sub(page / 2)),
            Some(Action::Top) => self.to(0),
            Some(Action::Bottom) => self.to(usize::MAX),
            Some(Action::Hold | Action::RollBack | Action::Redraw) => return Reply::Pass,
            _ if matches!(key.code, Code::Esc | Code::Enter) => return Reply::Close(None),
            Some(Action::Leave | Action::Keys | Action::Since) => return Reply::Close(None),
            _ => {}
        }
        Reply::Stay
    }

    /// By so many rows.
    pub(super) fn scroll(&mut self, action: Action, rows: usize) {
        match action {
            Action::Up => self.to(self.first.saturating_sub(rows)),
            _ => self.to(self.first + rows),
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) {
        let scrolls = if self.shown.len() + 3 > canvas.height().into() { KEYS } else { 0 };
        let wide =
            self.shown.iter().map(Line::width).max().unwrap_or(0).max(self.title.len() + 4).max(scrolls);
        // A page that grows takes all the room there is, so that it does not change its size with every line.
        let (wide, high) = match self.unit {
            Some(_) => (canvas.width(), canvas.height()),
            None => ((wide + 4).min(400) as u16, (self.shown.len() + 3).min(400) as u16),
        };
        // A sliver of the screen beside it would only disturb.
        let wide = if wide + 4 > canvas.width() { canvas.width() } else { wide };
        let inner = frame(canvas, &self.title, Role::FrameFocus, wide, high);
        let mut part = canvas.part(inner);
        let room = usize::from(part.height()).saturating_sub(1);
        let first = self.first.min(self.shown.len().saturating_sub(room));
        for (y, line) in self.shown.iter().skip(first).take(room).enumerate() {
            part.line(0, y as u16, inner.width, line);
        }
        let more = self.shown.len().saturating_sub(first + room);
        let mut keys = Line::of(Role::Key, "Esc").dim(" back");
        if more > 0 || first > 0 {
            let below = if more > 0 { format!("{more} more below") } else { "the end".to_owned() };
            keys = keys.dim("   ").add(Role::Key, "j k").dim(format!(" scroll · {below}"));
        }
        part.line(0, room as u16, inner.width, &keys);
    }
}
