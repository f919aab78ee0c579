//! What is computed from the units and never stored: where each is, counts by environment, who waits, who needs
//! somebody, what they run and keep. A change of a unit touches only what it changes, so that the cost stays per
//! event; and whoever asks how all of them stand looks at no unit at all.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    hash::BuildHasherDefault,
};

use serde::{Deserialize, Serialize};

use super::{
    Unit,
    facets::{Facets, Held, Named, Names, Ready, Said, Stands},
};
use crate::domain::{
    hash::Table,
    name::{ComponentName, EnvironmentName, StageName, UnitId, Version},
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

/// How the units of one part of an environment stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartCounts {
    pub hosts: u32,
    pub available: u32,
    pub down: u32,
    pub working: u32,
    /// Lanes forward that may still come to a good end by themselves.
    pub open: u32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    places: Table<UnitId, u32>,
    /// What was last said of each unit.
    facets: Vec<Facets>,
    /// How many units each stage has brought to its end, and that have not drifted since.
    done_in: BTreeMap<StageName, u32>,
    environments: BTreeMap<EnvironmentName, InEnvironment>,
    /// How many units of each part each stage has brought to its end that are well.
    well_in: BTreeMap<StageName, BTreeMap<ComponentName, u32>>,
    /// One more than the last rank of a part.
    pub ranks: u32,
    /// Waiting to go forward; batch by batch, part by part, the sick first.
    pub ready: BTreeSet<Ready>,
    /// Those of them that are not known to serve.
    pub unwell: BTreeSet<Ready>,
    /// Waiting to go back; the sick first, then the newest touched.
    pub back: BTreeSet<(bool, Reverse<u64>, u32)>,
    pub troubled: BTreeSet<u32>,
    pub working: BTreeSet<u32>,
    /// Taken out, and back in the pool.
    pub strayed: BTreeSet<u32>,
    /// Seen to get no requests.
    pub away: BTreeSet<u32>,
    /// Drifted for longer than an agent needs.
    pub called: BTreeSet<u32>,
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
    /// Units that are spare: the plan says so of each, and nothing else does.
    spares: u32,
    /// How many units are seen to run what, in the pool or not.
    running: BTreeMap<Version, u32>,
    /// Where several parts are deployed: how each stands.
    parts: BTreeMap<ComponentName, PartCounts>,
}

impl Index {
    pub fn of(units: &[Unit]) -> Self {
        let mut index = Self {
            places: Table::with_capacity_and_hasher(units.len(), BuildHasherDefault::default()),
            facets: Vec::with_capacity(units.len()),
            ..Self::default()
        };
        for (place, unit) in units.iter().enumerate() {
            let place = place as u32;
            index.places.insert(unit.id.clone(), place);
            index.ranks = index.ranks.max(unit.rank() + 1);
            let facets = Facets::of(place, unit);
            let environment = index.environments.entry(unit.environment.clone()).or_default();
            environment.counts.hosts += 1;
            environment.spares += u32::from(unit.spare);
            if let Some(part) = unit.component() {
                environment.parts.entry(part.clone()).or_default().hosts += 1;
            }
            environment.change(None, facets.said());
            index.change(None, facets.said(), place);
            index.facets.push(facets);
        }
        index
    }

    #[inline]
    pub fn place_of(&self, unit: &UnitId) -> Option<u32> {
        self.places.get(unit).copied()
    }

    #[inline]
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

    #[inline]
    pub fn down(&self, environment: &EnvironmentName) -> u32 {
        self.environments.get(environment).map_or(0, |here| here.down)
    }

    /// How they stand, how many are known not to serve, and how many are spare.
    pub fn in_all(&self, environment: &EnvironmentName) -> (Counts, u32, u32) {
        self.environments.get(environment).map(|it| (it.counts, it.down, it.spares)).unwrap_or_default()
    }

    pub fn serves(&self, environment: &EnvironmentName) -> u32 {
        self.environments.get(environment).map_or(0, |here| here.serves)
    }

    /// The versions that units of the environment are seen to run.
    pub fn running(&self, environment: &EnvironmentName) -> impl Iterator<Item = &Version> {
        self.environments.get(environment).into_iter().flat_map(|here| here.running.keys())
    }

    pub fn part(&self, environment: &EnvironmentName, part: &ComponentName) -> PartCounts {
        let parts = self.environments.get(environment).map(|here| &here.parts);
        parts.and_then(|parts| parts.get(part)).copied().unwrap_or_default()
    }

    pub fn well_in(&self, stage: &StageName, part: &ComponentName) -> u32 {
        self.well_in.get(stage).and_then(|parts| parts.get(part)).copied().unwrap_or_default()
    }

    pub fn done_in(&self, stage: &StageName) -> u32 {
        self.done_in.get(stage).copied().unwrap_or_default()
    }

    pub fn any_touched(&self) -> bool {
        self.environments.values().any(|here| here.counts.touched > 0)
    }

    /// Takes in how a unit has changed. True where what is installed on it has, or whether that is known.
    pub fn after(&mut self, index: u32, unit: &Unit) -> bool {
        let Some(known) = self.facets.get_mut(index as usize) else { return false };
        let (stands, named) = (Stands::of(index, unit), Named::of(unit));
        let renamed = known.names.named() != named;
        if !renamed && known.stands == stands {
            return false;
        }
        let before = std::mem::replace(&mut known.stands, stands);
        let was = std::mem::take(&mut known.names);
        let names = renamed.then(|| Names::of(&named));
        let before = Said { stands: &before, names: &was };
        let after = Said { stands: &stands, names: names.as_ref().unwrap_or(&was) };
        if let Some(here) = self.environments.get_mut(&unit.environment) {
            here.change(Some(before), after);
        }
        self.change(Some(before), after, index);
        let (from, to) = (&before.names.held, &after.names.held);
        let other = from.fresh != to.fresh || from.installed != to.installed;
        if let Some(known) = self.facets.get_mut(index as usize) {
            known.names = names.unwrap_or(was);
        }
        other
    }

