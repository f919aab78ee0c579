//! What keeps hosts from being replaced: any other change that is pending in their environment, by name.

use super::scale;
use crate::domain::{
    counted::counted,
    drill,
    effect::Target,
    effect_log::Flight,
    lock,
    name::{EnvironmentName, UnitId},
    refusal::{Obstacle, ObstacleKind},
    session::Session,
    time::Now,
};

pub(super) fn obstacle_of(kind: ObstacleKind, what: &str, why: String, lift: impl Into<String>) -> Obstacle {
    Obstacle { kind, what: what.to_owned(), why, lift: lift.into(), who: String::new() }
}

/// Changes that are pending in an environment, besides these hosts; an empty list is a yes.
pub fn pending(
    session: &Session,
    environment: &EnvironmentName,
    besides: &[UnitId],
    now: Now,
) -> Vec<Obstacle> {
    let mut list = in_the_way(session, environment, now);
    let flagged = session.operations.flags.keys().filter(|unit| !besides.contains(unit));
    let here =
        flagged.filter(|unit| session.rollout.unit(unit).is_some_and(|it| it.environment == *environment));
    let operations = &session.operations;
    // Whose replacement is under way is named with that.
    let taken = |unit: &&UnitId| operations.running.as_ref().is_some_and(|it| it.units.contains(unit));
    let committed = operations.committed.get(environment);
    list.extend(here.filter(|unit| !taken(unit)).map(|unit| {
        let (is, then) = if committed.is_some_and(|it| it.units.contains(unit)) {
            ("is committed for replacement, and not replaced", "deploy")
        } else {
            ("is flagged for replacement, and not committed", "commit")
        };
        let lift = format!("golive replace {then} {environment}, or golive replace unflag {unit}");
        obstacle_of(ObstacleKind::Hosts, unit.as_str(), is.to_owned(), lift)
    }));
    list
}

/// What keeps any operation from beginning in an environment, flags apart.
fn in_the_way(session: &Session, environment: &EnvironmentName, now: Now) -> Vec<Obstacle> {
    let course = &session.course;
    let mut list = Vec::new();
    if session.pipeline.busy_in(environment) {
        let version = &course.release.candidate.version;
        list.push(obstacle_of(
            ObstacleKind::Stage,
            version.as_str(),
            format!("its rollout to {environment} was started, and is {}", course.phase.word()),
            "the end of this go-live, and the next session",
        ));
    }
    // One thing at a time: what stops the line elsewhere would stop the hosts here in the middle.
    let elsewhere = session.pipeline.under_way().find(|run| run.environment != *environment);
    list.extend(elsewhere.map(|run| {
        let why = format!("is {} in {}", run.state.word(), run.environment);
        obstacle_of(ObstacleKind::Stage, run.name.as_str(), why, "its end, or rolling back (R)")
    }));
    let back = session.rollout.rollbacks.iter().find(|(at, back)| back.ended.is_none() && *at != environment);
    list.extend(back.map(|(at, _)| {
        let why = format!("hosts of {at} are brought back");
        obstacle_of(ObstacleKind::Stage, "rollback", why, "its end")
    }));
    list.extend(obstacle(session));
    if course.differs.is_some() {
        let why = "golive.toml differs from the adopted plan".to_owned();
        list.push(obstacle_of(
            ObstacleKind::Stage,
            "plan",
            why,
            "golive plan adopt, or taking the change back",
        ));
    }
    if let Some(hold) = &course.hold {
        let by = hold.by.as_ref().map_or("somebody", |person| person.as_str());
        list.push(obstacle_of(ObstacleKind::Hold, "HOLD", format!("by {by}"), "CONTINUE (C)"));
    }
    list.extend(lock::obstacle(session, environment, now));
    list.extend(drill::under_way(session));
    list
}

/// `still runs (process 4711), and its conductor was ended`
pub(super) fn left_behind(flight: &Flight) -> String {
    flight.outlived.as_ref().map_or_else(
        || "may still run: its conductor was ended, and that is looked at".to_owned(),
        |found| format!("still runs ({found}), and its conductor was ended"),
    )
}

/// A repair is under way, or may be: no session ends meanwhile.
pub fn repairing(session: &Session) -> Option<Obstacle> {
    let mut flights = session.flights.iter();
    flights.find_map(|flight| {
        let Target::Repair(unit) = &flight.effect.id.target else { return None };
        let why = if flight.effect.follows() {
            format!("its repair {}", left_behind(flight))
        } else {
            "is being repaired by golive".to_owned()
        };
        Some(obstacle_of(ObstacleKind::Hosts, unit.as_str(), why, "its end"))
    })
}

/// Hosts are looked after: nothing else begins meanwhile.
pub fn obstacle(session: &Session) -> Option<Obstacle> {
    let Some(operation) = &session.operations.running else {
        let (environment, why) = scale::under_way(session)?;
        let lift = "its end (golive scale)";
        return Some(obstacle_of(ObstacleKind::Hosts, environment.as_str(), why, lift));
    };
    let hosts = counted(operation.units.len() as u64, "host");
    Some(obstacle_of(
        ObstacleKind::Hosts,
        operation.environment.as_str(),
        format!("{hosts} being {}", operation.kind.word()),
        "its end, or giving it up (golive replace stop)",
    ))
}
