//! Stages: their names, environments, selections and validations, and where the poll stands among them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Broken, Kind, Place, environments};
use crate::domain::{
    name::{EnvironmentName, StageName, UnitId},
    plan::{Converging, EnvironmentKind, Plan, Select, Stage, Strategy, VersionPolicy},
    time::Span,
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    let all = Place::of(&["stages"]);
    if plan.stages.is_empty() {
        broken.push(Broken::new(
            all.clone(),
            "there are no stages",
            "add [[stages]] with name = \"production\" and its environment",
        ));
    }
    let mut names: BTreeSet<&StageName> = BTreeSet::new();
    for (index, stage) in plan.stages.iter().enumerate() {
        let place = all.index(index);
        if !names.insert(&stage.name) {
            broken.push(Broken::new(
                place.key("name"),
                format!("two stages are both called {}", stage.name),
                "name them apart",
            ));
        }
        if !plan.environments.contains_key(&stage.environment) {
            let known = plan.environments.keys().map(ToString::to_string);
            let place = place.key("environment");
            broken.push(Broken::unknown(place, Kind::Environment, stage.environment.as_str(), known));
        }
        for (nth, check) in stage.validations.iter().enumerate() {
            if !plan.checks.contains_key(check) {
                let known = plan.checks.keys().map(ToString::to_string);
                let place = place.key("validations").index(nth);
                broken.push(Broken::unknown(place, Kind::Check, check.as_str(), known));
            }
        }
        once(stage, &place, broken);
        if plan.versions == VersionPolicy::Exclusive && stage.strategy.mixes_versions() {
            broken.push(Broken::new(
                place.key("strategy"),
                format!(
                    "{} is {}, which runs two versions side by side, and project.versions is exclusive",
                    stage.name,
                    stage.strategy.word()
                ),
                "use strategy = { kind = \"stop-all\" }, or versions = \"mixed\"",
            ));
        }
    }
    budgets(plan, broken);
    selections(plan, broken);
    orders(plan, broken);
    poll(plan, broken);
}

/// A budget of time that is spent before its stage could be through says nothing.
fn budgets(plan: &Plan, broken: &mut Vec<Broken>) {
    for (index, stage) in plan.stages.iter().enumerate() {
        // Each region bakes by itself.
        let bakes = Span(stage.bake.0.saturating_mul(plan.regions(index).len().max(1) as u64));
        let Some(budget) = stage.budget.filter(|budget| *budget <= bakes) else { continue };
        broken.push(Broken::new(
            Place::of(&["stages"]).index(index).key("budget"),
            if budget == Span::ZERO {
                format!("{} has no time at all", stage.name)
            } else {
                format!("{} may take {budget}, and bakes for {bakes}", stage.name)
            },
            "use a time that is longer than its bake, as in \"2h\"",
        ));
    }
}

/// What runs once has a name of its own in its stage.
fn once(stage: &Stage, place: &Place, broken: &mut Vec<Broken>) {
    let mut names = BTreeSet::new();
    for (nth, once) in stage.once.iter().enumerate() {
        if !names.insert(&once.name) {
            broken.push(Broken::new(
                place.key("once").index(nth).key("name"),
                format!("two steps of {} are both called {}", stage.name, once.name),
                "name them apart",
            ));
        }
    }
}

