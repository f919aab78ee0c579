//! How a share of the requests becomes a number of hosts.

use super::{
    stage::{Canary, CanaryStep},
    steps::Weight,
};

/// How many hosts run the new version and how many the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    pub canary: u32,
    pub stable: u32,
}

impl Split {
    /// The split whose share is closest to `percent`, over as many hosts as there are, and `surge` more at the most. Of
    /// two that are as close the one with more hosts on the new version counts. Neither side is left without a host
    /// between 1 and 99 %, wherever there are hosts for both. (Rule and cases: Argo Rollouts, `approximateWeightedCanary…`
    /// in utils/replicaset/canary.go.)
    pub fn closest(hosts: u32, percent: u8, surge: u32) -> Self {
        let percent = u64::from(percent.min(100));
        match percent {
            0 => return Self { canary: 0, stable: hosts },
            100 => return Self { canary: hosts, stable: 0 },
            _ if hosts == 0 => return Self { canary: 0, stable: 0 },
            _ => {}
        }
        let of = |total: u32| {
            let (total, exact) = (u64::from(total), percent * u64::from(total));
            // Rounded to the nearest, and a half to the larger canary.
            let nearest = ((exact + 50) / 100) as u32;
            let both = total > 1;
            let canary = if both { nearest.clamp(1, total as u32 - 1) } else { nearest };
            Self { canary, stable: total as u32 - canary }
        };
        let off = |split: &Self| {
            let total = u64::from(split.canary + split.stable);
            // The distance from what is wanted, times the total: compared crosswise, so that nothing is rounded.
            ((u64::from(split.canary) * 100).abs_diff(percent * total), total)
        };
        let closer = |one: &Self, other: &Self| {
            let ((a, total), (b, other_total)) = (off(one), off(other));
            (a * other_total, other.canary).cmp(&(b * total, one.canary))
        };
        let most = hosts.saturating_add(surge);
        (hosts.max(most.min(2))..=most).map(of).min_by(closer).unwrap_or(of(hosts))
    }
}

impl Split {
    /// The same where `surge` hosts beside those that serve come in first, and nobody leaves the pool because they did: of
    /// so many new ones as many serve beside the others as came in, and the further ones stand in for old ones.
    pub fn coming(hosts: u32, percent: u8, surge: u32) -> Self {
        if surge == 0 || hosts == 0 || percent == 0 || percent >= 100 {
            return Self::closest(hosts.saturating_add(surge), percent, 0);
        }
        let of = |canary: u32| Self { canary, stable: hosts + canary.min(surge) - canary };
        let off = |split: &Self| {
            let total = u64::from(split.canary + split.stable);
            ((u64::from(split.canary) * 100).abs_diff(u64::from(percent) * total), total)
        };
        let closer = |one: &Self, other: &Self| {
            let ((a, total), (b, other_total)) = (off(one), off(other));
            (a * other_total, other.canary).cmp(&(b * total, one.canary))
        };
        (1..hosts + surge).map(of).min_by(closer).unwrap_or(of(1))
    }
}

impl Canary {
    /// Its steps, with all of the requests at the end.
    pub fn full(&self) -> Vec<CanaryStep> {
        let mut steps = self.steps.clone();
        if self.weights().last() != Some(&Weight::ALL) {
            steps.push(CanaryStep::Weight(Weight::ALL));
        }
        steps
    }

    /// The shares it names.
    pub fn weights(&self) -> Vec<Weight> {
        let weight = |step: &CanaryStep| match step {
            CanaryStep::Weight(weight) => Some(*weight),
            CanaryStep::Pause(_) | CanaryStep::Validate(_) => None,
        };
        self.steps.iter().filter_map(weight).collect()
    }

    /// How many further hosts each share takes, where `surge` of them stand by and come in first.
    pub fn sizes(&self, hosts: u32, surge: u32) -> Vec<u32> {
        self.sizes_again((hosts, surge), 0, 0, 0)
    }

    /// The same where other hosts are there than when it began: `joined` hosts that serve nobody yet count to neither
    /// side and come with the last share; and of the `taken` ones none is given back, so that the share at `reached`,
    /// which took the last of them, holds all of them however few others are left.
    pub fn sizes_again(
        &self,
        (hosts, surge): (u32, u32),
        joined: u32,
        reached: usize,
        taken: u32,
    ) -> Vec<u32> {
        let mut so_far = 0;
        let mut weights = self.weights();
        if weights.last() != Some(&Weight::ALL) {
            weights.push(Weight::ALL);
        }
        let canary_at = |(at, weight): (usize, Weight)| {
            let canary = match weight {
                Weight::ALL => hosts + joined,
                weight => Split::coming(hosts.saturating_sub(surge), weight.percent(), surge).canary,
            };
            let canary = if at >= reached { canary.max(taken) } else { canary };
            let canary = canary.max(so_far);
            canary - std::mem::replace(&mut so_far, canary)
        };
        weights.into_iter().enumerate().map(canary_at).collect()
    }
}
