//! How a stage's hosts are taken: in which order, and in batches with a barrier between them. The one answer to
//! that: the rules, the preview and the rollout use it.

use std::collections::HashMap;

use super::{
    capacity::Amount,
    environment::{Environment, Host},
    project::Plan,
    stage::{BlueGreen, Converging, Rolling, Strategy},
};
use crate::domain::name::{ColourName, ComponentName};

/// Hosts that are taken before the next ones begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch<'a> {
    pub hosts: Vec<&'a Host>,
    /// The value of the label that these hosts share, where the strategy takes one after another.
    pub group: Option<&'a str>,
    /// How many of them may fail without stopping the line.
    pub tolerates: u32,
}

impl Plan {
    /// All hosts of the stage at `index` as one batch, of which none may fail: what is deployed for the first time has
    /// nothing beside it that could be kept, compared or gone back to.
    pub fn whole(&self, index: usize) -> Vec<Batch<'_>> {
        let hosts = self.selected(index);
        if hosts.is_empty() { Vec::new() } else { vec![Batch { hosts, group: None, tolerates: 0 }] }
    }

    /// The batches of the stage at `index`, in order. A strategy without batches takes its hosts as one.
    pub fn batches(&self, index: usize) -> Vec<Batch<'_>> {
        let hosts = self.selected(index);
        if self.by_region(index) {
            let regions = hosts.chunk_by(|one, next| one.region == next.region);
            return regions.flat_map(|hosts| self.in_batches(index, hosts)).collect();
        }
        self.in_batches(index, &hosts)
    }

    /// These hosts of the stage, which are taken without others beside them, in batches.
    pub fn in_batches<'a>(&'a self, index: usize, hosts: &[&'a Host]) -> Vec<Batch<'a>> {
        match self.stages.get(index).map(|stage| &stage.strategy) {
            Some(Strategy::Rolling(rolling)) if self.has_parts() => self.of_parts(index, rolling, hosts),
            Some(Strategy::Converge(Converging { batches: rolling, .. }) | Strategy::Rolling(rolling)) => {
                hosts
                    .chunk_by(|one, next| rolling.group(one) == rolling.group(next))
                    .flat_map(|same| {
                        let group = rolling.group(same[0]);
                        let tolerates = |size| rolling.tolerates(size);
                        split(same, rolling.sizes(same.len() as u32), group, tolerates)
                    })
                    .collect()
            }
            Some(Strategy::Canary(canary)) => {
                let spare = hosts.iter().filter(|host| host.spare).count() as u32;
                split(hosts, canary.sizes(hosts.len() as u32, spare), None, |_| 0).collect()
            }
            Some(Strategy::BlueGreen(_) | Strategy::ZeroDowntime(_)) => {
                let sides = self.environments.get(&self.stages[index].environment).map(Environment::side_of);
                let sides = sides.unwrap_or_default();
                let of = |host: &Host| sides.get(&host.unit).copied();
                hosts
                    .chunk_by(|one, next| of(one) == of(next))
                    .map(|same| Batch { hosts: same.to_vec(), group: of(same[0]), tolerates: 0 })
                    .collect()
            }
            _ if hosts.is_empty() => Vec::new(),
            _ => vec![Batch { hosts: hosts.to_vec(), group: None, tolerates: 0 }],
        }
    }
}

