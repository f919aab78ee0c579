//! The capacity budget at run time: what may be taken out now. Only observed health counts.

use serde::{Deserialize, Serialize};

use super::Unit;
use crate::domain::{
    name::{ComponentName, EnvironmentName},
    plan::Limits,
    session::Session,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    pub limits: Limits,
    pub available: u32,
    /// Hosts that may serve or not: nobody knows. They count as unavailable.
    pub unknown: u32,
    pub working: u32,
}

pub fn budget(session: &Session, environment: &EnvironmentName) -> Budget {
    let (counts, down, spares) = session.rollout.in_all(environment);
    let limits = session
        .plan()
        .environments
        .get(environment)
        .map_or_else(Limits::default, |env| session.plan().limits_beside(env, counts.hosts, spares));
    let unknown = counts.hosts.saturating_sub(counts.available + down);
    Budget { limits, available: counts.available, unknown, working: counts.working }
}

/// The same of one part of the environment alone.
pub fn part_budget(session: &Session, environment: &EnvironmentName, part: &ComponentName) -> Budget {
    let counts = session.rollout.counts_of(environment, part);
    let place = session.plan().environments.get(environment);
    let limits = place.map_or_else(Limits::default, |it| session.plan().limits_of(it, part, counts.hosts));
    let unknown = counts.hosts.saturating_sub(counts.available + counts.down);
    Budget { limits, available: counts.available, unknown, working: counts.working }
}

/// Whether this unit may be taken out of service, by the budget of its environment and, where several parts are deployed
/// there, that of its part.
pub fn may_take_out(session: &Session, unit: &Unit) -> bool {
    part_may(session, unit) && budget(session, &unit.environment).may_take_out(unit)
}

/// By the budget of its part alone.
pub fn part_may(session: &Session, unit: &Unit) -> bool {
    let Some(part) = unit.component() else { return true };
    part_budget(session, &unit.environment, part).may_take_out(unit)
}

/// Whether its part may have one more lane under way.
pub fn part_lane_free(session: &Session, unit: &Unit) -> bool {
    let Some(part) = unit.component() else { return true };
    part_budget(session, &unit.environment, part).lane_free()
}

impl Budget {
    /// How many lanes are under way at the same time at the most, where every host serves.
    pub fn at_once(&self) -> u32 {
        self.limits.max_parallel.min(self.limits.spare() + self.limits.surge).max(1)
    }

    /// How many are known not to serve.
    pub const fn down(&self) -> u32 {
        self.limits.hosts.saturating_sub(self.available + self.unknown)
    }

    /// Whether one more lane may start.
    pub const fn lane_free(&self) -> bool {
        self.working < self.limits.max_parallel
    }

    /// Whether this unit may be taken out of service. One that is known not to serve makes nothing worse; one
    /// of which nothing is known may well serve, and already counts as unavailable; so may one that stands by and
    /// was not looked at since, as after a balancer's restart.
    pub fn may_take_out(&self, unit: &Unit) -> bool {
        if unit.available() {
            self.limits.room().may_leave(self.available) > 0
        } else {
            let unavailable = self.limits.hosts.saturating_sub(self.available);
            (unit.known_not_to_serve() && (unit.out || unit.fresh().is_some()))
                || (self.available >= self.limits.min_healthy && unavailable <= self.limits.max_unavailable)
        }
    }

    /// The fewest available hosts while so many are changed, if nothing fails: none is taken out under the minimum,
    /// and where there are no more than that, only such as don't serve.
    pub fn lowest(&self, hosts: u32) -> u32 {
        let floor = self.limits.room().least();
        let at_once = self.limits.max_parallel.min(hosts);
        self.available.saturating_sub(at_once).max(floor.min(self.available))
    }

    /// Why not, in figures: `capacity 2 of 4, 2 not known, minimum 3`.
    pub fn words(&self) -> String {
        let unknown = match self.unknown {
            0 => String::new(),
            unknown => format!(", {unknown} not known"),
        };
        let spare = match self.limits.surge {
            0 => String::new(),
            surge => format!(" and {surge} spare"),
        };
        let Limits { hosts, min_healthy, .. } = self.limits;
        format!("capacity {} of {hosts}{spare}{unknown}, minimum {min_healthy}", self.available)
    }
}
