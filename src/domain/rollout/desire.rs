//! The desired version that agents read: what it should be, what the store was told, what it holds, and what follows.
//! It is set by compare-and-set only: what somebody else has set is never overwritten unless a person who saw it says so.

use super::{
    Answer, Direction, converge, left_out,
    next::stopped,
    once_back, readiness,
    store::{FoundAt, Told},
};
use crate::domain::{
    course::Phase,
    desired::{Found, Over, Wish},
    effect::{Candidate, Effect, EffectId, Outcome, Target, Work},
    effect_log::{EffectEvent, Flight},
    event::{Event, Stamped},
    lock,
    name::{EnvironmentName, PersonName, UnitId, Version},
    pipeline::{StageRun, StageState},
    plan::Step,
    session::{Next, Session},
    time::{Now, SessionTime},
};

/// What the desired version should be now, and of which hosts; none: it is left as it is.
pub(super) fn wanted(
    session: &Session,
    environment: &EnvironmentName,
) -> Option<(Candidate, Vec<UnitId>, bool)> {
    let per_host = session.plan().converges(environment)?.store.per_host();
    if session.course.is_over() {
        return None;
    }
    // No unit named is every key of the environment: where each has a key of its own, nobody left is nothing to set.
    let of = |units: &[UnitId]| {
        let named = if per_host { left(session, units) } else { Vec::new() };
        (!per_host || !named.is_empty()).then_some(named)
    };
    let rollback = session.rollout.rollbacks.get(environment).filter(|rollback| rollback.ended.is_none());
    if let Some(rollback) = rollback {
        return Some((rollback.to.clone(), of(&rollback.units)?, true));
    }
    let run = session.pipeline.under_way_in(environment)?;
    if let Some((from, units)) = left_out::set_back(session, environment) {
        return Some((from, units, true));
    }
    match run.step() {
        Some(Step::Desire { batch }) => {
            Some((session.course.release.candidate.clone(), of(run.units_of(*batch))?, false))
        }
        _ => None,
    }
}

/// Those that were not left out. What was left out on the way forward goes back with the others.
fn left(session: &Session, units: &[UnitId]) -> Vec<UnitId> {
    let out = |id: &&UnitId| {
        let unit = session.rollout.unit(id).filter(|unit| !unit.awaits_back);
        let lane = unit.and_then(|unit| unit.lane.as_ref());
        lane.is_some_and(|lane| matches!(lane.state, super::LaneState::Excluded { .. }))
    };
    units.iter().filter(|id| !out(id)).cloned().collect()
}

/// Whether what was told is what is wanted now. Forward it may be more than that: keys of other batches that were told
/// again, as long as none of their hosts was left out since.
fn same(session: &Session, told: &Told, wanted: &(Candidate, Vec<UnitId>, bool)) -> bool {
    let (to, units, back) = wanted;
    let wish = &told.wish;
    let more = || {
        !back
            && units.iter().all(|unit| wish.units.contains(unit))
            && left(session, &wish.units) == wish.units
    };
    wish.to == *to && wish.back == *back && (wish.units == *units || !units.is_empty() && more())
}

/// Whether the store holds what the stage's step asks for.
pub fn holds(session: &Session, environment: &EnvironmentName) -> bool {
    let Some(wanted) = wanted(session, environment) else { return true };
    let told = session.rollout.stores.get(environment).and_then(|store| store.told.as_ref());
    told.is_some_and(|told| told.answer == Answer::Holds && same(session, told, &wanted))
}

