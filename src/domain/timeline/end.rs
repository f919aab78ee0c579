//! When all that is to come is over: one answer, for the Decision, Rollout and Timeline screens, `status` and `--json`.

use super::{Outlook, Sum};
use crate::domain::time::{Span, WallTime};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing is to come.
    Over,
    /// Nothing goes on by itself now, and why: nobody knows when it ends.
    Halted(String),
    /// What was never timed, or takes longer than it ever did, and how many more such parts.
    Unknown(String, usize),
    /// At that time, with what is left until then; with decisions on the way it is the earliest.
    At { at: WallTime, left: Span, decisions: usize },
}

impl Outlook {
    /// Of all that is to come, as of now.
    pub fn end(&self, now: WallTime) -> End {
        if self.over || self.halted.is_none() && self.whole == Sum::default() {
            return End::Over;
        }
        let end = self.end_of(&self.whole, now);
        match (end, self.after_t0) {
            // What comes after T-0 does not begin before the time that was planned for it.
            (End::At { at, left, decisions }, Some((t0, after))) => {
                End::At { at: at.max(t0.plus(after)), left, decisions }
            }
            (end, _) => end,
        }
    }

    /// Until the stage under way has nothing left but its promotion; none: none is under way.
    pub fn end_of_stage(&self, now: WallTime) -> Option<End> {
        let (_, sum) = self.stage.as_ref()?;
        Some(self.end_of(sum, now))
    }

    fn end_of(&self, sum: &Sum, now: WallTime) -> End {
        match (&self.halted, sum.unknown.as_slice()) {
            (Some(why), _) => End::Halted(why.clone()),
            (None, [why, more @ ..]) => End::Unknown(why.clone(), more.len()),
            (None, []) => End::At { at: now.plus(sum.known), left: sum.known, decisions: sum.people.len() },
        }
    }
}

impl End {
    /// When it is over, where nobody has to decide anything before.
    pub const fn certain(&self) -> Option<WallTime> {
        match self {
            End::At { at, decisions: 0, .. } => Some(*at),
            End::At { .. } | End::Over | End::Halted(_) | End::Unknown(..) => None,
        }
    }

    /// When it is over at the earliest; none: nobody knows.
    pub const fn earliest(&self) -> Option<WallTime> {
        match self {
            End::At { at, .. } => Some(*at),
            End::Over | End::Halted(_) | End::Unknown(..) => None,
        }
    }

    /// `12:11`, `12:11 at the earliest`, `unknown: HELD by dana`, with the time as whoever reads it is told times.
    pub fn words(&self, time: impl Fn(WallTime, Span) -> String) -> String {
        match self {
            End::Over => "nothing is to come".to_owned(),
            End::Halted(why) | End::Unknown(why, 0) => format!("unknown: {why}"),
            End::Unknown(why, more) => format!("unknown: {why}, and {more} more"),
            End::At { at, left, decisions: 0 } => time(*at, *left),
            End::At { at, left, .. } => format!("{} at the earliest", time(*at, *left)),
        }
    }
}
