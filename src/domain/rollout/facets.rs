//! What the index says of one unit.

use std::cmp::Reverse;

use super::{Direction, Lane, LaneState, Unit};
use crate::domain::{
    effect::{Candidate, PoolState},
    name::{ComponentName, StageName, Version},
};

/// Batch, rank of its part, whether it serves, place.
pub type Ready = (u32, u32, bool, u32);

/// What lies on a unit, as last observed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Observed, and not stale. If not, the rest says nothing.
    pub fresh: bool,
    pub installed: Option<Candidate>,
    pub kept: Option<bool>,
    /// The balancer could not be asked of it.
    pub unreached: bool,
    /// The part that it is a unit of, where several are deployed.
    pub part: Option<ComponentName>,
}

/// What the index says of one unit.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is counted by itself")]
pub struct Facets {
    pub available: bool,
    pub working: bool,
    pub done: bool,
    pub failed: bool,
    pub waiting: bool,
    pub out: bool,
    pub touched: bool,
    pub ready: Option<Ready>,
    pub back: Option<(bool, Reverse<u64>, u32)>,
    /// The batch that waits for its lane, forward or back.
    pub open: Option<u32>,
    /// The batch in which its lane forward has failed.
    pub fell: Option<u32>,
    pub troubled: bool,
    pub strayed: bool,
    /// It stays drifted, and somebody was called.
    pub called: bool,
    pub standing: &'static str,
    pub to_go_back: bool,
    pub down: bool,
    pub held: Held,
    pub in_pool: bool,
    /// It is seen to answer requests well.
    pub serves: bool,
    /// The version that it is seen to run.
    pub running: Option<Version>,
    pub runs: Option<Version>,
    /// The stage that brought it to its end.
    pub done_in: Option<StageName>,
    /// Its lane goes forward and waits for nobody but us.
    pub goes: bool,
}

impl Facets {
    pub fn of(index: u32, unit: &Unit) -> Self {
        let lane = unit.lane.as_ref();
        let state = lane.map(|lane| &lane.state);
        let batch = lane.map_or(0, |lane| lane.batch);
        let stopped = state.is_some_and(LaneState::stopped);
        let waiting = state == Some(&LaneState::Waiting);
        let forward = lane.is_some_and(|lane| lane.direction == Direction::Forward);
        let available = unit.available();
        let newest = Reverse(unit.touched.unwrap_or(0));
        let seen = unit.fresh();
        Self {
            available,
            working: unit.working(),
            done: matches!(state, Some(LaneState::Done | LaneState::RolledBack)),
            failed: stopped,
            waiting,
            out: unit.out,
            touched: unit.touched.is_some(),
            ready: (waiting && forward && !unit.awaits_back).then_some((
                batch,
                unit.rank(),
                available,
                index,
            )),
            open: lane.is_some_and(Lane::awaited).then_some(batch),
            fell: lane.is_some_and(|lane| forward && lane.fell).then_some(batch),
            back: (unit.awaits_back || waiting && !forward).then_some((available, newest, index)),
            troubled: unit.troubled(),
            strayed: unit.strayed(),
            called: unit.stays_drifted(),
            standing: unit.standing(),
            to_go_back: unit.touched.is_some() && state != Some(&LaneState::RolledBack),
            down: unit.known_not_to_serve(),
            held: Held {
                fresh: seen.is_some(),
                installed: seen.and_then(|seen| seen.installed.clone()),
                kept: seen.and_then(|seen| seen.kept),
                unreached: seen.is_some_and(|seen| seen.pool == PoolState::Unknown),
                part: unit.component().cloned(),
            },
            in_pool: unit.in_pool(),
            serves: unit.serves(),
            running: unit.running().cloned(),
            runs: seen.and_then(|seen| seen.runs.clone()),
            done_in: lane
                .filter(|lane| lane.state == LaneState::Done && !lane.upkeep && !unit.drifted())
                .map(|lane| lane.stage.clone()),
            goes: forward && lane.is_some_and(Lane::open) && !stopped && !unit.awaits_back,
        }
    }
}

impl Facets {
    /// The stage that brought it to its end, and its part, while it is well.
    pub fn well_in(&self) -> Option<(&StageName, &ComponentName)> {
        self.done_in.as_ref().filter(|_| self.available).zip(self.held.part.as_ref())
    }
}
