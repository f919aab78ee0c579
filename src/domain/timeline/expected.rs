//! What is said of a length of time beforehand: how long and from what, that it is unknown, or that people decide.

use serde::{Deserialize, Serialize};

use crate::domain::{
    rollout::{Basis, Estimate},
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    Known(Estimate),
    /// Why not: what was never timed, or takes longer than was ever seen.
    Unknown(String),
    /// Somebody decides, which nobody can time: what.
    Person(String),
}

impl Expected {
    pub const NOTHING: Expected = Expected::Known(Estimate::planned(Span::ZERO));

    pub const fn basis(&self) -> Option<&Basis> {
        match self {
            Self::Known(estimate) => Some(&estimate.basis),
            Self::Unknown(_) | Self::Person(_) => None,
        }
    }

    /// `46 s, from 3 sessions`; `unknown: smoke was never timed`.
    pub fn words(&self) -> String {
        match self {
            Self::Known(estimate) if estimate.basis == Basis::Plan => estimate.span.to_string(),
            Self::Known(estimate) => format!("{}, {}", estimate.span, estimate.basis.words()),
            Self::Unknown(why) => format!("unknown: {why}"),
            Self::Person(_) => "somebody decides".to_owned(),
        }
    }

    pub const fn span(&self) -> Option<Span> {
        match self {
            Self::Known(estimate) => Some(estimate.span),
            Self::Unknown(_) | Self::Person(_) => None,
        }
    }
}

/// Several of them one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// What is known of it.
    pub known: Span,
    /// What is not: with any of these the end is unknown.
    pub unknown: Vec<String>,
    /// What people decide, besides.
    pub people: Vec<String>,
}

impl Sum {
    pub fn of<'a>(list: impl IntoIterator<Item = &'a Expected>) -> Self {
        let mut sum = Self::default();
        for expected in list {
            sum.add(expected);
        }
        sum
    }

    pub fn add(&mut self, expected: &Expected) {
        match expected {
            Expected::Known(estimate) => self.known = Span(self.known.0.saturating_add(estimate.span.0)),
            // The same check in two stages is one thing that nobody has timed.
            Expected::Unknown(why) if self.unknown.contains(why) => {}
            Expected::Unknown(why) => self.unknown.push(why.clone()),
            Expected::Person(what) => self.people.push(what.clone()),
        }
    }

    /// All of it, besides what people decide; none: a part of it is unknown.
    pub fn span(&self) -> Option<Span> {
        self.unknown.is_empty().then_some(self.known)
    }

    /// `7 min 10 s, besides 2 decisions`; `unknown: smoke was never timed`.
    pub fn words(&self) -> String {
        let people = match self.people.len() {
            0 => String::new(),
            1 => ", besides 1 decision".to_owned(),
            n => format!(", besides {n} decisions"),
        };
        match self.unknown.as_slice() {
            [] => format!("{}{people}", self.known),
            [why] => format!("unknown: {why}"),
            [why, rest @ ..] => format!("unknown: {why}, and {} more", rest.len()),
        }
    }
}
