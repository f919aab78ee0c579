//! A plan with fewer hosts, for a machine that can't hold a process for each of them.

use std::collections::BTreeSet;

use crate::domain::{
    counted::counted,
    name::HostName,
    plan::{Amount, Environment, Host, Plan, Select},
};

/// A plan that can't be played with so few: a host of each pool stays, and every host that a stage names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} can't play this plan: a host of each pool stays, and every host that a stage names", counted(*.at_most, "stand-in"))]
pub struct TooFew {
    pub at_most: usize,
    pub least: usize,
}

/// The environments that a stage changes: nothing stands in for the others.
pub fn staged(plan: &Plan) -> impl Iterator<Item = &Environment> {
    let changed = |place: &&Environment| plan.stages.iter().any(|stage| stage.environment == place.name);
    plan.environments.values().filter(changed)
}

/// The hosts of these.
pub fn staged_hosts(plan: &Plan) -> usize {
    staged(plan).map(|place| place.hosts().count()).sum()
}

/// At most so many hosts in all, spread over the environments and pools as they are, and what was left out in words.
/// Hosts that a stage names stay. The least that must serve shrinks with them, rounded up.
pub fn fewer(plan: &Plan, at_most: u32) -> Result<(Plan, Vec<String>), TooFew> {
    let (total, at_most) = (staged_hosts(plan), at_most as usize);
    if total <= at_most {
        return Ok((plan.clone(), Vec::new()));
    }
    let staying = |place: &Environment| -> Vec<usize> {
        let named = named(plan, place);
        let stays = |hosts: &[Host]| hosts.iter().filter(|host| named.contains(&host.name)).count();
        place.pools.iter().map(|pool| stays(&pool.hosts).max(1).min(pool.hosts.len())).collect()
    };
    let least: usize = staged(plan).flat_map(staying).sum();
    if least > at_most {
        return Err(TooFew { at_most, least });
    }
    let mut fewer = plan.clone();
    let mut words = Vec::new();
    for place in staged(plan) {
        let Some(environment) = fewer.environments.get_mut(&place.name) else { continue };
        let (named, all) = (named(plan, place), place.hosts().count());
        for (pool, stay) in environment.pools.iter_mut().zip(staying(place)) {
            // What is there besides those that stay is shared out as the pools are, rounded down.
            let share = stay + (pool.hosts.len() - stay) * (at_most - least) / (total - least);
            pool.hosts = spread(&pool.hosts, share, &named);
        }
        let kept = environment.hosts().count();
        if kept < all {
            budget(environment, all as u32, kept as u32);
            words.push(format!("{}: {kept} of {}", environment.name, counted(all, "host")));
        }
    }
    Ok((fewer, words))
}

/// The hosts that stages name, of those of an environment.
fn named<'a>(plan: &'a Plan, environment: &Environment) -> BTreeSet<&'a HostName> {
    let here = plan.stages.iter().filter(|stage| stage.environment == environment.name);
    here.filter_map(|stage| match &stage.select {
        Select::Some { hosts, .. } => Some(hosts),
        Select::All | Select::Rest => None,
    })
    .flatten()
    .collect()
}

/// So many: those that are named, and of the others every nth.
fn spread(hosts: &[Host], share: usize, named: &BTreeSet<&HostName>) -> Vec<Host> {
    let stays = |host: &&Host| named.contains(&host.name);
    let all = hosts.iter().filter(|host| !stays(host)).count();
    let share = share.saturating_sub(hosts.len() - all);
    let mut others = 0;
    let kept = hosts.iter().filter(|host| {
        if stays(host) {
            return true;
        }
        others += 1;
        (others - 1) * share / all != others * share / all
    });
    kept.cloned().collect()
}

/// As many may be out at once as before, as far as there are so many; a share stays a share.
fn budget(environment: &mut Environment, all: u32, kept: u32) {
    let capacity = &mut environment.capacity;
    if let Some(Amount::Count(healthy)) = capacity.min_healthy {
        let fewer = (u64::from(healthy) * u64::from(kept)).div_ceil(u64::from(all.max(1))) as u32;
        let spare = u32::from(healthy < all);
        capacity.min_healthy = Some(Amount::Count(fewer.min(kept.saturating_sub(spare))));
    }
    for most in [&mut capacity.max_parallel, &mut capacity.max_unavailable] {
        if let Some(Amount::Count(count)) = most {
            *count = (*count).min(kept).max(1);
        }
    }
}