/// What follows: the store is told. What it refused is tried again when a person says so, or when something else is to
/// be told.
pub fn next(session: &Session, now: Now) -> Next {
    for environment in session.plan().environments.values().filter(|it| it.converges().is_some()) {
        let name = &environment.name;
        let wanted = wanted(session, name);
        let told = session.rollout.stores.get(name).and_then(|store| store.told.as_ref());
        let is_same = told.zip(wanted.as_ref()).is_some_and(|(told, wanted)| same(session, told, wanted));
        match (session.flights.get(&Target::Desired(name.clone())), wanted) {
            (Some(flight), wanted) if !flight.cancel_asked && wanted.is_some() && !is_same => {
                let (id, why) = (flight.effect.id.clone(), "another version is desired by now".to_owned());
                return Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })]);
            }
            (None, Some(wanted)) => {
                let due = !is_same || told.is_some_and(|told| told.answer == Answer::Awaited);
                if due && may(session, name, wanted.2) {
                    // What was cut off is told again as it was wished, by whoever did.
                    let before = told.filter(|_| is_same).map(|told| &told.wish);
                    let over = before.map_or(Vec::new(), |wish| wish.over.clone());
                    let by = before.and_then(|wish| wish.by.clone());
                    let by = by.or_else(|| wished_by(session, name, wanted.2));
                    return Next::Events(vec![tell(session, name, wanted, over, by, now)]);
                }
            }
            _ => {}
        }
    }
    Next::Nothing
}

/// Forward nothing is set while the line is held or stopped; the way back waits for nobody.
fn may(session: &Session, environment: &EnvironmentName, back: bool) -> bool {
    let direction = if back { Direction::Back } else { Direction::Forward };
    let once = back && once_back::keeps_hosts(session, environment);
    (back || !stopped(session)) && !once && lock::may_touch(session, environment, direction)
}

/// Who started the way back, left a host out, or started the stage.
fn wished_by(session: &Session, environment: &EnvironmentName, back: bool) -> Option<PersonName> {
    let rollback = session.rollout.rollbacks.get(environment).filter(|it| back && it.ended.is_none());
    match rollback {
        Some(rollback) => rollback.by.clone(),
        None if back => left_out::who(session, environment),
        None => session.pipeline.under_way_in(environment).and_then(|run| run.by.clone()),
    }
}

/// The store is to be told so, from `now` on and in the name of who wished it.
pub(super) fn tell(
    session: &Session,
    environment: &EnvironmentName,
    (to, units, back): (Candidate, Vec<UnitId>, bool),
    over: Vec<Over>,
    by: Option<PersonName>,
    now: Now,
) -> Event {
    let target = Target::Desired(environment.clone());
    let id = EffectId { target, attempt: session.epoch, step: session.seq as u32 };
    let expects = expected(session, environment, &to);
    let wish = Box::new(Wish { to, units, expects, over, by, at: now.wall, back });
    let work = Work::Desire { environment: environment.clone(), wish };
    Event::Effect(EffectEvent::Started { effect: Effect { id, work }.into() })
}

/// What may be replaced by this without a word of anybody.
pub(super) fn expected(session: &Session, environment: &EnvironmentName, to: &Candidate) -> Vec<Version> {
    let candidate = &session.course.release.candidate.version;
    let mut expects = vec![candidate.clone(), to.version.clone()];
    expects.extend(readiness::target(session, environment).map(|from| from.version.clone()));
    expects.sort();
    expects.dedup();
    expects
}

/// The store is being told: from now on agents may read it.
pub fn started(session: &mut Session, effect: &Effect, at: &Stamped) {
    let Work::Desire { environment, wish } = &effect.work else { return };
    let store = session.rollout.stores.entry(environment.clone()).or_default();
    // Of other keys it says nothing when these were set.
    let same = |told: &&Told| {
        let before = &told.wish;
        before.to == wish.to && before.back == wish.back && before.units == wish.units
    };
    let again = store.told.as_ref().filter(same);
    let held = again.and_then(|told| told.held);
    store.told = Some(Told {
        wish: (**wish).clone(),
        answer: Answer::Awaited,
        held,
        note: String::new(),
        seq: at.seq,
    });
    if !wish.back {
        for unit in converge::told(session, environment, wish) {
            session.change_unit(&unit, |unit| unit.touched = unit.touched.or(Some(at.seq)));
        }
    }
    session.mark_pipeline();
    session.mark_locks();
}

