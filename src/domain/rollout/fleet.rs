//! All units, with the indexes derived from them: counts by environment, who waits, who needs somebody.
//! Every change of a unit goes through [`Rollout::change`], so that no index can drift from its source.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::{Direction, LaneState, Rollback, Unit};
use crate::domain::{
    name::{EnvironmentName, PersonName, UnitId},
    plan::Plan,
    time::Now,
};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rollout {
    units: Vec<Unit>,
    /// The rollback under way, or the last one, by environment.
    pub rollbacks: BTreeMap<EnvironmentName, Rollback>,
    pub claim: Option<(PersonName, Now)>,
    /// No host became healthy within the progress deadline.
    pub stalled: Option<(String, Now)>,
    #[serde(skip)]
    derived: Derived,
}

/// Computed from the units, never stored.
#[derive(Clone, Debug, Default, PartialEq)]
struct Derived {
    index: HashMap<UnitId, u32>,
    counts: BTreeMap<EnvironmentName, Counts>,
    /// Waiting to go forward; the sick first.
    ready: BTreeSet<(bool, u32)>,
    /// Waiting to go back; the sick first, then the newest touched.
    back: BTreeSet<(bool, std::cmp::Reverse<u64>, u32)>,
    troubled: BTreeSet<u32>,
    working: BTreeSet<u32>,
}

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

impl PartialEq for Rollout {
    fn eq(&self, other: &Self) -> bool {
        self.units == other.units
            && self.rollbacks == other.rollbacks
            && self.claim == other.claim
            && self.stalled == other.stalled
    }
}

impl Rollout {
    pub fn new(plan: &Plan) -> Self {
        let mut rollout = Self::default();
        rollout.take_plan(plan);
        rollout
    }

    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    pub fn index_of(&self, unit: &UnitId) -> Option<u32> {
        self.derived.index.get(unit).copied()
    }

    pub fn unit(&self, unit: &UnitId) -> Option<&Unit> {
        self.units.get(self.index_of(unit)? as usize)
    }

    pub fn at(&self, index: u32) -> Option<&Unit> {
        self.units.get(index as usize)
    }

    pub fn counts(&self, environment: &EnvironmentName) -> Counts {
        self.derived.counts.get(environment).copied().unwrap_or_default()
    }

    /// Units changed in this session, newest first.
    pub fn touched(&self) -> Vec<&Unit> {
        let mut touched: Vec<&Unit> = self.units.iter().filter(|unit| unit.touched.is_some()).collect();
        touched.sort_by_key(|unit| std::cmp::Reverse(unit.touched));
        touched
    }

    pub fn troubled(&self) -> impl Iterator<Item = &Unit> {
        self.derived.troubled.iter().filter_map(|i| self.at(*i))
    }

    pub fn any_troubled(&self) -> bool {
        !self.derived.troubled.is_empty()
    }

    pub fn working(&self) -> impl Iterator<Item = (u32, &Unit)> {
        self.derived.working.iter().filter_map(|i| Some((*i, self.at(*i)?)))
    }

    /// Who may go forward next: the sick first, then as the plan has them.
    pub(super) fn ready(&self) -> impl Iterator<Item = u32> {
        self.derived.ready.iter().map(|(_, i)| *i)
    }

    pub(super) fn back(&self) -> impl Iterator<Item = u32> {
        self.derived.back.iter().map(|(_, _, i)| *i)
    }

    /// Changes one unit and keeps the indexes true.
    pub(in crate::domain) fn change(&mut self, index: u32, change: impl FnOnce(&mut Unit)) {
        let Some(unit) = self.units.get_mut(index as usize) else { return };
        self.derived.remove(index, unit);
        change(unit);
        self.derived.insert(index, unit);
    }

    /// After reading a stored session, and after anything that changes many units at once.
    pub(in crate::domain) fn derive(&mut self) {
        let mut derived = Derived::default();
        for (index, unit) in self.units.iter().enumerate() {
            derived.index.insert(unit.id.clone(), index as u32);
            derived.insert(index as u32, unit);
        }
        self.derived = derived;
    }

    /// Whether the indexes say what the units say. For the tests' oracle.
    pub fn indexes_are_true(&self) -> bool {
        let mut again = self.clone();
        again.derive();
        again.derived == self.derived
    }

    pub(in crate::domain) fn change_all(&mut self, mut change: impl FnMut(&mut Unit)) {
        self.units.iter_mut().for_each(&mut change);
        self.derive();
    }

    /// The units of the plan, each with what was known of it.
    pub(in crate::domain) fn take_plan(&mut self, plan: &Plan) {
        let mut known: HashMap<UnitId, Unit> =
            std::mem::take(&mut self.units).into_iter().map(|unit| (unit.id.clone(), unit)).collect();
        for (environment, pool) in plan.pools() {
            for host in &pool.hosts {
                let fresh = Unit {
                    id: host.unit.clone(),
                    host: host.name.clone(),
                    environment: environment.name.clone(),
                    pool: pool.id.clone(),
                    region: host.region.clone(),
                    seen: None,
                    lane: None,
                    out: false,
                    touched: None,
                    awaits_back: false,
                };
                let unit = match known.remove(&host.unit) {
                    Some(was) => Unit {
                        seen: was.seen,
                        lane: was.lane,
                        out: was.out,
                        touched: was.touched,
                        awaits_back: was.awaits_back,
                        ..fresh
                    },
                    None => fresh,
                };
                self.units.push(unit);
            }
        }
        self.derive();
    }
}

impl Derived {
    fn remove(&mut self, index: u32, unit: &Unit) {
        self.place(index, unit, false);
    }

    fn insert(&mut self, index: u32, unit: &Unit) {
        self.place(index, unit, true);
    }

    fn place(&mut self, index: u32, unit: &Unit, here: bool) {
        if !self.counts.contains_key(&unit.environment) {
            self.counts.insert(unit.environment.clone(), Counts::default());
        }
        let Some(counts) = self.counts.get_mut(&unit.environment) else { return };
        let state = unit.lane.as_ref().map(|lane| &lane.state);
        let add = |holds: bool, count: &mut u32| {
            if holds {
                *count = if here { *count + 1 } else { count.saturating_sub(1) };
            }
        };
        add(true, &mut counts.hosts);
        add(unit.available(), &mut counts.available);
        add(unit.working(), &mut counts.working);
        add(matches!(state, Some(LaneState::Done | LaneState::RolledBack)), &mut counts.done);
        add(matches!(state, Some(LaneState::Failed { .. } | LaneState::Unknown { .. })), &mut counts.failed);
        add(matches!(state, Some(LaneState::Waiting)), &mut counts.waiting);
        add(unit.out, &mut counts.out);
        add(unit.touched.is_some(), &mut counts.touched);
        let waits = unit
            .lane
            .as_ref()
            .is_some_and(|lane| lane.state == LaneState::Waiting && lane.direction == Direction::Forward);
        let well = unit.available();
        toggle(&mut self.ready, (well, index), waits && !unit.awaits_back, here);
        let newest = std::cmp::Reverse(unit.touched.unwrap_or(0));
        toggle(&mut self.back, (well, newest, index), unit.awaits_back, here);
        toggle(&mut self.troubled, index, unit.troubled(), here);
        toggle(&mut self.working, index, unit.working(), here);
    }
}

fn toggle<T: Ord>(set: &mut BTreeSet<T>, item: T, belongs: bool, here: bool) {
    if belongs {
        if here {
            set.insert(item);
        } else {
            set.remove(&item);
        }
    }
}
