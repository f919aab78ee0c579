//! Names that must stand for something: components, checks, plan B, what votes rely on.

use std::collections::BTreeSet;

use super::{Broken, Kind, Place};
use crate::domain::{
    name::ComponentName,
    plan::{Component, Placeholder, Plan, PointOfNoReturn},
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    if !plan.artifact.source.uses(Placeholder::Version) {
        broken.push(Broken::new(
            Place::of(&["artifact", "source"]),
            "the artifact's source has no {version}, so every version would be the same one",
            "put {version} where the version stands: \"dist/shop-{version}.tar.gz\"",
        ));
    }
    components(plan, broken);
    if let PointOfNoReturn::Stage(stage) = &plan.plan_b.point_of_no_return
        && plan.stage(stage).is_none()
    {
        let known = plan.stages.iter().map(|s| s.name.to_string()).chain(["none".into()]);
        broken.push(Broken::unknown(
            Place::of(&["plan_b", "point_of_no_return"]),
            Kind::Stage,
            stage.as_str(),
            known,
        ));
    }
    reliances(plan, broken);
}

/// What a seat's vote may rely on besides groups of items.
const RELIANCES: [&str; 5] = ["artifacts", "steps", "time", "plan-b", "risks"];

fn reliances(plan: &Plan, broken: &mut Vec<Broken>) {
    let groups: BTreeSet<&str> = plan.items.iter().map(|item| item.group.as_str()).collect();
    let named = |word: &str| groups.iter().any(|group| group.eq_ignore_ascii_case(word));
    for (at, seat) in plan.poll.seats.iter().enumerate() {
        for (nth, word) in seat.relies_on.iter().enumerate() {
            if !RELIANCES.contains(&word.as_str()) && !named(word) {
                let place = Place::of(&["poll", "seats"]).index(at).key("relies_on").index(nth);
                let known = RELIANCES.iter().chain(&groups).copied();
                broken.push(Broken::unknown(place, Kind::Reliance, word, known.map(str::to_owned)));
            }
        }
    }
}

fn components(plan: &Plan, broken: &mut Vec<Broken>) {
    for component in plan.components.values() {
        let place = Place::of(&["components", component.name.as_str()]);
        for (at, needed) in component.depends.iter().enumerate() {
            if !plan.components.contains_key(needed) {
                let known =
                    plan.components.keys().filter(|name| **name != component.name).map(ToString::to_string);
                broken.push(Broken::unknown(
                    place.key("depends").index(at),
                    Kind::Component,
                    needed.as_str(),
                    known,
                ));
            }
        }
        if let Some(owner) = &component.owner
            && !plan.people.contains_key(owner)
        {
            let known = plan.people.keys().map(ToString::to_string);
            broken.push(Broken::unknown(place.key("owner"), Kind::Person, owner.as_str(), known));
        }
    }
    if !plan.components.is_empty() && plan.components.values().all(|component| component.external) {
        broken.push(Broken::new(
            Place::of(&["components"]),
            "every component is external, so there is nothing to deploy",
            "declare the component that the artifact is for",
        ));
    }
    if let Some(cycle) = cycle(plan) {
        let path: Vec<&str> = cycle.iter().map(|component| component.name.as_str()).collect();
        let first = path.first().copied().unwrap_or_default();
        broken.push(Broken::new(
            Place::of(&["components", first, "depends"]),
            format!("components depend on each other in a circle: {} -> {first}", path.join(" -> ")),
            "take one of these dependencies out",
        ));
    }
}

/// One circle of dependencies, where there is one. Each component is entered once.
fn cycle(plan: &Plan) -> Option<Vec<&Component>> {
    let mut done: BTreeSet<&ComponentName> = BTreeSet::new();
    for start in plan.components.values() {
        // The path from `start`, and for each component on it how many of its dependencies were followed.
        let mut path: Vec<(&Component, usize)> = vec![(start, 0)];
        while let Some((component, next)) = path.last().copied() {
            if done.contains(&component.name) {
                path.pop();
                continue;
            }
            let Some(needed) = component.depends.get(next) else {
                done.insert(&component.name);
                path.pop();
                continue;
            };
            if let Some(last) = path.last_mut() {
                last.1 += 1;
            }
            if let Some(at) = path.iter().position(|(on_path, _)| on_path.name == *needed) {
                return Some(path[at..].iter().map(|(component, _)| *component).collect());
            }
            if let Some(needed) = plan.components.get(needed) {
                path.push((needed, 0));
            }
        }
    }
    None
}