pub fn ended(session: &mut Session, flight: &Flight, outcome: &Outcome, at: &Stamped) {
    let Work::Desire { environment, wish } = &flight.effect.work else { return };
    let Some(store) = session.rollout.stores.get_mut(environment) else { return };
    let Some(told) = store.told.as_mut().filter(|told| told.wish == **wish) else { return };
    told.answer = match outcome {
        Outcome::Done { note, .. } => {
            told.note.clone_from(note);
            told.held = told.held.or(Some(at.now));
            Answer::Holds
        }
        Outcome::Failed { why, .. } | Outcome::Inconclusive { why } => {
            Answer::Refused { why: why.clone(), since: at.now.session }
        }
        Outcome::Cancelled | Outcome::Seen(_) => Answer::Awaited,
    };
    let (holds, seq) = (told.answer == Answer::Holds, told.seq);
    if holds {
        let ours: Vec<String> = if wish.units.is_empty() {
            vec![environment.to_string()]
        } else {
            wish.units.iter().map(ToString::to_string).collect()
        };
        store.others.retain(|key, _| !ours.contains(key));
        if wish.back {
            for unit in &wish.units {
                session.change_unit(unit, |unit| unit.key_back = false);
            }
        }
        let units = converge::told(session, environment, wish);
        converge::begin(session, &units, wish, at);
        return changed(session);
    }
    // Keys that were set beside one that could not be: their agents install it, whatever becomes of that one.
    let set: Vec<UnitId> = converge::told(session, environment, wish)
        .into_iter()
        .filter(|unit| {
            let own = session.rollout.unit(unit).and_then(|unit| unit.desired.as_ref());
            own.and_then(FoundAt::holds).is_some_and(|it| it.version.as_ref() == Some(&wish.to.version))
        })
        .collect();
    if matches!(outcome, Outcome::Inconclusive { .. }) {
        converge::begin(session, &set, wish, at);
    } else if matches!(outcome, Outcome::Failed { .. }) && !wish.back {
        // Definitely nothing was set: no host was changed by it.
        for unit in converge::told(session, environment, wish) {
            session.change_unit(&unit, |unit| unit.touched = unit.touched.filter(|touched| *touched != seq));
        }
    }
    changed(session);
}

fn changed(session: &mut Session) {
    session.capacity_changed();
    session.mark_pipeline();
    session.mark_locks();
    session.mark_notices();
}

/// A key was read.
pub fn found(
    session: &mut Session,
    environment: &EnvironmentName,
    unit: Option<&UnitId>,
    found: &Found,
    at: &Stamped,
) {
    let wants = if let Some(unit) = unit {
        session.rollout.unit(unit).and_then(converge::wants).cloned()
    } else {
        let told = session.rollout.stores.get(environment).and_then(|store| store.told.as_ref());
        told.filter(|told| told.answer == Answer::Holds).map(|told| told.wish.to.version.clone())
    };
    let found_at = FoundAt { found: found.clone(), at: at.now, stale: false };
    // One that can be read says nothing of another that can't.
    let bad = unit.is_some_and(|unit| other_unreadable(session, environment, unit));
    let store = session.rollout.stores.entry(environment.clone()).or_default();
    match found {
        Found::Unreadable { why } => store.unread = store.unread.take().or(Some((why.clone(), at.now))),
        Found::Holds(desired) => {
            if !bad {
                store.unread = None;
            }
            let key = unit.map_or_else(|| environment.to_string(), ToString::to_string);
            match wants {
                Some(wants) if desired.version.as_ref() != Some(&wants) => {
                    store.others.insert(key, desired.clone());
                }
                _ => {
                    store.others.remove(&key);
                }
            }
        }
    }
    match unit {
        Some(unit) => {
            let new = Some(&session.course.release.candidate.version);
            let from = readiness::target(session, environment).map(|from| from.version.clone());
            // Somebody else's word holds there: nothing has to be set back. What it held before may be a set that is on its
            // way still: that is written once more; and while a store is being told, what was read may be from before.
            let holds = found_at.holds().map(|it| it.version.as_ref());
            let other = holds.is_some_and(|it| it != new && it != from.as_ref());
            let other = other && !stands(session, environment);
            session.change_unit(unit, |unit| {
                unit.key_back &= !other;
                unit.desired = Some(found_at);
            });
        }
        None => store.found = Some(found_at),
    }
    session.capacity_changed();
    session.mark_pipeline();
    session.mark_notices();
}

