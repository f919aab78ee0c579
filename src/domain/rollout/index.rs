//! What is computed from the units and never stored: where each is, counts by environment, who waits, who needs
//! somebody, what they run and keep. A change of a unit touches only what it changes, so that the cost stays per
//! event; and whoever asks how all of them stand looks at no unit at all.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use serde::{Deserialize, Serialize};

use super::{Direction, Lane, LaneState, Unit};
use crate::domain::{
    effect::{Candidate, PoolState},
    name::{EnvironmentName, StageName, UnitId, Version},
};

/// How the units of one environment stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub hosts: u32,
    /// Healthy and serving, as observed.
    pub available: u32,
    pub working: u32,
    pub done: u32,
    pub failed: u32,
    pub waiting: u32,
    pub out: u32,
    pub touched: u32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    places: HashMap<UnitId, u32>,
    /// What was last said of each unit.
    facets: Vec<Facets>,
    /// How many units each stage has brought to its end.
    done_in: BTreeMap<StageName, u32>,
    environments: BTreeMap<EnvironmentName, InEnvironment>,
    /// Waiting to go forward; batch by batch, the sick first.
    pub ready: BTreeSet<(u32, bool, u32)>,
    /// Waiting to go back; the sick first, then the newest touched.
    pub back: BTreeSet<(bool, Reverse<u64>, u32)>,
    pub troubled: BTreeSet<u32>,
    pub working: BTreeSet<u32>,
    /// Taken out, and back in the pool.
    pub strayed: BTreeSet<u32>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct InEnvironment {
    counts: Counts,
    /// How many units hold what.
    held: BTreeMap<Held, u32>,
    /// How many units serve what; none: something that does not say its version.
    serving: BTreeMap<Option<Version>, u32>,
    /// How many lanes stand how.
    standing: BTreeMap<&'static str, u32>,
    /// How many lanes each batch waits for; batches of which all are through are not in it.
    open: BTreeMap<u32, u32>,
    /// How many hosts of each batch have failed. Never fewer than before, so that nothing that stopped the line goes on
    /// by itself because another host was dealt with.
    fell: BTreeMap<u32, u32>,
    /// Units changed in this session and not brought back.
    to_go_back: u32,
    /// Units that are known not to serve.
    down: u32,
    /// Units that are seen to serve.
    serves: u32,
    /// How many units are seen to run what, in the pool or not.
    running: BTreeMap<Version, u32>,
}

/// What lies on a unit, as last observed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Observed, and not stale. If not, the rest says nothing.
    pub fresh: bool,
    pub installed: Option<Candidate>,
    pub kept: Option<bool>,
    /// The balancer could not be asked of it.
    pub unreached: bool,
}

/// What the index says of one unit.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is counted by itself")]
struct Facets {
    available: bool,
    working: bool,
    done: bool,
    failed: bool,
    waiting: bool,
    out: bool,
    touched: bool,
    ready: Option<(u32, bool, u32)>,
    back: Option<(bool, Reverse<u64>, u32)>,
    /// The batch that waits for its lane, forward or back.
    open: Option<u32>,
    /// The batch in which its lane forward has failed.
    fell: Option<u32>,
    troubled: bool,
    strayed: bool,
    standing: &'static str,
    to_go_back: bool,
    down: bool,
    held: Held,
    in_pool: bool,
    /// It is seen to answer requests well.
    serves: bool,
    /// The version that it is seen to run.
    running: Option<Version>,
    runs: Option<Version>,
    /// The stage that brought it to its end.
    done_in: Option<StageName>,
}

impl Facets {
    fn of(index: u32, unit: &Unit) -> Self {
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
            ready: (waiting && forward && !unit.awaits_back).then_some((batch, available, index)),
            open: lane.is_some_and(Lane::awaited).then_some(batch),
            fell: lane.is_some_and(|lane| forward && lane.fell).then_some(batch),
            back: (unit.awaits_back || waiting && !forward).then_some((available, newest, index)),
            troubled: unit.troubled(),
            strayed: unit.strayed(),
            standing: unit.standing(),
            to_go_back: unit.touched.is_some() && state != Some(&LaneState::RolledBack),
            down: unit.known_not_to_serve(),
            held: Held {
                fresh: seen.is_some(),
                installed: seen.and_then(|seen| seen.installed.clone()),
                kept: seen.and_then(|seen| seen.kept),
                unreached: seen.is_some_and(|seen| seen.pool == PoolState::Unknown),
            },
            in_pool: unit.in_pool(),
            serves: unit.serves(),
            running: unit.running().cloned(),
            runs: seen.and_then(|seen| seen.runs.clone()),
            done_in: lane.filter(|lane| lane.state == LaneState::Done).map(|lane| lane.stage.clone()),
        }
    }
}

impl Index {
    pub fn of(units: &[Unit]) -> Self {
        let mut index = Self {
            places: HashMap::with_capacity(units.len()),
            facets: Vec::with_capacity(units.len()),
            ..Self::default()
        };
        for (place, unit) in units.iter().enumerate() {
            let place = place as u32;
            index.places.insert(unit.id.clone(), place);
            let facets = Facets::of(place, unit);
            let environment = index.environments.entry(unit.environment.clone()).or_default();
            environment.counts.hosts += 1;
            environment.change(&facets, 1);
            index.change(&facets, place, true);
            index.facets.push(facets);
        }
        index
    }

    pub fn place_of(&self, unit: &UnitId) -> Option<u32> {
        self.places.get(unit).copied()
    }

    pub fn counts(&self, environment: &EnvironmentName) -> Counts {
        self.environments.get(environment).map(|here| here.counts).unwrap_or_default()
    }

