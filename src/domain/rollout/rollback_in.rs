//! The rollback of an environment that is named, where several are on the new version.

use super::{
    RollbackScope, RolloutEvent,
    rollback::{live_on_the_new, reach_in, scope_of},
};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    event::Event,
    name::EnvironmentName,
    refusal::Refusal,
    session::Session,
};

/// The environments in which what is live is the new version, or is being changed to it, each once.
pub fn live_in(session: &Session) -> Vec<EnvironmentName> {
    let mut live: Vec<EnvironmentName> = Vec::new();
    for run in live_on_the_new(session) {
        if !live.contains(&run.environment) {
            live.push(run.environment.clone());
        }
    }
    live
}

/// What a rollback of this environment would do now, or why not.
pub fn scope_in(session: &Session, environment: &EnvironmentName) -> Result<RollbackScope, Refusal> {
    Ok(scope_of(session, reach_in(session, Some(environment))?))
}

/// The rollback of this environment, whichever another one would be about.
pub fn decide_in(
    session: &Session,
    environment: &EnvironmentName,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::RollBack)?;
    if !session.plan().environments.contains_key(environment) {
        let names: Vec<&str> = session.plan().environments.keys().map(EnvironmentName::as_str).collect();
        let lift = format!("one of {}", names.join(", "));
        return Err(Refusal::input(format!("there is no environment {environment}"), lift));
    }
    let mut going = session.rollout.rollbacks.iter().filter(|(_, it)| it.ended.is_none() && !it.narrow);
    match going.next() {
        Some((name, _)) if name == environment => return Ok(Vec::new()),
        Some((name, _)) => {
            return Err(Refusal::rule(
                format!("{name} goes back now: hosts of one environment are brought back at a time"),
                format!("its end, then golive rollback --environment {environment}"),
            ));
        }
        None => {}
    }
    let RollbackScope { environment, to, units } = scope_in(session, environment)?;
    let started = RolloutEvent::RollbackStarted { environment, to, units, narrow: false };
    Ok(vec![Event::Rollout(started)])
}
