//! Effects: what the shell should do to the world, as data, and what it reports back.
//!
//! An effect is recorded as started before the world is touched, and has a stable id, so that after a crash
//! it is known what may have happened. Every lane step is "ensure": observe first, act on a difference.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod candidate;
mod parts;
mod words;

pub use candidate::{Candidate, Content};
pub use parts::Parts;

use super::{
    comparison::{Recent, Sides},
    desired::{Found as DesiredFound, Wish},
    effect_log::Outlived,
    lock::{Claim, Found},
    name::{CheckName, Digest, EnvironmentName, OnceName, PersonName, StageName, UnitId, Version},
    plan::{Verb, Weight},
    time::{Span, WallTime},
};

/// What an effect is about. At most one effect is under way for a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A unit's lane.
    Unit(UnitId),
    /// A unit's place in the pool, while its lane is busy otherwise or has stopped.
    Pool(UnitId),
    /// A run of a check in an environment, for one unit or for all of it.
    Check { check: CheckName, environment: EnvironmentName, unit: Option<UnitId> },
    /// The standing watch over an environment: health, versions, pool membership.
    Watch(EnvironmentName),
    /// One message to one person.
    Notice(u64),
    /// The lock on an environment, at its deploy target.
    Lock(EnvironmentName),
    /// How its balancer shares the requests out in an environment.
    Share(EnvironmentName),
    /// The desired version that the agents of an environment read.
    Desired(EnvironmentName),
    /// How the requests there are in fact shared out.
    Served(EnvironmentName),
    /// A step of a stage that runs once in this go-live.
    Once { stage: StageName, once: OnceName },
    /// A unit that is dead, outside its lane.
    Repair(UnitId),
    /// How many machines an environment has.
    Scale(EnvironmentName),
}

/// Some units get this share of an environment's requests together, and the others the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub weight: Weight,
    pub canary: Vec<UnitId>,
    /// Others that are out of the pool: they get none of the rest, which those in the pool get.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub away: Vec<UnitId>,
}

/// `(target, attempt, step)`: the same id is the same act, whoever asks for it again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EffectId {
    pub target: Target,
    pub attempt: u32,
    /// Counts the steps of the target within the attempt.
    pub step: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    pub id: EffectId,
    pub work: Work,
}

/// The steps of a lane, in order. Which of them a lane has is given by strategy and driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaneStep {
    /// Brings the artifact to the host and verifies its digest; the unit is still in the pool.
    Fetch,
    /// Takes the unit out of the pool and waits until it has no sessions, or the limit.
    Drain,
    Stop,
    /// Shows that nothing runs and nothing answers; only where no two versions may run side by side.
    Prove,
    /// Makes the host a new machine of the same name; only where hosts are looked after.
    Replace,
    Install,
    Start,
    SelfTest,
    /// Answers, and runs the wanted version.
    Alive,
    /// Back into the pool.
    Rejoin,
    /// Its agent installs what is desired: watched by the core, no effect.
    Converge,
    /// Serves for `min_healthy_time`: timed by the core, no effect.
    Settle,
}

impl LaneStep {
    pub const ALL: [LaneStep; 12] = [
        Self::Fetch,
        Self::Drain,
        Self::Stop,
        Self::Prove,
        Self::Replace,
        Self::Install,
        Self::Start,
        Self::SelfTest,
        Self::Alive,
        Self::Rejoin,
        Self::Converge,
        Self::Settle,
    ];
    /// Those that the engine carries out: all but the converging and the settling, which the core watches.
    pub const CARRIED: &'static [LaneStep] = Self::ALL.split_at(10).0;

    pub const fn word(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Drain => "drain",
            Self::Stop => "stop",
            Self::Prove => "prove-stopped",
            Self::Replace => "replace",
            Self::Install => "install",
            Self::Start => "start",
            Self::SelfTest => "self-test",
            Self::Alive => "alive",
            Self::Rejoin => "rejoin",
            Self::Converge => "converge",
            Self::Settle => "settle",
        }
    }

    /// The driver's verb that carries it out, where it is the driver's.
    pub const fn verb(self) -> Option<Verb> {
        match self {
            Self::Fetch => Some(Verb::Fetch),
            Self::Drain => Some(Verb::Drain),
            Self::Stop => Some(Verb::Stop),
            Self::Replace => Some(Verb::Replace),
            Self::Install => Some(Verb::Install),
            Self::Start => Some(Verb::Start),
            Self::SelfTest => Some(Verb::SelfTest),
            Self::Rejoin => Some(Verb::Rejoin),
            Self::Prove | Self::Alive | Self::Converge | Self::Settle => None,
        }
    }
}

