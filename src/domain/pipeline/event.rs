//! Facts of the pipeline.

use serde::{Deserialize, Serialize};

use crate::domain::{
    effect::Candidate,
    name::{EnvironmentName, StageName, UnitId},
    plan::{Barrier, Batch, Step},
    time::Span,
};

/// A batch of a stage, as it was when the stage started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSize {
    pub hosts: u32,
    /// How many of them may fail without stopping the line.
    pub tolerates: u32,
}

impl BatchSize {
    pub fn of(batch: &Batch<'_>) -> Self {
        Self { hosts: batch.hosts.len() as u32, tolerates: batch.tolerates }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PipelineEvent {
    StageStarted {
        stage: StageName,
        environment: EnvironmentName,
        /// In the order in which they are taken.
        units: Vec<UnitId>,
        /// How many of them are taken before the next ones begin.
        batches: Box<[BatchSize]>,
        /// What is done, in this order; the first step begins with the stage.
        steps: Box<[Step]>,
        /// Which hosts wait for which others, where several components are deployed.
        #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
        barriers: Box<[Barrier]>,
        to: Candidate,
        /// What a rollback goes back to; none: the first deploy.
        from: Option<Box<Candidate>>,
    },
    /// Somebody starts the stage although its window is closed.
    WindowOverridden {
        stage: StageName,
        /// What closed it, and until when.
        closed: Vec<String>,
        reason: String,
    },
    /// The step before is through, and this one begins; they are counted from 0.
    StepBegan {
        stage: StageName,
        step: u32,
        of: u32,
        what: Step,
    },
    /// Every host of the stage is done or set aside.
    StageRolledOut {
        stage: StageName,
    },
    BakeStarted {
        stage: StageName,
    },
    BakeEnded {
        stage: StageName,
    },
    /// The session is a hotfix, which skips it.
    BakeSkipped {
        stage: StageName,
        bake: Span,
        reason: String,
    },
    /// An alarm was raised while hosts of the new version are looked at: that time does not count.
    SoakPaused {
        stage: StageName,
        why: String,
    },
    /// No alarm is left, and the time counts again.
    SoakWentOn {
        stage: StageName,
    },
    /// Somebody has lengthened the soak, pause or bake that is under way.
    Extended {
        stage: StageName,
        by: Span,
        reason: String,
    },
    /// It has taken as long as it may, and is not through.
    BudgetSpent {
        stage: StageName,
        budget: Span,
    },
    /// All that the stage asks for has passed; it waits for its promotion.
    StageReady {
        stage: StageName,
    },
    StagePassed {
        stage: StageName,
    },
}
