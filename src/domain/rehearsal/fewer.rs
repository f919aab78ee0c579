//! A plan with fewer hosts, for a machine that can't hold a process for each of them.

use std::collections::BTreeSet;

use crate::domain::{
    counted::counted,
    name::HostName,
    plan::{Amount, Environment, Host, Plan, Select},
};

/// At most so many hosts in all, spread over the environments and pools as they are, and what was left out in words.
/// Hosts that a stage names stay. The least that must serve shrinks with them, rounded up.
pub fn fewer(plan: &Plan, at_most: u32) -> (Plan, Vec<String>) {
    let total: usize = plan.environments.values().map(|place| place.hosts().count()).sum();
    let at_most = at_most as usize;
    if total <= at_most {
        return (plan.clone(), Vec::new());
    }
    let mut plan = plan.clone();
    let mut words = Vec::new();
    let stages = plan.stages.clone();
    for environment in plan.environments.values_mut() {
        let named: BTreeSet<&HostName> = stages
            .iter()
            .filter(|stage| stage.environment == environment.name)
            .filter_map(|stage| match &stage.select {
                Select::Some { hosts, .. } => Some(hosts),
                Select::All | Select::Rest => None,
            })
            .flatten()
            .collect();
        let all = environment.hosts().count();
        for pool in &mut environment.pools {
            let share = (pool.hosts.len() * at_most).div_ceil(total).max(1);
            pool.hosts = spread(&pool.hosts, share, &named);
        }
        let kept = environment.hosts().count();
        if kept < all {
            budget(environment, all as u32, kept as u32);
            words.push(format!("{}: {kept} of {}", environment.name, counted(all, "host")));
        }
    }
    (plan, words)
}

/// Every nth, and those that are named.
fn spread(hosts: &[Host], share: usize, named: &BTreeSet<&HostName>) -> Vec<Host> {
    let all = hosts.len();
    let here = |n: usize| n * share / all != (n + 1) * share / all;
    let kept = hosts.iter().enumerate().filter(|(n, host)| here(*n) || named.contains(&host.name));
    kept.map(|(_, host)| host.clone()).collect()
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
