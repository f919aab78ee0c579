//! Blue/green: that there are two sides, that each can be taken out, and that the other one alone is enough while it is.

use super::{Broken, Kind, Place, budget, remarks::Remarks};
use crate::domain::{
    counted::counted,
    plan::{
        Amount, Balancer, BlueGreen, CheckKind, Driver, Environment, Plan, Scope, Select, Stage, Strategy,
        Verb, VersionPolicy,
    },
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for (index, stage) in plan.stages.iter().enumerate() {
        let Strategy::BlueGreen(strategy) = &stage.strategy else { continue };
        let Some(environment) = plan.environments.get(&stage.environment) else { continue };
        // That is another rule's to say, and all of it.
        if plan.versions == VersionPolicy::Exclusive {
            continue;
        }
        let place = Place::of(&["stages"]).index(index);
        checks(plan, strategy, &place.key("strategy").key("validate"), broken);
        times(stage, strategy, &place, broken);
        let sides = environment.sides();
        if sides.len() != 2 || !environment.clouds.is_empty() {
            let named: Vec<&str> = sides.iter().map(|(colour, _)| *colour).collect();
            let has = if named.is_empty() || !environment.clouds.is_empty() {
                "none".to_owned()
            } else {
                named.join(", ")
            };
            broken.push(Broken::new(
                place.key("strategy"),
                format!("{} is blue-green, which takes two colours, and {} has {has}", stage.name, environment.name),
                format!(
                    "write the hosts of [environments.{}] as colours.blue = {{ hosts = […] }} and colours.green",
                    environment.name
                ),
            ));
            continue;
        }
        first(strategy, &sides_named(environment), &place, broken);
        alone(plan, index, stage, environment, broken);
        taken_out(environment, stage, broken);
        carries(environment, broken);
    }
}

fn sides_named(environment: &Environment) -> Vec<String> {
    environment.sides().into_iter().map(|(colour, _)| colour.to_owned()).collect()
}

fn first(strategy: &BlueGreen, known: &[String], place: &Place, broken: &mut Vec<Broken>) {
    if let Some(first) = strategy.first.as_ref().filter(|first| !known.contains(&first.to_string())) {
        broken.push(Broken::new(
            place.key("strategy").key("first"),
            format!("there is no colour {:?}", first.as_str()),
            format!("use {}", known.join(" or ")),
        ));
    }
}

fn checks(plan: &Plan, strategy: &BlueGreen, at: &Place, broken: &mut Vec<Broken>) {
    for (nth, name) in strategy.validate.iter().enumerate() {
        let at = at.index(nth);
        match plan.checks.get(name) {
            None => {
                let known = plan.checks.keys().map(ToString::to_string);
                broken.push(Broken::unknown(at, Kind::Check, name.as_str(), known));
            }
            Some(check) if check.kind == CheckKind::Comparison => broken.push(Broken::new(
                at,
                "what is out of traffic serves nobody, so nothing of it can be compared",
                "use comparison in the stage's validations, after both sides are back in",
            )),
            Some(_) => {}
        }
    }
}

fn times(stage: &Stage, strategy: &BlueGreen, place: &Place, broken: &mut Vec<Broken>) {
    if strategy.warm < strategy.soak {
        broken.push(Broken::new(
            place.key("strategy").key("warm"),
            format!(
                "{} keeps the other colour for {}, and soaks for {} before it could change it",
                stage.name, strategy.warm, strategy.soak
            ),
            format!("use warm = \"{}\" or more, or leave it out", strategy.soak),
        ));
    }
}

/// Hosts that another stage takes would be on neither side, or on one of which half is new.
pub(super) fn alone(
    plan: &Plan,
    index: usize,
    stage: &Stage,
    environment: &Environment,
    broken: &mut Vec<Broken>,
) {
    let other = plan
        .stages
        .iter()
        .enumerate()
        .find(|(at, other)| *at != index && other.environment == environment.name);
    if let Some((at, other)) = other {
        broken.push(Broken::new(
            Place::of(&["stages"]).index(at),
            format!(
                "{} takes {} side by side, and {} is there as well",
                stage.name, environment.name, other.name
            ),
            "one stage for an environment that is taken side by side, which tests one before it gets any traffic",
        ));
    }
    if stage.select != Select::All {
        broken.push(Broken::new(
            Place::of(&["stages"]).index(index).key("select"),
            format!(
                "{} takes whole sides of {}, and selects some of its hosts",
                stage.name, environment.name
            ),
            "leave select out",
        ));
    }
}

