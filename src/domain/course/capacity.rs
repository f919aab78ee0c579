//! What other hosts mean for the capacity of an environment: machines that join and serve nobody yet count among those that
//! have to.

use crate::domain::{
    counted::counted,
    plan::{Environment, Plan},
    rollout::{Unit, budget},
    session::Session,
};

/// Where adopting the plan makes capacity short that is not short today: by how much, and what to do.
pub fn what_becomes_of_capacity(session: &Session, plan: &Plan) -> Vec<String> {
    plan.environments.values().filter_map(|environment| short(session, plan, environment)).collect()
}

fn short(session: &Session, plan: &Plan, environment: &Environment) -> Option<String> {
    let name = &environment.name;
    session.plan().environments.get(name)?;
    let all = environment.hosts().count() as u32;
    let needed = plan.limits(environment, all).min_healthy;
    let today = budget(session, name);
    let stays = |unit: &&Unit| unit.environment == *name && plan.unit(&unit.id).is_some();
    let serve = session.rollout.units().iter().filter(stays).filter(|unit| unit.available()).count() as u32;
    if serve >= needed || today.available < today.limits.min_healthy {
        return None;
    }
    let come = environment.hosts().filter(|host| session.rollout.unit(&host.unit).is_none()).count();
    let come = match come {
        0 => String::new(),
        some => format!(", {} that join serve nobody yet", counted(some, "host")),
    };
    Some(format!(
        "capacity of {name} would be short: {serve} healthy{come}, {needed} of {} needed (today {} and {}). The line would \
         stop: have them serve first, adopt fewer at a time, or declare min_healthy = {serve}",
        plan.limits(environment, all).hosts,
        today.available,
        today.limits.min_healthy
    ))
}
