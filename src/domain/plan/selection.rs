//! Which hosts a stage takes. The one answer to that: the rules, the rollout and the start preview use it.

use std::collections::HashSet;

use super::{
    environment::{Environment, Host},
    project::Plan,
    stage::{Converging, Select, Stage, Strategy},
};
use crate::domain::name::UnitId;

impl Select {
    /// The hosts that this selection names by itself, in deploy order; none for `Rest`, which depends on the
    /// stages before. A share is one of the hosts that match region and names, never rounded down to none.
    pub fn named<'a>(&self, environment: &'a Environment) -> Vec<&'a Host> {
        match self {
            Select::All => environment.hosts().collect(),
            Select::Rest => Vec::new(),
            Select::Some { amount, region, hosts } => {
                let matching: Vec<&Host> = environment
                    .hosts()
                    .filter(|host| region.is_none() || host.region == *region)
                    .filter(|host| hosts.is_empty() || hosts.contains(&host.name))
                    .collect();
                let first = |hosts: Vec<&'a Host>| {
                    let take = amount.map_or(hosts.len(), |a| a.at_least_one(hosts.len() as u32) as usize);
                    hosts.into_iter().take(take).collect::<Vec<_>>()
                };
                let parts = environment.part_of();
                if parts.is_empty() {
                    return first(matching);
                }
                // So many of each component: a test bed has one of all of them.
                let mut taken = Vec::new();
                let mut rest = matching;
                while let Some(part) = rest.first().map(|host| parts.get(&host.unit)) {
                    let (of_part, others) = rest.into_iter().partition(|host| parts.get(&host.unit) == part);
                    taken.extend(first(of_part));
                    rest = others;
                }
                taken
            }
        }
    }
}

impl Plan {
    /// The hosts of the stage at `index`, in the order in which they are deployed. Empty where stage or
    /// environment do not exist.
    pub fn selected(&self, index: usize) -> Vec<&Host> {
        let hosts = self.chosen(index);
        let regions = self.stages.get(index).is_some_and(|stage| self.goes_by_region(stage, &hosts));
        let hosts = self.as_taken(index, hosts);
        if regions { together_by_region(hosts) } else { hosts }
    }

    /// As its strategy takes them.
    fn as_taken<'a>(&'a self, index: usize, hosts: Vec<&'a Host>) -> Vec<&'a Host> {
        match self.stages.get(index).map(|stage| &stage.strategy) {
            Some(Strategy::Rolling(rolling) | Strategy::Converge(Converging { batches: rolling, .. })) => {
                rolling.ordered(hosts)
            }
            Some(Strategy::BlueGreen(sides)) => {
                match self.environments.get(&self.stages[index].environment) {
                    Some(environment) => sides.ordered(hosts, environment),
                    None => hosts,
                }
            }
            Some(Strategy::ZeroDowntime(clouds)) => {
                match self.environments.get(&self.stages[index].environment) {
                    Some(environment) => clouds.ordered(hosts, environment),
                    None => hosts,
                }
            }
            // Whoever stands by comes in before anybody leaves.
            Some(Strategy::Canary(_)) => {
                let (spare, serve): (Vec<&Host>, Vec<&Host>) = hosts.into_iter().partition(|host| host.spare);
                spare.into_iter().chain(serve).collect()
            }
            _ => hosts,
        }
    }

    pub(super) fn chosen(&self, index: usize) -> Vec<&Host> {
        let Some(stage) = self.stages.get(index) else { return Vec::new() };
        let Some(environment) = self.environments.get(&stage.environment) else { return Vec::new() };
        if stage.select != Select::Rest {
            return stage.select.named(environment);
        }
        let earlier = |other: &&Stage| other.environment == stage.environment;
        let taken: HashSet<&UnitId> = self.stages[..index]
            .iter()
            .filter(earlier)
            .flat_map(|other| other.select.named(environment))
            .map(|host| &host.unit)
            .collect();
        environment.hosts().filter(|host| !taken.contains(&host.unit)).collect()
    }

    /// The units of the stage at `index`.
    pub fn units_of(&self, index: usize) -> Vec<UnitId> {
        self.selected(index).into_iter().map(|host| host.unit.clone()).collect()
    }
}

/// Those of one region together, the regions in the order in which the first host of each comes.
fn together_by_region(mut hosts: Vec<&Host>) -> Vec<&Host> {
    let mut order: Vec<Option<&str>> = Vec::new();
    for host in &hosts {
        if !order.contains(&host.region.as_deref()) {
            order.push(host.region.as_deref());
        }
    }
    hosts.sort_by_key(|host| order.iter().position(|region| *region == host.region.as_deref()));
    hosts
}
