//! What a share comes to where numbers of hosts stand for it: of three hosts one is 33 %, whatever was asked for.

use serde::{Deserialize, Serialize};

use super::{canary::Split, steps::Weight};

/// How many of the hosts that serve run the new version, beside the share that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostShare {
    pub wanted: Weight,
    pub new: u32,
    pub of: u32,
}

impl HostShare {
    /// In percent, rounded to the nearest.
    pub const fn percent(&self) -> u32 {
        match (self.new * 100 + self.of / 2).checked_div(self.of) {
            Some(percent) => percent,
            None => 0,
        }
    }

    /// Whether it is further from what was asked for than a band around it: 2 points, or a quarter of the smaller of both
    /// sides, whichever is more. Hosts are counted and not drawn, so that chance has no part in it.
    pub fn is_off(&self) -> bool {
        let (wanted, of) = (u64::from(self.wanted.percent()), u64::from(self.of));
        let band = (wanted.min(100 - wanted.min(100)) * 100 / 4).max(200);
        let share = (u64::from(self.new) * 10_000).checked_div(of);
        share.is_some_and(|share| share.abs_diff(wanted * 100) > band)
    }

    /// Whether so many hosts are more than the share asks for: the closest number is another one.
    pub fn is_more(&self) -> bool {
        self.is_off() && self.new > Split::closest(self.of, self.wanted.percent(), 0).canary
    }

    /// `1 % wanted, 1 of 3 hosts = 33 %`.
    pub fn words(&self) -> String {
        let Self { wanted, new, of } = self;
        format!("{wanted} wanted, {new} of {of} hosts = {} %", self.percent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_hosts_is_off_by_its_band_and_more_where_fewer_would_be_closer() {
        let of = |percent, new, of| HostShare { wanted: Weight::new(percent).unwrap(), new, of };
        assert!(of(1, 1, 3).is_off() && !of(1, 1, 3).is_more(), "one host is the least");
        assert_eq!(of(1, 1, 3).words(), "1 % wanted, 1 of 3 hosts = 33 %");
        assert!(!of(50, 3, 5).is_off() && !of(25, 3, 10).is_off());
        assert!(of(50, 5, 6).is_more());
        assert!(of(99, 5, 6).is_off() && !of(99, 5, 6).is_more(), "one host of the old version stays");
        assert_eq!(of(99, 5, 6).words(), "99 % wanted, 5 of 6 hosts = 83 %");
        assert!(!of(50, 0, 0).is_off());
    }
}