/// What a stage takes its hosts by, in batches, must be known of every host.
fn orders(plan: &Plan, broken: &mut Vec<Broken>) {
    for (index, stage) in plan.stages.iter().enumerate() {
        let (Strategy::Rolling(rolling) | Strategy::Converge(Converging { batches: rolling, .. })) =
            &stage.strategy
        else {
            continue;
        };
        let Some(by) = rolling.label() else { continue };
        let at = Place::of(&["stages"]).index(index).key("strategy");
        let hosts = plan.selected(index);
        let bare: Vec<&str> =
            hosts.iter().filter(|host| host.label(by).is_none()).map(|host| host.name.as_str()).collect();
        if let Some(first) = bare.first() {
            let more =
                if bare.len() > 1 { format!(", nor have {} more", bare.len() - 1) } else { String::new() };
            let help = if by == "region" {
                format!("write {{ name = \"{first}\", region = \"…\" }}")
            } else {
                format!("write {{ name = \"{first}\", labels = {{ {by} = \"…\" }} }}")
            };
            let what = format!("{} takes its hosts by {by}, and {first} has none{more}", stage.name);
            broken.push(Broken::new(at.key("by"), what, help));
            continue;
        }
        let known: BTreeSet<&str> = hosts.iter().filter_map(|host| host.label(by)).collect();
        for (nth, value) in rolling.order.iter().enumerate() {
            if !known.contains(value.as_str()) {
                let known: Vec<&str> = known.iter().copied().collect();
                broken.push(Broken::new(
                    at.key("order").index(nth),
                    format!("no host of {} has {by} {value:?}", stage.name),
                    format!("use {}", known.join(" or ")),
                ));
            }
        }
    }
}

fn selections(plan: &Plan, broken: &mut Vec<Broken>) {
    let mut taken: BTreeMap<&EnvironmentName, BTreeMap<&UnitId, &Stage>> = BTreeMap::new();
    for (index, stage) in plan.stages.iter().enumerate() {
        let Some(environment) = plan.environments.get(&stage.environment) else { continue };
        let total = environment.hosts().count();
        if total == 0 {
            continue;
        }
        let place = Place::of(&["stages"]).index(index).key("select");
        let before = broken.len();
        if let Select::Some { region, hosts, .. } = &stage.select {
            environments::selection(environment, region.as_deref(), hosts, &place, broken);
        }
        let known = broken.len() == before;
        let selected = plan.selected(index);
        if selected.is_empty() && known {
            let what = match stage.select {
                Select::Rest => format!(
                    "{} selects the rest of {}, but the stages before took all {total} hosts",
                    stage.name, environment.name
                ),
                _ => format!("{} selects no host of {}", stage.name, environment.name),
            };
            broken.push(Broken::new(place.clone(), what, "select at least one host, or take the stage out"));
        }
        if let Select::Some { amount: Some(amount), .. } = &stage.select
            && known
            && amount.at_least_one(selected.len() as u32) as usize > selected.len()
            && !selected.is_empty()
        {
            broken.push(Broken::new(
                place.key("count"),
                format!("{} selects {amount} hosts, but only {} match", stage.name, selected.len()),
                format!("use {} at the most", selected.len()),
            ));
        }
        let taken = taken.entry(&stage.environment).or_default();
        let twice: Vec<(&UnitId, &Stage)> = selected
            .iter()
            .filter_map(|host| taken.get(&host.unit).map(|earlier| (&host.unit, *earlier)))
            .collect();
        if let Some((unit, earlier)) = twice.first() {
            let more = if twice.len() > 1 { format!(" and {} more", twice.len() - 1) } else { String::new() };
            broken.push(Broken::new(
                place,
                format!("{} and {} both select {unit}{more}", earlier.name, stage.name),
                "use select = \"rest\" for what the stages before did not take",
            ));
        }
        taken.extend(selected.into_iter().map(|host| (&host.unit, stage)));
    }
}

fn poll(plan: &Plan, broken: &mut Vec<Broken>) {
    let place = Place::of(&["poll", "before"]);
    if plan.stages.is_empty() {
        return;
    }
    let Some((at, _)) = plan.stage(&plan.poll.before) else {
        let known = plan.stages.iter().map(|stage| stage.name.to_string());
        broken.push(Broken::unknown(place, Kind::Stage, plan.poll.before.as_str(), known));
        return;
    };
    let production = |stage: &&Stage| {
        plan.environments.get(&stage.environment).is_some_and(|e| e.kind == EnvironmentKind::Production)
    };
    if let Some(early) = plan.stages[..at].iter().find(production) {
        broken.push(Broken::new(
            place,
            format!(
                "{} changes production before the poll, which stands before {}",
                early.name, plan.poll.before
            ),
            format!("use before = \"{}\"", early.name),
        ));
    }
}
