//! Stages that stop every host before one is deployed: that all of an environment are taken so, and that it can be shown
//! that a host is stopped.

use super::{Broken, Place, environments, remarks::Remarks};
use crate::domain::plan::{CheckKind, Driver, Environment, Plan, Strategy, Verb};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for environment in plan.environments.values().filter(|it| plan.stops_all(&it.name)) {
        let here =
            || plan.stages.iter().enumerate().filter(|(_, stage)| stage.environment == environment.name);
        let stops = here().find(|(_, stage)| stage.strategy == Strategy::StopAll);
        let other = here().find(|(_, stage)| stage.strategy != Strategy::StopAll);
        if let (Some((_, stops)), Some((index, other))) = (stops, other) {
            broken.push(Broken::new(
                Place::of(&["stages"]).index(index).key("strategy"),
                format!(
                    "{} stops every host of {} and {} is {}: one keeps no capacity, the other does",
                    stops.name,
                    environment.name,
                    other.name,
                    other.strategy.word()
                ),
                "use stop-all for every stage of the environment, or for none",
            ));
        }
        for (driver, _) in environments::drivers(plan, environment) {
            verbs(environment, driver, broken);
        }
    }
}

/// That a host is stopped is shown by `alive` failing as well: a command of the team's that can't fail shows it of none.
pub(super) fn remark(plan: &Plan, environment: &Environment, out: &mut Remarks) {
    let mut asked: Vec<_> = environment
        .pools
        .iter()
        .filter_map(|pool| plan.alive(plan.has_parts().then_some(&pool.component)))
        .collect();
    asked.dedup_by_key(|check| &check.name);
    for check in asked {
        if matches!(check.kind, CheckKind::Exec { .. }) {
            let what = format!(
                "{} is a command, and has to fail where nothing runs: a host of {} counts as stopped only once it does. \
                 One that passes there keeps every host down, as something that answers",
                check.name, environment.name
            );
            out.say(Place::of(&["checks", check.name.as_str()]), what);
        }
    }
}

fn verbs(environment: &Environment, driver: &Driver, broken: &mut Vec<Broken>) {
    let Driver::Exec { verbs, .. } = driver else { return };
    for (verb, word, what, help) in [
        (Verb::Stop, "stop", "nothing would be stopped", "add the verb stop"),
        (
            Verb::Observe,
            "observe",
            "nothing could show that a host is stopped",
            "add the verb observe, which prints {\"running\": false} of a host on which nothing runs",
        ),
    ] {
        if !verbs.contains_key(&verb) {
            broken.push(Broken::new(
                Place::of(&["environments", environment.name.as_str(), "driver"]),
                format!("{} is deployed by stop-all and has no verb {word}: {what}", environment.name),
                help,
            ));
        }
    }
}
