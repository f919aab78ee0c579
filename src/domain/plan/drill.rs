//! Resiliency drills as declared: what is done to which hosts, how often, and what must hold meanwhile.

use serde::{Deserialize, Serialize};

use crate::domain::{
    name::{CheckName, DrillName, EnvironmentName, UnitId},
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    pub name: DrillName,
    pub environment: EnvironmentName,
    pub kind: DrillKind,
    /// Asked through the whole drill, as a user would: each answer is one sample.
    pub probe: CheckName,
    /// Between two samples.
    pub interval: Span,
    /// The share of the samples that must be good, in hundredths of a percent.
    pub availability: u32,
    /// What 99 of 100 good answers must stay within.
    pub latency: Span,
    /// Each passes once its monitoring tool has received an alarm of this drill.
    pub tools: Vec<CheckName>,
    /// How long after the last host those are waited for.
    pub receipts: Span,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillKind {
    /// These hosts become new machines, under the capacity budget.
    Replace { hosts: Vec<UnitId> },
}

impl DrillKind {
    /// The hosts that it touches.
    pub fn hosts(&self) -> &[UnitId] {
        match self {
            Self::Replace { hosts } => hosts,
        }
    }

    /// What was done to a host: `2 hosts replaced`.
    pub const fn did(&self) -> &'static str {
        match self {
            Self::Replace { .. } => "replaced",
        }
    }

    pub const fn word(&self) -> &'static str {
        match self {
            Self::Replace { .. } => "replace",
        }
    }
}
