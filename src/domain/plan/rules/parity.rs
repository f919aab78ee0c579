//! Settings that must be the same: there are two environments, and each can be asked for its own.

use super::{Broken, Kind, Place};
use crate::domain::plan::{ALIVE, CheckKind, Placeholder, Plan, SELF_TEST};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for check in plan.checks.values() {
        let CheckKind::Parity { argv, env, with, .. } = &check.kind else { continue };
        let place = Place::of(&["checks", check.name.as_str()]);
        if !plan.environments.contains_key(with) {
            let known = plan.environments.keys().map(ToString::to_string);
            broken.push(Broken::unknown(place.key("same_as"), Kind::Environment, with.as_str(), known));
        }
        if matches!(check.name.as_str(), ALIVE | SELF_TEST) {
            broken.push(Broken::new(
                place.key("same_as"),
                format!("{} is asked of each host, and settings are those of an environment", check.name),
                "give the comparison a name of its own, and name that in a stage's validations",
            ));
        }
        let named = argv.iter().chain(env.values()).any(|text| text.uses(Placeholder::Environment));
        if !named {
            broken.push(Broken::new(
                place.key("exec"),
                format!("{} asks the same of both environments: it never names {{environment}}", check.name),
                "put {environment} where the command is told which one: exec = [\"bin/settings\", \"{environment}\"]",
            ));
        }
        for (index, stage) in plan.stages.iter().enumerate() {
            let asked = stage.asks_for().any(|asked| *asked == check.name);
            if asked && stage.environment == *with {
                broken.push(Broken::new(
                    Place::of(&["stages"]).index(index).key("environment"),
                    format!("{} compares {with} with itself in stage {}", check.name, stage.name),
                    "ask for it in a stage of another environment",
                ));
            }
        }
    }
}
