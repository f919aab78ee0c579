//! Facts about hosts that are looked after.

use serde::{Deserialize, Serialize};

use crate::domain::{
    effect::Candidate,
    name::{DrillName, EnvironmentName, UnitId},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationEvent {
    /// It is to be replaced by a new machine of the same name.
    HostFlagged {
        unit: UnitId,
        reason: String,
    },
    HostUnflagged {
        unit: UnitId,
    },
    /// The change set was reviewed: these, and no others, may be deployed.
    ReplaceCommitted {
        environment: EnvironmentName,
        units: Vec<UnitId>,
    },
    Began {
        kind: Kind,
        environment: EnvironmentName,
        units: Vec<UnitId>,
        /// The version that should run there.
        to: Candidate,
        /// It is part of this drill.
        drill: Option<DrillName>,
    },
    LaneBegan {
        unit: UnitId,
        attempt: u32,
    },
    /// No further host is taken; hosts under way finish.
    GivenUp {
        reason: String,
    },
    Ended {
        kind: Kind,
        environment: EnvironmentName,
        done: Vec<UnitId>,
        /// Hosts that were not brought to a good end.
        left: Vec<UnitId>,
    },
}

/// What is done to the hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Each becomes a new machine under its name.
    Replace,
}

impl Kind {
    /// What happens to a host, as in `web-01 is being replaced`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Replace => "replaced",
        }
    }
}
