//! A stage that takes some hosts over several regions: one at a time, unless the plan says otherwise in so many words.

use super::{Broken, Place, remarks::Remarks};
use crate::domain::{
    counted::counted,
    plan::{CheckKind, Environment, Plan, Rolling, Stage, TOGETHER, region_word},
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for (index, stage) in plan.stages.iter().enumerate() {
        let place = Place::of(&["stages"]).index(index).key("strategy");
        if let Some(rolling) = stage.rolling().filter(|it| it.together() && !it.order.is_empty()) {
            let first = &rolling.order[0];
            broken.push(Broken::new(
                place.key("order"),
                format!("{} takes all its hosts together, and {first:?} first", stage.name),
                format!("use by = \"region\", or take the order out: by = \"{TOGETHER}\" has none"),
            ));
        }
        // What waits for a component whose first host comes in a later region would wait for ever.
        for barrier in plan.barriers(index) {
            if barrier.hosts > 0 {
                continue;
            }
            broken.push(Broken::new(
                place.key("order"),
                format!(
                    "{} goes one region at a time, and {} waits for {}, which has no host there before",
                    stage.name, barrier.component, barrier.after
                ),
                "select hosts so that a region has both, or take one stage after another with select = { region = \"…\" }",
            ));
        }
    }
}

pub(super) fn remark(plan: &Plan, index: usize, stage: &Stage, out: &mut Remarks) {
    let place = Place::of(&["stages"]).index(index);
    let hosts = plan.selected(index);
    let regions = plan.regions(index);
    if regions.is_empty() {
        if !plan.some_in_several_regions(stage, &hosts) {
            return;
        }
        let mut names: Vec<&str> = hosts.iter().map(|host| region_word(host.region.as_deref())).collect();
        names.sort_unstable();
        names.dedup();
        let why = if stage.rolling().is_some_and(Rolling::together) {
            format!("by = \"{TOGETHER}\" says so")
        } else {
            format!("{} does not go by region", stage.strategy.word())
        };
        let what = format!("{} changes hosts of {} at the same time: {why}", stage.name, names.join(", "));
        return out.say(place.key("strategy"), what);
    }
    let Some(environment) = plan.environments.get(&stage.environment) else { return };
    let compared = stage
        .validations
        .iter()
        .any(|check| plan.checks.get(check).is_some_and(|check| check.kind == CheckKind::Comparison));
    for region in regions.iter().filter(|_| compared) {
        if of(environment, region.name) <= region.hosts.len() {
            let has = counted(region.hosts.len(), "host");
            let name = region_word(region.name);
            let what = format!(
                "{} takes all of {name} ({has}): nothing of that region is left to compare with, so that whoever \
                 judges it has to say what else was looked at",
                stage.name
            );
            out.say(place.key("select"), what);
        }
    }
}

fn of(environment: &Environment, region: Option<&str>) -> usize {
    environment.hosts().filter(|host| host.region.as_deref() == region).count()
}
