//! The folded state of the locks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Found, Holder, LockEvent};
use crate::domain::{
    effect::{Effect, EffectId, Outcome, Target, Work},
    event::Stamped,
    name::{Digest, EnvironmentName},
    rollout,
    session::Session,
    time::SessionTime,
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Locks(BTreeMap<EnvironmentName, EnvironmentLock>);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnvironmentLock {
    /// As last seen; none: not since the conductor started.
    pub found: Option<Found>,
    /// It may be this session's: its taking was begun, or it was seen to be. It is still to be released.
    pub taken: bool,
    /// The last attempt to take or release it did not succeed. Stays until a person tries again.
    pub refused: Option<Refused>,
    /// The lock that a person said may be taken over.
    pub breaks: Option<Digest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub why: String,
    pub since: SessionTime,
}

/// How the lock of an environment stands for this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Nothing is done there.
    NotNeeded,
    /// It is being taken.
    Awaited,
    Held,
    /// The driver has no way to lock there: said before the start.
    NotLockable,
    /// It could not be taken. `by`: another conductor has it.
    Refused {
        refused: &'a Refused,
        by: Option<&'a Holder>,
    },
}

impl Locks {
    pub fn get(&self, environment: &EnvironmentName) -> Option<&EnvironmentLock> {
        self.0.get(environment)
    }

    pub fn found(&self, environment: &EnvironmentName) -> Option<&Found> {
        self.0.get(environment)?.found.as_ref()
    }

    /// Where the last attempt to take or release it did not succeed.
    pub(super) fn refused(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.0.iter().filter(|(_, known)| known.refused.is_some()).map(|(environment, _)| environment)
    }

    fn of(&mut self, environment: &EnvironmentName) -> &mut EnvironmentLock {
        self.0.entry(environment.clone()).or_default()
    }
}

impl EnvironmentLock {
    /// The lock that another conductor has.
    pub fn foreign(&self) -> Option<&Holder> {
        match &self.found {
            Some(Found::Taken(holder)) if !holder.own => Some(holder),
            _ => None,
        }
    }
}

pub fn apply(session: &mut Session, event: &LockEvent, at: &Stamped) {
    match event {
        LockEvent::Seen { environment, found } => {
            let own = matches!(found, Found::Taken(holder)
                if holder.own && holder.claim.session == session.course.id);
            let known = session.locks.of(environment);
            known.taken = own;
            known.found = Some(found.clone());
            // Going forward a person says when; the way back waits for nobody once it may go.
            let back = session.rollout.rollbacks.get(environment).is_some_and(|back| back.ended.is_none());
            if back && *found == Found::Free {
                go_on(session, environment, at);
            }
        }
        LockEvent::TriedAgain { environment } => go_on(session, environment, at),
        LockEvent::Broken { environment, lock, .. } => {
            session.locks.of(environment).breaks = Some(lock.clone());
            go_on(session, environment, at);
        }
    }
    changed(session);
}

/// A rollback began: what could not be locked is tried once more.
pub fn rollback_began(session: &mut Session, environment: &EnvironmentName, at: &Stamped) {
    go_on(session, environment, at);
    changed(session);
}

/// No deadline runs on the time for which the line waited for the lock.
fn go_on(session: &mut Session, environment: &EnvironmentName, at: &Stamped) {
    let Some(refused) = session.locks.of(environment).refused.take() else { return };
    let waited = at.now.session.since(refused.since);
    session.rollout.change_all(|unit| {
        if unit.environment == *environment
            && let Some(lane) = unit.lane.as_mut().filter(|lane| lane.state.under_way())
        {
            lane.started = lane.started.plus(waited);
        }
    });
    rollout::progressed(session, at.now);
}

/// From here on the lock may be there, whatever becomes of the conductor.
pub fn started(session: &mut Session, effect: &Effect) {
    if let Work::Lock { environment, .. } = &effect.work {
        session.locks.of(environment).taken = true;
    }
    session.mark_locks();
}

/// The act of taking or releasing a lock ended. What is there then was seen, and reported before.
pub fn ended(session: &mut Session, id: &EffectId, outcome: &Outcome, at: &Stamped) {
    let Target::Lock(environment) = &id.target else { return };
    let known = session.locks.of(environment);
    known.refused = match outcome {
        Outcome::Done { .. } => None,
        Outcome::Failed { why, .. } | Outcome::Inconclusive { why } => {
            Some(Refused { why: why.clone(), since: at.now.session })
        }
        Outcome::Cancelled | Outcome::Seen(_) => {
            Some(Refused { why: "the attempt was cancelled".into(), since: at.now.session })
        }
    };
    if known.refused.is_none() {
        known.breaks = None;
    }
    changed(session);
}

/// Nothing observed before now counts: each lock is taken, or seen, anew.
pub fn stale(session: &mut Session) {
    for known in session.locks.0.values_mut() {
        known.found = None;
        known.refused = None;
    }
}

/// Whoever waits for the lock is asked again.
fn changed(session: &mut Session) {
    session.mark_shares();
    session.mark_locks();
    session.mark_pipeline();
    session.mark_notices();
    session.capacity_changed();
}
