//! Simulated agents: each reads the store in its own time and installs what it says; and the store, which other people
//! set too.

use std::collections::BTreeMap;

use golive::domain::{
    desired::{Desired, Found, Wish},
    effect::{EffectId, Outcome, Report, Reported},
    name::{EnvironmentName, UnitId, Version},
    plan::Converge,
    time::Span,
};

use super::{
    plan::candidate,
    world::{Happening, World},
};

/// What a store holds, by host; none: the environment's one key.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub keys: BTreeMap<Option<UnitId>, Desired>,
    pub gone: bool,
    /// How often a key was set by us, by version.
    pub sets: BTreeMap<String, u32>,
    revisions: u64,
    /// What each watch has told of each key.
    told: BTreeMap<(EffectId, u32, Option<UnitId>), Found>,
}

impl Store {
    /// Somebody sets a key.
    pub fn put(&mut self, key: Option<UnitId>, version: &str, by: &str) {
        self.revisions += 1;
        let desired = Desired {
            version: Some(Version::new(version).unwrap()),
            revision: Some(self.revisions.to_string()),
            by: Some(by.to_owned()),
            at: Some("13:50".to_owned()),
        };
        self.keys.insert(key, desired);
    }
}

/// What agents do.
#[derive(Clone, Debug, PartialEq)]
pub enum Agents {
    /// The agent of this host looks.
    Looks(usize),
    /// It has installed this.
    Installed(usize, String),
    /// The agent of this host is switched off, or on.
    Silent(usize, bool),
    /// Somebody installs something else by hand.
    ByHand(usize, String),
    /// The store is gone, or back.
    Store(EnvironmentName, bool),
    /// Somebody else sets every key.
    Sets(EnvironmentName, String, String),
    /// Somebody else sets the key of this host.
    SetsOne(usize, String, String),
    /// The clock of this host's agent is ahead by so much.
    Ahead(usize, Span),
    /// A set that nobody waits for any more arrives: it is done where the key still has the revision that was read.
    Lands(EnvironmentName, Option<UnitId>, String, Option<String>),
    /// Watches read the keys.
    Read,
}

impl World {
    pub fn how(&self, environment: &EnvironmentName) -> Option<Converge> {
        self.session().plan().converges(environment).cloned()
    }

    /// The agents begin, each at a time of its own, and the store holds what runs.
    pub fn agents_begin(&mut self, before: Option<&str>) {
        let environments: Vec<EnvironmentName> = self.session().plan().environments.keys().cloned().collect();
        for environment in environments {
            let Some(converge) = self.how(&environment) else { continue };
            let mut store = Store::default();
            for index in 0..self.hosts.len() {
                if self.hosts[index].environment != environment {
                    continue;
                }
                if let Some(before) = before {
                    let key = converge.store.per_host().then(|| self.units[index].clone());
                    store.put(key, before, "golive");
                }
                self.hosts[index].checked_in = Some(self.now().wall);
                let first = self.rng.between(0, converge.every.0);
                self.soon(Span(first), Happening::Agents(Agents::Looks(index)));
            }
            self.stores.insert(environment, store);
        }
        if !self.stores.is_empty() {
            self.soon(Span::millis(50), Happening::Agents(Agents::Read));
        }
    }

    pub fn agents(&mut self, what: Agents) {
        match what {
            Agents::Looks(index) => self.agent_looks(index),
            Agents::Installed(index, version) => {
                let host = &mut self.hosts[index];
                if host.up {
                    host.installed = Some(candidate(&version));
                    host.kept.insert(candidate(&version));
                    host.runs = Some(candidate(&version).version.clone());
                    host.crashed = false;
                }
                self.look_soon(index);
            }
            Agents::Silent(index, silent) => {
                self.note(&format!("the agent of {} is silent: {silent}", self.units[index]));
                self.hosts[index].silent = silent;
            }
            Agents::ByHand(index, version) => {
                self.note(&format!("{} gets {version} by hand", self.units[index]));
                self.hosts[index].installed = Some(candidate(&version));
                self.hosts[index].runs = Some(candidate(&version).version.clone());
                self.look_soon(index);
            }
            Agents::Store(environment, gone) => {
                self.note(&format!("the store of {environment} is gone: {gone}"));
                if let Some(store) = self.stores.get_mut(&environment) {
                    store.gone = gone;
                }
            }
            Agents::Sets(environment, version, by) => {
                self.note(&format!("{by} sets {version} in {environment}"));
                if let Some(store) = self.stores.get_mut(&environment) {
                    for key in store.keys.keys().cloned().collect::<Vec<_>>() {
                        store.put(key, &version, &by);
                    }
                }
            }
            Agents::SetsOne(index, version, by) => {
                let (environment, key) = (self.hosts[index].environment.clone(), self.units[index].clone());
                self.note(&format!("{by} sets {version} for {key}"));
                if let Some(store) = self.stores.get_mut(&environment) {
                    store.put(Some(key), &version, &by);
                }
            }
            Agents::Ahead(index, ahead) => {
                self.note(&format!("the clock of the agent of {} is {ahead} ahead", self.units[index]));
                self.hosts[index].ahead = ahead;
            }
            Agents::Lands(environment, key, version, revision) => {
                let Some(store) = self.stores.get_mut(&environment) else { return };
                let now = store.keys.get(&key).and_then(|desired| desired.revision.clone());
                if now == revision {
                    store.put(key.clone(), &version, "golive");
                }
                self.note(&format!("a late set of {version} for {key:?}: done: {}", now == revision));
            }
            Agents::Read => {
                self.watches_read();
                self.soon(Span::secs(2), Happening::Agents(Agents::Read));
            }
        }
    }

