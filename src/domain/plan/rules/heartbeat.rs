//! Heartbeats, repairs and scaling: something says whether a host is alive, and what is done about one that is not can be done.

use super::{Broken, Place};
use crate::domain::{
    operation::can_replace,
    plan::{Driver, Environment, Plan, Pool, Verb},
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for environment in plan.environments.values() {
        beats(plan, environment, broken);
        repairs(plan, environment, broken);
        scales(plan, environment, broken);
    }
}

fn place(environment: &Environment, key: &str) -> Place {
    Place::of(&["environments", environment.name.as_str(), key])
}

/// Where nothing says whether a host is alive, no beat is ever missed.
fn beats(plan: &Plan, environment: &Environment, broken: &mut Vec<Broken>) {
    let observes = match &environment.driver {
        Driver::Local { .. } => true,
        Driver::Exec { verbs, .. } => verbs.contains_key(&Verb::Observe),
        Driver::Ssh { .. } | Driver::Converge(_) => false,
    };
    let parts = plan.has_parts();
    let asked = |pool: &Pool| plan.alive(parts.then_some(&pool.component)).is_some();
    if environment.heartbeat.is_none() || observes || environment.pools.iter().all(asked) {
        return;
    }
    broken.push(Broken::new(
        place(environment, "heartbeat"),
        format!("nothing says whether a host of {} is alive", environment.name),
        "add [checks.alive] by http, tcp or exec, or observe among the verbs of its exec driver",
    ));
}

fn repairs(plan: &Plan, environment: &Environment, broken: &mut Vec<Broken>) {
    let Some(repair) = &environment.repair else { return };
    let name = &environment.name;
    let Some(beat) = &environment.heartbeat else {
        broken.push(Broken::new(
            place(environment, "repair"),
            format!("without a heartbeat no host of {name} is ever dead, and none is repaired"),
            "add heartbeat = { every = \"10s\", missed = 3 }",
        ));
        return;
    };
    let dies = crate::domain::time::Span(beat.every.0.saturating_mul(u64::from(beat.missed)));
    if repair.cool_down < dies {
        broken.push(Broken::new(
            place(environment, "repair"),
            format!(
                "a cool-down of {} is over before a host that is still dead is seen to be: {dies}",
                repair.cool_down
            ),
            format!("write cool_down = \"{}s\" or longer", dies.as_secs()),
        ));
    }
    if repair.replace.is_some() && (!can_replace(environment) || plan.has_parts() || plan.takes_clouds(name))
    {
        broken.push(Broken::new(
            place(environment, "repair"),
            format!("hosts of {name} can't be replaced by golive"),
            "take then = \"replace\" out; or use an exec driver with replace and observe, one component, and no clouds",
        ));
    }
}

/// Never fewer machines than capacity asks for.
fn scales(plan: &Plan, environment: &Environment, broken: &mut Vec<Broken>) {
    let Some(scale) = &environment.scale else { return };
    let hosts = environment.hosts().count() as u32;
    let least = plan.limits(environment, hosts).min_healthy;
    if scale.min < least {
        broken.push(Broken::new(
            place(environment, "scale").key("min"),
            format!(
                "a minimum of {} is below the {least} of {hosts} hosts that capacity asks for",
                scale.min
            ),
            format!("write {least} or more, or lower capacity.min_healthy"),
        ));
    }
}
