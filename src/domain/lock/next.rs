//! What follows from how the locks stand, and what people may do about one.

use super::{Claim, EnvironmentLock, Found, LockEvent, Refused, Standing};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    course::{Phase, said_why},
    effect::{Effect, EffectId, Target, Work},
    effect_log::EffectEvent,
    event::Event,
    name::EnvironmentName,
    refusal::{Obstacle, ObstacleKind, Refusal},
    rollout::{self, Direction},
    session::{Next, Session},
    time::Now,
};

/// Whether the session does something to the environment.
fn wanted(session: &Session, environment: &EnvironmentName) -> bool {
    let back = session.rollout.rollbacks.values().any(|rollback| rollback.ended.is_none());
    let done = matches!(session.course.phase, Phase::Verified | Phase::RolledBack) && !back;
    let busy = session.pipeline.busy_in(environment) && !session.course.is_over() && !done;
    // What a balancer was told is taken back under the same lock.
    let upkeep = session.operations.under_way_in(environment) && !session.course.is_over();
    busy || upkeep || rollout::share_stands(session, environment)
}

/// Held by this very session, under this very epoch. One that is just being released is still seen to be there.
fn held(session: &Session, environment: &EnvironmentName, known: &EnvironmentLock) -> bool {
    let ours = matches!(&known.found, Some(Found::Taken(holder))
        if holder.own && holder.claim.session == session.course.id && holder.epoch == session.epoch);
    let released = || session.flights.get(&Target::Lock(environment.clone()));
    ours && !released().is_some_and(|flight| matches!(flight.effect.work, Work::Unlock { .. }))
}

pub fn standing<'a>(session: &'a Session, environment: &EnvironmentName) -> Standing<'a> {
    if !wanted(session, environment) {
        return Standing::NotNeeded;
    }
    if session.plan().environments.get(environment).is_none_or(|it| !it.driver.locks()) {
        return Standing::NotLockable;
    }
    let Some(known) = session.locks.get(environment) else { return Standing::Awaited };
    if held(session, environment, known) {
        return Standing::Held;
    }
    match &known.refused {
        Some(refused) => Standing::Refused { refused, by: known.foreign() },
        None => Standing::Awaited,
    }
}

/// Whether a lock that is needed could not be taken, in whichever environment: somebody else is where this release is.
/// That needs a human, and stops the line as all that does.
pub fn refused(session: &Session) -> bool {
    refusals(session).next().is_some()
}

/// The locks that are needed and could not be taken, with why: of the environments of the plan.
pub fn refusals(session: &Session) -> impl Iterator<Item = (&EnvironmentName, &Refused)> {
    let declared = &session.plan().environments;
    session.locks.refused().filter_map(|environment| {
        let (environment, _) = declared.get_key_value(environment)?;
        match standing(session, environment) {
            Standing::Refused { refused, .. } => Some((environment, refused)),
            _ => None,
        }
    })
}

/// Whether a host of the environment may be touched. A lock that could not be written stops nothing on the way
/// back; one that another conductor has stops both: it may be deploying there.
pub fn may_touch(session: &Session, environment: &EnvironmentName, direction: Direction) -> bool {
    // What is held is held, whether or not the driver could lock it again.
    let known = session.locks.get(environment);
    if known.is_some_and(|known| held(session, environment, known)) && wanted(session, environment) {
        return true;
    }
    match standing(session, environment) {
        Standing::Held | Standing::NotLockable => true,
        Standing::Refused { by: None, .. } => direction == Direction::Back,
        Standing::Refused { .. } | Standing::Awaited | Standing::NotNeeded => false,
    }
}

/// Takes what is needed, releases what is not needed any more.
pub fn next(session: &Session, now: Now) -> Next {
    for environment in session.plan().environments.keys() {
        let target = Target::Lock(environment.clone());
        if session.flights.get(&target).is_some() {
            continue;
        }
        let work = match standing(session, environment) {
            Standing::Awaited => {
                let breaks = session.locks.get(environment).and_then(|known| known.breaks.clone());
                let claim = Box::new(claim(session, environment, now));
                Work::Lock { environment: environment.clone(), claim, breaks }
            }
            Standing::NotNeeded => match session.locks.get(environment) {
                Some(known) if known.taken && known.refused.is_none() => {
                    let claim = Box::new(claim(session, environment, now));
                    Work::Unlock { environment: environment.clone(), claim }
                }
                _ => continue,
            },
            Standing::Held | Standing::NotLockable | Standing::Refused { .. } => continue,
        };
        let id = EffectId { target, attempt: session.epoch, step: session.seq as u32 };
        return Next::Events(vec![Event::Effect(EffectEvent::Started {
            effect: Effect { id, work }.into(),
        })]);
    }
    Next::Nothing
}

fn claim(session: &Session, environment: &EnvironmentName, now: Now) -> Claim {
    let course = &session.course;
    let mut started = session.pipeline.stages.iter().rev().filter(|run| run.environment == *environment);
    Claim {
        project: course.release.project.clone(),
        session: course.id.clone(),
        version: course.release.candidate.version.clone(),
        person: course.watch.by.clone().or_else(|| started.find_map(|run| run.by.clone())),
        machine: course.machine.clone(),
        since: now.wall,
    }
}

/// Before the start: another conductor has it, and nobody has said that it may be taken over.
pub fn obstacle(session: &Session, environment: &EnvironmentName, now: Now) -> Option<Obstacle> {
    let known = session.locks.get(environment)?;
    let holder = known.foreign().filter(|holder| known.breaks.as_ref() != Some(&holder.digest))?;
    Some(Obstacle {
        kind: ObstacleKind::Lock,
        what: environment.to_string(),
        why: holder.words(now.wall),
        lift: match holder.breakable(now.wall) {
            Ok(_) => format!("golive rollout break-lock {environment} --reason … --confirm {environment}"),
            Err(_) => "the end of that session".to_owned(),
        },
        who: holder.claim.person.as_ref().map_or_else(String::new, ToString::to_string),
    })
}

pub fn take_again(
    session: &Session,
    environment: &EnvironmentName,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    if !matches!(standing(session, environment), Standing::Refused { .. }) {
        let reason = format!("nothing stands in the way of the lock on {environment}");
        return Err(Refusal::rule(reason, "nothing: it is taken when it is needed"));
    }
    Ok(vec![Event::Lock(LockEvent::TriedAgain { environment: environment.clone() })])
}

pub fn break_lock(
    session: &Session,
    environment: &EnvironmentName,
    reason: &str,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Force)?;
    said_why(reason)?;
    let Some(holder) = session.locks.get(environment).and_then(EnvironmentLock::foreign) else {
        let reason = format!("no other conductor is known to have locked {environment}");
        return Err(Refusal::rule(reason, "nothing"));
    };
    let proof = holder.breakable(now.wall).map_err(|why| {
        let reason = format!("the lock on {environment} is not broken: {why}; {}", holder.words(now.wall));
        Refusal::rule(reason, "the end of that session")
    })?;
    Ok(vec![Event::Lock(LockEvent::Broken {
        environment: environment.clone(),
        lock: holder.digest.clone(),
        holder: holder.words(now.wall),
        proof,
        reason: reason.trim().to_owned(),
    })])
}
