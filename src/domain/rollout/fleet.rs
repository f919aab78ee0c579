//! All units, with the index derived from them. Every change of a unit goes through [`Rollout::change`], so that
//! the index can't drift from its source.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    Counted, Counts, Downtime, Part, Rollback, Shares, Shortage, Store, Traffic, Unit,
    facets::Held,
    index::{Index, PartCounts},
};
use crate::domain::{
    comparison::Sides,
    effect::Candidate,
    name::{CloudName, ComponentName, EnvironmentName, PersonName, StageName, UnitId, Version},
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
    /// Where capacity is, or lately was, under the minimum.
    pub short: BTreeMap<EnvironmentName, Shortage>,
    /// What balancers were told of shares.
    pub shares: BTreeMap<EnvironmentName, Shares>,
    /// When nobody served, as planned: the last time, or now.
    pub downtime: BTreeMap<EnvironmentName, Downtime>,
    /// The cloud that is primary, where this session switched it.
    pub primaries: BTreeMap<EnvironmentName, CloudName>,
    /// What was counted last while traffic was to shift.
    pub traffic: BTreeMap<EnvironmentName, Traffic>,
    /// What the hosts with the new version and the others were counted to serve.
    pub counted: BTreeMap<EnvironmentName, Counted>,
    /// What is known of the stores that agents read.
    pub stores: BTreeMap<EnvironmentName, Store>,
    #[serde(skip)]
    derived: Index,
}

impl PartialEq for Rollout {
    fn eq(&self, other: &Self) -> bool {
        self.units == other.units
            && self.rollbacks == other.rollbacks
            && self.claim == other.claim
            && self.stalled == other.stalled
            && self.short == other.short
            && self.shares == other.shares
            && self.downtime == other.downtime
            && self.primaries == other.primaries
            && self.traffic == other.traffic
            && self.counted == other.counted
            && self.stores == other.stores
    }
}

impl Rollout {
    pub fn new(plan: &Plan) -> Self {
        let mut rollout = Self::default();
        rollout.take_plan(plan);
        rollout
    }

    /// What both sides of an environment served, as recorded last; none: nothing was counted.
    pub fn compared(&self, environment: &EnvironmentName) -> Option<Sides> {
        let counted = self.counted.get(environment)?;
        counted.at.map(|_| counted.sides())
    }

    #[inline]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    #[inline]
    pub fn index_of(&self, unit: &UnitId) -> Option<u32> {
        self.derived.place_of(unit)
    }

    #[inline]
    pub fn unit(&self, unit: &UnitId) -> Option<&Unit> {
        self.units.get(self.index_of(unit)? as usize)
    }

    #[inline]
    pub fn at(&self, index: u32) -> Option<&Unit> {
        self.units.get(index as usize)
    }

    #[inline]
    pub fn counts(&self, environment: &EnvironmentName) -> Counts {
        self.derived.counts(environment)
    }

    /// The one candidate that is installed on every unit of the environment, as freshly observed; of parts that are
    /// `told_apart` by a digest each, one of each of them.
    pub(in crate::domain) fn installed_everywhere(
        &self,
        environment: &EnvironmentName,
        told_apart: bool,
    ) -> Option<Candidate> {
        let mut held = self.derived.held(environment).map(|(held, _)| held);
        let first = held.next()?;
        let one = first.installed.as_ref()?;
        if !told_apart {
            return held.all(|other| other.installed.as_ref() == Some(one)).then(|| one.clone());
        }
        let mut parts = BTreeMap::from([(first.part.clone()?, one.digest.clone())]);
        for other in held {
            let (part, installed) = (other.part.clone()?, other.installed.as_ref()?);
            let known = parts.entry(part).or_insert_with(|| installed.digest.clone());
            if installed.version != one.version || *known != installed.digest {
                return None;
            }
        }
        Some(Candidate::of_parts(one.version.clone(), parts))
    }

    /// The one candidate that is installed where anything is, and every unit is freshly observed: a deploy before this one
    /// did not reach all of them.
    pub(in crate::domain) fn installed_in_part(&self, environment: &EnvironmentName) -> Option<Candidate> {
        let held = || self.derived.held(environment).map(|(held, _)| held);
        let one = held().find_map(|held| held.installed.as_ref())?;
        let fits =
            |held: &Held| held.fresh && held.installed.as_ref().is_none_or(|installed| installed == one);
        held().all(fits).then(|| one.clone())
    }

