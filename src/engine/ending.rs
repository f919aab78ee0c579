//! How one piece of work ended, before it is scrubbed and becomes a domain [`Outcome`].

use std::collections::BTreeMap;

use crate::{domain::effect::Outcome, engine::scrub::Scrubber};

/// The longest `note` and `why`, in characters: one line of a wide screen.
const LINE: usize = 240;
/// The longest evidence, in bytes.
pub(crate) const EVIDENCE: usize = 4096;

/// Done, with what was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub note: String,
    pub facts: BTreeMap<String, String>,
}

impl Done {
    pub fn said(note: impl Into<String>) -> Self {
        Self { note: note.into(), facts: BTreeMap::new() }
    }

    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "it is handed over by map_err and by literals alike")]
    pub fn fact(mut self, name: &str, value: impl ToString) -> Self {
        self.facts.insert(name.into(), value.to_string());
        self
    }

    /// Joins what a second part of the same step said.
    #[must_use]
    pub fn and(mut self, other: Done) -> Self {
        if self.note.is_empty() {
            self.note = other.note;
        } else if !other.note.is_empty() {
            self.note = format!("{}; {}", self.note, other.note);
        }
        self.facts.extend(other.facts);
        self
    }
}

/// Not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("{why}")]
    Failed { why: String, evidence: Option<String> },
    #[error("{why}")]
    Inconclusive { why: String },
    #[error("cancelled")]
    Cancelled,
}

impl Trouble {
    #[expect(clippy::needless_pass_by_value, reason = "it is handed over by map_err and by literals alike")]
    pub fn failed(why: impl ToString) -> Self {
        Self::Failed { why: why.to_string(), evidence: None }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is handed over by map_err and by literals alike")]
    pub fn with_evidence(why: impl ToString, evidence: impl Into<String>) -> Self {
        let evidence: String = evidence.into();
        Self::Failed { why: why.to_string(), evidence: (!evidence.trim().is_empty()).then_some(evidence) }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is handed over by map_err and by literals alike")]
    pub fn unknown(why: impl ToString) -> Self {
        Self::Inconclusive { why: why.to_string() }
    }
}

/// The one place where an ending becomes an outcome: everything it says is scrubbed and bounded here.
pub(crate) fn outcome(ended: Result<Done, Trouble>, scrubber: &Scrubber) -> Outcome {
    let line = |text: &str| scrubber.line(text, LINE);
    match ended {
        Ok(done) => Outcome::Done {
            note: line(&done.note),
            facts: done.facts.iter().map(|(name, value)| (line(name), line(value))).collect(),
        },
        Err(Trouble::Failed { why, evidence }) => Outcome::Failed {
            why: line(&why),
            evidence: evidence.map(|text| scrubber.text(&text, EVIDENCE)).filter(|text| !text.is_empty()),
        },
        Err(Trouble::Inconclusive { why }) => Outcome::Inconclusive { why: line(&why) },
        Err(Trouble::Cancelled) => Outcome::Cancelled,
    }
}

/// The line that says why, scrubbed as outcomes are.
pub(crate) fn why(text: &str, scrubber: &Scrubber) -> String {
    if text.is_empty() {
        return String::new();
    }
    scrubber.line(text, LINE)
}
