//! What an operation does to a host: the version that should run there, and the steps of its lane.

use super::Kind;
use crate::domain::{
    effect::{Candidate, LaneStep},
    name::EnvironmentName,
    plan::{Driver, Environment, Plan, Verb},
    rollout::lane_steps,
    session::Session,
};

/// The version that should run in an environment which this go-live has not changed: what was proven good there last,
/// else the one version that is installed on every host. None: that is not known, and not guessed.
pub fn should_run(session: &Session, environment: &EnvironmentName) -> Option<Candidate> {
    let proven = session.course.proven.get(environment).cloned();
    let apart = !session.plan().told_apart().is_empty();
    proven.or_else(|| session.rollout.installed_everywhere(environment, apart))
}

/// Whether the driver has a way to make a host a new machine, and to show afterwards that it is one.
pub fn can_replace(environment: &Environment) -> bool {
    let Driver::Exec { verbs, .. } = &environment.driver else { return false };
    [Verb::Replace, Verb::Observe].iter().all(|verb| verbs.contains_key(verb))
}

/// The steps of a host's lane. A machine that is thrown away is not stopped first; nothing is on the new one, so that
/// all is brought to it.
pub fn steps(plan: &Plan, environment: &Environment, kind: Kind) -> Vec<LaneStep> {
    let mut steps = lane_steps(plan, environment, None, false);
    match kind {
        Kind::Replace => {
            steps.retain(|step| !matches!(step, LaneStep::Stop));
            let out = steps.iter().position(|step| *step == LaneStep::Drain);
            if let Some(out) = out {
                steps[..=out].rotate_right(1);
            }
            steps.insert(out.map_or(0, |_| 1), LaneStep::Replace);
        }
        // What runs there is not touched.
        Kind::Offline => steps.retain(|step| {
            matches!(step, LaneStep::Drain | LaneStep::Alive | LaneStep::Rejoin | LaneStep::Settle)
        }),
    }
    steps
}
