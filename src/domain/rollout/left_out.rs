//! Hosts that are left out where agents change them: the key of one that has its own is set back, so that its agent does
//! not install all the same what it was left out of. What is one key for all can't be.

use super::{Direction, readiness};
use crate::domain::{
    effect::Candidate,
    name::{EnvironmentName, UnitId},
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

/// Hosts that were left out and whose keys have to hold again what they held, and what that is.
pub(super) fn set_back(session: &Session, environment: &EnvironmentName) -> Option<(Candidate, Vec<UnitId>)> {
    let units = session.rollout.units().iter();
    let units: Vec<UnitId> = units
        .filter(|unit| unit.environment == *environment && unit.key_back)
        .map(|unit| unit.id.clone())
        .collect();
    let from = readiness::target(session, environment)?;
    (!units.is_empty()).then_some((from, units))
}
