//! Commands on hosts that are looked after. Replacing takes two steps: a change set is committed, then deployed.

use serde::{Deserialize, Serialize};

use super::{Kind, OperationEvent, ask_scale, can_replace, mend, pending, policy, should_run};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    course::{CourseEvent, said_why},
    drill,
    event::Event,
    name::{DrillName, EnvironmentName, PersonName, UnitId},
    refusal::Refusal,
    rollout::{self, Unit},
    session::Session,
    time::Now,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationCommand {
    /// It is to be replaced.
    Flag {
        unit: UnitId,
        reason: String,
    },
    Unflag {
        unit: UnitId,
    },
    /// The flagged hosts of an environment are the change set.
    Commit {
        environment: EnvironmentName,
    },
    /// The committed hosts are replaced.
    Deploy {
        environment: EnvironmentName,
    },
    /// No further host is taken.
    Stop {
        reason: String,
    },
    /// The platform is to come to so many machines.
    Scale {
        environment: EnvironmentName,
        to: u32,
        reason: String,
    },
    /// golive repairs no host there by itself.
    SuspendRepairs {
        environment: EnvironmentName,
        reason: String,
    },
    /// It does again.
    ResumeRepairs {
        environment: EnvironmentName,
    },
}

impl OperationCommand {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Flag { .. } => "replace flag",
            Self::Unflag { .. } => "replace unflag",
            Self::Commit { .. } => "replace commit",
            Self::Deploy { .. } => "replace deploy",
            Self::Stop { .. } => "replace stop",
            Self::Scale { .. } => "scale",
            Self::SuspendRepairs { .. } => "repair suspend",
            Self::ResumeRepairs { .. } => "repair resume",
        }
    }
}

pub fn decide(
    session: &Session,
    command: &OperationCommand,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    match command {
        OperationCommand::Flag { unit, reason } => flag(session, unit, reason, actor),
        OperationCommand::Unflag { unit } => unflag(session, unit, actor),
        OperationCommand::Commit { environment } => commit(session, environment, actor, now),
        OperationCommand::Deploy { environment } => deploy(session, environment, actor, now),
        OperationCommand::Stop { reason } => stop(session, reason, actor),
        OperationCommand::Scale { environment, to, reason } => {
            known(session, environment)?;
            ask_scale::decide(session, (environment, *to), reason, actor, now)
        }
        OperationCommand::SuspendRepairs { environment, reason } => {
            suspend(session, environment, reason, actor)
        }
        OperationCommand::ResumeRepairs { environment } => resume(session, environment, actor, now),
    }
}

fn one(event: OperationEvent) -> Vec<Event> {
    vec![Event::Operation(event)]
}

fn find<'a>(session: &'a Session, unit: &UnitId) -> Result<&'a Unit, Refusal> {
    let found = session.rollout.unit(unit);
    found.ok_or_else(|| rollout::no_such_host(session, unit))
}

/// Whoever flags a host while a drill is under way would fail it by that alone.
fn no_drill(session: &Session) -> Result<(), Refusal> {
    match drill::under_way(session) {
        None => Ok(()),
        Some(obstacle) => Err(Refusal::not_ready("what is flagged can't be changed now", vec![obstacle])),
    }
}

fn flag(session: &Session, unit: &UnitId, reason: &str, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    said_why(reason)?;
    let found = find(session, unit)?;
    replaceable(session, &found.environment)?;
    no_drill(session)?;
    let taken = session.operations.running.as_ref().is_some_and(|it| it.units.contains(unit));
    if taken {
        return Err(Refusal::rule(format!("{unit} is being replaced"), "its end"));
    }
    let reason = reason.trim().to_owned();
    Ok(one(OperationEvent::HostFlagged { unit: unit.clone(), reason }))
}

fn unflag(session: &Session, unit: &UnitId, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    find(session, unit)?;
    no_drill(session)?;
    if !session.operations.flags.contains_key(unit) {
        return Err(Refusal::rule(format!("{unit} is not flagged"), "nothing"));
    }
    let taken = session.operations.running.as_ref().is_some_and(|it| it.units.contains(unit));
    if taken {
        return Err(Refusal::rule(format!("{unit} is being replaced"), "giving it up (golive replace stop)"));
    }
    Ok(one(OperationEvent::HostUnflagged { unit: unit.clone() }))
}

fn known(session: &Session, environment: &EnvironmentName) -> Result<(), Refusal> {
    if session.plan().environments.contains_key(environment) {
        return Ok(());
    }
    let known: Vec<&str> = session.plan().environments.keys().map(EnvironmentName::as_str).collect();
    Err(Refusal::input(
        format!("there is no environment {environment}"),
        format!("one of {}", known.join(", ")),
    ))
}

/// Whether hosts there can be replaced at all.
pub(super) fn replaceable(session: &Session, environment: &EnvironmentName) -> Result<(), Refusal> {
    known(session, environment)?;
    let declared = session.plan().environments.get(environment);
    if !declared.is_some_and(can_replace) {
        return Err(Refusal::rule(
            format!("the driver of {environment} declares no way to replace a host and see that it is new"),
            "an exec driver with verbs.replace and verbs.observe",
        ));
    }
    if session.plan().has_parts() {
        return Err(Refusal::rule(
            format!(
                "several components are deployed in {environment}: a new host would lack all but one of them"
            ),
            "replacing it outside golive; this build does it for one component only",
        ));
    }
    if session.plan().takes_clouds(environment) {
        return Err(Refusal::rule(
            format!("{environment} has clouds with roles: a host that stands by would get traffic"),
            "replacing it outside golive; this build does it only where all hosts serve",
        ));
    }
    if !session.plan().stages.iter().any(|stage| stage.environment == *environment) {
        return Err(Refusal::rule(format!("no stage deploys {environment}"), "a stage that does"));
    }
    Ok(())
}

