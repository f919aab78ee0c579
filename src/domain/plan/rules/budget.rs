//! The capacity budget, proved for every step before anything starts, with the sum in words; and the order of
//! the deadlines.

use super::{Broken, Place};
use crate::domain::{
    counted::counted,
    plan::{Amount, Balancer, Capacity, Environment, Limits, Plan, Stage, Strategy},
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for environment in plan.environments.values() {
        deadlines(environment, broken);
        let surge = environment.spares();
        let total = environment.hosts().count() as u32 - surge;
        let stages: Vec<(usize, &Stage)> =
            plan.stages.iter().enumerate().filter(|(_, s)| s.environment == environment.name).collect();
        let only_stops = !stages.is_empty() && stages.iter().all(|(_, s)| s.strategy == Strategy::StopAll);
        // A side that is missing is said by the rule about sides.
        let half = plan.takes_sides(&environment.name) && environment.sides().len() < 2;
        // Where agents change the hosts, what can be held is how far they are told at a time: another rule's.
        if total > 0 && !only_stops && !half && environment.converges().is_none() {
            room(plan, environment, total, broken);
        }
        for (index, stage) in stages {
            step(plan, environment, total, index, stage, broken);
        }
    }
}

pub(super) fn place(environment: &Environment, key: &str) -> Place {
    Place::of(&["environments", environment.name.as_str(), "capacity", key])
}

/// Whether one host may ever be out: every step of every strategy but stop-all takes at least one.
fn room(plan: &Plan, environment: &Environment, total: u32, broken: &mut Vec<Broken>) {
    let name = &environment.name;
    let Capacity { max_parallel, min_healthy, max_unavailable } = environment.capacity;
    if max_parallel.is_some_and(is_none_of_it) {
        broken.push(Broken::new(
            place(environment, "max_parallel"),
            format!("max_parallel = 0: no host of {name} could ever be updated"),
            "use 1 or more",
        ));
        return;
    }
    let surge = environment.spares();
    if surge == 0 && max_unavailable.is_some_and(is_none_of_it) {
        broken.push(Broken::new(
            place(environment, "max_unavailable"),
            format!("max_unavailable = 0: no host of {name} may ever be out, so none could be updated"),
            "use 1 or more",
        ));
        return;
    }
    if plan.takes_clouds(name) {
        // Of the cloud that serves: the rule about clouds says it.
        return;
    }
    let limits = if plan.takes_sides(name) {
        plan.limits(environment, total)
    } else {
        environment.capacity.limits_beside(total, surge)
    };
    match min_healthy {
        Some(amount) if surge == 0 && limits.min_healthy >= total => {
            let (most, share) = (total.saturating_sub(1), (total.saturating_sub(1)) * 100 / total);
            let help = match (amount, most) {
                (_, 0) => "one host can't be kept while it is changed: use min_healthy = 0".to_owned(),
                (Amount::Percent(_), _) if share > 0 => {
                    format!("use min_healthy = \"{share}%\" or {most} at the most")
                }
                _ => format!("use min_healthy = {most} at the most"),
            };
            broken.push(Broken::new(
                place(environment, "min_healthy"),
                format!(
                    "{name} can't keep its capacity while a host is changed: {}",
                    sum(amount, total, &limits)
                ),
                help,
            ));
        }
        None if max_unavailable.is_none() && total > 1 && limits.min_healthy == 0 => {
            broken.push(Broken::new(
                place(environment, "max_parallel"),
                format!(
                    "all {} of {name} would be down at once: max_parallel is {}, and no min_healthy is declared",
                    hosts(total),
                    limits.max_parallel
                ),
                format!("add min_healthy = {}, or min_healthy = 0 if that is meant", total - 1),
            ));
        }
        // How many may be out is a bound, and no word that all of them are meant to be.
        None if total > 1 && limits.min_healthy == 0 => {
            broken.push(Broken::new(
                place(environment, "max_unavailable"),
                format!("all {} of {name} may be down at once, and no min_healthy is declared", hosts(total)),
                format!(
                    "use max_unavailable = {} at the most, or add min_healthy = 0 if that is meant",
                    total - 1
                ),
            ));
        }
        _ => {}
    }
}

/// `10 hosts, 95 % of them is 9.5, rounded up 10: 10 - 10 = 0 may be out`
fn sum(amount: Amount, total: u32, limits: &Limits) -> String {
    let wanted = match amount {
        Amount::Count(count) => format!("min_healthy is {count}"),
        Amount::Percent(hundredths) => {
            let exact = u64::from(total) * u64::from(hundredths);
            let (whole, rest) = (exact / 10_000, exact % 10_000);
            let exact = format!("{whole}.{rest:04}");
            let exact = exact.trim_end_matches('0').trim_end_matches('.');
            format!("min_healthy {amount} of them is {exact}, rounded up {}", limits.min_healthy)
        }
    };
    let spare = total.saturating_sub(limits.min_healthy);
    format!("{}, {wanted}: {total} - {} = {spare} may be out", hosts(total), limits.min_healthy.min(total))
}

