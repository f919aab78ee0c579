//! The capacity budget of a pool or environment, and its arithmetic.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number of hosts, or a share of them in hundredths of a percent (so that 12.5 % is exact).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Amount {
    Count(u32),
    Percent(u32),
}

impl Amount {
    /// Reads `24`, `"95%"`, `"12.5%"`.
    pub fn parse(text: &str) -> Option<Self> {
        let Some(percent) = text.trim().strip_suffix('%') else {
            return text.trim().parse().ok().map(Amount::Count);
        };
        let (whole, part) = percent.trim().split_once('.').unwrap_or((percent.trim(), ""));
        if part.len() > 2 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let hundredths = whole.parse::<u32>().ok()?.checked_mul(100)?
            + if part.is_empty() { 0 } else { format!("{part:0<2}").parse::<u32>().ok()? };
        (hundredths <= 10_000).then_some(Amount::Percent(hundredths))
    }

    /// Of `total` hosts, rounded up: 95 % of 10 is 10.
    pub const fn round_up(self, total: u32) -> u32 {
        match self {
            Amount::Count(count) => count,
            Amount::Percent(hundredths) => (total as u64 * hundredths as u64).div_ceil(10_000) as u32,
        }
    }

    /// Of `total` hosts, rounded down: 50 % of 5 is 2.
    pub const fn round_down(self, total: u32) -> u32 {
        match self {
            Amount::Count(count) => count,
            Amount::Percent(hundredths) => (total as u64 * hundredths as u64 / 10_000) as u32,
        }
    }

    /// Of `total` hosts, rounded down but never to none where the share is not zero: 1 % of 20 is 1.
    pub const fn at_least_one(self, total: u32) -> u32 {
        match self {
            Amount::Count(count) => count,
            Amount::Percent(0) => 0,
            Amount::Percent(_) => match self.round_down(total) {
                0 => 1,
                floor => floor,
            },
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Count(count) => write!(f, "{count}"),
            Amount::Percent(p) if p % 100 == 0 => write!(f, "{} %", p / 100),
            Amount::Percent(p) => write!(f, "{}.{:02} %", p / 100, p % 100),
        }
    }
}

/// What the team wrote. Absent: one host at a time, `min_healthy` = hosts − 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    pub max_parallel: Option<Amount>,
    pub min_healthy: Option<Amount>,
    pub max_unavailable: Option<Amount>,
}

/// The budget in hosts, for a given number of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Hosts in total, without those that stand by for a release.
    pub hosts: u32,
    /// Lanes under way at once.
    pub max_parallel: u32,
    /// Healthy hosts in the pool that are never given up by us.
    pub min_healthy: u32,
    /// Hosts out of the pool or sick, at the most, before we take one more out.
    pub max_unavailable: u32,
    /// Hosts beside those that come in while a release is on its way.
    #[serde(default, skip_serializing_if = "is_none")]
    pub surge: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none(surge: &u32) -> bool {
    *surge == 0
}

impl Capacity {
    pub fn limits(&self, hosts: u32) -> Limits {
        let max_parallel = self.max_parallel.map_or(1, |a| a.at_least_one(hosts)).max(1);
        let min_healthy = match (self.min_healthy, self.max_unavailable) {
            (Some(amount), _) => amount.round_up(hosts),
            (None, Some(out)) => hosts.saturating_sub(out.at_least_one(hosts)),
            (None, None) => hosts.saturating_sub(max_parallel),
        };
        let max_unavailable =
            self.max_unavailable.map_or(hosts.saturating_sub(min_healthy), |a| a.at_least_one(hosts));
        Limits { hosts, max_parallel, min_healthy, max_unavailable, surge: 0 }
    }
}

impl Capacity {
    /// What an environment's budget means for one of its parts with so many hosts: shares are of the part; a number is
    /// one of the whole environment, so that the part only keeps one host of several.
    pub fn of_a_part(&self, hosts: u32) -> Limits {
        let share = |amount: Option<Amount>| amount.filter(|it| matches!(it, Amount::Percent(_)));
        let numbers = [self.max_parallel, self.min_healthy, self.max_unavailable];
        if numbers.iter().flatten().all(|it| matches!(it, Amount::Percent(_))) {
            return self.limits(hosts);
        }
        let limits = self.limits(hosts);
        let min_healthy = match (share(self.min_healthy), share(self.max_unavailable)) {
            (Some(amount), _) => amount.round_up(hosts),
            (None, Some(out)) => hosts.saturating_sub(out.at_least_one(hosts)),
            (None, None) => u32::from(hosts > 1),
        };
        let max_unavailable = share(self.max_unavailable)
            .map_or(hosts.saturating_sub(min_healthy), |amount| amount.at_least_one(hosts));
        Limits { hosts, max_parallel: limits.max_parallel, min_healthy, max_unavailable, surge: 0 }
    }