pub(super) fn taken_out(environment: &Environment, stage: &Stage, broken: &mut Vec<Broken>) {
    let by_driver = match &environment.driver {
        Driver::Exec { verbs, .. } => verbs.contains_key(&Verb::Drain) && verbs.contains_key(&Verb::Rejoin),
        Driver::Local { .. } | Driver::Ssh { .. } | Driver::Converge(_) => false,
    };
    if environment.balancer == Balancer::None && !by_driver {
        broken.push(Broken::new(
            Place::of(&["environments", environment.name.as_str(), "balancer"]),
            format!(
                "{} takes a side of {} out of traffic, and nothing there can",
                stage.name, environment.name
            ),
            "add a balancer, or the driver's verbs drain and rejoin",
        ));
    }
}

/// While a side is out the other one serves all: that is the plan's to allow, with the sum in words.
fn carries(environment: &Environment, broken: &mut Vec<Broken>) {
    let total = environment.hosts().count() as u32;
    for (colour, hosts) in environment.sides() {
        if hosts == 0 {
            broken.push(Broken::new(
                Place::of(&["environments", environment.name.as_str(), "colours", colour]),
                format!("{colour} of {} has no hosts", environment.name),
                "a side alone serves everybody while the other one is out",
            ));
            continue;
        }
        let rest = total - hosts;
        let sum = format!("{total} - {hosts} = {rest}");
        if let Some(amount) = environment.capacity.min_healthy
            && amount.round_up(total) > rest
        {
            let needs = amount.round_up(total);
            broken.push(Broken::new(
                budget::place(environment, "min_healthy"),
                format!(
                    "{colour} of {} can't be taken out: {sum} hosts would serve alone, and min_healthy is {}",
                    environment.name,
                    match amount {
                        Amount::Count(_) => needs.to_string(),
                        Amount::Percent(_) => format!("{amount} of {total}, which is {needs}"),
                    }
                ),
                format!("use min_healthy = {rest} at the most, or more hosts on the other side"),
            ));
        } else if let Some(amount) = environment.capacity.max_unavailable
            && amount.at_least_one(total) < hosts
        {
            broken.push(Broken::new(
                budget::place(environment, "max_unavailable"),
                format!(
                    "{colour} of {} is {} that are out at once, and max_unavailable is {}",
                    environment.name,
                    counted(u64::from(hosts), "host"),
                    amount.at_least_one(total)
                ),
                format!("use max_unavailable = {hosts} or more, or leave it out"),
            ));
        }
    }
}

/// What nobody should find out by being paged: who serves alone, and what a check can't have looked at.
pub(super) fn remark(plan: &Plan, index: usize, strategy: &BlueGreen, out: &mut Remarks) {
    let Some(stage) = plan.stages.get(index) else { return };
    let Some(environment) = plan.environments.get(&stage.environment) else { return };
    let at = Place::of(&["stages"]).index(index).key("strategy");
    let total = environment.hosts().count() as u32;
    let sides: Vec<String> = environment
        .sides()
        .into_iter()
        .map(|(colour, hosts)| format!("{} of {total} while {colour} is out", total - hosts))
        .collect();
    out.say(
        at.clone(),
        format!(
            "{} is served by one colour alone: {}; each must be able to carry all",
            environment.name,
            sides.join(", ")
        ),
    );
    if strategy.validate.is_empty() {
        out.say(
            at.clone(),
            format!(
                "not declared: validate; a colour of {} gets traffic when its hosts answer",
                environment.name
            ),
        );
    }
    for (nth, name) in strategy.validate.iter().enumerate() {
        if plan.checks.get(name).is_some_and(|check| check.scope() == Scope::Environment) {
            out.say(
                at.key("validate").index(nth),
                format!(
                    "check {name} names no host: whatever answers it, it may not be the colour that is out of traffic; \
                     {{host}}, {{name}} or {{port}} would ask that one"
                ),
            );
        }
    }
}
