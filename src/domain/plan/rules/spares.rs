//! Hosts that stand by and come in while a release is on its way: where that can be kept.

use super::{Broken, Place};
use crate::domain::{
    counted::counted,
    plan::{Balancer, Environment, Plan, Select, Strategy},
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for environment in plan.environments.values().filter(|it| it.spares() > 0) {
        let at = Place::of(&["environments", environment.name.as_str(), "hosts"]);
        if let Some((what, help)) = in_environment(plan, environment) {
            broken.push(Broken::new(at, what, help));
            continue;
        }
        let stages = plan.stages.iter().enumerate().filter(|(_, it)| it.environment == environment.name);
        for (nth, (index, stage)) in stages.enumerate() {
            let place = Place::of(&["stages"]).index(index);
            if !matches!(stage.strategy, Strategy::Canary(_)) {
                broken.push(Broken::new(
                    place.key("strategy"),
                    format!(
                        "{} has {}, and {} is {}: they come in for a canary only",
                        environment.name,
                        counted(environment.spares(), "spare host"),
                        stage.name,
                        stage.strategy.word()
                    ),
                    "use kind = \"canary\", or take spare = true out",
                ));
            } else if stage.select != Select::All || nth > 0 {
                broken.push(Broken::new(
                    place.key("select"),
                    format!(
                        "the spare hosts of {} come in for all of its hosts, and {} takes a part of them",
                        environment.name, stage.name
                    ),
                    "use one stage that selects all, or take spare = true out",
                ));
            }
        }
    }
}

/// Why spare hosts can't be kept out, or called in, there; and what to do.
fn in_environment(plan: &Plan, environment: &Environment) -> Option<(String, &'static str)> {
    let (name, spares) = (&environment.name, environment.spares());
    let hosts = environment.hosts().count() as u32;
    if spares == hosts {
        let what = format!("all {} of {name} are spare: none is left that serves", counted(hosts, "host"));
        return Some((what, "take spare = true out of those that serve"));
    }
    if plan.has_parts() {
        let what = format!("{name} has spare hosts and several components: whose surge they are is not said");
        return Some((what, "take spare = true out"));
    }
    if environment.sides().len() > 1 {
        let what = format!("{name} has spare hosts and sides of which one stands by already");
        return Some((what, "take spare = true out"));
    }
    if environment.converges().is_none() && environment.balancer == Balancer::None {
        let what = format!("{name} has no balancer, so that its spare hosts can't be kept out of traffic");
        return Some((what, "add balancer = { kind = \"haproxy\", … }, or take spare = true out"));
    }
    None
}
