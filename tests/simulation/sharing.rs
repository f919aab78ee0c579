//! What balancers hold of what they were told, and that one that has lost it is told again.

use std::collections::BTreeMap;

use golive::{
    conductor::turn::Turn,
    domain::{
        comparison::{ENOUGH, Recent, Sides},
        effect::{Effect, EffectId, PoolState, Report, Reported, Share, Target, Work},
        lock::{self, Standing},
        name::{EnvironmentName, UnitId},
        rollout::Answer,
        time::{SessionTime, Span},
    },
};

use super::world::{Happening, World};

/// A balancer that gives another share than it was told to for longer than this is told again by then, or somebody is
/// called: several looks, and what it takes to tell it.
const LOST: Span = Span::minutes(1);

/// Of which count, under which epoch, and at each look: when, what the new hosts got, and what all got.
type Looks = (EffectId, u32, Vec<(u64, u64, u64)>);

/// What balancers were told and held then.
#[derive(Debug, Default)]
pub struct Sharing {
    /// With a number that changes whenever one is told something.
    held: BTreeMap<EnvironmentName, (u64, Share)>,
    numbers: u64,
    /// Of which of them a watch has told that it is lost.
    told: BTreeMap<(EnvironmentName, u32, u32), u64>,
    /// What the count under way had counted at each look, and when.
    looks: Option<Looks>,
    /// Since when a balancer gives another share than it was told to.
    lost_since: BTreeMap<EnvironmentName, SessionTime>,
}

impl Sharing {
    /// As few of the last looks as hold enough requests, or all of them. Many requests are told by the last look alone.
    pub fn recent(&mut self, id: &EffectId, epoch: u32, at: u64, all: &Sides) -> Option<Recent> {
        if self.looks.as_ref().is_none_or(|(of, under, _)| of != id || *under != epoch) {
            self.looks = Some((id.clone(), epoch, vec![(at.saturating_sub(10_000_000), 0, 0)]));
        }
        let (canary, of) = (all.new.requests, all.requests());
        let (_, _, looks) = self.looks.as_mut()?;
        // What counts less than before counts anew.
        if looks.iter().any(|(_, new, whole)| *new > canary || *whole > of) {
            *looks = vec![(at.saturating_sub(10_000_000), 0, 0)];
        }
        let since = |(began, new, whole): &(u64, u64, u64)| Recent {
            canary: canary - new,
            of: of - whole,
            over: Span(at - began),
        };
        let enough = looks.iter().rev().map(since).find(|recent| recent.of >= ENOUGH);
        let recent = enough.or_else(|| looks.first().map(since));
        looks.push((at, canary, of));
        recent.filter(|recent| recent.over > Span::secs(10) || recent.of < ENOUGH)
    }

    /// It is being told something, or nobody knows what became of that.
    pub fn begins(&mut self, effect: &Effect) {
        if let Work::Share { environment, .. } = &effect.work {
            self.held.remove(environment);
        }
    }

    /// It holds what it was told.
    pub fn holds(&mut self, effect: &Effect) {
        if let Work::Share { environment, share: Some(share) } = &effect.work {
            self.numbers += 1;
            self.held.insert(environment.clone(), (self.numbers, share.clone()));
        }
    }

    /// The next conductor knows of nothing that this one told.
    pub fn gone(&mut self) {
        self.held.clear();
        self.lost_since.clear();
    }
}

impl World {
    /// What the hosts of a share get where the balancer has lost it: each host as much as every other.
    fn evenly(&self, environment: &EnvironmentName, share: &Share) -> u64 {
        let here = self.hosts.iter().filter(|host| host.environment == *environment).count() as u64;
        (share.canary.len() as u64 * 10_000).checked_div(here).unwrap_or_default()
    }

    /// The weight of a host as a balancer was told last, by whom it was told to be in the pool then; each the same where
    /// it was told nothing.
    pub fn weight_of(&self, environment: &EnvironmentName, unit: &UnitId) -> u64 {
        let Some(share) = self.shares.get(environment) else { return 1 };
        let percent = u64::from(share.weight.percent());
        if share.canary.contains(unit) {
            return percent * 1_000_000 / share.canary.len() as u64;
        }
        let here = self.hosts.iter().zip(&self.units).filter(|(host, _)| host.environment == *environment);
        let rest = here.filter(|(_, id)| !share.canary.contains(id) && !share.away.contains(id)).count();
        ((100 - percent) * 1_000_000).checked_div(rest as u64).unwrap_or(1)
    }

