//! Facts of the rollout, host by host. What was done to a host is in the effects; here is what it means.

use serde::{Deserialize, Serialize};

use super::Direction;
use crate::domain::{
    comparison::Sides,
    desired::Found,
    effect::{Candidate, LaneStep, Seen},
    name::{CloudName, ComponentName, EnvironmentName, OnceName, StageName, UnitId, Version},
    pipeline::BatchSize,
    plan::Weight,
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RolloutEvent {
    /// A unit was observed to differ from what was known.
    UnitSeen {
        unit: UnitId,
        seen: Seen,
    },
    LaneStarted {
        unit: UnitId,
        direction: Direction,
        to: Candidate,
        attempt: u32,
    },
    /// After an interruption: the probe's answer lets the lane go on at this step.
    LaneResumed {
        unit: UnitId,
        step: LaneStep,
    },
    /// After an interruption: what was in flight can't be decided; a human must.
    LaneUnknown {
        unit: UnitId,
        why: String,
    },
    LaneTimedOut {
        unit: UnitId,
        step: LaneStep,
        why: String,
    },
    /// The process on a unit ended by itself while its lane was under way: that is no matter of a deadline.
    LaneBroke {
        unit: UnitId,
        step: LaneStep,
        why: String,
        evidence: Option<String>,
    },
    /// The others are as far as it is, or as far as they have to be: it goes on with this step.
    WentOn {
        unit: UnitId,
        step: LaneStep,
    },
    /// What it came in for is through: it leaves the pool, and stands by again.
    SpareLeft {
        unit: UnitId,
        attempt: u32,
    },
    /// It does not serve, and takes the place of a host of an earlier batch that had to wait for capacity.
    WentFirst {
        unit: UnitId,
        instead: UnitId,
    },
    /// Its hosts wait for those of another component, and their batch brings too few of these: each goes one batch later.
    WentLater {
        stage: StageName,
        component: ComponentName,
        after: ComponentName,
    },
    UnitDone {
        unit: UnitId,
    },
    /// It failed, and so many of its batch may: the line goes on without it.
    Tolerated {
        unit: UnitId,
        failed: u32,
        of: BatchSize,
    },
    TriedAgain {
        unit: UnitId,
    },
    Excluded {
        unit: UnitId,
        reason: String,
    },
    /// The line goes on although this unit failed; the unit is set aside.
    ForcedPast {
        unit: UnitId,
        reason: String,
    },
    /// The hosts of a component go on although so few of those are well that they were to wait for.
    BarrierForced {
        stage: StageName,
        component: ComponentName,
        after: ComponentName,
        well: u32,
        hosts: u32,
        reason: String,
    },
    /// A step that runs once is begun again.
    OnceTriedAgain {
        stage: StageName,
        once: OnceName,
        /// It is what takes the step back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        back: bool,
    },
    /// Somebody knows that it is done.
    OnceMarkedDone {
        stage: StageName,
        once: OnceName,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        back: bool,
        reason: String,
    },
    /// Somebody lets the line go on without it.
    OnceForced {
        stage: StageName,
        once: OnceName,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        back: bool,
        reason: String,
    },
    /// Somebody lets run what is for when all hosts are done, although these are not and may serve another version.
    BehindAccepted {
        stage: StageName,
        once: OnceName,
        units: Vec<UnitId>,
    },
    MarkedDone {
        unit: UnitId,
        observed: String,
        reason: String,
    },
    Claimed,
    /// A host that we took out was seen in the pool: it is taken out again, for the so-manieth time.
    PutBack {
        unit: UnitId,
        times: u32,
    },
    /// It came back too often, or can't be taken out: it is left there, and a human is needed.
    LeftInPool {
        unit: UnitId,
        why: String,
    },
    /// No host became healthy within the progress deadline.
    Stalled {
        why: String,
    },
    /// Fewer hosts than the minimum can be serving while a stage runs.
    CapacityFell {
        environment: EnvironmentName,
        why: String,
    },
    /// It has lasted: a human is needed.
    CapacityLow {
        environment: EnvironmentName,
        why: String,
    },
    CapacityBack {
        environment: EnvironmentName,
    },
    /// Of so many requests the hosts that were to get a share got so many.
    Served {
        environment: EnvironmentName,
        wanted: Weight,
        canary: u64,
        of: u64,
        /// Further from what was wanted than chance explains. Of too few requests that can't be told.
        off: bool,
        /// Over how long they were counted; none: since the report before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        over: Option<Span>,
    },
    /// Its balancer was seen to share otherwise than it was told: it is told again, for the so-manieth time, or a human is
    /// called where that was often enough. `gives`: what the hosts that were to get `wanted` get by its weights, in
    /// hundredths of a percent.
    ShareLost {
        environment: EnvironmentName,
        wanted: Weight,
        gives: u64,
        times: u32,
    },
    /// What a key of the store holds that agents read: a host's own, or the environment's.
    DesiredSeen {
        environment: EnvironmentName,
        unit: Option<UnitId>,
        found: Found,
    },
    /// The host runs what was set, so long after that.
    Converged {
        unit: UnitId,
        took: Span,
    },
    /// A host that had converged runs something else.
    Drifted {
        unit: UnitId,
        runs: Version,
    },
    /// It still does after its agent had its time to mend it: a human is needed.
    StaysDrifted {
        unit: UnitId,
        runs: Version,
    },
    /// It runs what is desired again.
    DriftEnded {
        unit: UnitId,
    },
    /// What both sides served since the counting began.
    Counted {
        environment: EnvironmentName,
        sides: Box<Sides>,
    },
    RollbackStarted {
        environment: EnvironmentName,
        to: Candidate,
        units: Vec<UnitId>,
        narrow: bool,
    },
    /// Every host that goes back is shown to be stopped: the version before is started.
    BackGathered {
        environment: EnvironmentName,
    },
    /// The side that was not changed, or the cloud that served before, serves alone, so long after the rollback began: the
    /// others are changed without traffic.
    Switched {
        environment: EnvironmentName,
        took: Span,
        /// Hosts that still serve the new version, since the others could not carry the rest.
        left: u32,
        /// The cloud that serves alone; none: it is a side, and letting it serve was the way back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cloud: Option<CloudName>,
    },
    /// While traffic is to shift to a cloud: the requests that its hosts got lately, and those of all others.
    TrafficSeen {
        environment: EnvironmentName,
        to: CloudName,
        there: u64,
        elsewhere: u64,
    },
    /// Traffic was observed to have shifted from one cloud to another, which is the primary now.
    RoleSwitched {
        environment: EnvironmentName,
        from: CloudName,
        to: CloudName,
        /// Since the first host of the new one took traffic, or since the rollback began.
        took: Span,
        /// How many requests were counted there, and none elsewhere; none: it is seen by who is in the pool alone.
        requests: Option<u64>,
    },
    /// Every host was taken out of service, as planned: nobody serves.
    DowntimeBegan {
        environment: EnvironmentName,
        /// How long it is expected to last, by what was seen before; none: not known.
        expected: Option<Span>,
    },
    /// A host serves again.
    DowntimeEnded {
        environment: EnvironmentName,
        lasted: Span,
    },
    RollbackEnded {
        environment: EnvironmentName,
        to: Candidate,
        units: u32,
        left: Vec<UnitId>,
        narrow: bool,
    },
}
