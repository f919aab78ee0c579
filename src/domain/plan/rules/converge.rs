//! Agents that read a store: that driver and strategy belong together, how far the desired version is set at a time,
//! that hosts can be watched as they converge, and that there is time for it.

use super::{Broken, Place, remarks::Remarks};
use crate::domain::{
    counted::counted,
    plan::{ALIVE, CheckKind, Converge, Converging, DesiredStore, Environment, Plan, Strategy},
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for (index, stage) in plan.stages.iter().enumerate() {
        let Some(environment) = plan.environments.get(&stage.environment) else { continue };
        let place = Place::of(&["stages"]).index(index).key("strategy");
        match (&stage.strategy, environment.converges()) {
            (Strategy::Converge(how), Some(converge)) => {
                reach(plan, index, environment, how, converge, &place, broken);
            }
            (Strategy::Converge(_), None) => broken.push(Broken::new(
                place,
                format!(
                    "{} converges, but the driver of {} changes its hosts itself: no agent reads a store there",
                    stage.name, environment.name
                ),
                "use driver = { kind = \"converge\", store = { … } }, or another strategy",
            )),
            (other, Some(_)) => broken.push(Broken::new(
                place,
                format!(
                    "{} is {}, but agents change the hosts of {} in their own time",
                    stage.name,
                    other.word(),
                    environment.name
                ),
                "write strategy = { kind = \"converge\", batches = [1, \"100%\"] }",
            )),
            (_, None) => {}
        }
    }
    for environment in plan.environments.values() {
        if let Some(converge) = environment.converges() {
            watched(plan, environment, converge, broken);
            in_time(environment, converge, broken);
        }
    }
}

/// How far the desired version is set at a time. All at once needs an explicit word.
fn reach(
    plan: &Plan,
    index: usize,
    environment: &Environment,
    how: &Converging,
    converge: &Converge,
    place: &Place,
    broken: &mut Vec<Broken>,
) {
    let (stage, name) = (&plan.stages[index].name, &environment.name);
    let (all, selected) = (environment.hosts().count(), plan.selected(index).len());
    if how.all_at_once {
        if !how.batches.batches.is_empty() || how.batches.label().is_some() {
            broken.push(Broken::new(
                place.key("all_at_once"),
                format!("{stage} has batches, and is all at once"),
                "take one of them out",
            ));
        }
    } else if !converge.store.per_host() && all > 1 {
        broken.push(Broken::new(
            place.clone(),
            format!(
                "the store of {name} has one key for {}: once it is set, every agent may install at any time, and no \
                 capacity can be kept",
                counted(all, "host")
            ),
            "put {name} or {host} into the store's key, or write { kind = \"converge\", all_at_once = true }",
        ));
        return;
    }
    if !converge.store.per_host() && selected < all {
        broken.push(Broken::new(
            place.clone(),
            format!(
                "{stage} takes {selected} of {all} hosts, but the store of {name} has one key for all of them"
            ),
            "put {name} or {host} into the store's key, or take all hosts",
        ));
    }
    if how.all_at_once {
        return;
    }
    let limits = environment.capacity.limits(all as u32);
    let most = plan.batches(index).iter().map(|batch| batch.hosts.len() as u32).max().unwrap_or_default();
    if most > limits.spare() && limits.spare() > 0 && all > 1 {
        broken.push(Broken::new(
            place.key("batches"),
            format!(
                "{stage} sets the desired version of {} at once, and each may install at any time; of {all} in {name} \
                 only {} may be out",
                counted(most, "host"),
                limits.spare()
            ),
            format!("use batches of {} at the most, or all_at_once = true", limits.spare()),
        ));
    }
}

/// What a host runs must be said by somebody.
fn watched(plan: &Plan, environment: &Environment, converge: &Converge, broken: &mut Vec<Broken>) {
    let by_itself = plan.check(ALIVE).is_some_and(|check| match &check.kind {
        CheckKind::Http(http) => http.version_pointer.is_some(),
        _ => false,
    });
    if converge.agents.is_none() && !by_itself {
        broken.push(Broken::new(
            Place::of(&["environments", environment.name.as_str(), "driver"]),
            format!("nothing says what the hosts of {} have installed", environment.name),
            "add agents = { url = \"…/{name}\" } to the driver, or version_pointer to [checks.alive]",
        ));
    }
}

fn in_time(environment: &Environment, converge: &Converge, broken: &mut Vec<Broken>) {
    let limit = environment.deadlines.progress_deadline;
    if limit <= converge.cycle() {
        broken.push(Broken::new(
            Place::of(&["environments", environment.name.as_str(), "deadlines", "progress_deadline"]),
            format!(
                "agents of {} look every {}, and may be {} late; progress_deadline is {limit}, so a host could stop the \
                 line that is in time",
                environment.name, converge.every, converge.tolerance
            ),
            format!("write more than {}, and time to install", converge.cycle()),
        ));
    }
}

/// What must be known before it matters.
pub(super) fn remark(plan: &Plan, index: usize, how: &Converging, out: &mut Remarks) {
    let place = Place::of(&["stages"]).index(index).key("strategy");
    let Some(stage) = plan.stages.get(index) else { return };
    let Some(converge) = plan.converges(&stage.environment) else { return };
    let most = plan.batches(index).iter().map(|batch| batch.hosts.len()).max().unwrap_or_default();
    let at_once = if how.all_at_once { "all at once, " } else { "" };
    out.say(
        place.clone(),
        format!(
            "{}: {at_once}up to {} may be installing at the same time, since agents pull in their own time (every {}); HOLD \
             sets nothing new and stops no agent; the way back takes up to {} as well",
            stage.name,
            counted(most, "host"),
            converge.every,
            converge.cycle()
        ),
    );
    let by = match &converge.store {
        DesiredStore::Http { revision: Some(_), .. } => None,
        DesiredStore::Http { revision: None, .. } => Some(
            "its answers must have a strong ETag: where they have none, or a weak one (W/…), nothing can be set over what \
             is there; revision = \"FIELD\" names a field of its answer instead",
        ),
        DesiredStore::Exec { .. } => Some(
            "its get must say a revision that every change changes: where it says none, a person can't set over what \
             somebody else has set",
        ),
    };
    if let Some(by) = by {
        out.say(place.clone(), format!("the store of {}: {by}", stage.environment));
    }
    if converge.nudge.is_none() {
        out.say(
            place,
            format!("no nudge is declared for {}: agents look when it is their time", stage.environment),
        );
    }
}
