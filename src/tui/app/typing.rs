//! The filter line: typed in place of the message line, applied at every letter, kept by Enter, dropped by Esc.

use crate::tui::{
    terminal::{Code, Key},
    widgets::Entry,
};

#[derive(Clone, Debug, Default)]
pub struct Typing {
    pub entry: Entry,
    before: String,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    Edited,
    Kept,
    Dropped,
}

impl Typing {
    pub fn over(filter: &str) -> Self {
        Self { entry: Entry::holding(filter), before: filter.to_owned() }
    }

    pub fn key(&mut self, key: &Key) -> Typed {
        match key.code {
            Code::Enter => Typed::Kept,
            Code::Esc => {
                self.entry = Entry::holding(&self.before);
                Typed::Dropped
            }
            _ => {
                self.entry.key(key);
                Typed::Edited
            }
        }
    }
}
