//! Several rules at once: open is what all of them leave open.

use super::{Frozen, Hours};
use crate::domain::time::{Span, WallTime};

/// One thing that something may be closed by.
#[derive(Clone, Debug)]
pub enum Rule {
    /// Open in these hours only.
    Hours(Hours),
    /// Open at any time but this.
    Frozen(Frozen),
    /// What would say so is missing: never open, and nothing is guessed.
    Unknown,
}

impl Rule {
    pub fn open(&self, at: WallTime) -> bool {
        match self {
            Self::Hours(hours) => hours.contains(at) == Some(true),
            Self::Frozen(frozen) => !frozen.contains(at),
            Self::Unknown => false,
        }
    }

    /// When it turns next; none: not known, or not within its reach.
    pub fn turns_after(&self, at: WallTime) -> Option<WallTime> {
        match self {
            Self::Hours(hours) => hours.turns_after(at),
            Self::Frozen(frozen) => [frozen.from, frozen.to].into_iter().find(|turn| *turn > at),
            Self::Unknown => None,
        }
    }
}

/// What may close a stage, each with what it is called.
#[derive(Clone, Debug)]
pub struct Opening<T> {
    pub rules: Vec<(T, Rule)>,
}

/// What closes it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed<'a, T> {
    pub by: &'a T,
    /// When this one opens; none: not known, or not within its reach.
    pub opens: Option<WallTime>,
}

/// Nobody waits longer than a year, and hours that never meet must not be looked for without end.
const YEAR: Span = Span::days(366);
const TURNS: usize = 400;

impl<T> Opening<T> {
    pub fn closed(&self, at: WallTime) -> Vec<Closed<'_, T>> {
        let shut = self.rules.iter().filter(|(_, rule)| !rule.open(at));
        shut.map(|(by, rule)| Closed { by, opens: rule.turns_after(at) }).collect()
    }

    pub fn is_open(&self, at: WallTime) -> bool {
        self.rules.iter().all(|(_, rule)| rule.open(at))
    }

    /// The first time from `at` on at which all are open; none: not within a year.
    pub fn opens(&self, at: WallTime) -> Option<WallTime> {
        let mut then = at;
        for _ in 0..TURNS {
            let Some((_, shut)) = self.rules.iter().find(|(_, rule)| !rule.open(then)) else {
                return Some(then);
            };
            then = shut.turns_after(then).filter(|turn| turn.since(at) <= YEAR)?;
        }
        None
    }

    /// When the first of them closes, and which; none: not within its reach.
    pub fn closes(&self, at: WallTime) -> Option<(WallTime, &T)> {
        let turns = self.rules.iter().filter_map(|(by, rule)| Some((rule.turns_after(at)?, by)));
        turns.min_by_key(|(turn, _)| *turn)
    }
}
