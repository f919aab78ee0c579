//! The steps of a stage in words, for `rollout plan`: what is done, with which hosts, and who serves meanwhile.

use crate::{
    domain::{
        counted::counted,
        effect::LaneStep,
        name::UnitId,
        plan::{Pause, Step, takes_over_with_fewer},
        rollout::{BatchPreview, Preview},
    },
    report,
};

/// `batch 2   3 hosts of eu-1: web-04, web-05, web-06; 3 at once, 1 may fail, lowest 24`
fn batch_in_words(batch: &BatchPreview) -> String {
    let hosts: Vec<&str> = batch.units.iter().map(UnitId::as_str).collect();
    if hosts.is_empty() {
        return "no further host".to_owned();
    }
    let count = counted(hosts.len(), "host");
    let group = batch.group.as_ref().map_or(String::new(), |group| format!(" of {group}"));
    let fail = match batch.tolerates {
        0 => "none may fail".to_owned(),
        some => format!("{some} may fail"),
    };
    format!(
        "{count}{group}: {}; {} at once, {fail}, lowest {}",
        hosts.join(", "),
        batch.at_once,
        batch.lowest
    )
}

/// Batches where there is nothing else, or every step.
pub fn rows(preview: &Preview) -> impl Iterator<Item = [String; 2]> {
    let takes_sides = preview.steps.iter().any(Step::takes_side_out);
    let shift = preview.steps.iter().find_map(|step| match step {
        Step::Shift { to, from } => Some((*to, *from)),
        _ => None,
    });
    let only_batches = preview.steps.len() == preview.batches.len();
    preview.steps.iter().enumerate().map(move |(nth, step)| {
        let hosts = |batch: u32| preview.batches.get(batch as usize).map(batch_in_words).unwrap_or_default();
        let of_clouds = shift.and_then(|shift| cloud_step(preview, step, shift));
        let what = of_clouds.unwrap_or_else(|| match step {
            Step::Deploy { batch, weight: None } => hosts(*batch),
            Step::Desire { batch } => desired_in_words(preview, *batch),
            Step::Deploy { batch, weight: Some(weight) } => {
                let share = preview.batches.get(*batch as usize).and_then(|batch| batch.share);
                let share = share.map_or_else(|| weight.to_string(), |share| share.words());
                format!("{share}: {}", hosts(*batch))
            }
            Step::Gather { batch, at } if takes_sides => side_step(preview, *batch, *at),
            Step::Return { batch } => format!("{}: back into traffic", side(preview, *batch)),
            Step::Once(name) => {
                let once = preview.once.iter().find(|it| it.name == *name);
                let way_back = preview.rollback.to.is_some();
                once.map_or_else(|| report::step(step), |once| once.words(way_back))
            }
            Step::Region { next } => preview.region_begins(*next),
            Step::StandBy => preview.spares_leave(),
            other => report::step(other),
        });
        [format!("  {} {}", if only_batches { "batch" } else { "step" }, nth + 1), what]
    })
}

/// `set 2.5.0 for 3 hosts: web-01, …; each installs it within 15 min, lowest 9`
fn desired_in_words(preview: &Preview, batch: u32) -> String {
    let Some(of) = preview.batches.get(batch as usize) else { return String::new() };
    let hosts: Vec<&str> = of.units.iter().map(UnitId::as_str).collect();
    let count = counted(hosts.len(), "host");
    let group = of.group.as_ref().map_or(String::new(), |group| format!(" of {group}"));
    let every = preview.rollback.agents.map_or_else(String::new, |agents| {
        format!(
            "; agents look every {}, each in its own time, so all of them may be out at once",
            agents.every
        )
    });
    format!(
        "set {} for {count}{group}: {}{every}, lowest {}",
        preview.to.version,
        hosts.join(", "),
        of.lowest
    )
}

/// What is done where traffic shifts from one cloud to another, with who serves meanwhile.
fn cloud_step(preview: &Preview, step: &Step, (to, from): (u32, u32)) -> Option<String> {
    let name = |batch: u32| side(preview, batch);
    let of = |batch: u32| preview.batches.get(batch as usize);
    let change = |batch: u32| {
        let units = of(batch).map(|batch| batch.units.as_slice()).unwrap_or_default();
        let names: Vec<&str> = units.iter().map(UnitId::as_str).collect();
        let at_once = preview.budget.limits.max_parallel.min(units.len() as u32);
        let hosts = counted(units.len(), "host");
        format!("{}: change without traffic, {hosts}, {at_once} at once: {}", name(batch), names.join(", "))
    };
    Some(match step {
        Step::Gather { batch, at: LaneStep::Drain } if *batch == from => format!(
            "switch: {} out of traffic; refused unless all of {} is well, minimum {}{}",
            name(from),
            name(to),
            preview.budget.limits.min_healthy,
            fewer(preview, (to, from)).map_or_else(String::new, |fewer| format!("; {fewer}"))
        ),
        Step::Gather { batch, at: LaneStep::Drain } => {
            format!("{}: stands by, out of traffic where it is not", name(*batch))
        }
        Step::Gather { batch, .. } => change(*batch),
        Step::Stand { batch } => format!("{}; it stands by", change(*batch)),
        Step::Return { batch } => {
            format!(
                "switch: {} into traffic; {} serves as well until all of it does",
                name(*batch),
                name(from)
            )
        }
        Step::Shift { .. } => {
            format!("switch: done when traffic is seen at {} and none at {}", name(to), name(from))
        }
        Step::Pause(Pause::Human) => "pause until somebody continues (C)".to_owned(),
        Step::Deploy { .. }
        | Step::Desire { .. }
        | Step::StandBy
        | Step::Pause(_)
        | Step::Validate(_)
        | Step::Once(_)
        | Step::Region { .. } => {
            return None;
        }
    })
}

/// What it means for each host of the cloud that takes over, where it has fewer.
fn fewer(preview: &Preview, (to, from): (u32, u32)) -> Option<String> {
    let hosts = |batch: u32| preview.batches.get(batch as usize).map_or(0, |it| it.units.len() as u32);
    takes_over_with_fewer((side(preview, to), hosts(to)), (side(preview, from), hosts(from)))
}

fn side(preview: &Preview, batch: u32) -> &str {
    let batch = preview.batches.get(batch as usize);
    batch.and_then(|batch| batch.group.as_deref()).unwrap_or("the side")
}

/// What one side does, with who serves meanwhile.
fn side_step(preview: &Preview, batch: u32, at: LaneStep) -> String {
    let name = side(preview, batch);
    let Some(of) = preview.batches.get(batch as usize) else { return name.to_owned() };
    let limits = &preview.budget.limits;
    let hosts = of.units.len() as u32;
    match at {
        LaneStep::Fetch => {
            let units: Vec<&str> = of.units.iter().map(UnitId::as_str).collect();
            format!("{name}: bring the release to {}: {}", counted(units.len(), "host"), units.join(", "))
        }
        LaneStep::Drain => format!(
            "{name}: out of traffic, {} - {hosts} = {} serve alone, minimum {}; refused unless all of them are well",
            limits.hosts,
            limits.hosts.saturating_sub(hosts),
            limits.min_healthy
        ),
        _ => format!("{name}: change without traffic, {} at once", limits.max_parallel.min(hosts)),
    }
}
