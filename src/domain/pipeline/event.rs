//! Facts of the pipeline.

use serde::{Deserialize, Serialize};

use crate::domain::{
    effect::Candidate,
    name::{EnvironmentName, StageName, UnitId},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PipelineEvent {
    StageStarted {
        stage: StageName,
        environment: EnvironmentName,
        units: Vec<UnitId>,
        to: Candidate,
        /// What a rollback goes back to; none: the first deploy.
        from: Option<Candidate>,
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
    /// All that the stage asks for has passed; it waits for its promotion.
    StageReady {
        stage: StageName,
    },
    StagePassed {
        stage: StageName,
    },
}
