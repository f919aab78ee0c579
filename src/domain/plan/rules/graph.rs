//! The stages as a graph: what each comes after is there, no stage waits for itself, and what changes one environment
//! changes it one stage at a time.

use std::collections::BTreeSet;

use super::{Broken, Kind, Place, Remarks};
use crate::domain::{
    name::StageName,
    plan::{Plan, Stage},
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    let sound = broken.len();
    for (index, stage) in plan.stages.iter().enumerate() {
        names(plan, index, stage, broken);
    }
    if broken.len() > sound {
        return;
    }
    if let Some(circle) = plan.circle() {
        round(plan, &circle, broken);
        return;
    }
    beside(plan, broken);
}

fn after(index: usize) -> Place {
    Place::of(&["stages"]).index(index).key("after")
}

fn names(plan: &Plan, index: usize, stage: &Stage, broken: &mut Vec<Broken>) {
    let mut named: BTreeSet<&StageName> = BTreeSet::new();
    for (nth, name) in stage.after.iter().flatten().enumerate() {
        let place = after(index).index(nth);
        if *name == stage.name {
            let what = format!("{name} is after itself: it could never begin");
            broken.push(Broken::new(place, what, "take it out, or name the stage before it"));
        } else if plan.stage(name).is_none() {
            let known = plan.stages.iter().map(|it| &it.name).filter(|it| **it != stage.name);
            broken.push(Broken::unknown(place, Kind::Stage, name.as_str(), known.map(ToString::to_string)));
        } else if !named.insert(name) {
            let what = format!("{} names {name} twice", stage.name);
            broken.push(Broken::new(place, what, "name it once"));
        }
    }
}

fn round(plan: &Plan, circle: &[usize], broken: &mut Vec<Broken>) {
    let words: Vec<&str> = circle.iter().filter_map(|at| Some(plan.stages.get(*at)?.name.as_str())).collect();
    // The one that says it; another may be after the one before it without a word.
    let says = |at: &&usize| plan.stages.get(**at).is_some_and(|stage| stage.after.is_some());
    let place = circle.iter().find(says).map_or(Place::of(&["stages"]), |at| after(*at));
    let what = format!("no stage could ever begin: {}", words.join(" → "));
    broken.push(Broken::new(place, what, "take one of them out of what another is after"));
}

/// Stages of one environment come one after the other: beside each other they would change the same hosts' pool, and
/// go back to two different versions.
fn beside(plan: &Plan, broken: &mut Vec<Broken>) {
    let before: Vec<BTreeSet<usize>> = (0..plan.stages.len()).map(|index| plan.all_before(index)).collect();
    for (index, stage) in plan.stages.iter().enumerate() {
        let earlier = plan.stages.iter().enumerate().take(index);
        let mut same = earlier.filter(|(_, other)| other.environment == stage.environment);
        let Some((_, other)) =
            same.find(|(at, _)| !before[index].contains(at) && !before[*at].contains(&index))
        else {
            continue;
        };
        let (one, two, environment) = (&other.name, &stage.name, &stage.environment);
        broken.push(Broken::new(
            after(index),
            format!("{one} and {two} both change {environment}, and neither comes after the other"),
            format!("name {one} in what {two} is after, or a stage that comes after {one}"),
        ));
    }
}

/// What is after a stage is after all that it is after.
pub(super) fn remark(plan: &Plan, index: usize, stage: &Stage, out: &mut Remarks) {
    for (nth, name) in stage.after.iter().flatten().enumerate() {
        let Some((named, _)) = plan.stage(name) else { continue };
        let through = plan
            .before(index)
            .into_iter()
            .find(|other| *other != named && plan.all_before(*other).contains(&named));
        let Some(through) = through.and_then(|at| plan.stages.get(at)) else { continue };
        out.say(
            after(index).index(nth),
            format!("{} is after {name} anyway: it is after {}, which is", stage.name, through.name),
        );
    }
}
