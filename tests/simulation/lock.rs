//! The locks at the simulated deploy targets, and another conductor that shares no journal with ours.

use std::collections::BTreeMap;

use golive::domain::{
    effect::{Effect, EffectId, Outcome, Report, Reported, Work},
    lock::{Claim, Found, Holder, Life},
    name::*,
    time::{Span, WallTime},
};

use super::world::{Happening, World};

/// What stands at a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    pub ours: bool,
    pub epoch: u32,
    pub claim: Claim,
    pub dead: bool,
}

/// What the other conductor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// Where nobody has.
    Locks,
    /// Whoever has.
    TakesOver,
    Dies,
    Releases,
}

impl Lock {
    fn holder(&self) -> Holder {
        let life = if self.dead { Life::Gone { why: "its process has ended".into() } } else { Life::Runs };
        let name = format!("{}/{}/{}", self.claim.session, self.epoch, self.claim.since.0);
        let digest = Digest::of(name.as_bytes());
        Holder { claim: self.claim.clone(), epoch: self.epoch, own: self.ours, life, digest }
    }
}

impl World {
    fn lock(&self, environment: &EnvironmentName) -> Option<&Lock> {
        self.locks.get(environment)?.as_ref()
    }

    fn found(&self, environment: &EnvironmentName) -> Found {
        self.lock(environment).map_or(Found::Free, |lock| Found::Taken(lock.holder()))
    }

    /// No host is touched where another conductor may be deploying, nor before the lock is ours.
    pub fn may_touch(&self, effect: &Effect, epoch: u32) {
        let environment = match &effect.work {
            Work::Step { unit, .. } | Work::TakeOut { unit, .. } => &self.hosts[self.index[unit]].environment,
            Work::Share { environment, .. } | Work::Desire { environment, .. } => environment,
            _ => return,
        };
        let locks = self.session().plan().environments[environment].driver.locks();
        let ours = self.lock(environment).is_some_and(|lock| lock.ours && lock.epoch == epoch);
        assert!(
            ours || !locks,
            "seed {}: {} touches {environment}, which is {:?}\n{}",
            self.seed,
            effect.id,
            self.lock(environment),
            self.story()
        );
    }

    pub fn take_lock(
        &mut self,
        id: &EffectId,
        epoch: u32,
        environment: &EnvironmentName,
        claim: &Claim,
        breaks: Option<&Digest>,
    ) -> Outcome {
        let standing = self.lock(environment).cloned();
        let barred = standing.as_ref().is_some_and(|lock| {
            let broken = lock.dead && breaks == Some(&lock.holder().digest);
            if lock.ours { lock.epoch > epoch } else { !broken }
        });
        if !barred {
            let lock = Lock { ours: true, epoch, claim: claim.clone(), dead: false };
            self.locks.insert(environment.clone(), Some(lock));
        }
        self.tell_lock(id.clone(), epoch, environment);
        match standing.filter(|_| barred) {
            Some(lock) => Outcome::Failed { why: lock.holder().words(self.now().wall), evidence: None },
            None => Outcome::Done { note: "locked".into(), facts: BTreeMap::new() },
        }
    }

    pub fn release_lock(&mut self, id: &EffectId, epoch: u32, environment: &EnvironmentName) -> Outcome {
        if self.lock(environment).is_some_and(|lock| lock.ours && lock.epoch <= epoch) {
            self.locks.insert(environment.clone(), None);
        }
        self.tell_lock(id.clone(), epoch, environment);
        Outcome::Done { note: "released".into(), facts: BTreeMap::new() }
    }

    fn tell_lock(&mut self, effect: EffectId, epoch: u32, environment: &EnvironmentName) {
        let what = Reported::Lock { environment: environment.clone(), found: self.found(environment) };
        // Before the end of whoever changed it, and in the order of what it tells.
        self.soon(Span(5), Happening::Arrives(Box::new(Report { epoch, effect, what })));
    }

    pub fn look_at_locks(&mut self) {
        self.tell_of_shares();
        let mut told = Vec::new();
        for index in 0..self.engine.watches.len() {
            let environment = self.engine.watches[index].environment.clone();
            let found = self.found(&environment);
            let watch = &mut self.engine.watches[index];
            if watch.lock.as_ref() != Some(&found) {
                watch.lock = Some(found);
                told.push((watch.id.clone(), watch.epoch, environment));
            }
        }
        for (id, epoch, environment) in told {
            self.tell_lock(id, epoch, &environment);
        }
    }

    /// Another conductor at the target of every environment that can be locked.
    pub fn foreign(&mut self, what: Foreign) {
        self.note(&format!("another conductor {what:?}"));
        let environments: Vec<_> = self.session().plan().environments.keys().cloned().collect();
        for environment in environments {
            let standing = self.lock(&environment).cloned();
            let claim = Claim {
                project: ProjectName::new("shop").unwrap(),
                session: SessionId::new("elsewhere").unwrap(),
                version: Version::new("9.9.9").unwrap(),
                person: None,
                machine: "deploy-2".into(),
                since: WallTime(self.now().wall.0),
            };
            let taken = Some(Lock { ours: false, epoch: 1, claim, dead: false });
            let next = match (what, standing) {
                (Foreign::Locks, None) | (Foreign::TakesOver, Some(Lock { ours: true, .. })) => taken,
                (Foreign::Dies, Some(lock)) if !lock.ours => Some(Lock { dead: true, ..lock }),
                (Foreign::Releases, Some(lock)) if !lock.ours => None,
                _ => continue,
            };
            self.locks.insert(environment, next);
        }
        self.look_at_locks();
    }
}