    /// Who reads the keys forgets hosts that the plan has no longer.
    pub(super) fn stores_anew(&mut self, there: &[bool]) {
        let Self { stores, index, .. } = self;
        for store in stores.values_mut() {
            store.told.retain(|(_, _, unit), _| {
                unit.as_ref().is_none_or(|unit| index.get(unit).is_some_and(|index| there[*index]))
            });
        }
    }

    fn agent_looks(&mut self, index: usize) {
        let environment = self.hosts[index].environment.clone();
        let Some(converge) = self.how(&environment) else { return };
        self.soon(converge.every, Happening::Agents(Agents::Looks(index)));
        if !self.hosts[index].up || self.hosts[index].silent {
            return;
        }
        let Some(store) = self.stores.get(&environment).filter(|store| !store.gone) else { return };
        let key = converge.store.per_host().then(|| self.units[index].clone());
        let desired = store.keys.get(&key).and_then(|desired| desired.version.clone());
        self.hosts[index].checked_in = Some(self.now().wall.plus(self.hosts[index].ahead));
        self.look_soon(index);
        if let Some(desired) = desired.filter(|desired| self.hosts[index].runs.as_ref() != Some(desired)) {
            let takes = self.rng.between(1_000_000, 8_000_000);
            let installed = Agents::Installed(index, desired.to_string());
            self.soon(Span(takes), Happening::Agents(installed));
        }
    }

    fn held(&self, environment: &EnvironmentName, key: Option<&UnitId>) -> Found {
        match self.stores.get(environment) {
            Some(store) if !store.gone => {
                Found::Holds(store.keys.get(&key.cloned()).cloned().unwrap_or_default())
            }
            _ => Found::Unreadable { why: "nobody listens there".into() },
        }
    }

    /// In the order in which it is found, and before any end of an effect.
    fn tell_desired(
        &mut self,
        id: &EffectId,
        epoch: u32,
        environment: &EnvironmentName,
        unit: Option<UnitId>,
    ) {
        let found = self.held(environment, unit.as_ref());
        let what = Reported::Desired { environment: environment.clone(), unit, found };
        let report = Report { epoch, effect: id.clone(), what };
        self.soon(Span(1), Happening::Arrives(Box::new(report)));
    }

    fn watches_read(&mut self) {
        let watches: Vec<_> =
            self.engine.watches.iter().map(|it| (it.id.clone(), it.epoch, it.environment.clone())).collect();
        for (id, epoch, environment) in watches {
            let Some(store) = self.stores.get(&environment) else { continue };
            for key in store.keys.keys().cloned().collect::<Vec<_>>() {
                let found = self.held(&environment, key.as_ref());
                let of = (id.clone(), epoch, key.clone());
                let Some(store) = self.stores.get_mut(&environment) else { continue };
                if store.told.get(&of) != Some(&found) {
                    store.told.insert(of, found);
                    self.tell_desired(&id, epoch, &environment, key);
                }
            }
        }
    }

    /// What the engine does: reads first, sets only where what it read may be replaced, and reads again.
    pub fn desire(
        &mut self,
        id: &EffectId,
        epoch: u32,
        environment: &EnvironmentName,
        wish: &Wish,
    ) -> Outcome {
        let keys: Vec<Option<UnitId>> = match wish.units.as_slice() {
            [] => vec![None],
            units => units.iter().cloned().map(Some).collect(),
        };
        let (mut set, mut not, mut unknown) = (0, Vec::new(), false);
        for key in keys {
            self.tell_desired(id, epoch, environment, key.clone());
            let holds = match self.held(environment, key.as_ref()) {
                Found::Holds(holds) => holds,
                Found::Unreadable { why } => {
                    not.push(format!("the store can't be read: {why}"));
                    continue;
                }
            };
            let same = holds.version.as_ref() == Some(&wish.to.version);
            if same && !wish.back {
                continue;
            }
            if !holds.may_be_replaced(key.as_ref(), wish) {
                not.push(format!("conflict: the store holds {}", holds.words()));
                continue;
            }
            if !wish.back && self.sets_late > 0 && self.rng.per_mille(self.sets_late) {
                let lands =
                    Agents::Lands(environment.clone(), key, wish.to.version.to_string(), holds.revision);
                let takes = self.rng.between(1_000_000, 120_000_000);
                self.soon(Span(takes), Happening::Agents(lands));
                not.push("whether it was set is not known".to_owned());
                unknown = true;
                continue;
            }
            let Some(store) = self.stores.get_mut(environment) else { continue };
            store.put(key.clone(), wish.to.version.as_str(), "golive");
            if !same {
                *store.sets.entry(wish.to.version.to_string()).or_default() += 1;
                set += 1;
            }
            self.tell_desired(id, epoch, environment, key);
        }
        let why = not.join("; ");
        match set {
            _ if not.is_empty() => Outcome::Done { note: format!("set {set}"), facts: BTreeMap::new() },
            0 if !unknown => Outcome::Failed { why, evidence: None },
            _ => Outcome::Inconclusive { why },
        }
    }
}
