//! Hosts that failed and that the line went on without: the plan lets a batch have so many, or somebody forced it past
//! them. They stop nobody, and stay to be tried again or excluded.

use super::{LaneState, Unit};
use crate::domain::{name::EnvironmentName, session::Session};

/// All of them, in the order of the plan. Looks at no unit where none has stopped.
pub fn let_pass(session: &Session) -> impl Iterator<Item = &Unit> {
    let any = session.plan().environments.keys().any(|name| session.rollout.counts(name).failed > 0);
    session.rollout.units().iter().filter(move |unit| any && unit.was_let_pass())
}

/// Those of one environment.
pub fn let_pass_in<'a>(
    session: &'a Session,
    environment: &'a EnvironmentName,
) -> impl Iterator<Item = &'a Unit> + 'a {
    let any = session.rollout.counts(environment).failed > 0;
    let here = move |unit: &&Unit| any && unit.environment == *environment && unit.was_let_pass();
    session.rollout.units().iter().filter(here)
}

/// `failed start: no route to host`.
pub(in crate::domain) fn why(unit: &Unit) -> String {
    match unit.lane.as_ref().map(|lane| &lane.state) {
        Some(LaneState::Failed { step, why }) => format!("failed {}: {why}", step.word()),
        Some(LaneState::Unknown { step, why }) => format!("unknown at {}: {why}", step.word()),
        _ => unit.standing().to_owned(),
    }
}