    /// What the hosts of a share get of all, in hundredths of a percent, by the weights of those in the pool. None: one of
    /// them is out, there are no others, or the conductor can't have seen yet who is where.
    pub fn gives(&self, environment: &EnvironmentName) -> Option<u64> {
        let share = self.shares.get(environment)?;
        let session = self.turn.session();
        let (mut new, mut all) = (0, 0);
        for (host, id) in self.hosts.iter().zip(&self.units).filter(|(it, _)| it.environment == *environment)
        {
            let pool = host.seen(None, true).pool;
            let known = session.rollout.unit(id).and_then(|unit| unit.fresh()).map(|seen| seen.pool);
            let canary = share.canary.contains(id);
            if known != Some(pool) || canary && pool != PoolState::In {
                return None;
            }
            if pool == PoolState::In {
                let part = self.weight_of(environment, id);
                all += part;
                new += if canary { part } else { 0 };
            }
        }
        (new < all).then(|| (new * 10_000).checked_div(all)).flatten()
    }

    /// Whether the hosts of a share get more or less than was asked for, though all of them are in the pool.
    fn is_off(&self, environment: &EnvironmentName) -> bool {
        let wanted = self.shares.get(environment).map(|share| u64::from(share.weight.percent()) * 100);
        wanted.zip(self.gives(environment)).is_some_and(|(wanted, gives)| wanted.abs_diff(gives) > 50)
    }

    /// The watches look at what the balancers give, and tell of what was lost.
    pub fn tell_of_shares(&mut self) {
        if !self.balancer {
            return;
        }
        let mut reports = Vec::new();
        for watch in &self.engine.watches {
            let environment = &watch.environment;
            let Some((number, share)) = self.sharing.held.get(environment) else { continue };
            let key = (environment.clone(), watch.epoch, watch.id.step);
            if self.shares.get(environment) == Some(share) || self.sharing.told.get(&key) == Some(number) {
                continue;
            }
            self.sharing.told.insert(key, *number);
            let gives = self.evenly(environment, share);
            let what = Reported::ShareLost { environment: environment.clone(), gives };
            reports.push(Report { epoch: watch.epoch, effect: watch.id.clone(), what });
        }
        for report in reports {
            self.soon(Span(10), Happening::Arrives(Box::new(report)));
        }
    }

    /// What the core says that a balancer holds it holds in truth, or it is told again soon, or somebody is called.
    pub(super) fn gives_the_share(&mut self) {
        if self.turn.session().rollout.shares.is_empty() {
            return self.sharing.lost_since.clear();
        }
        let lost = if acts(&self.turn) && self.balancer { self.lost() } else { Vec::new() };
        self.sharing.lost_since.retain(|environment, _| lost.contains(environment));
        let now = self.now().session;
        for environment in lost {
            let since = *self.sharing.lost_since.entry(environment.clone()).or_insert(now);
            let lasts = now.since(since);
            assert!(
                lasts < LOST,
                "seed {}: the balancer of {environment} gives another share for {lasts}, and nobody says so\n{}",
                self.seed,
                self.story()
            );
        }
    }

    fn lost(&self) -> Vec<EnvironmentName> {
        let session = self.turn.session();
        let ours = |environment: &EnvironmentName| {
            matches!(lock::standing(session, environment), Standing::Held | Standing::NotLockable)
        };
        let known = session
            .rollout
            .shares
            .iter()
            .filter(|(_, told)| told.asked.is_some() && !matches!(told.answer, Answer::Refused { .. }));
        let told = |environment: &EnvironmentName| {
            session.flights.get(&Target::Share(environment.clone())).is_some()
        };
        known
            .filter(|(environment, told)| {
                self.shares.get(*environment) != told.asked.as_ref() || self.is_off(environment)
            })
            .filter(|(environment, _)| ours(environment) && !told(environment))
            .map(|(environment, _)| environment.clone())
            .collect()
    }

    /// The balancer forgets its weights alone: who is in the pool it knows.
    pub fn forgets_weights(&mut self) {
        self.shares.clear();
        self.tell_of_shares();
    }
}

/// Whether the conductor can act.
fn acts(turn: &Turn) -> bool {
    !turn.session().course.is_over() && turn.broken().is_none()
}