    /// The budget where every host is stopped before one is deployed: no capacity is kept, and without a declared
    /// number all are taken at once.
    pub fn limits_of_stop(&self, hosts: u32) -> Limits {
        let max_parallel = self.max_parallel.map_or(hosts, |amount| amount.at_least_one(hosts)).max(1);
        Limits { hosts, max_parallel, min_healthy: 0, max_unavailable: hosts, surge: 0 }
    }
}

impl Capacity {
    /// The budget where one side after the other is taken out: without declared numbers a whole side at once, and the
    /// largest of them at the most.
    pub fn limits_of_sides(&self, hosts: u32, largest: u32) -> Limits {
        let max_parallel = self.max_parallel.map_or(largest, |amount| amount.at_least_one(hosts)).max(1);
        let min_healthy = match (self.min_healthy, self.max_unavailable) {
            (Some(amount), _) => amount.round_up(hosts),
            (None, Some(out)) => hosts.saturating_sub(out.at_least_one(hosts)),
            (None, None) => hosts.saturating_sub(largest),
        };
        let max_unavailable = self
            .max_unavailable
            .map_or(hosts.saturating_sub(min_healthy), |amount| amount.at_least_one(hosts));
        Limits { hosts, max_parallel, min_healthy, max_unavailable, surge: 0 }
    }
}

impl Capacity {
    /// The budget where one cloud serves and the others stand by: shares are of the one that serves, which without
    /// declared numbers is all of the smallest, and a whole cloud is changed at once.
    pub fn limits_of_clouds(&self, hosts: u32, smallest: u32, largest: u32) -> Limits {
        let max_parallel = self.max_parallel.map_or(largest, |amount| amount.at_least_one(largest)).max(1);
        let min_healthy = match (self.min_healthy, self.max_unavailable) {
            (Some(amount), _) => amount.round_up(smallest),
            (None, Some(out)) => smallest.saturating_sub(out.at_least_one(smallest)),
            (None, None) => smallest,
        };
        Limits {
            hosts,
            max_parallel,
            min_healthy,
            max_unavailable: hosts.saturating_sub(min_healthy),
            surge: 0,
        }
    }
}

impl Capacity {
    /// The budget of so many hosts where others stand by, and come in before one of these leaves: without declared numbers
    /// as many may be changed at once as are in for it, and none of those that have to serve is given up.
    pub fn limits_beside(&self, hosts: u32, surge: u32) -> Limits {
        let limits = self.limits(hosts);
        if surge == 0 || self.min_healthy.is_some() || self.max_unavailable.is_some() {
            return Limits { surge, ..limits };
        }
        let out = limits.max_parallel.saturating_sub(surge);
        Limits { min_healthy: hosts.saturating_sub(out), max_unavailable: out, surge, ..limits }
    }
}

impl Limits {
    /// How many hosts may be out at once: the tighter of the two bounds.
    pub fn spare(&self) -> u32 {
        self.max_unavailable.min(self.hosts.saturating_sub(self.min_healthy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_to_the_safe_side() {
        assert_eq!(Amount::parse("95%").unwrap().round_up(10), 10);
        assert_eq!(Amount::parse("12.5%"), Some(Amount::Percent(1250)));
        assert_eq!(Amount::parse("1%").unwrap().at_least_one(1000), 10);
        assert_eq!(Amount::parse("1%").unwrap().at_least_one(20), 1);
        assert_eq!(Amount::parse("101%"), None);
        let limits = Capacity { min_healthy: Amount::parse("95%"), ..Capacity::default() }.limits(10);
        assert_eq!((limits.min_healthy, limits.spare()), (10, 0));
    }

    #[test]
    fn the_default_is_one_host_at_a_time() {
        let limits = Capacity::default().limits(3);
        assert_eq!((limits.max_parallel, limits.min_healthy, limits.spare()), (1, 2, 1));
    }
}
