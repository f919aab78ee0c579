//! What a stage is expected to take, part by part, and what that is known from.

use serde::Serialize;

use crate::domain::{
    rehearsal,
    rollout::Basis,
    session::Session,
    time::Span,
    timeline::{Ahead, Expected, What},
};

#[derive(Serialize)]
pub struct ExpectedTimes {
    /// All of it, besides decisions; none: a part of it is unknown, or there is nothing else.
    seconds: Option<u64>,
    /// What was never timed.
    unknown: Vec<String>,
    /// What people decide on the way, which `seconds` leaves out.
    decisions: Vec<String>,
    parts: Vec<ExpectedPart>,
    /// Whether these steps were rehearsed, in words; none: it is over, or is a rehearsal or the demo itself.
    rehearsal: Option<String>,
    #[serde(skip)]
    says: String,
}

/// How long one part takes, and from what that is known.
#[derive(Serialize)]
pub struct ExpectedPart {
    what: String,
    /// None: unknown, or somebody decides.
    pub seconds: Option<u64>,
    /// Why it is not known.
    unknown: Option<String>,
    /// What somebody decides.
    decision: Option<String>,
    /// Hosts, or runs of a check, of this session that it is known from.
    timed: u32,
    /// The other environment in which they were timed.
    timed_in: Option<String>,
    /// Earlier sessions that it is known from.
    sessions: u32,
    /// Stand-ins of a rehearsal that it is known from, where nothing else is known.
    stand_ins: u32,
    #[serde(skip)]
    says: String,
}

impl ExpectedPart {
    pub fn of(what: &What, expected: &Expected) -> Self {
        let stand_ins = match expected.basis() {
            Some(Basis::Rehearsed { hosts }) => *hosts,
            _ => 0,
        };
        let (timed, timed_in, sessions) = match expected.basis() {
            Some(Basis::Seen { samples }) => (*samples, None, 0),
            Some(Basis::SeenIn { environment, samples }) => (*samples, Some(environment.to_string()), 0),
            Some(Basis::Earlier { sessions }) => (0, None, *sessions),
            Some(Basis::Plan | Basis::Rehearsed { .. }) | None => (0, None, 0),
        };
        Self {
            what: what.words(),
            seconds: expected.span().map(Span::as_secs),
            unknown: match expected {
                Expected::Unknown(why) => Some(why.clone()),
                Expected::Known(_) | Expected::Person(_) => None,
            },
            decision: match expected {
                Expected::Person(what) => Some(what.clone()),
                Expected::Known(_) | Expected::Unknown(_) => None,
            },
            timed,
            timed_in,
            sessions,
            stand_ins,
            says: expected.words(),
        }
    }
}

impl ExpectedTimes {
    pub fn of(session: &Session, ahead: &Ahead) -> Self {
        Self {
            seconds: ahead.sum.span().filter(|all| *all > Span::ZERO).map(Span::as_secs),
            unknown: ahead.sum.unknown.clone(),
            decisions: ahead.sum.people.clone(),
            parts: ahead.parts.iter().map(|(what, expected)| ExpectedPart::of(what, expected)).collect(),
            rehearsal: rehearsal::told(session),
            says: ahead.sum.words(),
        }
    }

    /// Rows of a name and what it says: all of it, then its parts.
    pub fn rows(&self) -> impl Iterator<Item = [String; 2]> {
        let whole = ["  expected".to_owned(), self.says.clone()];
        let parts = self.parts.iter().filter(|_| self.parts.len() > 1);
        let rehearsal = self.rehearsal.iter().map(|words| ["  before".to_owned(), words.clone()]);
        std::iter::once(whole)
            .chain(parts.map(|part| [String::new(), format!("{}: {}", part.what, part.says)]))
            .chain(rehearsal)
    }
}
