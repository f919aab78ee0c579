//! One unit: what was seen of it, and its lane.

use serde::{Deserialize, Serialize};

use super::{Direction, Drift, FoundAt, Lane, LaneState, PutBack};
use crate::domain::{
    effect::{Health, LaneStep, PoolState, Seen},
    name::{CloudName, ComponentName, EnvironmentName, HostName, PersonName, PoolId, UnitId, Version},
    time::Now,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Unit {
    pub id: UnitId,
    pub host: HostName,
    pub environment: EnvironmentName,
    pub pool: PoolId,
    pub cloud: Option<CloudName>,
    /// The part that it is a unit of, where several are deployed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// It is without traffic on purpose: its cloud stands by, or it is spare.
    pub standby: bool,
    pub region: Option<String>,
    /// It comes in only while a release is on its way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spare: bool,
    pub seen: Option<SeenAt>,
    pub lane: Option<Lane>,
    /// We took it out of service and it is not done yet.
    pub out: bool,
    /// The sequence number of the first act that changed it in this session: newest first is the way back.
    pub touched: Option<u64>,
    /// It is to be rolled back and its lane back has not started.
    pub awaits_back: bool,
    /// Since we took it out it was shown to be outside the pool, and nothing has begun to bring it back.
    pub outside: bool,
    /// It was put back into the pool, and not by us.
    pub put_back: Option<PutBack>,
    /// Attempts of lanes that have ended and are kept no more: the next one is another.
    #[serde(default)]
    pub tries: u32,
    /// What its key of the store holds, where each host has one.
    pub desired: Option<FoundAt>,
    /// It had converged, and was seen to run something else.
    pub drift: Option<Drift>,
    /// It was left out, and its key of the store is to hold again what it held before.
    #[serde(default)]
    pub key_back: bool,
    /// Who left it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_by: Option<PersonName>,
    /// It was seen to be well in this session.
    #[serde(default)]
    pub served: bool,
    /// What it was seen to run before this session changed it; none: that was not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<Ran>,
}

/// What a host was seen to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// None: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
}

/// One of several components of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub component: ComponentName,
    /// Its place in the order of deployment, from 0.
    pub rank: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeenAt {
    pub seen: Seen,
    pub at: Now,
    /// Observed before a restart or a suspend: counts as not known until seen again.
    pub stale: bool,
}

impl Unit {
    /// The component that it is a unit of, where several are deployed there.
    #[inline]
    pub fn component(&self) -> Option<&ComponentName> {
        self.part.as_ref().map(|part| &part.component)
    }

    /// Its place among the parts, from 0.
    #[inline]
    pub fn rank(&self) -> u32 {
        self.part.as_ref().map_or(0, |part| part.rank)
    }

    /// What was observed, unless it is stale.
    #[inline]
    pub fn fresh(&self) -> Option<&Seen> {
        self.seen.as_ref().filter(|seen| !seen.stale).map(|seen| &seen.seen)
    }

    /// A lane that has stopped once has stopped, and who was well once has served, whatever becomes of it.
    #[inline]
    pub(super) fn remember(&mut self) {
        self.served |= self.fresh().is_some_and(|seen| seen.health == Health::Healthy);
        if let Some(lane) = &mut self.lane {
            lane.fell |= lane.state.stopped();
        }
    }

    /// Whether its lane has stopped what ran and is not through, so that what was observed before says nothing any more. A
    /// lane that has failed leaves the host as it is: once that was looked at, what was seen counts.
    pub fn overtaken(&self) -> bool {
        let Some(lane) = &self.lane else { return false };
        let unseen = self.seen.as_ref().is_none_or(|seen| seen.at.session < lane.step_since);
        let says_nothing = lane.state.under_way() || (lane.state.stopped() && unseen);
        let at = |step: LaneStep| lane.steps.iter().position(|of| *of == step);
        let since = at(LaneStep::Stop).or_else(|| at(LaneStep::Install)).or_else(|| at(LaneStep::Start));
        says_nothing
            && since.is_some_and(|since| lane.at >= since)
            && at(LaneStep::Rejoin).is_none_or(|rejoin| lane.at <= rejoin)
    }

    /// What is known to run on it now: none: nobody knows; and of one whose process has ended nothing, whatever it was.
    pub fn known_to_run(&self) -> Option<Option<&Version>> {
        let seen = self.fresh().filter(|_| !self.overtaken())?;
        Some(seen.runs.as_ref().filter(|_| seen.ended.is_none()))
    }

    /// Counts as healthy and serving. No data is not available, nor is what stands by.
    #[inline]
    pub fn available(&self) -> bool {
        !self.out
            && !self.standby
            && self.fresh().is_some_and(|seen| {
                seen.health == Health::Healthy && matches!(seen.pool, PoolState::In | PoolState::None)
            })
    }

    /// Taken out by us, standing by, or freshly observed sick or out of the pool. No data says nothing.
    #[inline]
    pub fn known_not_to_serve(&self) -> bool {
        self.out
            || self.standby
            || self.fresh().is_some_and(|seen| {
                seen.health == Health::Sick || matches!(seen.pool, PoolState::Out | PoolState::Down)
            })
    }