    /// How many units of the environment hold what.
    pub fn held(&self, environment: &EnvironmentName) -> impl Iterator<Item = (&Held, u32)> {
        self.environments.get(environment).into_iter().flat_map(|here| &here.held).map(|(held, n)| (held, *n))
    }

    /// How many units in the environment's pool serve what.
    pub fn serving(&self, environment: &EnvironmentName) -> impl Iterator<Item = (Option<&Version>, u32)> {
        let here = self.environments.get(environment);
        here.into_iter().flat_map(|here| &here.serving).map(|(version, n)| (version.as_ref(), *n))
    }

    /// How many lanes of the environment stand how.
    pub fn standing(&self, environment: &EnvironmentName) -> impl Iterator<Item = (&'static str, u32)> {
        let here = self.environments.get(environment);
        here.into_iter().flat_map(|here| &here.standing).map(|(word, n)| (*word, *n))
    }

    /// The batch whose hosts are taken now: the first that waits for one of its lanes.
    pub fn open_batch(&self, environment: &EnvironmentName) -> Option<u32> {
        self.environments.get(environment)?.open.keys().next().copied()
    }

    /// How many hosts of this batch failed.
    pub fn fell(&self, environment: &EnvironmentName, batch: u32) -> u32 {
        self.environments.get(environment).and_then(|here| here.fell.get(&batch)).copied().unwrap_or_default()
    }

    pub fn to_go_back(&self, environment: &EnvironmentName) -> u32 {
        self.environments.get(environment).map_or(0, |here| here.to_go_back)
    }

    pub fn down(&self, environment: &EnvironmentName) -> u32 {
        self.environments.get(environment).map_or(0, |here| here.down)
    }

    pub fn serves(&self, environment: &EnvironmentName) -> u32 {
        self.environments.get(environment).map_or(0, |here| here.serves)
    }

    /// The versions that units of the environment are seen to run.
    pub fn running(&self, environment: &EnvironmentName) -> impl Iterator<Item = &Version> {
        self.environments.get(environment).into_iter().flat_map(|here| here.running.keys())
    }

    pub fn done_in(&self, stage: &StageName) -> u32 {
        self.done_in.get(stage).copied().unwrap_or_default()
    }

    pub fn any_touched(&self) -> bool {
        self.environments.values().any(|here| here.counts.touched > 0)
    }

    /// Takes in how a unit has changed. True where what is installed on it has.
    pub fn after(&mut self, index: u32, unit: &Unit) -> bool {
        let after = Facets::of(index, unit);
        let Some(known) = self.facets.get_mut(index as usize).filter(|before| **before != after) else {
            return false;
        };
        let before = std::mem::replace(known, after.clone());
        if let Some(here) = self.environments.get_mut(&unit.environment) {
            here.change(&before, -1);
            here.change(&after, 1);
        }
        self.change(&before, index, false);
        self.change(&after, index, true);
        before.held.installed != after.held.installed
    }

    fn change(&mut self, facets: &Facets, index: u32, here: bool) {
        toggle(&mut self.ready, facets.ready, here);
        toggle(&mut self.back, facets.back, here);
        toggle(&mut self.troubled, facets.troubled.then_some(index), here);
        toggle(&mut self.working, facets.working.then_some(index), here);
        toggle(&mut self.strayed, facets.strayed.then_some(index), here);
        if let Some(stage) = &facets.done_in {
            count(&mut self.done_in, stage, if here { 1 } else { -1 });
        }
    }
}

impl InEnvironment {
    fn change(&mut self, facets: &Facets, by: i32) {
        self.counts.change(facets, by);
        count(&mut self.held, &facets.held, by);
        count(&mut self.standing, &facets.standing, by);
        if let Some(batch) = &facets.open {
            count(&mut self.open, batch, by);
        }
        if let Some(batch) = &facets.fell {
            count(&mut self.fell, batch, by);
        }
        if facets.in_pool {
            count(&mut self.serving, &facets.runs, by);
        }
        if facets.to_go_back {
            self.to_go_back = self.to_go_back.saturating_add_signed(by);
        }
        if facets.serves {
            self.serves = self.serves.saturating_add_signed(by);
        }
        if let Some(version) = &facets.running {
            count(&mut self.running, version, by);
        }
        if facets.down {
            self.down = self.down.saturating_add_signed(by);
        }
    }
}

/// Counts up or down. What is at none is not in the table, so that tables of the same units are equal.
fn count<K: Ord + Clone>(table: &mut BTreeMap<K, u32>, key: &K, by: i32) {
    match table.get_mut(key) {
        Some(n) => {
            *n = n.saturating_add_signed(by);
            if *n == 0 {
                table.remove(key);
            }
        }
        None if by > 0 => {
            table.insert(key.clone(), by.unsigned_abs());
        }
        None => {}
    }
}

impl Counts {
    fn change(&mut self, facets: &Facets, by: i32) {
        let add = |holds: bool, count: &mut u32| {
            if holds {
                *count = count.saturating_add_signed(by);
            }
        };
        add(facets.available, &mut self.available);
        add(facets.working, &mut self.working);
        add(facets.done, &mut self.done);
        add(facets.failed, &mut self.failed);
        add(facets.waiting, &mut self.waiting);
        add(facets.out, &mut self.out);
        add(facets.touched, &mut self.touched);
    }
}

fn toggle<T: Ord>(set: &mut BTreeSet<T>, item: Option<T>, here: bool) {
    let Some(item) = item else { return };
    if here {
        set.insert(item);
    } else {
        set.remove(&item);
    }
}
