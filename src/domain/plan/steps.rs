//! What a stage does, step by step: every strategy is a short description that expands to these, and they can be
//! read before anything starts. The one answer to that: the preview and the rollout use it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    project::Plan,
    stage::{BlueGreen, CanaryStep, Strategy},
};
use crate::domain::{
    effect::LaneStep,
    name::{CheckName, OnceName},
    time::Span,
};

/// A step of a stage. The next one begins when it is through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The hosts of this batch, and with them this share of all for the new version, where the strategy names one.
    Deploy {
        batch: u32,
        weight: Option<Weight>,
    },
    /// The desired version of this batch's hosts is set, and they are watched until they have converged.
    Desire {
        batch: u32,
    },
    /// The hosts of this batch go as far as this step of theirs, and wait there for each other.
    Gather {
        batch: u32,
        at: LaneStep,
    },
    /// The hosts of this batch, which are changed and without traffic, get it again.
    Return {
        batch: u32,
    },
    /// The hosts of this batch are changed without traffic, and get none after it: their cloud stands by.
    Stand {
        batch: u32,
    },
    /// The spare hosts of the stage, which came in for the release, leave the pool and stand by again.
    StandBy,
    /// The hosts of one batch are seen to get the traffic, and those of the other one none.
    Shift {
        to: u32,
        from: u32,
    },
    Pause(Pause),
    /// All must pass.
    Validate(Vec<CheckName>),
    /// A command of the team's runs once in this go-live.
    Once(OnceName),
    /// The hosts of another region are next, from this batch on: it begins in that region's own hours.
    Region {
        next: u32,
    },
}

/// A planned stop. A hold lengthens it; nothing shortens it but the hand that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pause {
    /// Session time: what nobody observed does not count.
    For(Span),
    /// Until somebody says that it goes on.
    Human,
    /// Hosts of the new version serve, and are looked at; session time, as well.
    Soak(Span),
    /// Hosts of the new version in one region serve before those of the next region are touched; session time, as well.
    Bake(Span),
    /// What was not changed yet is kept as it is, so that one can switch back to it; session time, as well.
    Warm(Span),
}

impl Pause {
    /// How long it is; none: as long as nobody goes on.
    pub const fn span(self) -> Option<Span> {
        match self {
            Pause::For(span) | Pause::Soak(span) | Pause::Bake(span) | Pause::Warm(span) => Some(span),
            Pause::Human => None,
        }
    }
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
            Pause::Soak(span) => write!(f, "soak {span}"),
            Pause::Bake(span) => write!(f, "bake {span}"),
            Pause::Warm(span) => write!(f, "keep the other side warm for {span} more"),
        }
    }
}

impl Step {
    /// Whether hosts wait at it for each other.
    pub const fn gathers(&self) -> bool {
        matches!(self, Step::Gather { .. })
    }

    /// Whether hosts are shown at it to be stopped, because no two versions may run side by side.
    pub const fn proves(&self) -> bool {
        matches!(self, Step::Gather { at: LaneStep::Prove, .. })
    }

    /// Whether a side is taken out of traffic at it.
    pub const fn takes_side_out(&self) -> bool {
        matches!(self, Step::Gather { at: LaneStep::Drain, .. })
    }

    /// Whether agents do at it what it is for.
    pub const fn desires(&self) -> bool {
        matches!(self, Step::Desire { .. })
    }

    /// Whether traffic is seen at it to have shifted from one cloud to another.
    pub const fn shifts(&self) -> bool {
        matches!(self, Step::Shift { .. })
    }

    /// Whether another region begins at it.
    pub const fn is_region(&self) -> bool {
        matches!(self, Step::Region { .. })
    }

    /// The batch whose hosts it takes on.
    pub const fn batch(&self) -> Option<u32> {
        match self {
            Step::Deploy { batch, .. }
            | Step::Desire { batch }
            | Step::Gather { batch, .. }
            | Step::Return { batch }
            | Step::Stand { batch } => Some(*batch),
            Step::StandBy
            | Step::Shift { .. }
            | Step::Pause(_)
            | Step::Validate(_)
            | Step::Once(_)
            | Step::Region { .. } => None,
        }
    }
}

impl Plan {
    /// The steps of the stage at `index`. Each batch of [`Plan::batches`] is taken by one of them, in order.
    pub fn steps(&self, index: usize) -> Vec<Step> {
        self.with_once(index, self.steps_of_hosts(index))
    }

    fn steps_of_hosts(&self, index: usize) -> Vec<Step> {
        if let Some(Strategy::Canary(canary)) = self.stages.get(index).map(|stage| &stage.strategy) {
            let mut batch = 0;
            let spare = self.selected(index).iter().any(|host| host.spare);
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
                .chain(spare.then_some(Step::StandBy))
                .collect();
        }
        if let Some(Strategy::BlueGreen(sides)) = self.stages.get(index).map(|stage| &stage.strategy) {
            return side_by_side(sides, self.batches(index).len() as u32);
        }
        if self.by_region(index) {
            let batches = self.batches(index);
            let regions = batches.chunk_by(|one, next| one.hosts[0].region == next.hosts[0].region);
            let counts: Vec<u32> = regions.map(|batches| batches.len() as u32).collect();
            return self.steps_of_regions(index, &counts, 0);
        }
        if self.converging(index).is_some() {
            return (0..self.batches(index).len() as u32).map(|batch| Step::Desire { batch }).collect();
        }
        if let Some(Strategy::ZeroDowntime(clouds)) = self.stages.get(index).map(|stage| &stage.strategy) {
            let environment = self.environments.get(&self.stages[index].environment);
            return environment.map(|environment| clouds.steps(environment)).unwrap_or_default();
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

/// Each side in turn: what the release needs is brought to it while it serves; it is taken out of traffic, changed,
/// validated, and brought back in. What was not changed yet is kept warm before it is taken out.
fn side_by_side(strategy: &BlueGreen, sides: u32) -> Vec<Step> {
    let mut steps = Vec::new();
    for batch in 0..sides {
        let gather = |at| Step::Gather { batch, at };
        steps.extend([LaneStep::Fetch, LaneStep::Drain, LaneStep::Alive].map(gather));
        if !strategy.validate.is_empty() {
            steps.push(Step::Validate(strategy.validate.clone()));
        }
        steps.push(Step::Return { batch });
        if strategy.soak > Span::ZERO {
            steps.push(Step::Pause(Pause::Soak(strategy.soak)));
        }
        let more = Span(strategy.warm.0.saturating_sub(strategy.soak.0));
        if batch + 1 < sides && more > Span::ZERO {
            steps.push(Step::Pause(Pause::Warm(more)));
        }
    }
    steps
}