impl Plan {
    /// The batches of each component beside those of the others. One that waits for another begins with the batch that
    /// brings as many of its hosts as it waits for.
    fn of_parts<'a>(&'a self, index: usize, rolling: &Rolling, hosts: &[&'a Host]) -> Vec<Batch<'a>> {
        let parts = self.environments.get(&self.stages[index].environment).map(Environment::part_of);
        let parts = parts.unwrap_or_default();
        let barriers = self.barriers(index);
        // Of each component its first batch, and the sizes of all of them.
        let mut begins: Vec<(&ComponentName, usize, Vec<u32>)> = Vec::new();
        let mut batches: Vec<Batch<'a>> = Vec::new();
        for (part, count) in self.parts_among(index, hosts) {
            let barrier = barriers.iter().find(|barrier| barrier.component == *part);
            let after =
                barrier.and_then(|it| Some((it, begins.iter().find(|(name, ..)| **name == it.after)?)));
            let first = after.map_or(0, |(barrier, (_, first, sizes))| {
                let mut brought = 0;
                let enough = sizes.iter().position(|size| {
                    brought += size;
                    brought >= barrier.hosts
                });
                first + enough.unwrap_or(sizes.len().saturating_sub(1))
            });
            let sizes = rolling.sizes(count);
            let of_part: Vec<&Host> =
                hosts.iter().filter(|host| parts.get(&host.unit) == Some(&part)).copied().collect();
            for (nth, batch) in split(&of_part, sizes.clone(), None, |_| 0).enumerate() {
                match batches.get_mut(first + nth) {
                    Some(beside) => beside.hosts.extend(batch.hosts),
                    None => batches.push(batch),
                }
            }
            begins.push((part, first, sizes));
        }
        // What may fail is a share of all that are taken together, whatever they are part of.
        for batch in &mut batches {
            batch.tolerates = rolling.tolerates(batch.hosts.len() as u32);
        }
        batches
    }
}

impl BlueGreen {
    /// The hosts in the order in which they are taken: one colour after the other.
    pub(super) fn ordered<'a>(
        &self,
        mut hosts: Vec<&'a Host>,
        environment: &'a Environment,
    ) -> Vec<&'a Host> {
        let sides = environment.side_of();
        let first = self.first.as_ref().map(ColourName::as_str);
        hosts.sort_by_key(|host| {
            let side = sides.get(&host.unit).copied();
            let place = environment.pools.iter().position(|pool| pool.side() == side);
            (first.is_some() && side != first, place)
        });
        hosts
    }
}

impl Rolling {
    /// The value by which this host is taken with others.
    fn group<'a>(&self, host: &'a Host) -> Option<&'a str> {
        host.label(self.label()?)
    }

    /// The hosts in the order in which they are taken: those of one value of the label together.
    pub(super) fn ordered<'a>(&self, mut hosts: Vec<&'a Host>) -> Vec<&'a Host> {
        let Some(by) = self.label() else { return hosts };
        let mut rank: HashMap<Option<&str>, usize> =
            self.order.iter().enumerate().map(|(at, value)| (Some(value.as_str()), at)).collect();
        for host in &hosts {
            let next = rank.len();
            rank.entry(host.label(by)).or_insert(next);
        }
        hosts.sort_by_key(|host| rank.get(&host.label(by)).copied());
        hosts
    }

    /// How many of a batch may fail. One of which every host failed always stops the line.
    pub(in crate::domain) fn tolerates(&self, size: u32) -> u32 {
        self.failures.map_or(0, |failures| failures.round_down(size).min(size.saturating_sub(1)))
    }

    /// The sizes of the batches of so many hosts: the last entry repeats, and a share is never under one host.
    pub fn sizes(&self, hosts: u32) -> Vec<u32> {
        let mut sizes = Vec::new();
        let mut left = hosts;
        let mut entries = self.batches.iter();
        let mut entry = Amount::Percent(10_000);
        while left > 0 {
            entry = entries.next().copied().unwrap_or(entry);
            let size = entry.at_least_one(hosts).clamp(1, left);
            sizes.push(size);
            left -= size;
        }
        sizes
    }
}

fn split<'a>(
    hosts: &[&'a Host],
    sizes: Vec<u32>,
    group: Option<&'a str>,
    tolerates: impl Fn(u32) -> u32,
) -> impl Iterator<Item = Batch<'a>> {
    let mut rest = hosts;
    sizes.into_iter().map(move |size| {
        let (these, after) = rest.split_at(size as usize);
        rest = after;
        Batch { hosts: these.to_vec(), group, tolerates: tolerates(size) }
    })
}
