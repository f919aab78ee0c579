//! Hosts that agents change: a store says which version is desired, agents read it in their own time and install what
//! it says. Setting it is all that is ours; what the hosts then run is observed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    environment::{Driver, Environment},
    project::Plan,
    stage::{Converging, Strategy},
    template::Template,
};
use crate::domain::{
    name::EnvironmentName,
    time::{Span, WallTime},
};

/// How agents are told, and how it is known what they did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Converge {
    pub store: DesiredStore,
    /// How often an agent reads the store.
    pub every: Span,
    /// By how much an agent may miss its time before it is late.
    pub tolerance: Span,
    /// Where agents say what they have installed and when they looked last; none: only the host's own check is asked.
    pub agents: Option<AgentReports>,
    /// Tells the agents of the environment to look now.
    pub nudge: Option<Vec<Template>>,
}

/// Where the desired version stands. Its key is the address or command as filled in: one for the environment, or one a
/// host where the host is named in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DesiredStore {
    Http {
        url: Template,
        /// The field of the body that every change changes; none: the answer's `ETag` is used.
        revision: Option<String>,
        /// A value may be `env:NAME`.
        headers: BTreeMap<String, String>,
        timeout: Span,
    },
    Exec {
        get: Vec<Template>,
        set: Vec<Template>,
        timeout: Span,
    },
}

/// Where agents report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentReports {
    Http {
        url: Template,
        /// A value may be `env:NAME`.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        timeout: Span,
    },
    Exec {
        command: Vec<Template>,
        timeout: Span,
    },
}

impl DesiredStore {
    /// Whether each host has a desired version of its own.
    pub fn per_host(&self) -> bool {
        match self {
            Self::Http { url, .. } => url.per_host(),
            Self::Exec { get, set, .. } => get.iter().chain(set).any(Template::per_host),
        }
    }

    /// All texts of it that name something.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Http { url, .. } => vec![url],
            Self::Exec { get, set, .. } => get.iter().chain(set).collect(),
        }
    }
}

impl AgentReports {
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Http { url, .. } => vec![url],
            Self::Exec { command, .. } => command.iter().collect(),
        }
    }
}

impl Converge {
    /// The longest that an agent needs to see what was set, if it is not late.
    pub const fn cycle(&self) -> Span {
        Span(self.every.0 + self.tolerance.0)
    }

    /// By how much a time that an agent says lies in the future, if by more than is tolerated: its clock is not ours, and
    /// when it looked is not known.
    pub fn ahead(&self, said: WallTime, now: WallTime) -> Option<Span> {
        Some(said.since(now)).filter(|ahead| *ahead > self.tolerance)
    }
}

impl Environment {
    /// How agents change its hosts, where they do.
    pub fn converges(&self) -> Option<&Converge> {
        match &self.driver {
            Driver::Converge(converge) => Some(converge),
            Driver::Local { .. } | Driver::Exec { .. } | Driver::Ssh { .. } => None,
        }
    }
}

impl Plan {
    /// How agents change the hosts of this environment, where they do.
    pub fn converges(&self, environment: &EnvironmentName) -> Option<&Converge> {
        self.environments.get(environment)?.converges()
    }

    /// How far the desired version is set at a time in the stage at `index`, where agents read it.
    pub fn converging(&self, index: usize) -> Option<&Converging> {
        match &self.stages.get(index)?.strategy {
            Strategy::Converge(converging) => Some(converging),
            _ => None,
        }
    }
}