fn hosts(count: u32) -> String {
    counted(count, "host")
}

fn is_none_of_it(amount: Amount) -> bool {
    matches!(amount, Amount::Count(0) | Amount::Percent(0))
}

/// What one stage takes out at once.
fn step(
    plan: &Plan,
    environment: &Environment,
    total: u32,
    index: usize,
    stage: &Stage,
    broken: &mut Vec<Broken>,
) {
    let limits = environment.capacity.limits(total);
    let selected = plan.selected(index).len() as u32;
    let at = Place::of(&["stages"]).index(index).key("strategy");
    match &stage.strategy {
        Strategy::Rolling(rolling) => {
            for (nth, batch) in rolling.batches.iter().enumerate() {
                let at = at.key("batches").index(nth);
                let size = batch.at_least_one(selected).min(selected);
                if is_none_of_it(*batch) {
                    broken.push(Broken::new(
                        at,
                        format!("batch {} of {} takes no host", nth + 1, stage.name),
                        "use 1 or more",
                    ));
                } else if matches!(batch, Amount::Count(_)) && size > limits.spare() && limits.spare() > 0 {
                    // A share is the rest of a fleet as often as not: it is taken as the budget allows, and that is
                    // remarked on.
                    broken.push(Broken::new(
                        at,
                        format!(
                            "batch {} of {} takes {} at once, but of {} in {} only {} may be out: {total} - {} = {}",
                            nth + 1,
                            stage.name,
                            hosts(size),
                            hosts(total),
                            environment.name,
                            limits.spare(),
                            total - limits.spare(),
                            limits.spare(),
                        ),
                        format!("use {} at the most, or a smaller min_healthy", limits.spare()),
                    ));
                }
            }
        }
        Strategy::StopAll => {
            if let Some(amount) = environment.capacity.max_unavailable
                && amount.at_least_one(total) < selected
            {
                broken.push(Broken::new(
                    at.clone(),
                    format!(
                        "{} stops {} at once, but max_unavailable is {}",
                        stage.name,
                        hosts(selected),
                        amount.at_least_one(total)
                    ),
                    "stop-all keeps no capacity: declare no max_unavailable",
                ));
            }
            if let Some(amount) = environment.capacity.min_healthy
                && amount.round_up(total) > total.saturating_sub(selected)
            {
                broken.push(Broken::new(
                    at,
                    format!(
                        "{} stops {} at once, which leaves {} of {total}, but min_healthy is {}",
                        stage.name,
                        hosts(selected),
                        total.saturating_sub(selected),
                        amount.round_up(total)
                    ),
                    "stop-all needs min_healthy = 0, or none declared",
                ));
            }
        }
        Strategy::Canary(_) | Strategy::BlueGreen(_) | Strategy::ZeroDowntime(_) | Strategy::Converge(_) => {}
    }
}

fn deadlines(environment: &Environment, broken: &mut Vec<Broken>) {
    let limits = &environment.deadlines;
    let at = |key: &str| Place::of(&["environments", environment.name.as_str(), "deadlines", key]);
    if limits.min_healthy_time >= limits.healthy_deadline {
        broken.push(Broken::new(
            at("min_healthy_time"),
            format!(
                "in {} min_healthy_time ({}) must be shorter than healthy_deadline ({}), or no host could ever be done",
                environment.name, limits.min_healthy_time, limits.healthy_deadline
            ),
            "shorten the first or lengthen the second",
        ));
    }
    if limits.healthy_deadline >= limits.progress_deadline {
        broken.push(Broken::new(
            at("healthy_deadline"),
            format!(
                "in {} healthy_deadline ({}) must be shorter than progress_deadline ({}), or a host that takes its time stops the line",
                environment.name, limits.healthy_deadline, limits.progress_deadline
            ),
            "shorten the first or lengthen the second",
        ));
    }
    if let Balancer::Haproxy { drain_timeout, .. } = &environment.balancer
        && *drain_timeout >= limits.healthy_deadline
    {
        broken.push(Broken::new(
            Place::of(&["environments", environment.name.as_str(), "balancer", "drain_timeout"]),
            format!(
                "draining a host of {} may take {drain_timeout}, and a host must be done in {} (healthy_deadline)",
                environment.name, limits.healthy_deadline
            ),
            "shorten drain_timeout or lengthen healthy_deadline",
        ));
    }
}