    /// How the units of one part of an environment stand.
    pub fn counts_of(&self, environment: &EnvironmentName, part: &ComponentName) -> PartCounts {
        self.derived.part(environment, part)
    }

    /// How many units of a part a stage has brought to its end that are well.
    pub fn well_in(&self, stage: &StageName, part: &ComponentName) -> u32 {
        self.derived.well_in(stage, part)
    }

    /// How many lanes of a part a stage still waits for.
    pub(super) fn open_of(&self, environment: &EnvironmentName, part: &ComponentName) -> u32 {
        self.derived.part(environment, part).open
    }

    /// Whether a release is seen to be installed on any host of the environment.
    pub(in crate::domain) fn any_installed(&self, environment: &EnvironmentName) -> bool {
        self.held(environment).any(|(held, _)| held.installed.is_some())
    }

    /// How many units of the environment hold what.
    pub(super) fn held(&self, environment: &EnvironmentName) -> impl Iterator<Item = (&Held, u32)> {
        self.derived.held(environment)
    }

    /// How many units in the environment's pool serve which version; none: something that does not say which.
    pub fn serving(&self, environment: &EnvironmentName) -> impl Iterator<Item = (Option<&Version>, u32)> {
        self.derived.serving(environment)
    }

    /// How many units of the environment stand how, by [`Unit::standing`].
    pub fn standing(&self, environment: &EnvironmentName) -> impl Iterator<Item = (&'static str, u32)> {
        self.derived.standing(environment)
    }

    /// How many units of the environment are known not to serve.
    #[inline]
    pub(super) fn down(&self, environment: &EnvironmentName) -> u32 {
        self.derived.down(environment)
    }

    /// How the units of the environment stand, how many are known not to serve, and how many are spare.
    pub(super) fn in_all(&self, environment: &EnvironmentName) -> (Counts, u32, u32) {
        self.derived.in_all(environment)
    }

    /// How many units of the environment are seen to serve.
    pub fn serves(&self, environment: &EnvironmentName) -> u32 {
        self.derived.serves(environment)
    }

    /// The versions that units of the environment are seen to run, in the pool or not.
    pub fn running(&self, environment: &EnvironmentName) -> impl Iterator<Item = &Version> {
        self.derived.running(environment)
    }

    /// How many units of the environment were changed in this session and not brought back.
    pub fn to_go_back(&self, environment: &EnvironmentName) -> u32 {
        self.derived.to_go_back(environment)
    }

    /// How many units this stage has brought to its end.
    pub fn done_in(&self, stage: &StageName) -> u32 {
        self.derived.done_in(stage)
    }

