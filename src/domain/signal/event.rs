//! Facts about checks.

use serde::{Deserialize, Serialize};

use crate::domain::{
    comparison::Sides,
    name::{CheckName, Digest, EnvironmentName, UnitId},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalEvent {
    /// A run began: once for each unit, or once for the environment (`None`).
    RunAsked {
        check: CheckName,
        environment: EnvironmentName,
        attempt: u32,
        units: Vec<Option<UnitId>>,
        why: RunWhy,
    },
    /// All parts of a run ended. `n` of them were looked at; `input` is the digest of what the verdict rests on.
    Judged {
        check: CheckName,
        environment: EnvironmentName,
        attempt: u32,
        verdict: JudgedVerdict,
        n: u32,
        passed: u32,
        shows: String,
        evidence: Option<String>,
        input: Digest,
    },
    /// A person judged what no machine judges, with these figures before them; `input` is the digest of all that the
    /// verdict rests on.
    JudgedByHand {
        check: CheckName,
        environment: EnvironmentName,
        verdict: JudgedVerdict,
        note: String,
        /// None: nothing was counted.
        sides: Option<Box<Sides>>,
        input: Digest,
    },
    /// An environment without traffic is looked at, and no request came between two looks.
    TrafficLookedAt {
        environment: EnvironmentName,
        /// All requests that its balancer has counted until then; none: not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
        /// Requests that an alarm stood for which was lifted since: they had come before that, and are no alarm of their own.
        #[serde(default, skip_serializing_if = "none")]
        before: u64,
    },
    /// Whether requests come there can't be said now.
    TrafficUnknown { environment: EnvironmentName, why: String },
    /// Requests came where none should: an alarm. `host` got most of them.
    TrafficSeen {
        environment: EnvironmentName,
        /// Since it was last recorded what was counted.
        requests: u64,
        host: Option<UnitId>,
        /// All requests that its balancer has counted until then; none: not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
    },
    /// A person lifted it.
    AlarmLifted { environment: EnvironmentName, reason: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunWhy {
    Schedule,
    Person,
    Validation,
    /// A sample of a drill, or a tool that is asked whether it heard of it.
    Drill,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JudgedVerdict {
    Passed,
    Failed,
    /// Could not be decided. Never counts as passed.
    Inconclusive,
}

fn none<T: Default + PartialEq>(count: &T) -> bool {
    *count == T::default()
}
