//! A form: fields to fill in, and for what cannot be taken back a name to type. Enter goes from field to field and
//! submits at the last that is asked for; what is typed to confirm is never pasted.

use ratatui::layout::Position;

use super::Reply;
use crate::tui::{
    app::request::Fill,
    canvas::{Canvas, Line},
    keymap::{Admitted, Guard},
    terminal::{Code, Key, Moment},
    theme::Role,
    widgets::{Entry, frame, height_of, told},
};

#[derive(Clone, Debug)]
pub struct Form {
    pub title: String,
    /// What is at stake, over the fields.
    pub lines: Vec<Line>,
    pub fields: Vec<Field>,
    pub focus: usize,
    pub fill: Fill,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub label: &'static str,
    pub kind: FieldKind,
}

#[derive(Clone, Debug)]
pub enum FieldKind {
    Text {
        entry: Entry,
        needed: bool,
    },
    /// With none taken yet where both answers weigh the same, and nobody's Enter may say one for them.
    Choice {
        of: Vec<String>,
        at: Option<usize>,
    },
    /// Must be typed exactly: the name of what is at stake.
    Typed {
        entry: Entry,
        name: String,
    },
}

impl Field {
    pub fn text(label: &'static str, needed: bool) -> Self {
        Self { label, kind: FieldKind::Text { entry: Entry::default(), needed } }
    }
    pub fn holding(label: &'static str, text: &str) -> Self {
        Self { label, kind: FieldKind::Text { entry: Entry::holding(text), needed: false } }
    }
    pub fn choice(label: &'static str, of: Vec<String>, at: usize) -> Self {
        Self { label, kind: FieldKind::Choice { of, at: Some(at) } }
    }
    /// One of these must be taken by hand.
    pub fn open_choice(label: &'static str, of: Vec<String>) -> Self {
        Self { label, kind: FieldKind::Choice { of, at: None } }
    }
    pub fn typed(name: &str) -> Self {
        let kind = FieldKind::Typed { entry: Entry::default(), name: name.to_owned() };
        Self { label: "type the name", kind }
    }

    fn value(&self) -> String {
        match &self.kind {
            FieldKind::Text { entry, .. } | FieldKind::Typed { entry, .. } => entry.text().trim().to_owned(),
            FieldKind::Choice { of, at } => at.and_then(|at| of.get(at)).cloned().unwrap_or_default(),
        }
    }
}

impl Form {
    pub fn new(title: impl Into<String>, lines: Vec<Line>, fields: Vec<Field>, fill: Fill) -> Self {
        Self { title: title.into(), lines, fields, focus: 0, fill }
    }

    pub(super) fn key(&mut self, key: &Key, admitted: Admitted, shown: Option<Moment>) -> Reply {
        let last = self.last();
        match key.code {
            Code::Esc => return Reply::Close(Some(format!("{}: nothing was recorded", self.title))),
            Code::Tab | Code::Down => self.focus = if self.focus == last { 0 } else { self.focus + 1 },
            Code::BackTab | Code::Up => self.focus = if self.focus == 0 { last } else { self.focus - 1 },
            Code::Enter if self.focus < last => self.focus += 1,
            Code::Enter => return self.submit(key, admitted, shown),
            _ => {
                if let Some(field) = self.fields.get_mut(self.focus) {
                    field.key(key);
                }
            }
        }
        Reply::Stay
    }

    fn values(&self) -> Vec<String> {
        self.fields.iter().map(Field::value).collect()
    }

    /// The last field that is asked for: what was chosen above may need no more.
    fn last(&self) -> usize {
        self.fill.fields(&self.values()).min(self.fields.len()).saturating_sub(1)
    }

    pub(super) fn paste(&mut self, text: &str) -> Reply {
        match self.fields.get_mut(self.focus).map(|field| &mut field.kind) {
            Some(FieldKind::Text { entry, .. }) => {
                entry.insert(text);
                Reply::Stay
            }
            Some(FieldKind::Typed { .. }) => Reply::Say("the name is typed, never pasted".into()),
            _ => Reply::Stay,
        }
    }