    /// Whether a unit was changed in this session.
    pub fn any_touched(&self) -> bool {
        self.derived.any_touched()
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

    #[inline]
    pub fn any_troubled(&self) -> bool {
        !self.derived.troubled.is_empty()
    }

    pub fn working(&self) -> impl Iterator<Item = (u32, &Unit)> {
        self.derived.working.iter().filter_map(|i| Some((*i, self.at(*i)?)))
    }

    /// Units that we took out and that are seen in the pool.
    pub(super) fn strayed(&self) -> impl Iterator<Item = &Unit> {
        self.derived.strayed.iter().filter_map(|i| self.at(*i))
    }

    /// Units that are seen to get no requests.
    pub(super) fn away(&self) -> impl Iterator<Item = &Unit> {
        self.derived.away.iter().filter_map(|i| self.at(*i))
    }

    /// Units that had converged, stay on something else, and of which somebody was told.
    pub(super) fn called(&self) -> impl Iterator<Item = &Unit> {
        self.derived.called.iter().filter_map(|i| self.at(*i))
    }

    /// Whether something keeps a host in the pool that should not serve.
    pub fn contested(&self) -> bool {
        self.strayed().any(|unit| unit.contested().is_some())
    }

    /// Who may go forward next: batch by batch, in each part by part, in that the sick first, then as the plan has them.
    pub(super) fn ready(&self) -> impl Iterator<Item = u32> {
        self.derived.ready.iter().map(|(_, _, _, i)| *i)
    }

    /// Those of them that are not known to serve, in the same order.
    pub(super) fn unwell_ready(&self) -> impl Iterator<Item = &Unit> {
        self.derived.unwell.iter().filter_map(|(_, _, _, i)| self.at(*i))
    }

    /// The next ones of this batch and of the part with this rank.
    pub(super) fn ready_of(&self, batch: u32, rank: u32) -> impl Iterator<Item = &Unit> {
        let of_part = (batch, rank, false, 0)..(batch, rank + 1, false, 0);
        self.derived.ready.range(of_part).filter_map(|(_, _, _, i)| self.at(*i))
    }

    /// How many ranks there are.
    pub(super) fn ranks(&self) -> u32 {
        self.derived.ranks
    }

    /// The batch whose hosts are taken now; none: nobody is waited for.
    pub fn open_batch(&self, environment: &EnvironmentName) -> Option<u32> {
        self.derived.open_batch(environment)
    }

    /// How many hosts of a batch have failed.
    pub(super) fn fell(&self, environment: &EnvironmentName, batch: u32) -> u32 {
        self.derived.fell(environment, batch)
    }

    pub(super) fn back(&self) -> impl Iterator<Item = u32> {
        self.derived.back.iter().map(|(_, _, i)| *i)
    }

    /// Changes one unit and keeps the index true. True where what is installed on it has changed.
    #[inline]
    pub(in crate::domain) fn change(&mut self, index: u32, change: impl FnOnce(&mut Unit)) -> bool {
        let Some(unit) = self.units.get_mut(index as usize) else { return false };
        change(unit);
        unit.remember();
        self.derived.after(index, unit)
    }

    /// After reading a stored session, and where there are other units.
    pub(in crate::domain) fn derive(&mut self) {
        self.derived = Index::of(&self.units);
    }

    /// Whether the indexes say what the units say. For the tests' oracle.
    pub fn indexes_are_true(&self) -> bool {
        Index::of(&self.units) == self.derived
    }

    /// Units that stay as they are cost a look.
    pub(in crate::domain) fn change_all(&mut self, mut change: impl FnMut(&mut Unit)) {
        for (index, unit) in self.units.iter_mut().enumerate() {
            change(unit);
            unit.remember();
            self.derived.after(index as u32, unit);
        }
    }

    /// The units of the plan, each with what was known of it.
    pub(in crate::domain) fn take_plan(&mut self, plan: &Plan) {
        let mut known: HashMap<UnitId, Unit> =
            std::mem::take(&mut self.units).into_iter().map(|unit| (unit.id.clone(), unit)).collect();
        let ranks: HashMap<ComponentName, u32> =
            plan.deployed().into_iter().zip(0..).map(|(it, rank)| (it.name.clone(), rank)).collect();
        for (environment, pool) in plan.pools() {
            let rank = ranks.get(&pool.component).filter(|_| plan.has_parts());
            let part = rank.map(|rank| Part { component: pool.component.clone(), rank: *rank });
            let switched = self.primaries.get(&environment.name);
            for host in &pool.hosts {
                let stands_by = plan.stands_by(environment, pool, host, switched);
                let fresh = Unit {
                    id: host.unit.clone(),
                    host: host.name.clone(),
                    environment: environment.name.clone(),
                    pool: pool.id.clone(),
                    cloud: pool.cloud.clone(),
                    part: part.clone(),
                    standby: stands_by,
                    region: host.region.clone(),
                    spare: host.spare,
                    seen: None,
                    lane: None,
                    out: false,
                    touched: None,
                    awaits_back: false,
                    outside: false,
                    put_back: None,
                    tries: 0,
                    desired: None,
                    drift: None,
                    key_back: false,
                    left_by: None,
                    ran: None,
                    served: false,
                };
                let unit = match known.remove(&host.unit) {
                    // All that is known of it: only what the plan says of it is new. Whether one that was taken gets
                    // traffic its lane has decided.
                    Some(was) => Unit {
                        host: fresh.host,
                        environment: fresh.environment,
                        pool: fresh.pool,
                        cloud: fresh.cloud,
                        region: fresh.region,
                        spare: fresh.spare,
                        standby: match &was.lane {
                            Some(lane) if !lane.is_untouched() => was.standby,
                            Some(_) | None => stands_by,
                        },
                        ..was
                    },
                    None => fresh,
                };
                self.units.push(unit);
            }
        }
        self.derive();
    }
}
