//! Stages of the pipeline.

use serde::{Deserialize, Serialize};

use super::capacity::Amount;
use crate::domain::{
    name::{CheckName, EnvironmentName, StageName},
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    pub name: StageName,
    pub environment: EnvironmentName,
    pub select: Select,
    pub strategy: Strategy,
    /// All must pass after the hosts are done.
    pub validations: Vec<CheckName>,
    pub bake: Span,
    pub promote: Promote,
}

/// Which of the environment's hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Select {
    #[default]
    All,
    /// Those that no earlier stage of the same environment selects.
    Rest,
    Some {
        amount: Option<Amount>,
        region: Option<String>,
        hosts: Vec<crate::domain::name::HostName>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    Rolling(Rolling),
    StopAll,
    Canary,
    BlueGreen,
    ZeroDowntime,
    Converge,
}

impl Default for Strategy {
    fn default() -> Self {
        Strategy::Rolling(Rolling::default())
    }
}

impl Strategy {
    pub const fn word(&self) -> &'static str {
        match self {
            Strategy::Rolling(_) => "rolling",
            Strategy::StopAll => "stop-all",
            Strategy::Canary => "canary",
            Strategy::BlueGreen => "blue-green",
            Strategy::ZeroDowntime => "zero-downtime",
            Strategy::Converge => "converge",
        }
    }

    /// Whether two versions run side by side on the way.
    pub const fn mixes_versions(&self) -> bool {
        !matches!(self, Strategy::StopAll)
    }
}

/// Host by host under the capacity budget, batch by batch: a batch begins when every host of the one before is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rolling {
    /// The sizes of the first batches; the last one repeats. None: all hosts are one batch.
    pub batches: Vec<Amount>,
    /// The label whose values are taken one after another: `region`, or one of the hosts' own labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Values of that label in the order in which they are taken; the others follow as the plan has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// How many hosts of a batch may fail without stopping the line; a share is rounded down. None: none may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<Amount>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promote {
    Automatic,
    #[default]
    Human,
}
