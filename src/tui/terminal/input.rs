//! What a person does at a terminal, in our own words: the app never sees where it came from.

use std::{fmt, time::Duration};

/// An instant of the viewer's monotonic clock, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u64);

impl Moment {
    /// The time since `earlier`; zero if that is later.
    pub const fn since(self, earlier: Moment) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
    #[must_use]
    pub const fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.as_micros() as u64))
    }
}

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    pub columns: u16,
    pub rows: u16,
}

impl Size {
    /// The largest screen that is drawn: beyond it lies a mistake or an attack, not a screen.
    const LIMIT: u32 = 1_000;

    /// Clamps to 1 to 1,000 either way; an SSH client may claim 0 or four thousand million.
    pub fn clamped(columns: u32, rows: u32) -> Self {
        let fit = |n: u32| n.clamp(1, Self::LIMIT) as u16;
        Self { columns: fit(columns), rows: fit(rows) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    Mouse(Mouse),
    /// Text that was pasted: never keys.
    Paste(String),
    Resize(Size),
    Focus(bool),
    /// The terminal says that it can report key releases, if asked to.
    CanReleaseKeys,
}

/// A key, pressed, held or let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub code: Code,
    pub modifiers: Modifiers,
    pub kind: Kind,
    pub at: Moment,
}

impl Key {
    pub const fn press(code: Code, at: Moment) -> Self {
        Self { code, modifiers: Modifiers::NONE, kind: Kind::Press, at }
    }
    #[must_use]
    pub const fn with(self, modifiers: Modifiers) -> Self {
        Self { modifiers, ..self }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character as typed: shift is already in it.
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Press,
    Repeat,
    Release,
}

/// Held keys beside shift, which is part of the character (and of `BackTab`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Modifiers {
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

impl Modifiers {
    pub const NONE: Self = Self { ctrl: false, alt: false, shift: false };
    pub const CTRL: Self = Self { ctrl: true, alt: false, shift: false };
    pub const ALT: Self = Self { ctrl: false, alt: true, shift: false };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    pub gesture: Gesture,
    pub column: u16,
    pub row: u16,
    pub at: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    Down(Button),
    Up(Button),
    Drag(Button),
    WheelUp,
    WheelDown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    Left,
    Middle,
    Right,
}

impl fmt::Display for Code {
    /// As a footer names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Code::Char(' ') => "Space",
            Code::Char(c) => return write!(f, "{c}"),
            Code::F(n) => return write!(f, "F{n}"),
            Code::Enter => "Enter",
            Code::Esc => "Esc",
            Code::Tab => "Tab",
            Code::BackTab => "Shift-Tab",
            Code::Backspace => "Backspace",
            Code::Delete => "Delete",
            Code::Insert => "Insert",
            Code::Up => "Up",
            Code::Down => "Down",
            Code::Left => "Left",
            Code::Right => "Right",
            Code::Home => "Home",
            Code::End => "End",
            Code::PageUp => "PgUp",
            Code::PageDown => "PgDn",
        };
        f.write_str(word)
    }
}
