//! What runs somewhere although golive did not put it there, or is not what one might think: said before it is mixed with
//! another version.

use std::collections::BTreeSet;

use super::{Unit, Unwell, readiness, rollback};
use crate::domain::{
    name::{EnvironmentName, UnitId, Version},
    refusal::{Obstacle, ObstacleKind},
    session::Session,
    time::SessionTime,
};

/// Of more hosts it is said how many they are.
const NAMED: usize = 3;

/// What answers on a host where nothing of ours runs.
fn stranger(unit: &Unit) -> Option<&str> {
    unit.fresh()?.stranger.as_deref()
}

/// Whether something answers on a host where nothing of ours runs.
pub fn answers(session: &Session, unit: &UnitId) -> bool {
    session.rollout.unit(unit).is_some_and(|unit| stranger(unit).is_some())
}

/// Something answers on a host that is to be stopped, and nobody here can stop it.
pub fn obstacle(unit: &Unit) -> Option<Obstacle> {
    let version = stranger(unit)?;
    Some(Obstacle {
        kind: ObstacleKind::Hosts,
        what: unit.id.to_string(),
        why: format!(
            "something answers at {}: {version}; golive did not start it and can't stop it, and no two versions may \
             run side by side",
            unit.id
        ),
        lift: format!("ending it by hand on {}", unit.id),
        who: String::new(),
    })
}

/// Where no two versions may run side by side: what the version that is gone back to would run beside.
pub fn beside(session: &Session, environment: &EnvironmentName) -> Option<String> {
    if !session.pipeline.stops_all_in(environment) {
        return None;
    }
    let to = readiness::target(session, environment)?.version.clone();
    let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let other = |unit: &&Unit| stranger(unit).is_some_and(|version| version != to.as_str());
    let found: Vec<String> =
        here.filter(other).filter_map(|unit| Some(format!("{} at {}", stranger(unit)?, unit.id))).collect();
    (!found.is_empty()).then(|| {
        format!(
            "rolling back starts {to} beside {}, which golive did not start: no two versions may run side by side",
            found.join(", ")
        )
    })
}

/// The same while hosts may go back.
pub fn unwell(session: &Session, environment: &EnvironmentName) -> Option<Unwell> {
    rollback::reach(session).ok().filter(|reach| reach.environment == *environment)?;
    Some(Unwell {
        environment: environment.clone(),
        unit: None,
        outage: false,
        since: SessionTime::default(),
        what: beside(session, environment)?,
        release: "ending it by hand".to_owned(),
    })
}

/// The hosts that are to get the new version and serve, serve it already; none: some of them have to get it, or nobody
/// serves.
fn nothing_new(session: &Session, new: &Version, hosts: &[UnitId]) -> Option<String> {
    let units: Vec<&Unit> = hosts.iter().filter_map(|unit| session.rollout.unit(unit)).collect();
    let serves = units.iter().filter(|unit| unit.in_pool() && unit.known_to_run() == Some(Some(new))).count();
    let have = |unit: &&Unit| {
        let on_disk = unit.fresh().and_then(|seen| seen.installed.as_ref());
        on_disk.is_some_and(|installed| installed.version == *new) || unit.known_to_run() == Some(Some(new))
    };
    match serves {
        0 => None,
        all if all == units.len() => {
            Some(format!("{new} runs already on every host: nothing to do, and a start restarts them"))
        }
        _ if units.iter().all(have) => Some(format!(
            "{new} runs already on every host that serves: nothing to do, and a start restarts them"
        )),
        _ => None,
    }
}

/// `2.4.0 on web-03, 2.5.0 on web-01, web-02: 2.6.0 comes as a third beside them; way back 2.5.0`
fn several(session: &Session, environment: &EnvironmentName, runs: &BTreeSet<&Version>) -> String {
    let new = &session.course.release.candidate.version;
    let serves = |version: &Version| {
        let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
        let on = here.filter(|unit| unit.in_pool() && unit.running() == Some(version));
        let on: Vec<&str> = on.map(|unit| unit.id.as_str()).collect();
        match on.len() {
            0..=NAMED => format!("{version} on {}", on.join(", ")),
            hosts => format!("{version} on {hosts} hosts"),
        }
    };
    let each: Vec<String> = runs.iter().map(|version| serves(version)).collect();
    let others = runs.iter().filter(|runs| **runs != new).count();
    let comes = if runs.contains(new) { "goes on beside them" } else { "comes beside them" };
    let back = readiness::target(session, environment).map(|back| back.version.clone());
    let back = back.map_or_else(|| "none".to_owned(), |back| back.to_string());
    format!(
        "{}: {new} {comes}, so that {} versions serve until it is everywhere; way back {back}",
        each.join(" and "),
        others + 1
    )
}

/// What serves there now, where it is not what a rollback goes back to, or is what is to be rolled out on these hosts.
pub fn runs_now(session: &Session, environment: &EnvironmentName, hosts: &[UnitId]) -> Option<String> {
    let runs: BTreeSet<&Version> =
        session.rollout.serving(environment).filter_map(|(runs, hosts)| runs.filter(|_| hosts > 0)).collect();
    let new = &session.course.release.candidate.version;
    if runs.len() == 1
        && runs.contains(new)
        && let Some(words) = nothing_new(session, new, hosts)
    {
        return Some(words);
    }
    if runs.iter().filter(|runs| **runs != new).count() > 1 {
        return Some(several(session, environment, &runs));
    }
    let back = readiness::target(session, environment).map(|back| back.version.clone());
    let others: Vec<&str> = runs
        .into_iter()
        .filter(|runs| *runs != new && Some(*runs) != back.as_ref())
        .map(Version::as_str)
        .collect();
    if others.is_empty() {
        return None;
    }
    let back = back.map_or_else(|| "none".to_owned(), |back| back.to_string());
    Some(format!("{} (no go-live verified it), way back {back}", others.join(" and ")))
}