    /// From how a unit stood, where it did, to how it stands.
    fn change(&mut self, before: Option<Said<'_>>, after: Said<'_>, index: u32) {
        let place = |holds: bool| holds.then_some(index);
        let was = before.map(|it| it.stands);
        let is = after.stands;
        moves(&mut self.ready, was.and_then(|it| it.ready), is.ready);
        let unwell = |it: &Stands| it.ready.filter(|_| !it.available);
        moves(&mut self.unwell, was.and_then(unwell), unwell(is));
        moves(&mut self.back, was.and_then(|it| it.back), is.back);
        moves(&mut self.troubled, was.and_then(|it| place(it.troubled)), place(is.troubled));
        moves(&mut self.working, was.and_then(|it| place(it.working)), place(is.working));
        moves(&mut self.strayed, was.and_then(|it| place(it.strayed)), place(is.strayed));
        moves(&mut self.away, was.and_then(|it| place(it.away)), place(is.away));
        moves(&mut self.called, was.and_then(|it| place(it.called)), place(is.called));
        let done_in = before.and_then(|it| it.names.done_in.as_ref());
        counts(&mut self.done_in, done_in, after.names.done_in.as_ref());
        if after.names.held.part.is_some() {
            self.well(before, after);
        }
    }

    fn well(&mut self, before: Option<Said<'_>>, after: Said<'_>) {
        let (from, to) = (before.and_then(Said::well_in), after.well_in());
        if from == to {
            return;
        }
        if let Some((stage, part)) = from
            && let Some(parts) = self.well_in.get_mut(stage)
        {
            counts(parts, Some(part), None);
            if parts.is_empty() {
                self.well_in.remove(stage);
            }
        }
        if let Some((stage, part)) = to {
            counts(self.well_in.entry(stage.clone()).or_default(), None, Some(part));
        }
    }
}

impl InEnvironment {
    fn change(&mut self, before: Option<Said<'_>>, after: Said<'_>) {
        let (was, is) = (before.map(|it| it.stands), after.stands);
        let named = before.map(|it| it.names);
        self.counts.change(was, is);
        counts(&mut self.held, named.map(|it| &it.held), Some(&after.names.held));
        counts(&mut self.standing, was.map(|it| &it.standing), Some(&is.standing));
        counts(&mut self.open, was.and_then(|it| it.open.as_ref()), is.open.as_ref());
        counts(&mut self.fell, was.and_then(|it| it.fell.as_ref()), is.fell.as_ref());
        counts(
            &mut self.serving,
            before.filter(|it| it.stands.in_pool).map(|it| &it.names.runs),
            is.in_pool.then_some(&after.names.runs),
        );
        counts(&mut self.running, named.and_then(|it| it.running.as_ref()), after.names.running.as_ref());
        adds(&mut self.to_go_back, was.is_some_and(|it| it.to_go_back), is.to_go_back);
        adds(&mut self.serves, was.is_some_and(|it| it.serves), is.serves);
        adds(&mut self.down, was.is_some_and(|it| it.down), is.down);
        if let Some(part) = after.names.held.part.as_ref().and_then(|part| self.parts.get_mut(part)) {
            adds(&mut part.available, was.is_some_and(|it| it.available), is.available);
            adds(&mut part.down, was.is_some_and(|it| it.down), is.down);
            adds(&mut part.working, was.is_some_and(|it| it.working), is.working);
            adds(&mut part.open, was.is_some_and(|it| it.goes), is.goes);
        }
    }
}

/// One leaves the set's one place for another. Most changes of a unit leave most of its places as they are.
#[inline]
fn moves<T: Ord>(set: &mut BTreeSet<T>, from: Option<T>, to: Option<T>) {
    if from == to {
        return;
    }
    if let Some(from) = from {
        set.remove(&from);
    }
    set.extend(to);
}

/// One is counted there and no longer here. What is at none is not in the table, so that tables of the same units are
/// equal.
#[inline]
fn counts<K: Ord + Clone>(table: &mut BTreeMap<K, u32>, from: Option<&K>, to: Option<&K>) {
    // Where nothing that names it has changed it is the same name, and is not read.
    let untouched = from.zip(to).is_some_and(|(from, to)| std::ptr::eq(from, to));
    if untouched || from == to {
        return;
    }
    if let Some(from) = from
        && let Some(n) = table.get_mut(from)
    {
        *n = n.saturating_sub(1);
        if *n == 0 {
            table.remove(from);
        }
    }
    if let Some(to) = to {
        match table.get_mut(to) {
            Some(n) => *n += 1,
            None => drop(table.insert(to.clone(), 1)),
        }
    }
}

#[inline]
const fn adds(count: &mut u32, before: bool, after: bool) {
    match (before, after) {
        (false, true) => *count += 1,
        (true, false) => *count = count.saturating_sub(1),
        _ => {}
    }
}

impl Counts {
    fn change(&mut self, was: Option<&Stands>, is: &Stands) {
        adds(&mut self.available, was.is_some_and(|it| it.available), is.available);
        adds(&mut self.working, was.is_some_and(|it| it.working), is.working);
        adds(&mut self.done, was.is_some_and(|it| it.done), is.done);
        adds(&mut self.failed, was.is_some_and(|it| it.failed), is.failed);
        adds(&mut self.waiting, was.is_some_and(|it| it.waiting), is.waiting);
        adds(&mut self.out, was.is_some_and(|it| it.out), is.out);
        adds(&mut self.touched, was.is_some_and(|it| it.touched), is.touched);
    }
}