/// Whether the key of another host can't be read, as far as is known.
fn other_unreadable(session: &Session, environment: &EnvironmentName, but: &UnitId) -> bool {
    let others = session.rollout.units().iter().filter(|it| it.environment == *environment && it.id != *but);
    let mut found = others.filter_map(|unit| unit.desired.as_ref());
    found.any(|at| !at.stale && matches!(at.found, Found::Unreadable { .. }))
}

/// What was read last of a key, unless it is stale.
pub fn known<'a>(
    session: &'a Session,
    environment: &EnvironmentName,
    unit: Option<&UnitId>,
) -> Option<&'a Found> {
    let found = match unit {
        Some(unit) => session.rollout.unit(unit)?.desired.as_ref(),
        None => session.rollout.stores.get(environment)?.found.as_ref(),
    };
    found.filter(|found| !found.stale).map(|found| &found.found)
}

/// What was read before says nothing any more.
pub fn stale(session: &mut Session) {
    for store in session.rollout.stores.values_mut() {
        if let Some(found) = &mut store.found {
            found.stale = true;
        }
        store.others.clear();
    }
    session.rollout.change_all(|unit| {
        if let Some(found) = &mut unit.desired {
            found.stale = true;
        }
    });
}

/// There are other hosts, or another plan: the store is told once more, which changes nothing that holds.
pub fn told_again(session: &mut Session) {
    let names: Vec<EnvironmentName> = session.rollout.stores.keys().cloned().collect();
    for name in names {
        // Where nothing is to be set any more, what was set stays known to hold.
        if wanted(session, &name).is_none() {
            continue;
        }
        let told = session.rollout.stores.get_mut(&name).and_then(|store| store.told.as_mut());
        if let Some(told) = told.filter(|told| told.answer == Answer::Holds) {
            told.answer = Answer::Awaited;
        }
    }
    session.mark_pipeline();
}

/// What stands in the way at a store: where, what, and since when.
pub fn refused(session: &Session) -> impl Iterator<Item = (&EnvironmentName, String, SessionTime)> {
    session.rollout.stores.iter().filter_map(|(environment, store)| {
        let told = store.told.as_ref()?;
        // Once all is back, or verified and its lock given back, nobody here sets anything any more.
        let done = matches!(session.course.phase, Phase::RolledBack | Phase::Verified);
        let wanted = wanted(session, environment);
        // What was to be set back and is let be by now is in nobody's way.
        let back = wanted.as_ref().is_some_and(|(_, _, back)| *back);
        let stands = if told.wish.back { back } else { !done || wanted.is_some() };
        if let Answer::Refused { why, since } = &told.answer {
            return stands.then(|| (environment, why.clone(), *since));
        }
        // Somebody had it told again, and a conductor ended before it was answered.
        let cut_off = told.answer == Answer::Awaited && !self::stands(session, environment);
        if cut_off && session.course.phase == Phase::LiveUnverified {
            let why =
                format!("whether the store holds {} is not known: it was cut off", told.wish.to.version);
            return Some((environment, why, told.held.unwrap_or_default().session));
        }
        let (key, other) = store.others.first_key_value()?;
        // While it is being told again nobody is needed; what was cut off is still in the way.
        let again = told.answer == Answer::Awaited && self::stands(session, environment);
        if session.course.is_over() || !stands || again {
            return None;
        }
        let more = store.others.len() - 1;
        let more = if more == 0 { String::new() } else { format!(", and {more} more like it") };
        let why = format!("the store holds {} for {key}, not {}{more}", other.words(), told.wish.to.version);
        Some((environment, why, told.held.unwrap_or_default().session))
    })
}

/// Whether a store was told something that is not yet known to hold.
pub fn stands(session: &Session, environment: &EnvironmentName) -> bool {
    session.flights.get(&Target::Desired(environment.clone())).is_some()
}

impl StageRun {
    /// Whether agents change its hosts.
    pub fn converges(&self) -> bool {
        self.steps.iter().any(Step::desires)
    }

    /// Whether it sets a desired version now, and has not yet.
    pub fn is_telling(&self, session: &Session) -> bool {
        self.state == StageState::Rolling && self.converges() && !holds(session, &self.environment)
    }
}