    /// Taken out by us, not found good since, and seen in the pool all the same, or there as soon as it answers: a
    /// balancer that forgot, or somebody, put it back. A lane that drains or rejoins, or stopped there, says nothing of the pool.
    #[inline]
    pub fn strayed(&self) -> bool {
        let should_be_out = |lane: &Lane| {
            // It waits for the others where nobody may be served by it.
            if matches!(lane.state, LaneState::Gathered { .. }) {
                return true;
            }
            let stopped = matches!(lane.state, LaneState::Failed { .. } | LaneState::Unknown { .. });
            (stopped || lane.state.under_way())
                && match lane.step() {
                    // It may never have left.
                    LaneStep::Fetch => self.outside,
                    LaneStep::Drain => self.outside && stopped,
                    LaneStep::Rejoin | LaneStep::Converge | LaneStep::Settle => false,
                    LaneStep::Stop
                    | LaneStep::Prove
                    | LaneStep::Replace
                    | LaneStep::Install
                    | LaneStep::Start
                    | LaneStep::SelfTest
                    | LaneStep::Alive => true,
                }
        };
        (self.out && self.lane.as_ref().is_some_and(should_be_out) || self.stands_by_now())
            && self.fresh().is_some_and(|seen| matches!(seen.pool, PoolState::In | PoolState::Down))
    }

    /// It stands by, and no lane is at work on it that knows of the pool. Before its stage began it is not ours to touch.
    #[inline]
    fn stands_by_now(&self) -> bool {
        self.standby && !self.out && self.lane.as_ref().is_some_and(|lane| !lane.state.under_way())
    }

    /// Something keeps it in the pool, and a human is needed: what is said to them.
    pub fn contested(&self) -> Option<(&str, Now)> {
        let aside = self.lane.as_ref().is_some_and(|lane| lane.set_aside);
        let known = self.put_back.as_ref().filter(|_| !aside && !self.awaits_back && self.strayed())?;
        known.left.as_deref().map(|why| (why, known.last))
    }

    /// Gets requests: seen in the pool, and not out of it since.
    #[inline]
    pub fn in_pool(&self) -> bool {
        let rejoined = || self.lane.as_ref().is_some_and(|lane| lane.step() == LaneStep::Settle);
        self.fresh().is_some_and(|seen| matches!(seen.pool, PoolState::In | PoolState::None))
            && (!self.out || rejoined() || self.strayed())
    }

    /// Seen to get no new requests, as its balancer says. No data says nothing.
    pub fn away(&self) -> bool {
        self.fresh()
            .is_some_and(|seen| matches!(seen.pool, PoolState::Out | PoolState::Draining | PoolState::Down))
    }

    /// Seen to answer requests well.
    #[inline]
    pub fn serves(&self) -> bool {
        self.in_pool() && self.fresh().is_some_and(|seen| seen.health == Health::Healthy)
    }

    /// The version that it is seen to run, and not only to have installed.
    #[inline]
    pub fn running(&self) -> Option<&Version> {
        self.fresh().filter(|seen| seen.health == Health::Healthy).and_then(|seen| seen.runs.as_ref())
    }

    /// Whether its lane is under way. One that is to be rolled back only is while a step still has to end.
    #[inline]
    pub fn working(&self) -> bool {
        self.lane.as_ref().is_some_and(|lane| {
            lane.state.under_way() && (!self.awaits_back || lane.state == LaneState::Working)
        })
    }

    /// Whether its lane back is under way.
    pub fn comes_back(&self) -> bool {
        self.working() && self.lane.as_ref().is_some_and(|lane| lane.direction == Direction::Back)
    }

    /// Whether its lane stopped and needs somebody. One that is about to be rolled back needs nobody.
    #[inline]
    pub fn troubled(&self) -> bool {
        !self.awaits_back
            && self.lane.as_ref().is_some_and(|lane| {
                !lane.set_aside && matches!(lane.state, LaneState::Failed { .. } | LaneState::Unknown { .. })
            })
    }

    /// Whether its lane stopped and the line goes on without it.
    pub fn was_let_pass(&self) -> bool {
        !self.awaits_back
            && self.lane.as_ref().is_some_and(|lane| {
                lane.set_aside && lane.direction == Direction::Forward && lane.state.stopped()
            })
    }

    /// How its lane stands, in a word.
    #[inline]
    pub fn standing(&self) -> &'static str {
        // What it did before counts no more: it is waiting for its turn to go back.
        if self.awaits_back {
            return "to go back";
        }
        self.lane.as_ref().map_or("not started", |lane| lane.state.word())
    }

    /// It had come to what is desired, and was last seen to run something else.
    #[inline]
    pub fn drifted(&self) -> bool {
        self.drift.as_ref().is_some_and(|drift| drift.now.is_some())
    }

    /// It stays so, and somebody was called.
    #[inline]
    pub fn stays_drifted(&self) -> bool {
        let out = self.lane.as_ref().is_none_or(|lane| matches!(lane.state, LaneState::Excluded { .. }));
        !out && !self.awaits_back
            && self.drift.as_ref().is_some_and(|it| it.now.is_some() && it.called.is_some())
    }

    pub fn runs(&self) -> Option<&str> {
        self.seen.as_ref().and_then(|seen| seen.seen.runs.as_ref()).map(Version::as_str)
    }
}
