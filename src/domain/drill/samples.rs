//! What the probe of a drill saw: how many answers were good, how long they took, and when they were not.

use serde::{Deserialize, Serialize};

use crate::domain::{
    signal::JudgedVerdict,
    time::{Now, SessionTime, Span, WallTime},
};

/// Dips that are kept one by one; any further one lengthens the last.
const DIPS: usize = 32;
/// So many latencies are kept: a day of samples a second. A drill that asks more often than that is unproven.
const KEPT: usize = 100_000;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    pub good: u32,
    pub bad: u32,
    /// Could not be asked, or did not decide.
    pub undecided: u32,
    pub dips: Vec<Dip>,
    /// When the last one was judged; at first, when the attempt began.
    pub last: Option<SessionTime>,
    /// The longest time between two.
    pub gap: Span,
    /// Whether the last one was bad.
    dipped: bool,
    /// What the good ones took, in microseconds.
    took: Vec<u64>,
}

/// From the first bad answer to the next good one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dip {
    pub from: WallTime,
    /// When the next good answer came; none: none came.
    pub to: Option<WallTime>,
    /// What the first of them said.
    pub why: String,
}

impl Samples {
    /// None yet, of an attempt that begins.
    pub fn since(began: SessionTime) -> Self {
        Self { last: Some(began), ..Self::default() }
    }

    /// Takes an answer in; `took` is how long a good one took, where that is known.
    pub fn take(&mut self, verdict: JudgedVerdict, took: Option<Span>, why: &str, (since, now): (Now, Now)) {
        let before = self.last.replace(now.session).unwrap_or(since.session);
        self.gap = self.gap.max(now.session.since(before));
        match verdict {
            JudgedVerdict::Passed => {
                self.good += 1;
                self.took.extend(took.map(|took| took.0).filter(|_| self.took.len() < KEPT));
                if let Some(dip) = self.dips.last_mut().filter(|_| self.dipped) {
                    dip.to = Some(now.wall);
                }
                self.dipped = false;
            }
            JudgedVerdict::Failed => {
                self.bad += 1;
                let full = self.dips.len() >= DIPS;
                match self.dips.last_mut() {
                    Some(_) if self.dipped => {}
                    Some(last) if full => last.to = None,
                    _ => self.dips.push(Dip { from: since.wall, to: None, why: why.to_owned() }),
                }
                self.dipped = true;
            }
            JudgedVerdict::Inconclusive => self.undecided += 1,
        }
    }

    pub const fn decided(&self) -> u32 {
        self.good + self.bad
    }

    /// The share of good answers in hundredths of a percent, rounded down; none: there were none.
    pub fn availability(&self) -> Option<u32> {
        let all = u64::from(self.decided());
        (all > 0).then(|| (u64::from(self.good) * 10_000 / all) as u32)
    }

    /// What 99 of 100 good answers stayed within; none: it is not known of all of them.
    pub fn p99(&self) -> Option<Span> {
        let mut took = self.took.clone();
        if took.is_empty() || took.len() != self.good as usize {
            return None;
        }
        took.sort_unstable();
        took.get((took.len() * 99).div_ceil(100) - 1).map(|took| Span(*took))
    }
}
