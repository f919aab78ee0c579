//! A key with what is held with it, as written in the table, the footer and a keymap file: `H`, `Ctrl-d`, `Space`.

use std::fmt;

use crate::tui::terminal::{Code, Key, Modifiers};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    pub code: Code,
    pub modifiers: Modifiers,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key: write a character, Space, Enter, Esc, Tab, Up, PgDn, F5, or Ctrl-x")]
pub struct BadChord(pub String);

const NAMED: [Code; 17] = [
    Code::Char(' '),
    Code::Enter,
    Code::Esc,
    Code::Tab,
    Code::BackTab,
    Code::Backspace,
    Code::Delete,
    Code::Insert,
    Code::Up,
    Code::Down,
    Code::Left,
    Code::Right,
    Code::Home,
    Code::End,
    Code::PageUp,
    Code::PageDown,
    Code::F(1),
];

impl Chord {
    pub const fn of(code: Code) -> Self {
        Self { code, modifiers: Modifiers::NONE }
    }
    pub const fn char(c: char) -> Self {
        Self::of(Code::Char(c))
    }
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), modifiers: Modifiers::CTRL }
    }

    pub fn parse(text: &str) -> Result<Self, BadChord> {
        let bad = || BadChord(text.chars().take(40).collect());
        let (modifiers, name) = match text.split_once('-') {
            Some(("Ctrl", name)) if !name.is_empty() => (Modifiers::CTRL, name),
            Some(("Alt", name)) if !name.is_empty() => (Modifiers::ALT, name),
            _ => (Modifiers::NONE, text),
        };
        let mut chars = name.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() && !c.is_whitespace() => Code::Char(c),
            _ => match name.strip_prefix('F').and_then(|n| n.parse::<u8>().ok()) {
                Some(n @ 1..=12) => Code::F(n),
                _ => NAMED.into_iter().find(|code| code.to_string() == name).ok_or_else(bad)?,
            },
        };
        Ok(Self { code, modifiers })
    }

    /// A capital letter: what touches the decision, the watch or the fleet.
    pub const fn is_capital(self) -> bool {
        matches!(self.code, Code::Char(c) if c.is_ascii_uppercase())
            && !self.modifiers.ctrl
            && !self.modifiers.alt
    }
}

impl From<&Key> for Chord {
    fn from(key: &Key) -> Self {
        Self { code: key.code, modifiers: key.modifiers }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.modifiers.alt {
            f.write_str("Alt-")?;
        }
        self.code.fmt(f)
    }
}
