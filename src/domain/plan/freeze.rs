//! Times in which nothing is started: freezes of the project, blackouts of an environment.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::domain::name::EnvironmentName;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    pub name: String,
    pub kind: FreezeKind,
    /// By the clocks of `zone`.
    pub from: DateTime,
    /// Exclusive, later than `from`.
    pub to: DateTime,
    pub zone: String,
    pub reason: String,
    /// Empty: all of them.
    pub environments: BTreeSet<EnvironmentName>,
}

/// The rule is the same; it says whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FreezeKind {
    /// The project's: a campaign, a holiday.
    Freeze,
    /// One environment's: somebody else works on it, or on what it needs.
    Blackout,
}

impl FreezeKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Freeze => "freeze",
            Self::Blackout => "blackout",
        }
    }
}

impl Freeze {
    pub fn covers(&self, environment: &EnvironmentName) -> bool {
        self.environments.is_empty() || self.environments.contains(environment)
    }
}
