//! What is computed from the units and never stored: where each is, counts by environment, who waits, who needs
//! somebody. A change of a unit touches only what it changes, so that the cost stays per event.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use serde::{Deserialize, Serialize};

use super::{Direction, LaneState, Unit};
use crate::domain::{
    effect::Candidate,
    name::{EnvironmentName, UnitId},
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
    environments: BTreeMap<EnvironmentName, InEnvironment>,
    /// Waiting to go forward; the sick first.
    pub ready: BTreeSet<(bool, u32)>,
    /// Waiting to go back; the sick first, then the newest touched.
    pub back: BTreeSet<(bool, Reverse<u64>, u32)>,
    pub troubled: BTreeSet<u32>,
    pub working: BTreeSet<u32>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct InEnvironment {
    counts: Counts,
    /// How many units have what installed, as freshly observed; none: not known.
    installed: BTreeMap<Option<Candidate>, u32>,
}

/// What the index says of one unit.
#[derive(PartialEq)]
pub struct Facets {
    available: bool,
    working: bool,
    done: bool,
    failed: bool,
    waiting: bool,
    out: bool,
    touched: bool,
    ready: Option<(bool, u32)>,
    back: Option<(bool, Reverse<u64>, u32)>,
    troubled: bool,
    installed: Option<Candidate>,
}

impl Facets {
    pub fn of(index: u32, unit: &Unit) -> Self {
        let state = unit.lane.as_ref().map(|lane| &lane.state);
        let waiting = state == Some(&LaneState::Waiting);
        let forward = unit.lane.as_ref().is_some_and(|lane| lane.direction == Direction::Forward);
        let available = unit.available();
        let newest = Reverse(unit.touched.unwrap_or(0));
        Self {
            available,
            working: unit.working(),
            done: matches!(state, Some(LaneState::Done | LaneState::RolledBack)),
            failed: matches!(state, Some(LaneState::Failed { .. } | LaneState::Unknown { .. })),
            waiting,
            out: unit.out,
            touched: unit.touched.is_some(),
            ready: (waiting && forward && !unit.awaits_back).then_some((available, index)),
            back: unit.awaits_back.then_some((available, newest, index)),
            troubled: unit.troubled(),
            installed: unit.fresh().and_then(|seen| seen.installed.clone()),
        }
    }
}

impl Index {
    pub fn of(units: &[Unit]) -> Self {
        let mut index = Self { places: HashMap::with_capacity(units.len()), ..Self::default() };
        for (place, unit) in units.iter().enumerate() {
            let place = place as u32;
            index.places.insert(unit.id.clone(), place);
            let environment = index.environments.entry(unit.environment.clone()).or_default();
            let facets = Facets::of(place, unit);
            environment.counts.hosts += 1;
            *environment.installed.entry(facets.installed.clone()).or_default() += 1;
            environment.counts.change(&facets, 1);
            index.change(&facets, place, true);
        }
        index
    }

    pub fn place_of(&self, unit: &UnitId) -> Option<u32> {
        self.places.get(unit).copied()
    }

    pub fn counts(&self, environment: &EnvironmentName) -> Counts {
        self.environments.get(environment).map(|here| here.counts).unwrap_or_default()
    }

    pub fn installed_everywhere(&self, environment: &EnvironmentName) -> Option<&Candidate> {
        let installed = &self.environments.get(environment)?.installed;
        let (candidate, _) = installed.first_key_value().filter(|_| installed.len() == 1)?;
        candidate.as_ref()
    }

    /// Takes in how a unit has changed since `before`. True where what is installed on it has.
    pub fn after(&mut self, before: &Facets, index: u32, unit: &Unit) -> bool {
        let after = Facets::of(index, unit);
        if *before == after {
            return false;
        }
        if let Some(here) = self.environments.get_mut(&unit.environment) {
            here.counts.change(before, -1);
            here.counts.change(&after, 1);
            if before.installed != after.installed {
                if let Some(count) = here.installed.get_mut(&before.installed) {
                    *count -= 1;
                    if *count == 0 {
                        here.installed.remove(&before.installed);
                    }
                }
                *here.installed.entry(after.installed.clone()).or_default() += 1;
            }
        }
        self.change(before, index, false);
        self.change(&after, index, true);
        before.installed != after.installed
    }

    fn change(&mut self, facets: &Facets, index: u32, here: bool) {
        toggle(&mut self.ready, facets.ready, here);
        toggle(&mut self.back, facets.back, here);
        toggle(&mut self.troubled, facets.troubled.then_some(index), here);
        toggle(&mut self.working, facets.working.then_some(index), here);
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