fn flagged(session: &Session, environment: &EnvironmentName) -> Vec<UnitId> {
    let here =
        |unit: &&Unit| unit.environment == *environment && session.operations.flags.contains_key(&unit.id);
    session.rollout.units().iter().filter(here).map(|unit| unit.id.clone()).collect()
}

fn commit(
    session: &Session,
    environment: &EnvironmentName,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Deploy)?;
    known(session, environment)?;
    let units = flagged(session, environment);
    if units.is_empty() {
        return Err(Refusal::rule(
            format!("no host of {environment} is flagged"),
            "golive replace flag HOST --reason …",
        ));
    }
    none_pending(session, environment, &units, now)?;
    Ok(one(OperationEvent::ReplaceCommitted { environment: environment.clone(), units }))
}

fn deploy(
    session: &Session,
    environment: &EnvironmentName,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let person = access::may(session, actor, Act::Deploy)?;
    known(session, environment)?;
    let Some(committed) = session.operations.committed.get(environment) else {
        return Err(Refusal::rule(
            format!("nothing is committed in {environment}"),
            format!("golive replace commit {environment}, after a look at what is flagged (golive replace)"),
        ));
    };
    let units = committed.units.clone();
    none_pending(session, environment, &units, now)?;
    let mut events = watched(session, &person.name);
    events.push(begun(session, environment, units, None)?);
    Ok(events)
}

/// Refused while any other change is pending there, naming it.
fn none_pending(
    session: &Session,
    environment: &EnvironmentName,
    units: &[UnitId],
    now: Now,
) -> Result<(), Refusal> {
    let obstacles = pending(session, environment, units, now);
    if obstacles.is_empty() {
        return Ok(());
    }
    Err(Refusal::not_ready(format!("hosts of {environment} can't be replaced"), obstacles))
}

/// Whoever begins it is on watch, where nobody is.
pub(in crate::domain) fn watched(session: &Session, by: &PersonName) -> Vec<Event> {
    let taken = Event::Course(CourseEvent::WatchTaken { by: by.clone() });
    if session.course.watch.by.is_none() { vec![taken] } else { Vec::new() }
}

/// The operation begins; what is in its way has been asked.
pub(in crate::domain) fn begun(
    session: &Session,
    environment: &EnvironmentName,
    units: Vec<UnitId>,
    drill: Option<DrillName>,
) -> Result<Event, Refusal> {
    replaceable(session, environment)?;
    let unseen =
        units.iter().filter_map(|unit| session.rollout.unit(unit)).find(|unit| unit.fresh().is_none());
    if let Some(unit) = unseen {
        return Err(Refusal::rule(format!("{} is not observed", unit.id), "an observation of it"));
    }
    let Some(to) = should_run(session, environment) else {
        return Err(Refusal::rule(
            format!("what should run in {environment} is not known, and is not guessed"),
            "a go-live that proves a release there, or one version on every host",
        ));
    };
    let (environment, to) = (environment.clone(), to.clone());
    Ok(Event::Operation(OperationEvent::Began {
        kind: Kind::Replace,
        environment,
        units,
        to,
        drill,
        away: None,
    }))
}

fn stop(session: &Session, reason: &str, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    said_why(reason)?;
    match &session.operations.running {
        None => Err(Refusal::rule("no host is being replaced", "nothing")),
        Some(operation) if operation.given_up.is_some() => Ok(Vec::new()),
        Some(_) => Ok(one(OperationEvent::GivenUp { reason: reason.trim().to_owned() })),
    }
}

fn repairs(session: &Session, environment: &EnvironmentName) -> Result<(), Refusal> {
    known(session, environment)?;
    if policy(session, environment).is_none() {
        return Err(Refusal::rule(
            format!("golive repairs no host of {environment} by itself"),
            "repair = { run = […] } and a heartbeat in golive.toml",
        ));
    }
    Ok(())
}

fn suspend(
    session: &Session,
    environment: &EnvironmentName,
    reason: &str,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    said_why(reason)?;
    repairs(session, environment)?;
    // Where golive stopped by itself a person may say that it stays so.
    let paused = session.operations.repairs.paused.get(environment);
    if paused.is_some_and(|paused| paused.by.is_some()) {
        return Ok(Vec::new());
    }
    let (environment, reason) = (environment.clone(), reason.trim().to_owned());
    Ok(one(OperationEvent::RepairsPaused { environment, reason }))
}

fn resume(
    session: &Session,
    environment: &EnvironmentName,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    repairs(session, environment)?;
    if !session.operations.repairs.paused.contains_key(environment) {
        return Err(Refusal::rule(format!("repairs of {environment} are not suspended"), "nothing"));
    }
    if let Some(why) = mend::stops_again(session, environment, now) {
        return Err(Refusal::rule(why, "repairing them by hand, then golive repair resume again"));
    }
    Ok(one(OperationEvent::RepairsResumed { environment: environment.clone() }))
}
