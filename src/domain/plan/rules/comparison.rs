//! The comparison of a stage: there is something beside it, and whoever judges knows what they will have before them.

use super::{Broken, Place, remarks::Remarks};
use crate::domain::{
    name::CheckName,
    plan::{CheckKind, Plan, Stage},
};

fn asked<'a>(plan: &Plan, stage: &'a Stage) -> Option<&'a CheckName> {
    stage.asks_for().find(|check| compares(plan, check))
}

fn compares(plan: &Plan, check: &CheckName) -> bool {
    plan.checks.get(check).is_some_and(|check| check.kind == CheckKind::Comparison)
}

fn place(index: usize, stage: &Stage, check: &CheckName) -> Place {
    let place = Place::of(&["stages"]).index(index);
    match stage.validations.iter().position(|asked| asked == check) {
        Some(nth) => place.key("validations").index(nth),
        None => place.key("strategy"),
    }
}

/// When a stage is through it is compared with hosts that no stage has changed by then.
pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for (index, stage) in plan.stages.iter().enumerate() {
        let Some(check) = stage.validations.iter().find(|check| compares(plan, check)) else { continue };
        let Some(environment) = plan.environments.get(&stage.environment) else { continue };
        let by_then = plan.stages.iter().enumerate().take(index + 1);
        let changed: usize = by_then
            .filter(|(_, before)| before.environment == stage.environment)
            .map(|(index, _)| plan.selected(index).len())
            .sum();
        if changed >= environment.hosts().count() {
            broken.push(Broken::new(
                place(index, stage, check),
                format!(
                    "{} has nothing to be compared with: every host of {} has the new version by then",
                    stage.name, environment.name
                ),
                "ask for it in a stage that selects some of the hosts, or at a step of a canary",
            ));
        }
    }
}

pub(super) fn remark(plan: &Plan, index: usize, stage: &Stage, out: &mut Remarks) {
    let counts = plan.environments.get(&stage.environment).is_some_and(|it| it.balancer.counts());
    if let Some(check) = asked(plan, stage).filter(|_| !counts) {
        let text = format!(
            "whoever judges the {check} of {} sees no figures: only a haproxy balancer counts what a host serves",
            stage.name
        );
        out.say(place(index, stage, check), text);
    }
}
