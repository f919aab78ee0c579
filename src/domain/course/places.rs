//! Where hosts are: on which side of an environment, and whether they stand by. A plan that is adopted in the middle of a
//! session moves none of which that was decided already.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::domain::{
    name::{EnvironmentName, UnitId},
    plan::Plan,
    refusal::Refusal,
    rollout::Unit,
    session::Session,
};

/// Where no two versions may run side by side, a host that comes or goes in the middle would run what nobody stopped.
/// Where one side is taken after the other, one that joins a side or changes it would get traffic untested, or none.
pub(super) fn same_hosts_where_they_go_together(session: &Session, plan: &Plan) -> Result<(), Refusal> {
    let changing = session.pipeline.running().is_some() || session.pipeline.is_rolling_back();
    for name in session.plan().environments.keys().filter(|_| changing) {
        let what = if session.pipeline.stops_all_in(name) {
            format!("come nor go while every host of {name} is stopped for one version")
        } else if session.pipeline.takes_sides_in(name) {
            format!("come, go nor change sides while one side of {name} is taken after the other")
        } else if session.pipeline.surges_in(name) {
            format!("come, go nor become spare while spare hosts of {name} are in for a release")
        } else {
            continue;
        };
        let (was, is) = (places(session.plan(), name), places(plan, name));
        if let Some((unit, ..)) = was.symmetric_difference(&is).next() {
            return Err(Refusal::rule(
                format!("{unit} may neither {what}"),
                "the stage's end, or the rollback's",
            ));
        }
    }
    Ok(())
}

/// Whether a host gets traffic once it is through is decided as it is taken, by the side that it is on then. One that was
/// taken and changes sides would serve where it should stand by, or stand by where it should serve, and nobody would take
/// it again.
pub(super) fn those_taken_keep_theirs(session: &Session, plan: &Plan) -> Result<(), Refusal> {
    let (was, is) = (all(session, session.plan()), all(session, plan));
    let taken = |unit: &&Unit| unit.lane.as_ref().is_some_and(|lane| !lane.is_untouched());
    for unit in session.rollout.units().iter().filter(taken) {
        let (Some(was), Some(is)) = (was.get(&unit.id), is.get(&unit.id)) else { continue };
        if was != is {
            return Err(Refusal::rule(
                format!("{} was taken {was} in this session, and may not become one {is}", unit.id),
                "leaving it where it is until the session is closed; the next go-live takes it as it is then",
            ));
        }
    }
    Ok(())
}

/// Where a host is.
#[derive(Debug, PartialEq, Eq)]
struct Where<'a> {
    environment: &'a EnvironmentName,
    side: Option<&'a str>,
    stands_by: bool,
}

impl fmt::Display for Where<'_> {
    /// `of b that stands by`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = self.side.unwrap_or(self.environment.as_str());
        write!(f, "of {side} that {}", if self.stands_by { "stands by" } else { "serves" })
    }
}

fn all<'a>(session: &Session, plan: &'a Plan) -> BTreeMap<&'a UnitId, Where<'a>> {
    let pools = plan.environments.values().flat_map(|environment| {
        let switched = session.rollout.primaries.get(&environment.name);
        environment.pools.iter().map(move |pool| (environment, pool, switched))
    });
    let hosts = pools.flat_map(|(environment, pool, switched)| {
        pool.hosts.iter().map(move |host| {
            let stands_by = plan.stands_by(environment, pool, host, switched);
            (&host.unit, Where { environment: &environment.name, side: pool.side(), stands_by })
        })
    });
    hosts.collect()
}

/// The hosts of an environment, each with the side it is on.
fn places<'a>(plan: &'a Plan, name: &EnvironmentName) -> BTreeSet<(&'a UnitId, Option<&'a str>, bool)> {
    let pools = plan.environments.get(name).into_iter().flat_map(|environment| &environment.pools);
    pools.flat_map(|pool| pool.hosts.iter().map(|host| (&host.unit, pool.side(), host.spare))).collect()
}
