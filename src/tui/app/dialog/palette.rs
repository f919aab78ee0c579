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
    words::Choice,
};

/// How many matches are shown.
const SHOWN: usize = 10;

/// What may be picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub words: String,
    /// What may stand after it.
    pub usage: String,
    pub says: String,
    /// The key that does the same.
    pub key: String,
    /// Why it is not allowed now.
    pub barred: Option<String>,
    /// A key of this screen does it: it is likely meant.
    pub here: bool,
    /// What its first argument may be.
    pub names: Vec<String>,
    pub options: Vec<Offered>,
    pub pick: Pick,
}

/// An option, and what may stand after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    pub option: Choice,
    pub names: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    Act(Action),
    /// A verb of the command line; with `more`, it needs words after it.
    Line {
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
        let found = found(&candidates, "");
        Self { entry: Entry::default(), candidates, found, at: 0 }
    }

    pub(super) fn key(&mut self, key: &Key) -> Reply {
        match key.code {
            Code::Esc => return Reply::Close(None),
            Code::Enter => return self.pick(),
            Code::Tab => self.complete(),
            Code::Down => self.at = (self.at + 1).min(self.choices().len().saturating_sub(1)),
            Code::Up | Code::BackTab => self.at = self.at.saturating_sub(1),
            Code::Char('n') if key.modifiers.ctrl => {
                self.at = (self.at + 1).min(self.choices().len().saturating_sub(1));
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

    /// The verb that is typed in full, with what stands after it.
    fn typed(&self) -> Option<(&Candidate, &str)> {
        let text = self.entry.text().trim_start();
        self.candidates
            .iter()
            .filter_map(|candidate| {
                let rest = text.strip_prefix(&candidate.words)?;
                (rest.is_empty() || rest.starts_with(' ')).then_some((candidate, rest))
            })
            .max_by_key(|(candidate, _)| candidate.words.len())
    }

    /// What the word that is being typed may become, each with what it means.
    fn offers(&self) -> Vec<(String, &str)> {
        let Some((candidate, rest)) = self.typed().filter(|(_, rest)| rest.starts_with(' ')) else {
            return Vec::new();
        };
        // In a quote stands somebody's own sentence.
        if rest.matches(['"', '\'']).count() % 2 == 1 {
            return Vec::new();
        }
        let (before, word) = rest.rsplit_once(' ').unwrap_or(("", rest));
        let said: Vec<&str> = before.split_whitespace().collect();
        let holds = |names: &[String]| -> Vec<(String, &str)> {
            names.iter().filter(|name| name.contains(word)).map(|name| (name.clone(), "")).collect()
        };
        let mut valued = candidate.options.iter().filter(|it| !it.option.value.is_empty());
        if let Some(offered) = valued.find(|it| said.last() == Some(&it.option.word.as_str())) {
            return holds(&offered.names);
        }
        // Only the first argument is a name; hosts may be several.
        let names = if said.is_empty() || candidate.words == "rollback" {
            holds(&candidate.names)
        } else {
            Vec::new()
        };
        let options = candidate.options.iter().map(|it| &it.option);
        let options = options
            .filter(|option| option.word.starts_with(word) && !said.contains(&option.word.as_str()))
            .map(|option| (option.word.clone(), option.says.as_str()));
        names.into_iter().chain(options).collect()
    }

    /// Tab: what is selected in place of the word that is typed, or the selected verb in place of the line.
    fn complete(&mut self) {
        if let Some(word) = self.offers().get(self.at).map(|(word, _)| word.clone()) {
            let text = self.entry.text();
            let kept = text.rfind(' ').map_or(0, |space| space + 1);
            self.entry = Entry::holding(&format!("{}{word} ", &text[..kept]));
        } else if let Some(candidate) = self.found.get(self.at).and_then(|i| self.candidates.get(*i)) {
            self.entry = Entry::holding(&format!("{} ", candidate.words));
        }
        self.search();
    }

    fn pick(&mut self) -> Reply {
        let typed = self.entry.text().trim().to_owned();
        if let Some((candidate, rest)) = self.typed()
            && (!rest.trim().is_empty() || self.found.is_empty())
            && matches!(candidate.pick, Pick::Line { .. })
        {
            return Reply::Do(Purpose::Line(typed));
        }
        let exact = self.candidates.iter().find(|candidate| candidate.words == typed);
        let selected = self.found.get(self.at).and_then(|i| self.candidates.get(*i));
        let Some(candidate) = exact.filter(|_| self.at == 0).or(selected) else {
            // The parser knows what may have been meant.
            return if typed.is_empty() { Reply::Close(None) } else { Reply::Do(Purpose::Line(typed)) };
        };
        match &candidate.pick {
            Pick::Act(action) => Reply::Do(Purpose::Act(*action)),
            Pick::Line { more: false } => Reply::Do(Purpose::Line(candidate.words.clone())),
            Pick::Line { more: true } => {
                let says = format!("{} {}", candidate.words, candidate.usage);
                self.entry = Entry::holding(&format!("{} ", candidate.words));
                self.search();
                Reply::Say(says)
            }
        }
    }

    /// What stands under the line: what the word that is typed may become, else verbs.
    fn choices(&self) -> Vec<(String, Line, Line)> {
        let offers = self.offers();
        if !offers.is_empty() {
            let line = |(word, says): (String, &str)| (word, Line::new().dim(says), Line::new());
            return offers.into_iter().map(line).collect();
        }
        let found = self.found.iter().filter_map(|i| self.candidates.get(*i));
        found
            .map(|candidate| {
                let says = match &candidate.barred {
                    Some(why) => Line::new().dim(format!("not now: {why}")),
                    None => Line::from(candidate.says.as_str()),
                };
                (candidate.words.clone(), says, Line::of(Role::Key, candidate.key.clone()))
            })
            .collect()
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) -> Option<Position> {
        let choices = self.choices();
        // Of one size however many match: what is typed must not make it jump.
        let wide = canvas.width().saturating_sub(8).clamp(72, 110);
        let inner = frame(canvas, "command", Role::FrameFocus, wide, SHOWN as u16 + 4);
        let mut part = canvas.part(inner);
        part.put(0, 0, 1, Role::Accent, ":");
        let cursor = self.entry.draw(&mut part, 2, 0, inner.width.saturating_sub(2));
        let rows = usize::from(inner.height.saturating_sub(2)).min(SHOWN);
        let first = self.at.saturating_sub(rows.saturating_sub(1));
        for (y, (words, says, key)) in choices.iter().skip(first).take(rows).enumerate() {
            let row = y as u16 + 1;
            let selected = first + y == self.at;
            let role = if selected { Role::Selection } else { Role::Text };
            part.put(0, row, 20, role, words);
            let right = part.right(row, key);
            part.line(22, row, right.saturating_sub(23), says);
        }
        if choices.is_empty() {
            part.put(
                0,
                1,
                inner.width,
                Role::TextDim,
                "nothing matches: Enter says what may have been meant",
            );
        }
        let last = inner.height.saturating_sub(1);
        if last > 0 {
            let usage = self.typed().map(|(candidate, _)| candidate).filter(|one| !one.usage.is_empty());
            let foot = match usage {
                Some(candidate) => Line::of(Role::Key, &candidate.words).dim(format!(" {}", candidate.usage)),
                None => Line::of(Role::Key, "Enter")
                    .dim(" does it   ")
                    .add(Role::Key, "Tab")
                    .dim(" completes   ")
                    .add(Role::Key, "Esc")
                    .dim(" back"),
            };
            part.line(0, last, inner.width, &foot);
        }
        cursor
    }
}

/// The candidates whose words or explanation hold the letters, best first, the table's order among equals. With nothing
/// typed, what is allowed now comes first.
fn found(candidates: &[Candidate], typed: &str) -> Vec<usize> {
    if typed.trim().is_empty() {
        let mut all: Vec<usize> = (0..candidates.len()).collect();
        all.sort_by_key(|i| {
            let candidate = &candidates[*i];
            (candidate.barred.is_some(), !candidate.here, candidate.key.is_empty())
        });
        return all;
    }
    let lower = typed.to_lowercase();
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = candidates
        .iter()
        .enumerate()
        .filter_map(|(i, candidate)| {
            let words = pattern.score(Utf32Str::new(&candidate.words, &mut buffer), &mut matcher);
            // A sentence holds nearly any letters in order: of that, the words themselves have to be there.
            let says = candidate.says.to_lowercase();
            let said = lower.split_whitespace().all(|word| says.contains(word)).then_some(1);
            Some((words.map(|score| score + 2).or(said)?, i))
        })
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.into_iter().map(|(_, i)| i).collect()
}
