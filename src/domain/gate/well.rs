//! Whether the hosts that have the new version are well: who has it and is not is named.

use super::obstacles::{NAMED, obstacle};
use crate::domain::{
    counted::counted,
    effect::{Health, PoolState, Seen},
    name::EnvironmentName,
    refusal::{Obstacle, ObstacleKind},
    rollout::{self, Unit},
    session::Session,
    time::SessionTime,
};

/// It serves, or stands by and could.
fn well(unit: &Unit) -> bool {
    let stands_by = unit.standby && !unit.in_pool();
    unit.available() || stands_by && unit.fresh().is_some_and(|seen| seen.health == Health::Healthy)
}

/// Whether every host that was done is known to be well.
pub fn all_well(session: &Session, environment: &EnvironmentName) -> bool {
    sick(session, environment).is_empty()
}

/// A host that was done, and is seen not to be well; which, and why.
pub fn seen_sick(session: &Session, environment: &EnvironmentName) -> Option<String> {
    sick_since(session, environment).map(|(_, what)| what)
}

/// The same, and since when it has been seen so.
pub fn sick_since(session: &Session, environment: &EnvironmentName) -> Option<(SessionTime, String)> {
    let counts = session.rollout.counts(environment);
    if counts.available == counts.hosts {
        return None;
    }
    let mut here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let found = here.find(|unit| {
        let done = unit.lane.as_ref().is_some_and(|lane| lane.state == rollout::LaneState::Done);
        done && unit.fresh().is_some() && !well(unit)
    })?;
    let (seen, since) = (found.fresh()?, found.seen.as_ref()?.at.session);
    let why = seen.why.clone().unwrap_or_else(|| short(seen).to_owned());
    Some((since, format!("{} is not well: {why}", found.id)))
}

/// What keeps it from serving, where nothing else says why.
const fn short(seen: &Seen) -> &'static str {
    match (seen.health, seen.pool) {
        (Health::Sick, _) => "sick",
        (Health::Unknown, _) => "unknown",
        (Health::Healthy, PoolState::Unknown) => "whether it gets requests is not known",
        (Health::Healthy, PoolState::Draining) => "draining",
        (Health::Healthy, _) => "out of the pool",
    }
}

/// Hosts that were done and are not healthy any more, or not known. Of a large fleet nobody reads thousands of lines: what
/// is the same for many is said once.
pub(super) fn sick(session: &Session, environment: &EnvironmentName) -> Vec<Obstacle> {
    let counts = session.rollout.counts(environment);
    if counts.available == counts.hosts {
        return Vec::new();
    }
    let done = session
        .rollout
        .units()
        .iter()
        .filter(|unit| unit.environment == *environment && !well(unit))
        .filter(|unit| unit.lane.as_ref().is_some_and(|lane| lane.state == rollout::LaneState::Done));
    let (seen, unseen): (Vec<&Unit>, Vec<&Unit>) = done.partition(|unit| unit.fresh().is_some());
    let lift = "its recovery, or rolling back (R)";
    let mut list = Vec::new();
    // What both sides serve says how bad it is, where that is counted.
    let compared = session.rollout.compared(environment).filter(|sides| sides.requests() > 0);
    let mut figures = compared.map(|sides| format!(" · {sides}"));
    for unit in seen.iter().take(NAMED) {
        let health = || unit.fresh().map_or("", short).to_owned();
        let why = unit.fresh().and_then(|seen| seen.why.clone()).unwrap_or_else(health);
        let why = format!("{why}{}", figures.take().unwrap_or_default());
        list.push(obstacle(ObstacleKind::Hosts, unit.id.as_str(), why, lift, ""));
    }
    if seen.len() > NAMED {
        let why = format!("{} more are not well", seen.len() - NAMED);
        list.push(obstacle(ObstacleKind::Hosts, "hosts", why, "their recovery, or rolling back (R)", ""));
    }
    if let Some(first) = unseen.first() {
        let why = "not observed since the conductor started".to_owned();
        let why = match unseen.len() {
            1 => why,
            n => format!("{why}, nor {}", counted(n as u64 - 1, "other")),
        };
        list.push(obstacle(ObstacleKind::Hosts, first.id.as_str(), why, lift, ""));
    }
    list
}
