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
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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
pub struct Facets {
    pub stands: Stands,
    pub names: Names,
}

/// What names something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    pub held: Held,
    /// The version that it is seen to run.
    pub running: Option<Version>,
    pub runs: Option<Version>,
    /// The stage that brought it to its end.
    pub done_in: Option<StageName>,
}

/// What the index says of one unit, before a change or after it: often only one half of it is another.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    pub stands: &'a Stands,
    pub names: &'a Names,
}

/// How it stands: what costs nothing to say again after each change.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is counted by itself")]
pub struct Stands {
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
    pub in_pool: bool,
    /// It is seen to get no requests.
    pub away: bool,
    /// It is seen to answer requests well.
    pub serves: bool,
    /// Its lane goes forward and waits for nobody but us.
    pub goes: bool,
}

/// What names something, as it is there: most changes of a unit change none of it, and it is copied only where one does.
#[derive(PartialEq)]
pub struct Named<'a> {
    fresh: bool,
    installed: Option<&'a Candidate>,
    kept: Option<bool>,
    unreached: bool,
    part: Option<&'a ComponentName>,
    running: Option<&'a Version>,
    runs: Option<&'a Version>,
    done_in: Option<&'a StageName>,
}

impl<'a> Named<'a> {
    pub fn of(unit: &'a Unit) -> Self {
        let seen = unit.fresh();
        let done = |lane: &&Lane| lane.state == LaneState::Done && !lane.upkeep && !unit.drifted();
        Self {
            fresh: seen.is_some(),
            installed: seen.and_then(|seen| seen.installed.as_ref()),
            kept: seen.and_then(|seen| seen.kept),
            unreached: seen.is_some_and(|seen| seen.pool == PoolState::Unknown),
            part: unit.component(),
            running: unit.running(),
            runs: seen.and_then(|seen| seen.runs.as_ref()),
            done_in: unit.lane.as_ref().filter(done).map(|lane| &lane.stage),
        }
    }
}

impl Stands {
    pub fn of(index: u32, unit: &Unit) -> Self {
        let lane = unit.lane.as_ref();
        let state = lane.map(|lane| &lane.state);
        let batch = lane.map_or(0, |lane| lane.batch);
        let stopped = state.is_some_and(LaneState::stopped);
        let waiting = matches!(state, Some(LaneState::Waiting));
        let back = matches!(state, Some(LaneState::RolledBack));
        let forward = lane.is_some_and(|lane| lane.direction == Direction::Forward);
        let available = unit.available();
        let newest = Reverse(unit.touched.unwrap_or(0));
        let ready = waiting && forward && !unit.awaits_back;
        Self {
            available,
            working: unit.working(),
            done: back || matches!(state, Some(LaneState::Done)),
            failed: stopped,
            waiting,
            out: unit.out,
            touched: unit.touched.is_some(),
            ready: ready.then_some((batch, unit.rank(), available, index)),
            open: lane.is_some_and(Lane::awaited).then_some(batch),
            fell: lane.is_some_and(|lane| forward && lane.fell).then_some(batch),
            back: (unit.awaits_back || waiting && !forward).then_some((available, newest, index)),
            troubled: unit.troubled(),
            strayed: unit.strayed(),
            called: unit.stays_drifted(),
            standing: unit.standing(),
            to_go_back: unit.touched.is_some() && !back,
            down: unit.known_not_to_serve(),
            in_pool: unit.in_pool(),
            away: unit.away(),
            serves: unit.serves(),
            goes: forward && lane.is_some_and(Lane::open) && !stopped && !unit.awaits_back,
        }
    }
}

impl Names {
    pub fn of(named: &Named<'_>) -> Self {
        let Named { fresh, installed, kept, unreached, part, running, runs, done_in } = *named;
        Self {
            held: Held { fresh, installed: installed.cloned(), kept, unreached, part: part.cloned() },
            running: running.cloned(),
            runs: runs.cloned(),
            done_in: done_in.cloned(),
        }
    }

    /// The same, to be compared without a copy.
    pub fn named(&self) -> Named<'_> {
        Named {
            fresh: self.held.fresh,
            installed: self.held.installed.as_ref(),
            kept: self.held.kept,
            unreached: self.held.unreached,
            part: self.held.part.as_ref(),
            running: self.running.as_ref(),
            runs: self.runs.as_ref(),
            done_in: self.done_in.as_ref(),
        }
    }
}

impl Facets {
    pub fn of(index: u32, unit: &Unit) -> Self {
        Self { stands: Stands::of(index, unit), names: Names::of(&Named::of(unit)) }
    }

    pub const fn said(&self) -> Said<'_> {
        Said { stands: &self.stands, names: &self.names }
    }
}

impl<'a> Said<'a> {
    /// The stage that brought it to its end, and its part, while it is well.
    pub fn well_in(self) -> Option<(&'a StageName, &'a ComponentName)> {
        self.names.done_in.as_ref().filter(|_| self.stands.available).zip(self.names.held.part.as_ref())
    }
}
