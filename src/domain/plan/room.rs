//! How many hosts may have which version next, while a share of the new one is on its way: hosts beside those that have to
//! serve (a surge) come in first, and nobody who serves leaves before somebody else stands in. (Rule and cases: Argo
//! Rollouts, `CalculateReplicaCounts…` in utils/replicaset/canary.go.)

use super::{
    canary::Split,
    capacity::{Amount, Limits},
};

/// What a release may take of the hosts that have to serve: never more of them than `most`, never fewer than `least`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Hosts that have to serve when nothing is changed.
    pub total: u32,
    /// So many more may be in use on the way.
    pub surge: u32,
    /// So many fewer may serve on the way.
    pub unavailable: u32,
}

/// The hosts of one version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Hosts that have it, or are given it.
    pub hosts: u32,
    /// So many of them serve.
    pub available: u32,
}

impl Side {
    /// All of them serve.
    pub const fn whole(hosts: u32) -> Self {
        Self { hosts, available: hosts }
    }

    /// A host that serves and is counted no more is not relied on: it is on its way out.
    const fn counted(self) -> u32 {
        if self.available < self.hosts { self.available } else { self.hosts }
    }
}

impl Room {
    /// Shares are of the hosts that have to serve: of a surge rounded up, of those that may be unavailable rounded down.
    /// Where both come to none one host may be unavailable: nothing could be changed otherwise.
    pub fn new(total: u32, surge: Amount, unavailable: Amount) -> Self {
        let surge = surge.round_up(total);
        let unavailable = match unavailable.round_down(total) {
            0 if surge == 0 => 1,
            some => some,
        };
        Self { total, surge, unavailable }
    }

    /// Hosts in use at the most.
    pub const fn most(&self) -> u32 {
        self.total.saturating_add(self.surge)
    }

    /// Hosts that serve at the least.
    pub const fn least(&self) -> u32 {
        self.total.saturating_sub(self.unavailable)
    }

    /// How many may leave, of so many that serve.
    pub const fn may_leave(&self, serve: u32) -> u32 {
        serve.saturating_sub(self.least())
    }

    /// The hosts of each version that may stand next on the way to this share of the new one. `others` have a third version,
    /// and leave before anybody else does.
    pub fn next(&self, percent: u8, stable: Side, canary: Side, others: u32) -> Split {
        self.towards(Split::closest(self.total, percent, self.surge), stable, canary, others)
    }

    /// The same on the way to these numbers of hosts. Up first, as far as there is room, and the old version before the
    /// new one; then down, on the side that becomes smaller, by as many as serve over the least. Of a side that becomes
    /// smaller those that do not serve leave first, so that they are counted as if they did.
    pub fn towards(&self, wanted: Split, stable: Side, canary: Side, others: u32) -> Split {
        let mut next = Split { canary: canary.hosts, stable: stable.hosts };
        let mut free = self.most().saturating_sub(stable.hosts + canary.hosts + others);
        let mut up = |now: &mut u32, wanted: u32| {
            let more = wanted.saturating_sub(*now).min(free);
            *now += more;
            free -= more;
        };
        up(&mut next.stable, wanted.stable);
        up(&mut next.canary, wanted.canary);
        if others > 0 {
            return next;
        }
        let rises = wanted.canary >= canary.hosts;
        let (leaves, stays, wanted) =
            if rises { (stable, canary, wanted.stable) } else { (canary, stable, wanted.canary) };
        let down = self.may_leave(leaves.hosts + stays.counted()).min(leaves.hosts.saturating_sub(wanted));
        let (shrinks, grows) =
            if rises { (&mut next.stable, &mut next.canary) } else { (&mut next.canary, &mut next.stable) };
        *shrinks -= down.min(*shrinks);
        // More than there is room for: such as do not serve yet are not begun.
        if down > 0 {
            let over = (*shrinks + *grows).saturating_sub(self.most());
            *grows -= over.min(stays.hosts - stays.counted());
        }
        next
    }

    /// Every stand on the way to these numbers, where whoever is changed comes to serve: from the present one on, to the
    /// last one that the rule leads to.
    pub fn way(&self, wanted: Split, from: Split) -> Vec<Split> {
        let mut stands = vec![from];
        let mut now = from;
        // Each stand but the last changes at least one host of one side.
        for _ in 0..=2 * (self.most() + from.canary + from.stable) {
            let next = self.towards(wanted, Side::whole(now.stable), Side::whole(now.canary), 0);
            if next == now {
                break;
            }
            stands.push(next);
            now = next;
        }
        stands
    }
}

impl Split {
    /// Where a balancer shares the requests out the old version's hosts stay as they are, and so many of the new one come
    /// beside them: `percent` of them, rounded up; of more than 100 more than there are of the old one.
    pub fn beside(hosts: u32, percent: u32) -> Self {
        let canary = (u64::from(hosts) * u64::from(percent)).div_ceil(100);
        Self { canary: u32::try_from(canary).unwrap_or(u32::MAX), stable: hosts }
    }
}

impl Limits {
    /// What the capacity budget gives a release.
    pub fn room(&self) -> Room {
        Room { total: self.hosts, surge: self.surge, unavailable: self.spare() }
    }
}
