//! What a stage does, step by step: every strategy is a short description that expands to these, and they can be
//! read before anything starts. The one answer to that: the preview and the rollout use it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    project::Plan,
    stage::{CanaryStep, Strategy},
};
use crate::domain::{effect::LaneStep, name::CheckName, time::Span};

/// A step of a stage. The next one begins when it is through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The hosts of this batch, and with them this share of all for the new version, where the strategy names one.
    Deploy {
        batch: u32,
        weight: Option<Weight>,
    },
    /// The hosts of this batch go as far as this step of theirs, and wait there for each other.
    Gather {
        batch: u32,
        at: LaneStep,
    },
    Pause(Pause),
    /// All must pass.
    Validate(Vec<CheckName>),
}

/// A planned stop. A hold lengthens it; nothing shortens it but the hand that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pause {
    /// Session time: what nobody observed does not count.
    For(Span),
    /// Until somebody says that it goes on.
    Human,
}

/// The new version's share of the requests in percent, from 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weight(u8);

impl Weight {
    pub const ALL: Weight = Weight(100);

    pub const fn new(percent: u8) -> Option<Self> {
        if percent >= 1 && percent <= 100 { Some(Self(percent)) } else { None }
    }

    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pause::For(span) => write!(f, "pause {span}"),
            Pause::Human => f.write_str("pause until somebody continues"),
        }
    }
}

impl Step {
    /// Whether hosts wait at it for each other.
    pub const fn gathers(&self) -> bool {
        matches!(self, Step::Gather { .. })
    }

    /// The batch whose hosts it takes on.
    pub const fn batch(&self) -> Option<u32> {
        match self {
            Step::Deploy { batch, .. } | Step::Gather { batch, .. } => Some(*batch),
            Step::Pause(_) | Step::Validate(_) => None,
        }
    }
}

impl Plan {
    /// The steps of the stage at `index`. Each batch of [`Plan::batches`] is taken by one of them, in order.
    pub fn steps(&self, index: usize) -> Vec<Step> {
        if let Some(Strategy::Canary(canary)) = self.stages.get(index).map(|stage| &stage.strategy) {
            let mut batch = 0;
            return canary
                .full()
                .into_iter()
                .map(|step| match step {
                    CanaryStep::Weight(weight) => {
                        let step = Step::Deploy { batch, weight: Some(weight) };
                        batch += 1;
                        step
                    }
                    CanaryStep::Pause(pause) => Step::Pause(pause),
                    CanaryStep::Validate(checks) => Step::Validate(checks),
                })
                .collect();
        }
        if self.stages.get(index).is_some_and(|stage| stage.strategy == Strategy::StopAll) {
            // What the release needs is on every host before the first one is stopped: that is no downtime.
            let gather = |at| Step::Gather { batch: 0, at };
            let [fetched, stopped, proved] = [LaneStep::Fetch, LaneStep::Stop, LaneStep::Prove].map(gather);
            return vec![fetched, stopped, proved, Step::Deploy { batch: 0, weight: None }];
        }
        (0..self.batches(index).len() as u32).map(|batch| Step::Deploy { batch, weight: None }).collect()
    }
}
