//! Facts about hosts that are looked after.

use serde::{Deserialize, Serialize};

use crate::domain::{
    effect::Candidate,
    name::{CloudName, DrillName, EnvironmentName, UnitId},
    plan::DataCentre,
    time::{Now, Span},
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
        /// How they are out of traffic together; none: each is looked after by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        away: Option<Box<Away>>,
    },
    LaneBegan {
        unit: UnitId,
        attempt: u32,
    },
    /// While hosts are out of traffic together: the requests that were counted there lately, and at all others.
    TrafficCounted {
        environment: EnvironmentName,
        away: u64,
        elsewhere: u64,
    },
    /// While hosts are out of traffic together: nobody could count, and why.
    TrafficUncounted {
        environment: EnvironmentName,
        why: String,
    },
    /// They were observed to get no traffic any more.
    TrafficLeft {
        environment: EnvironmentName,
        place: DataCentre,
        /// How many requests were counted elsewhere, and none there; none: it is seen by who is in the pool alone.
        requests: Option<u64>,
    },
    /// From now on they are brought back into traffic.
    ComesBack {
        environment: EnvironmentName,
        place: DataCentre,
        /// Why that is before its time; none: it lasted as long as planned.
        early: Option<String>,
    },
    /// It was not seen to be alive for so many beats in a row.
    HostDied {
        unit: UnitId,
        missed: u32,
        /// When the first of them was missed.
        since: Now,
        why: String,
    },
    /// It was dead, and was seen to be alive again.
    HostRevived {
        unit: UnitId,
        /// From the first missed beat on.
        lasted: Span,
    },
    /// golive repairs a host that is dead, the how manieth time since it was well, from 1.
    RepairBegan {
        unit: UnitId,
        attempt: u32,
    },
    /// What the beat said after it: that the host is alive, or not within the cool-down.
    RepairJudged {
        unit: UnitId,
        attempt: u32,
        alive: bool,
    },
    /// As many as the plan has did not help: it is not repaired again by itself.
    RepairGivenUp {
        unit: UnitId,
        tries: u32,
    },
    /// None begins there by itself, until somebody resumes them. Said by a person, or by golive, which asks one.
    RepairsPaused {
        environment: EnvironmentName,
        reason: String,
    },
    RepairsResumed {
        environment: EnvironmentName,
    },
    /// How many machines the platform says there are; none: it could not say, and why.
    ScaleSeen {
        environment: EnvironmentName,
        current: Option<u32>,
        why: Option<String>,
    },
    /// There are to be so many.
    ScaleAsked {
        environment: EnvironmentName,
        from: u32,
        to: u32,
        reason: String,
    },
    /// The platform says that there are, or it does not within its time.
    ScaleEnded {
        environment: EnvironmentName,
        to: u32,
        reached: bool,
        shows: String,
    },
    /// No further host is taken; hosts under way finish, and what is out of traffic comes back.
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
    /// They are out of traffic together for a while.
    Offline,
}

/// How hosts are out of traffic together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Away {
    pub place: DataCentre,
    /// The cloud that is primary meanwhile; none: all others serve anyway.
    pub takes_over: Option<CloudName>,
    /// Its hosts, which stand by before and after.
    pub carriers: Vec<UnitId>,
    /// How long.
    pub lasts: Span,
}

impl Kind {
    /// What happens to a host, as in `web-01 is being replaced`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Replace => "replaced",
            Self::Offline => "taken out and brought back",
        }
    }
}
