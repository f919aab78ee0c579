//! The steps of a canary: its weights rise, something comes after each pause, and there are hosts for both sides.

use super::{Broken, Kind, Place};
use crate::domain::plan::{CanaryStep, Plan, Strategy, Weight};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for (index, stage) in plan.stages.iter().enumerate() {
        let Strategy::Canary(canary) = &stage.strategy else { continue };
        let place = Place::of(&["stages"]).index(index).key("strategy");
        let steps = place.key("steps");
        let example = "write steps = [{ weight = 5 }, { pause = \"10m\" }, { weight = 25 }]";
        if canary.weights().is_empty() {
            broken.push(Broken::new(place, format!("the canary {} names no weight", stage.name), example));
            continue;
        }
        if !matches!(canary.steps.first(), Some(CanaryStep::Weight(_))) {
            broken.push(Broken::new(
                steps.index(0),
                format!("the canary {} begins with a step that has no host to look at", stage.name),
                "begin with a weight",
            ));
        }
        let mut last: Option<Weight> = None;
        for (nth, step) in canary.steps.iter().enumerate() {
            let at = steps.index(nth);
            match (step, last) {
                (_, Some(Weight::ALL)) => broken.push(Broken::new(
                    at,
                    format!("{} has a step after all of its hosts are done", stage.name),
                    "use the stage's validations and bake for what comes after",
                )),
                (CanaryStep::Weight(weight), Some(before)) if *weight <= before => broken.push(Broken::new(
                    at.key("weight"),
                    format!("the weights of {} rise, and {weight} comes after {before}", stage.name),
                    "a larger weight; the way down is a rollback",
                )),
                (CanaryStep::Validate(checks), _) => {
                    for (nth, check) in checks.iter().enumerate() {
                        if !plan.checks.contains_key(check) {
                            let known = plan.checks.keys().map(ToString::to_string);
                            let at = at.key("validate").index(nth);
                            broken.push(Broken::unknown(at, Kind::Check, check.as_str(), known));
                        }
                    }
                }
                _ => {}
            }
            if let CanaryStep::Weight(weight) = step {
                last = Some(*weight);
            }
        }
        if plan.selected(index).len() == 1 {
            broken.push(Broken::new(
                place,
                format!(
                    "{} has one host, which is either new or old: no share of it is a canary",
                    stage.name
                ),
                "use two hosts or more, or kind = \"rolling\"",
            ));
        }
    }
}
