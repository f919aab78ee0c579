//! How long something is expected to take, with what that rests on. Never a number without its ground.

use serde::{Deserialize, Serialize};

use crate::domain::{counted::counted, name::EnvironmentName, time::Span};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    pub span: Span,
    pub basis: Basis,
}

/// What a length of time is known from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The plan says it.
    Plan,
    /// It was timed so often in this session; the mean.
    Seen { samples: u32 },
    /// It was timed in this session, but in another environment.
    SeenIn { environment: EnvironmentName, samples: u32 },
    /// Earlier sessions have shown it; the median over them.
    Earlier { sessions: u32 },
    /// Nothing of the team's own has: so long it took so many processes that stood in for hosts.
    Rehearsed { hosts: u32 },
}

impl Basis {
    /// `from 3 sessions`, `3 timed here`; empty where the plan says it.
    pub fn words(&self) -> String {
        match self {
            Basis::Plan => String::new(),
            Basis::Seen { samples } => format!("{samples} timed here"),
            Basis::SeenIn { environment, samples } => format!("{samples} timed in {environment}"),
            Basis::Rehearsed { hosts } => format!("rehearsed with {}", counted(hosts, "stand-in")),
            Basis::Earlier { sessions } => format!("from {}", counted(sessions, "session")),
        }
    }
}

impl Estimate {
    pub const fn planned(span: Span) -> Self {
        Self { span, basis: Basis::Plan }
    }

    #[must_use]
    pub fn with(self, span: Span) -> Self {
        Self { span, ..self }
    }
}
