//! When a drill is due: once every quarter of the calendar, by the project's clocks.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Book, Entry};
use crate::domain::{
    calendar,
    name::DrillName,
    refusal::{Obstacle, ObstacleKind},
    session::Session,
    time::{Now, WallTime},
};

/// A quarter of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Quarter {
    pub year: i16,
    /// From 1 to 4.
    pub quarter: u8,
}

impl Quarter {
    /// The quarter that a calendar on the wall shows in this zone; none: there is no such zone or time.
    pub fn of(zone: &str, at: WallTime) -> Option<Self> {
        let shown = calendar::local(&calendar::zone(zone)?, at)?;
        let quarter = (shown.month().cast_unsigned() - 1) / 3 + 1;
        Some(Self { year: shown.year(), quarter })
    }

    #[must_use]
    pub const fn next(self) -> Self {
        match self.quarter {
            4.. => Self { year: self.year + 1, quarter: 1 },
            quarter => Self { year: self.year, quarter: quarter + 1 },
        }
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Q{} {}", self.quarter, self.year)
    }
}

/// How a drill stands against its quarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// An attempt passed in this quarter.
    Passed { next: Quarter },
    /// It has to pass until the end of this quarter.
    By(Quarter),
    /// A quarter has ended without an attempt that passed.
    Overdue { since: Quarter },
    /// No calendar says.
    Unknown,
}

impl Due {
    pub const fn is_overdue(&self) -> bool {
        matches!(self, Self::Overdue { .. })
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed { next } => write!(f, "next due in {next}"),
            Self::By(quarter) => write!(f, "due in {quarter}"),
            Self::Overdue { since } => write!(f, "OVERDUE since the end of {since}"),
            Self::Unknown => f.write_str("due: not known"),
        }
    }
}

/// How a drill of this book stands at this time. One that the project does not know yet is due now.
pub fn due(book: &Book, drill: &DrillName, zone: &str, at: WallTime) -> Due {
    let Some(now) = Quarter::of(zone, at) else { return Due::Unknown };
    let entry = book.get(drill);
    if let Some(passed) = entry.and_then(Entry::passed) {
        let Some(quarter) = Quarter::of(zone, passed.ended) else { return Due::Unknown };
        return match quarter.next() {
            next if now < next => Due::Passed { next },
            next if now == next => Due::By(next),
            next => Due::Overdue { since: next },
        };
    }
    match entry.map_or(Some(now), |entry| Quarter::of(zone, entry.declared)) {
        None => Due::Unknown,
        Some(declared) if now > declared => Due::Overdue { since: declared },
        Some(declared) => Due::By(declared),
    }
}

/// Drills that must have passed lately before the release may go, and have not.
pub fn obstacles(session: &Session, now: Now) -> Vec<Obstacle> {
    let required = session.plan().poll.drills.iter();
    let lacks = required.filter_map(|(drill, within)| {
        let passed = session.drills.book.get(drill).and_then(Entry::passed);
        let why = match passed {
            None => "no attempt has passed".to_owned(),
            Some(passed) => {
                let age = now.wall.since(passed.ended);
                if age <= *within {
                    return None;
                }
                format!("the last attempt that passed ended {age} ago, and within {within} is asked for")
            }
        };
        let last = session.drills.book.get(drill).and_then(Entry::open).and_then(|case| case.attempts.last());
        let lift = if last.is_some_and(|last| last.fix.is_none()) {
            format!("saying what was mended, then an attempt that passes (golive drill note {drill})")
        } else {
            format!("an attempt that passes (golive drill start {drill})")
        };
        Some(Obstacle {
            kind: ObstacleKind::Drill(drill.to_string()),
            what: format!("drill {drill}"),
            why,
            lift,
            who: String::new(),
        })
    });
    lacks.collect()
}
