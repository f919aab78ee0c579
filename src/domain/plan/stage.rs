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
    /// Host by host under the capacity budget. `batches` is carried out by a later build.
    Rolling {
        batches: Vec<Batch>,
    },
    StopAll,
    Canary,
    BlueGreen,
    ZeroDowntime,
    Converge,
}

impl Default for Strategy {
    fn default() -> Self {
        Strategy::Rolling { batches: Vec::new() }
    }
}

impl Strategy {
    pub const fn word(&self) -> &'static str {
        match self {
            Strategy::Rolling { .. } => "rolling",
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

/// The size of one batch.
pub type Batch = Amount;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promote {
    Automatic,
    #[default]
    Human,
}
