//! Zero downtime over clouds: that exactly one is primary, that each can take over, and that no step touches the one that
//! serves before another one does.

use std::collections::BTreeSet;

use super::{Broken, Kind, Place, budget, remarks::Remarks, sides};
use crate::domain::{
    counted::counted,
    name::CloudName,
    plan::{
        Amount, CheckKind, Cloud, CloudRole, CloudStep, Environment, Plan, Scope, Stage, Strategy,
        TrafficKind, VersionPolicy, ZeroDowntime, takes_over_with_fewer,
    },
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for (index, stage) in plan.stages.iter().enumerate() {
        let Strategy::ZeroDowntime(strategy) = &stage.strategy else { continue };
        let Some(environment) = plan.environments.get(&stage.environment) else { continue };
        // That is another rule's to say, and all of it.
        if plan.versions == VersionPolicy::Exclusive {
            continue;
        }
        let place = Place::of(&["stages"]).index(index);
        checks(plan, strategy, &place.key("strategy").key("verify"), broken);
        if !roles(environment, stage, &place, broken) {
            continue;
        }
        sides::alone(plan, index, stage, environment, broken);
        sides::taken_out(environment, stage, broken);
        carries(environment, broken);
        if order(strategy, environment, stage, &place.key("strategy"), broken) {
            pauses(strategy, environment, &place.key("strategy").key("pause"), broken);
        }
    }
}

fn names(clouds: &[Cloud]) -> String {
    let names: Vec<&str> = clouds.iter().map(|cloud| cloud.name.as_str()).collect();
    names.join(", ")
}

/// Whether there are two clouds or more, of which one is primary.
fn roles(environment: &Environment, stage: &Stage, place: &Place, broken: &mut Vec<Broken>) -> bool {
    let name = &environment.name;
    let clouds = Place::of(&["environments", name.as_str(), "clouds"]);
    if environment.clouds.len() < 2 {
        let has = if environment.clouds.is_empty() { "none".to_owned() } else { names(&environment.clouds) };
        broken.push(Broken::new(
            place.key("strategy"),
            format!(
                "{} is zero-downtime, which takes two clouds or more of one environment, and {name} has {has}",
                stage.name
            ),
            format!(
                "write its hosts as [environments.{name}] clouds.a = {{ role = \"primary\", hosts = […] }} and \
                 clouds.b = {{ role = \"secondary\", hosts = […] }}"
            ),
        ));
        return false;
    }
    let primary = environment.clouds.iter().filter(|cloud| cloud.role == CloudRole::Primary);
    let primary: Vec<&str> = primary.map(|cloud| cloud.name.as_str()).collect();
    match primary.as_slice() {
        [_] => return true,
        [] => broken.push(Broken::new(
            clouds,
            format!("no cloud of {name} is primary: nobody would be served"),
            format!("give one of {} role = \"primary\"", names(&environment.clouds)),
        )),
        [_, others @ ..] => broken.push(Broken::new(
            clouds.key(others[0]).key("role"),
            format!(
                "{} of {name} are both primary, and {} switches from one that serves to one that stands by",
                primary.join(" and "),
                stage.name
            ),
            "use role = \"secondary\" on all but the one that serves, or strategy = { kind = \"rolling\" }",
        )),
    }
    false
}

fn checks(plan: &Plan, strategy: &ZeroDowntime, at: &Place, broken: &mut Vec<Broken>) {
    for (nth, name) in strategy.verify.iter().enumerate() {
        let at = at.index(nth);
        match plan.checks.get(name) {
            None => {
                let known = plan.checks.keys().map(ToString::to_string);
                broken.push(Broken::unknown(at, Kind::Check, name.as_str(), known));
            }
            Some(check) if check.kind == CheckKind::Comparison => broken.push(Broken::new(
                at,
                "what stands by serves nobody, so nothing of it can be compared",
                "use a check that asks {host}, {name} or {port}",
            )),
            Some(_) => {}
        }
    }
}