/// What to do. The engine reads the rest (addresses, commands, limits) from the adopted plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// One step of a unit's lane towards `want`.
    Step {
        unit: UnitId,
        step: LaneStep,
        want: Candidate,
        /// Releases that must not be deleted whatever `keep` says: the running and the last good one.
        keep: Vec<Candidate>,
    },
    /// Takes a unit out of the pool again that something else has put back; `want` is what its lane deploys.
    TakeOut { unit: UnitId, want: Candidate },
    /// Looks at the unit after an interruption: what is installed, runs and serves. Touches nothing.
    Probe { unit: UnitId, want: Candidate },
    /// Runs a check to its verdict (retries included).
    Check {
        check: CheckName,
        environment: EnvironmentName,
        unit: Option<UnitId>,
        version: Version,
        /// A monitoring tool is asked for an alarm since then; left out for every other check.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<WallTime>,
    },
    /// Until cancelled: observes every unit of the environment and reports changes, and each unit at least once.
    /// `keeps` is the rollback target whose presence on the hosts is watched.
    Watch { environment: EnvironmentName, keeps: Option<Candidate>, interval: Span },
    /// Tells a person, by the first notifier that takes it.
    Notify { notice: u64, person: PersonName, text: String },
    /// Takes the lock at the deploy target, or takes an older one of this journal over. What is there then is
    /// reported before the end. `breaks`: the lock of another conductor that a person gave up. What is claimed lies
    /// aside: every event is as large as the largest.
    Lock { environment: EnvironmentName, claim: Box<Claim>, breaks: Option<Digest> },
    /// Tells the balancer how to share the requests out; none: as it is configured.
    Share { environment: EnvironmentName, share: Option<Share> },
    /// Sets the desired version, where the store holds what is expected. What it holds is reported before the end.
    Desire { environment: EnvironmentName, wish: Box<Wish> },
    /// Until cancelled: counts the requests that these units get, and those that all of the environment get.
    Count {
        environment: EnvironmentName,
        canary: Vec<UnitId>,
        /// Only of these units, such as those of one region; empty: of all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        among: Vec<UnitId>,
    },
    /// Runs a command of the team's, as the stage declares it, or the one that takes it back.
    Once { environment: EnvironmentName, stage: StageName, once: OnceName, version: Version, back: bool },
    /// Runs the plan's command that repairs a unit, after one that outlived its conductor has been ended.
    Repair { unit: UnitId },
    /// Tells the platform of an environment to come to so many machines.
    Scale { environment: EnvironmentName, to: u32 },
    /// Looks for the command of an effect that a conductor left behind when it was ended, and waits for its end. It reports
    /// that it still runs, where it does. Asked to stop, it ends that command.
    Outlived { of: Box<Effect> },
    /// Releases it, if it is still this session's.
    Unlock { environment: EnvironmentName, claim: Box<Claim> },
}

/// How an effect ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done; `note` says what was seen (`0 connections left`, `12 of 12`), `facts` names figures.
    Done { note: String, facts: BTreeMap<String, String> },
    /// Not done; `why` is one line, `evidence` what was kept (a body, the last lines of output), scrubbed and bounded.
    Failed { why: String, evidence: Option<String> },
    /// Could not be decided: no data, a time-out that says nothing. Never counts as done.
    Inconclusive { why: String },
    /// Ended because it was asked to. The world may have been touched.
    Cancelled,
    /// A probe's answer.
    Seen(Seen),
}

/// A unit as observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub health: Health,
    /// What the process says it runs, else what is installed; none: nothing runs.
    pub runs: Option<Version>,
    /// The digest of what is installed, where the driver knows it.
    pub installed: Option<Candidate>,
    pub pool: PoolState,
    /// Whether the rollback target is kept on the host and its digest verified; none: not known.
    pub kept: Option<bool>,
    /// One line: why sick, why not known.
    pub why: Option<String>,
    /// The process that was started has ended by itself, and these are its last words (scrubbed and bounded; empty
    /// where it left none). A service that is only slow to answer has not ended.
    pub ended: Option<String>,
    /// When the host's agent looked last at what is desired, where agents change hosts and say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_in: Option<WallTime>,
    /// Nothing runs there as the driver says, and something answers all the same: its version, or `something`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stranger: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    Healthy,
    Sick,
    /// Not observed, or the observation failed for a reason that says nothing about the unit.
    Unknown,
}

/// Membership of the pool, as the balancer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PoolState {
    In,
    /// Takes no new sessions; some are still open.
    Draining,
    Out,
    /// Meant to get requests, and gets none as long as the balancer's own check of it fails.
    Down,
    /// The balancer could not be asked.
    Unknown,
    /// There is no balancer.
    None,
}

/// What the engine says. A report from an old epoch or attempt is recorded and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub epoch: u32,
    pub effect: EffectId,
    pub what: Reported,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reported {
    Ended(Outcome),
    /// From a watch: a unit changed.
    Unit {
        unit: UnitId,
        seen: Seen,
    },
    /// What the counted units and the others served since the last such report, and since the count began.
    Counted {
        environment: EnvironmentName,
        lately: Box<Sides>,
        all: Box<Sides>,
        /// Which host got most of them since the count began; none: no request came, or that is not known.
        #[serde(default)]
        busiest: Option<UnitId>,
        /// All requests that its balancer has ever counted for the hosts of the environment; none: not known.
        #[serde(default)]
        total: Option<u64>,
        /// What was counted long enough to tell the shares, where the last such report alone is too short; none: it is
        /// long enough.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recent: Option<Recent>,
    },
    /// Requests can't be counted now, and why.
    Uncounted {
        environment: EnvironmentName,
        why: String,
    },
    /// From a watch, or from who took or released it: how the lock at the deploy target stands.
    Lock {
        environment: EnvironmentName,
        found: Found,
    },
    /// From a watch, or from who sets it: what a key of the store holds that agents read. `unit`: whose key; none: the
    /// environment's.
    Desired {
        environment: EnvironmentName,
        unit: Option<UnitId>,
        found: DesiredFound,
    },
    /// From a watch: a balancer shares otherwise than it was told. `gives`: what the hosts that were to get the share get
    /// together by its weights, in hundredths of a percent.
    ShareLost {
        environment: EnvironmentName,
        gives: u64,
    },
    /// A command that a conductor left behind still runs, as this process since then.
    Outlived(Outlived),
    /// From a watch: how many machines the platform says there are, or why it could not say.
    Scaled {
        environment: EnvironmentName,
        said: Result<u32, String>,
    },
}

impl Target {
    /// Only looks, and touches nothing.
    pub const fn looks(&self) -> bool {
        matches!(self, Self::Check { .. } | Self::Watch(_) | Self::Served(_))
    }
}
