//! The palette: a command by its words, found by any of their letters in order. It takes the words of the command
//! line; what is dangerous asks there as everywhere.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use ratatui::layout::Position;

use super::Reply;
use crate::tui::{
    app::request::Purpose,
    canvas::{Canvas, Line},
    keymap::Action,
    terminal::{Code, Key},
    theme::Role,
    widgets::{Entry, frame},
};

/// How many matches are shown.
const SHOWN: usize = 10;

/// What may be picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub words: String,
    pub says: String,
    /// The key that does the same.
    pub key: String,
    pub pick: Pick,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    Act(Action),
    /// A verb of the command line; with `more`, it needs words after it.
    Verb {
        more: bool,
    },
}

#[derive(Clone, Debug)]
pub struct Palette {
    entry: Entry,
    candidates: Vec<Candidate>,
    /// Indices of the candidates that match, best first.
    found: Vec<usize>,
    at: usize,
}

impl Palette {
    pub fn new(candidates: Vec<Candidate>) -> Self {
        let found = (0..candidates.len()).collect();
        Self { entry: Entry::default(), candidates, found, at: 0 }
    }

    pub(super) fn key(&mut self, key: &Key) -> Reply {
        match key.code {
            Code::Esc => return Reply::Close(None),
            Code::Enter => return self.pick(),
            Code::Down | Code::Tab => self.at = (self.at + 1).min(self.found.len().saturating_sub(1)),
            Code::Up | Code::BackTab => self.at = self.at.saturating_sub(1),
            Code::Char('n') if key.modifiers.ctrl => {
                self.at = (self.at + 1).min(self.found.len().saturating_sub(1));
            }
            Code::Char('p') if key.modifiers.ctrl => self.at = self.at.saturating_sub(1),
            Code::Char('c') if key.modifiers.ctrl => return Reply::Close(None),
            _ => {
                if self.entry.key(key) {
                    self.search();
                }
            }
        }
        Reply::Stay
    }

    pub(super) fn paste(&mut self, text: &str) -> Reply {
        self.entry.insert(text);
        self.search();
        Reply::Stay
    }

    fn search(&mut self) {
        self.found = found(&self.candidates, self.entry.text());
        self.at = 0;
    }

    fn pick(&mut self) -> Reply {
        let typed = self.entry.text().trim().to_owned();
        let with_more = self.candidates.iter().any(|candidate| {
            matches!(candidate.pick, Pick::Verb { .. })
                && typed.strip_prefix(&candidate.words).is_some_and(|rest| rest.starts_with(' '))
        });
        if with_more {
            return Reply::Do(Purpose::Line(typed));
        }
        let Some(candidate) = self.found.get(self.at).and_then(|i| self.candidates.get(*i)) else {
            return Reply::Say(format!("no command is called {typed:?}"));
        };
        match &candidate.pick {
            Pick::Act(action) => Reply::Do(Purpose::Act(*action)),
            Pick::Verb { more: false } => Reply::Do(Purpose::Line(candidate.words.clone())),
            Pick::Verb { more: true } => {
                self.entry = Entry::holding(&format!("{} ", candidate.words));
                Reply::Say(candidate.says.clone())
            }
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) -> Option<Position> {
        let rows = self.found.len().clamp(1, SHOWN);
        let inner = frame(canvas, "command", Role::FrameFocus, 72, rows as u16 + 3);
        let mut part = canvas.part(inner);
        part.put(0, 0, 1, Role::Accent, ":");
        let cursor = self.entry.draw(&mut part, 2, 0, inner.width.saturating_sub(2));
        let first = self.at.saturating_sub(SHOWN - 1);
        for (y, i) in self.found.iter().skip(first).take(rows).enumerate() {
            let Some(candidate) = self.candidates.get(*i) else { continue };
            let row = y as u16 + 1;
            let selected = first + y == self.at;
            let role = if selected { Role::Selection } else { Role::Text };
            part.put(0, row, 20, role, &candidate.words);
            let key = Line::of(Role::Key, candidate.key.clone());
            let right = part.right(row, &key);
            part.put(22, row, right.saturating_sub(23), Role::TextDim, &candidate.says);
        }
        if self.found.is_empty() {
            part.put(0, 1, inner.width, Role::TextDim, "nothing matches");
        }
        cursor
    }
}

/// The candidates whose words or explanation hold the letters, best first, the table's order among equals.
fn found(candidates: &[Candidate], typed: &str) -> Vec<usize> {
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = candidates
        .iter()
        .enumerate()
        .filter_map(|(i, candidate)| {
            let words = pattern.score(Utf32Str::new(&candidate.words, &mut buffer), &mut matcher);
            // The words count double: they are what a command is called.
            let says = pattern.score(Utf32Str::new(&candidate.says, &mut buffer), &mut matcher);
            Some((words.map(|s| s * 2).max(says)?, i))
        })
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.into_iter().map(|(_, i)| i).collect()
}