/// Whether each cloud is in the order once. Whoever is primary is last in it and takes over from nobody: as that changes
/// with each go-live, a plan that names it elsewhere is told so, and not refused.
fn order(
    strategy: &ZeroDowntime,
    environment: &Environment,
    stage: &Stage,
    place: &Place,
    broken: &mut Vec<Broken>,
) -> bool {
    let before = broken.len();
    let known = names(&environment.clouds);
    let is_known = |name: &CloudName| environment.clouds.iter().any(|cloud| cloud.name == *name);
    let mut seen = BTreeSet::new();
    for (nth, name) in strategy.order.iter().enumerate() {
        let at = place.key("order").index(nth);
        if !is_known(name) {
            let what = format!("{} has no cloud {:?}", environment.name, name.as_str());
            broken.push(Broken::new(at, what, format!("use {known}")));
        } else if !seen.insert(name) {
            broken.push(Broken::new(at, format!("{name} is in the order twice"), "take it out once"));
        }
    }
    let left = environment.clouds.iter().find(|cloud| !seen.contains(&cloud.name));
    if let Some(cloud) = left.filter(|_| !strategy.order.is_empty() && broken.len() == before) {
        broken.push(Broken::new(
            place.key("order"),
            format!("{} is not in the order of {}, and would keep its version", cloud.name, stage.name),
            format!("name all of them: {known}; or leave order out"),
        ));
    }
    if let Some(over) = &strategy.takes_over {
        let at = place.key("takes_over");
        if !is_known(over) {
            let what = format!("{} has no cloud {:?}", environment.name, over.as_str());
            broken.push(Broken::new(at, what, format!("use {known}")));
        }
    }
    broken.len() == before
}

fn pauses(strategy: &ZeroDowntime, environment: &Environment, place: &Place, broken: &mut Vec<Broken>) {
    let mut known = Vec::new();
    for cloud in strategy.changed(environment) {
        known.push(CloudStep::Apply(cloud.clone()));
        if !strategy.verify.is_empty() {
            known.push(CloudStep::Verify(cloud.clone()));
        }
    }
    known.push(CloudStep::Switch);
    let words: Vec<String> = known.iter().map(ToString::to_string).collect();
    for (key, steps) in [("before", &strategy.pause.before), ("after", &strategy.pause.after)] {
        for (nth, step) in steps.iter().enumerate().filter(|(_, step)| !known.contains(step)) {
            broken.push(Broken::new(
                place.key(key).index(nth),
                format!("there is no step {:?}", step.to_string()),
                format!("use {}", words.join(", ")),
            ));
        }
    }
}

/// Each cloud may serve alone.
fn carries(environment: &Environment, broken: &mut Vec<Broken>) {
    for (cloud, hosts) in environment.sides() {
        if hosts == 0 {
            broken.push(Broken::new(
                Place::of(&["environments", environment.name.as_str(), "clouds", cloud]),
                format!("{cloud} of {} has no hosts", environment.name),
                "a cloud alone serves everybody while it is primary",
            ));
            return;
        }
    }
    let Some((cloud, hosts)) = environment.sides().into_iter().min_by_key(|(_, hosts)| *hosts) else {
        return;
    };
    if let Some(Amount::Count(needs)) = environment.capacity.min_healthy
        && needs > hosts
    {
        broken.push(Broken::new(
            budget::place(environment, "min_healthy"),
            format!(
                "{cloud} of {} could not serve alone: it has {}, and min_healthy is {needs}",
                environment.name,
                counted(u64::from(hosts), "host")
            ),
            format!("use min_healthy = {hosts} at the most, which is of the cloud that serves, or more hosts in {cloud}"),
        ));
    }
}