    fn submit(&mut self, key: &Key, admitted: Admitted, shown: Option<Moment>) -> Reply {
        if let Err(early) = Guard::confirms(admitted, shown, key.at) {
            return Reply::Say(early.to_string());
        }
        for (i, field) in self.fields.iter().enumerate() {
            let missing = match &field.kind {
                FieldKind::Text { needed: true, .. } if field.value().is_empty() => {
                    Some(format!("{} is needed", field.label))
                }
                FieldKind::Choice { of, at: None } => {
                    Some(format!("{}: choose {} (with the arrows)", field.label, of.join(" or ")))
                }
                FieldKind::Typed { name, .. } if field.value() != *name => {
                    Some(format!("type {name} to confirm"))
                }
                _ => None,
            };
            if let Some(missing) = missing {
                self.focus = i;
                return Reply::Say(missing);
            }
        }
        match self.fill.request(&self.values()) {
            Ok(purpose) => Reply::Do(purpose),
            Err(why) => Reply::Say(why),
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) -> Option<Position> {
        let label = self.fields.iter().map(|f| f.label.len()).max().unwrap_or(0) as u16;
        let asked = self.last() + 1;
        let lines = told(canvas, &self.lines, asked + 1);
        let wide = lines.iter().map(Line::width).max().unwrap_or(0).max(56) as u16 + 4;
        let height = height_of((lines.len() + asked + 1) as u16);
        let inner = frame(canvas, &self.title, Role::FrameFocus, wide, height);
        let mut part = canvas.part(inner);
        // Where not everything fits, the fields and the keys stay.
        let room = usize::from(part.height()).saturating_sub(asked + 1);
        let mut y = 0;
        for line in lines.iter().take(room) {
            part.line(0, y, inner.width, line);
            y += 1;
        }
        let mut cursor = None;
        let last = self.last();
        for (i, field) in self.fields.iter().enumerate() {
            if i > last {
                break;
            }
            let focused = i == self.focus;
            part.put(0, y, label, if focused { Role::Accent } else { Role::TextDim }, field.label);
            let at = field.draw(&mut part, label + 2, y, focused);
            if focused {
                cursor = at;
            }
            y += 1;
        }
        let keys = Line::of(Role::Key, "Enter")
            .dim(if self.focus < last { " next field   " } else { " submits   " })
            .add(Role::Key, "Esc")
            .dim(" cancel");
        part.line(0, y, inner.width, &keys);
        cursor
    }
}

impl Field {
    fn key(&mut self, key: &Key) {
        match &mut self.kind {
            FieldKind::Text { entry, .. } | FieldKind::Typed { entry, .. } => {
                entry.key(key);
            }
            FieldKind::Choice { of, at } => match key.code {
                Code::Right | Code::Char(' ' | 'l') => {
                    *at = Some(at.map_or(0, |at| (at + 1) % of.len().max(1)));
                }
                Code::Left | Code::Char('h') => {
                    *at = Some(at.map_or(0, |at| (at + of.len().max(1) - 1) % of.len().max(1)));
                }
                // A letter takes the first choice that starts with it.
                Code::Char(c) => {
                    let found =
                        of.iter().position(|o| o.chars().next().is_some_and(|o| o.eq_ignore_ascii_case(&c)));
                    *at = found.or(*at);
                }
                _ => {}
            },
        }
    }

    fn draw(&self, part: &mut Canvas<'_>, x: u16, y: u16, focused: bool) -> Option<Position> {
        let room = part.width().saturating_sub(x);
        match &self.kind {
            FieldKind::Text { entry, .. } => entry.draw(part, x, y, room),
            FieldKind::Typed { entry, name } => {
                if entry.text().is_empty() {
                    part.put(x, y, room, Role::TextDim, name);
                }
                entry.draw(part, x, y, room)
            }
            FieldKind::Choice { of, at } => {
                let mut line = Line::new();
                for (i, choice) in of.iter().enumerate() {
                    line = match (Some(i) == *at, focused) {
                        (true, true) => line.add(Role::Selection, format!("[{choice}]")),
                        (true, false) => line.text(format!("[{choice}]")),
                        _ => line.dim(format!(" {choice} ")),
                    };
                }
                part.line(x, y, room, &line);
                None
            }
        }
    }
}
