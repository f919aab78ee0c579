//! Hosts that failed and that the line went on without: the plan lets a batch have so many, or somebody forced it past
//! them. They stop nobody, and stay to be tried again or excluded, unless all of them are brought back.

use super::{LaneState, Unit, Unwell};
use crate::domain::{course::Phase, name::EnvironmentName, session::Session, time::SessionTime};

/// All of them. Looks at no unit where none has stopped.
pub fn let_pass(session: &Session) -> impl Iterator<Item = &Unit> {
    session.plan().environments.keys().flat_map(|name| let_pass_in(session, name))
}

/// Those of one environment, in the order of the plan.
pub fn let_pass_in<'a>(
    session: &'a Session,
    environment: &'a EnvironmentName,
) -> impl Iterator<Item = &'a Unit> + 'a {
    let given_up = session.rollout.rollbacks.get(environment).is_some_and(|back| !back.narrow);
    let any = session.rollout.counts(environment).failed > 0 && !given_up;
    let units = session.rollout.units().iter().filter(move |_| any);
    units.filter(move |unit| unit.environment == *environment && unit.was_let_pass())
}

/// `failed start: no route to host`.
pub(in crate::domain) fn why(unit: &Unit) -> String {
    match unit.lane.as_ref().map(|lane| &lane.state) {
        Some(LaneState::Failed { step, why }) => format!("failed {}: {why}", step.word()),
        Some(LaneState::Unknown { step, why }) => format!("unknown at {}: {why}", step.word()),
        _ => unit.standing().to_owned(),
    }
}

/// Hosts that failed and that the line went on without: nobody was stopped by them, and nobody is at work on them.
pub(super) fn unwell(session: &Session) -> impl Iterator<Item = Unwell> + '_ {
    let_pass(session).map(|unit| {
        let lane = unit.lane.as_ref();
        let since = lane.map_or_else(SessionTime::default, |lane| lane.step_since);
        Unwell {
            environment: unit.environment.clone(),
            unit: Some(unit.id.clone()),
            outage: false,
            since,
            what: format!("{} {}, and the line went on without it", unit.id, why(unit)),
            release: if session.course.phase == Phase::Verified {
                "closing, PARTIAL; the next go-live takes it".to_owned()
            } else {
                format!("golive rollout try {0}, or golive rollout exclude {0}", unit.id)
            },
        }
    })
}