/// What nobody should find out by being paged.
pub(super) fn remark(plan: &Plan, index: usize, strategy: &ZeroDowntime, out: &mut Remarks) {
    let Some(stage) = plan.stages.get(index) else { return };
    let Some(environment) = plan.environments.get(&stage.environment) else { return };
    let at = Place::of(&["stages"]).index(index).key("strategy");
    let Some(order) = strategy.in_order(environment) else { return };
    let (to, from) = (order.takes_over(), order.leaves());
    out.say(
        at.clone(),
        format!(
            "{to} takes over from {from} and stays primary in {}; golive keeps who is primary, and the next go-live \
             begins with that, unless the roles are edited",
            environment.name
        ),
    );
    moved(strategy, environment, (to, from), &at, out);
    smaller(environment, (to, from), &at, out);
    if !environment.balancer.counts() || environment.traffic == TrafficKind::None {
        let why = if environment.traffic == TrafficKind::None {
            "has no traffic"
        } else {
            "has a balancer that counts none"
        };
        out.say(
            at.clone(),
            format!("{} {why}: that it shifted is seen by who is in the pool alone", environment.name),
        );
    }
    if strategy.verify.is_empty() {
        out.say(at.clone(), format!("not declared: verify; {to} takes over when its hosts answer"));
    }
    for (nth, name) in strategy.verify.iter().enumerate() {
        if plan.checks.get(name).is_some_and(|check| check.scope() == Scope::Environment) {
            out.say(
                at.key("verify").index(nth),
                format!(
                    "check {name} names no host: whatever answers it, it may not be the cloud that is without traffic; \
                     {{host}}, {{name}} or {{port}} would ask that one"
                ),
            );
        }
    }
}

/// Whoever takes over with fewer hosts carries on each of them what more hosts carried before.
fn smaller(environment: &Environment, (to, from): (&CloudName, &CloudName), at: &Place, out: &mut Remarks) {
    let sides = environment.sides();
    let hosts = |name: &CloudName| sides.iter().find(|(side, _)| *side == name.as_str()).map_or(0, |it| it.1);
    if let Some(words) = takes_over_with_fewer((to.as_str(), hosts(to)), (from.as_str(), hosts(from))) {
        out.say(at.clone(), format!("at the switch {words}"));
    }
}

/// What the plan says that holds otherwise, because of who is primary now.
fn moved(
    strategy: &ZeroDowntime,
    environment: &Environment,
    (to, from): (&CloudName, &CloudName),
    at: &Place,
    out: &mut Remarks,
) {
    let changed = strategy.changed(environment);
    if !strategy.order.is_empty() && !strategy.order.iter().eq(changed.iter().copied()) {
        let names: Vec<&str> = changed.iter().map(|name| name.as_str()).collect();
        let what = format!(
            "{from} is primary, and is changed last, when another one serves: the order is {}",
            names.join(", ")
        );
        out.say(at.key("order"), what);
    }
    if strategy.takes_over.as_ref() == Some(from) {
        out.say(at.key("takes_over"), format!("{from} is primary already: {to} takes over from it"));
    }
    let last = if strategy.verify.is_empty() {
        CloudStep::Apply(from.clone())
    } else {
        CloudStep::Verify(from.clone())
    };
    let at = at.key("pause");
    if let Some(nth) = strategy.pause.after.iter().position(|step| *step == last) {
        let what = format!(
            "{last} is the last step: nothing comes after it that could wait, and it does not pause there; the stage \
             waits for its promotion, with promote = \"human\" for a person"
        );
        out.say(at.key("after").index(nth), what);
    }
    let pauses = strategy.pause.before.iter().chain(&strategy.pause.after);
    let of_a_cloud: Vec<String> =
        pauses.filter(|step| **step != CloudStep::Switch).map(ToString::to_string).collect();
    if !of_a_cloud.is_empty() {
        let what = format!(
            "the pauses at {} stay with their cloud: in the next go-live, when {to} is primary, they are elsewhere among \
             the steps",
            of_a_cloud.join(", ")
        );
        out.say(at, what);
    }
}

/// A cloud that stands by gets no traffic: only zero-downtime knows that.
pub(super) fn stands_by_for_nothing(plan: &Plan, environment: &Environment) -> bool {
    environment.clouds.iter().any(|cloud| cloud.role == CloudRole::Secondary)
        && !plan.takes_clouds(&environment.name)
}
