//! Whether an environment may come to another number of machines.

use super::{OperationEvent, pending::pending};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    counted::counted,
    course::said_why,
    effect::Target,
    event::Event,
    name::EnvironmentName,
    refusal::Refusal,
    rollout,
    session::Session,
    time::Now,
};

pub(super) fn decide(
    session: &Session,
    (environment, to): (&EnvironmentName, u32),
    reason: &str,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Deploy)?;
    said_why(reason)?;
    let Some(declared) = session.plan().environments.get(environment).and_then(|it| it.scale.as_ref()) else {
        return Err(Refusal::rule(
            format!("golive does not know how {environment} is scaled"),
            "scale = { min = …, max = …, current = […], to = […] } in golive.toml",
        ));
    };
    let known = session.operations.scales.get(environment);
    if let Some(pending) = known.and_then(|known| known.pending.as_ref()) {
        let what = format!("{environment} goes from {} to {} machines already", pending.from, pending.to);
        return Err(Refusal::rule(what, "its end (golive scale)"));
    }
    let Some(current) = known.and_then(|known| known.current) else {
        let why = known.map_or_else(|| "not known: not asked yet".to_owned(), super::Scaled::words);
        return Err(Refusal::rule(
            format!("how many machines {environment} has is {why}"),
            "an answer of scale.current",
        ));
    };
    if to == current {
        return Err(Refusal::rule(format!("{environment} has {current} machines"), "nothing"));
    }
    let between = format!("a number from {} to {}", declared.min, declared.max);
    if to < declared.min {
        return Err(Refusal::rule(
            format!("{to} is below the minimum of {environment}, {}", declared.min),
            between,
        ));
    }
    if to > declared.max {
        return Err(Refusal::rule(
            format!("{to} is above the maximum of {environment}, {}", declared.max),
            between,
        ));
    }
    let change = to.abs_diff(current);
    if change > declared.step {
        return Err(Refusal::rule(
            format!("{current} to {to} is {change} at a time, and a step is {} at the most", declared.step),
            "a smaller change, and the next one after its end",
        ));
    }
    let mut obstacles = pending(session, environment, &[], now);
    obstacles.extend(session.flights.iter().filter_map(|flight| {
        let Target::Repair(unit) = &flight.effect.id.target else { return None };
        let here = session.rollout.unit(unit).is_some_and(|unit| unit.environment == *environment);
        here.then(|| {
            let why = "is being repaired by golive".to_owned();
            super::pending::obstacle_of(
                crate::domain::refusal::ObstacleKind::Hosts,
                unit.as_str(),
                why,
                "its end",
            )
        })
    }));
    if !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("{environment} can't be scaled"), obstacles));
    }
    // Whichever machines the platform takes away, so many have to serve.
    let budget = rollout::budget(session, environment);
    let fewer = current.saturating_sub(to);
    if fewer > 0 && budget.available.saturating_sub(fewer) < budget.limits.min_healthy {
        return Err(Refusal::rule(
            format!(
                "{} fewer than the {} that serve: {}",
                counted(u64::from(fewer), "machine"),
                budget.available,
                budget.words()
            ),
            "a smaller change, or more hosts serving",
        ));
    }
    let (environment, reason) = (environment.clone(), reason.trim().to_owned());
    Ok(vec![Event::Operation(OperationEvent::ScaleAsked { environment, from: current, to, reason })])
}
