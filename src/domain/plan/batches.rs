//! How a stage's hosts are taken: in which order, and in batches with a barrier between them. The one answer to
//! that: the rules, the preview and the rollout use it.

use std::collections::HashMap;

use super::{
    capacity::Amount,
    environment::Host,
    project::Plan,
    stage::{Rolling, Strategy},
};

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
    /// The batches of the stage at `index`, in order. A strategy without batches takes its hosts as one.
    pub fn batches(&self, index: usize) -> Vec<Batch<'_>> {
        let hosts = self.selected(index);
        let Some(Strategy::Rolling(rolling)) = self.stages.get(index).map(|stage| &stage.strategy) else {
            return if hosts.is_empty() {
                Vec::new()
            } else {
                vec![Batch { hosts, group: None, tolerates: 0 }]
            };
        };
        hosts
            .chunk_by(|one, next| rolling.group(one) == rolling.group(next))
            .flat_map(|same| split(rolling, same, rolling.group(same[0])))
            .collect()
    }
}

impl Rolling {
    /// The value by which this host is taken with others.
    fn group<'a>(&self, host: &'a Host) -> Option<&'a str> {
        host.label(self.by.as_deref()?)
    }

    /// The hosts in the order in which they are taken: those of one value of the label together.
    pub(super) fn ordered<'a>(&self, mut hosts: Vec<&'a Host>) -> Vec<&'a Host> {
        let Some(by) = &self.by else { return hosts };
        let mut rank: HashMap<Option<&str>, usize> =
            self.order.iter().enumerate().map(|(at, value)| (Some(value.as_str()), at)).collect();
        for host in &hosts {
            let next = rank.len();
            rank.entry(host.label(by)).or_insert(next);
        }
        hosts.sort_by_key(|host| rank.get(&host.label(by)).copied());
        hosts
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

fn split<'a>(rolling: &Rolling, hosts: &[&'a Host], group: Option<&'a str>) -> Vec<Batch<'a>> {
    let mut rest = hosts;
    rolling
        .sizes(hosts.len() as u32)
        .into_iter()
        .map(|size| {
            let (these, after) = rest.split_at(size as usize);
            rest = after;
            // A batch of which every host failed always stops the line.
            let tolerates = rolling.failures.map_or(0, |failures| failures.round_down(size).min(size - 1));
            Batch { hosts: these.to_vec(), group, tolerates }
        })
        .collect()
}
