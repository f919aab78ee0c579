//! Hosts that are left out where agents change them: the key of one that has its own is set back, so that its agent does
//! not install all the same what it was left out of. What is one key for all can't be.

use super::{Direction, FoundAt, LaneState, Unit, gather, readiness, state};
use crate::domain::{
    effect::Candidate,
    event::Stamped,
    name::{EnvironmentName, PersonName, UnitId},
    session::Session,
};

/// What the key of this host goes back to where it is left out now; none: it has no key of its own that was set forward,
/// or nothing is known that ran before.
pub(super) fn goes_back(session: &Session, unit: &UnitId) -> Option<Candidate> {
    let unit = session.rollout.unit(unit)?;
    let environment = &unit.environment;
    let returns = session.rollout.rollbacks.get(environment).is_some_and(|it| it.ended.is_none());
    let forward = unit.lane.as_ref().is_some_and(|lane| lane.direction == Direction::Forward);
    let told = unit.touched.is_some() && forward && !unit.awaits_back && !returns;
    let per_host = session.plan().converges(environment)?.store.per_host();
    readiness::target(session, environment)
        .filter(|from| told && per_host && from.version != session.course.release.candidate.version)
}

/// Somebody left a host out.
pub(super) fn excluded(session: &mut Session, unit: &UnitId, reason: &str, at: &Stamped) {
    let key_back = goes_back(session, unit).is_some();
    session.change_unit(unit, |unit| {
        unit.awaits_back = false;
        unit.key_back = key_back;
        unit.left_by = at.actor.person().cloned();
        if let Some(lane) = &mut unit.lane {
            lane.state = LaneState::Excluded { reason: reason.to_owned() };
            lane.step_since = at.now.session;
        }
    });
    state::calmed(session, at.now);
}

/// What a host runs that is left out now: where its agent still reads the new version, that is not what it runs.
pub fn left_out_runs(session: &Session, unit: &UnitId) -> String {
    let candidate = &session.course.release.candidate.version;
    let told = session.rollout.unit(unit).filter(|unit| unit.touched.is_some());
    let converges = told.is_some_and(|unit| session.plan().converges(&unit.environment).is_some());
    match goes_back(session, unit) {
        Some(from) => format!("its key is set back to {}", from.version),
        None if converges => format!("its agent installs {candidate} all the same once it looks"),
        None => "it stays on what it runs".to_owned(),
    }
}

/// Hosts that were left out and whose keys are not known to hold again what they held.
pub(super) fn to_set_back(session: &Session, environment: &EnvironmentName) -> Vec<UnitId> {
    if session.plan().converges(environment).is_none() {
        return Vec::new();
    }
    let units = session.rollout.units().iter();
    units
        .filter(|unit| unit.environment == *environment && unit.key_back)
        .map(|unit| unit.id.clone())
        .collect()
}

/// Those hosts, and what their keys go back to.
pub(super) fn set_back(session: &Session, environment: &EnvironmentName) -> Option<(Candidate, Vec<UnitId>)> {
    let units = to_set_back(session, environment);
    let from = readiness::target(session, environment).filter(|_| !units.is_empty())?;
    Some((from, units))
}

/// Who left the first of these out: its key is set back in their name.
pub(super) fn who(session: &Session, environment: &EnvironmentName) -> Option<PersonName> {
    let units = session.rollout.units().iter();
    units
        .filter(|unit| unit.environment == *environment && unit.key_back)
        .find_map(|unit| unit.left_by.clone())
}

/// What is seen of a host whose key a person lets be.
pub(super) fn key_words(unit: &Unit) -> String {
    let holds = unit.desired.as_ref().and_then(FoundAt::holds);
    holds.map_or_else(
        || "left out; its key was not read".to_owned(),
        |it| format!("left out; its key holds {}", it.words()),
    )
}

/// A person lets its key be: it holds what it holds.
pub(super) fn let_be(session: &mut Session, unit: &UnitId) {
    session.change_unit(unit, |unit| unit.key_back = false);
    session.mark_pipeline();
    session.mark_locks();
    session.mark_notices();
}

/// A person says of a host what nobody can look up: that its step is done, or that its key may hold what it holds.
pub(super) fn marked_done(session: &mut Session, unit: &UnitId, at: &Stamped) {
    if session.rollout.unit(unit).is_some_and(|unit| unit.key_back) {
        return let_be(session, unit);
    }
    // The step counts as done; the rest of the lane still has to show that the unit serves.
    state::with_lane(session, unit, at.now, |lane| {
        if lane.may_still_run() {
            // What a person says of it is that nothing runs there.
            gather::proved(lane, at.now);
        } else {
            lane.at += 1;
        }
        lane.state = lane.at_its_step();
    });
    state::calmed(session, at.now);
}
