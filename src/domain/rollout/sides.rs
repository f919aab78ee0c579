//! The two sides of an environment, of which one is taken out of traffic, changed and brought back in while the other
//! serves: whether that other one can, and the way back, which is to let it serve alone as long as it was not changed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Lane, LaneState, Rollback, RolloutEvent, Unit, WayBack, begin::is_first, budget, clouds,
    readiness::way_back,
};
use crate::domain::{
    counted::counted,
    effect::{Health, LaneStep, PoolState},
    name::{CloudName, EnvironmentName, SideName, UnitId, Version},
    pipeline::StageRun,
    plan::{CloudRole, Pool, Step},
    session::Session,
    time::Now,
};

/// One side, as it is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    pub name: SideName,
    /// Of a cloud; none: it is a colour.
    pub role: Option<CloudRole>,
    pub hosts: u32,
    /// Seen healthy.
    pub healthy: u32,
    /// Seen in the pool.
    pub in_pool: u32,
    /// What its hosts are seen to run, and how many.
    pub runs: Vec<(Version, u32)>,
    /// Hosts that nobody has looked at lately: of these nothing is known.
    pub unseen: u32,
}

/// The way back by the side that was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// The side that serves alone.
    pub to: SideName,
    /// How many hosts with the new version are taken out for it; none: nobody is served by them.
    pub hosts: u32,
}

/// The sides of an environment in the order of the plan; none where it is taken otherwise.
pub fn sides(session: &Session, environment: &EnvironmentName) -> Vec<Side> {
    let plan = session.plan();
    let Some(declared) = plan.environments.get(environment).filter(|_| plan.takes_sides(environment)) else {
        return Vec::new();
    };
    let side_of = declared.side_of();
    let primary = clouds::primary(session, environment);
    let role =
        |cloud: &CloudName| if Some(cloud) == primary { CloudRole::Primary } else { CloudRole::Secondary };
    let mut sides: Vec<Side> = Vec::new();
    for pool in &declared.pools {
        let Some(name) = pool.side_name() else { continue };
        if sides.iter().all(|side| side.name != name) {
            sides.push(Side::bare(name, pool.cloud.as_ref().map(role)));
        }
    }
    for unit in session.rollout.units().iter().filter(|unit| unit.environment == *environment) {
        let Some(name) = side_of.get(&unit.id) else { continue };
        if let Some(side) = sides.iter_mut().find(|side| side.name.as_str() == *name) {
            side.add(unit);
        }
    }
    sides
}

impl Side {
    const fn bare(name: SideName, role: Option<CloudRole>) -> Self {
        Self { name, role, hosts: 0, healthy: 0, in_pool: 0, runs: Vec::new(), unseen: 0 }
    }

    /// How much of the pool each of these is, in percent; none: it is not known of all of them.
    pub fn shares(sides: &[Side]) -> Vec<Option<u32>> {
        let all: u32 = sides.iter().map(|side| side.in_pool).sum();
        let known = all > 0 && sides.iter().all(|side| side.unseen == 0);
        sides.iter().map(|side| known.then(|| (side.in_pool * 100 + all / 2) / all)).collect()
    }

    fn add(&mut self, unit: &Unit) {
        self.hosts += 1;
        self.in_pool += u32::from(unit.in_pool());
        let Some(seen) = unit.fresh() else {
            self.unseen += 1;
            return;
        };
        // While it is changed, what was seen of it before says nothing of it; nor after that has failed, before it was
        // looked at.
        if unit.out && unit.overtaken() && unit.lane.as_ref().is_some_and(changes) {
            return;
        }
        self.healthy += u32::from(seen.health == Health::Healthy);
        let Some(version) = &seen.runs else { return };
        match self.runs.iter_mut().find(|(known, _)| known == version) {
            Some((_, hosts)) => *hosts += 1,
            None => self.runs.push((version.clone(), 1)),
        }
    }
}

fn changes(lane: &Lane) -> bool {
    use LaneStep::{Alive, Install, Prove, SelfTest, Start, Stop};
    matches!(lane.step(), Stop | Prove | Install | Start | SelfTest | Alive)
}

fn side_of(session: &Session, environment: &EnvironmentName, unit: &UnitId) -> Option<SideName> {
    let declared = session.plan().environments.get(environment)?;
    let pool = declared.pools.iter().find(|pool| pool.hosts.iter().any(|host| host.unit == *unit));
    pool.and_then(Pool::side_name)
}

/// Why the hosts outside a side can't serve all while that is out: none of them may be unwell, and those that are left
/// must be enough. Of clouds only the one that serves meanwhile is asked, since the others stand by.
pub(in crate::domain) fn can_not_carry(
    session: &Session,
    environment: &EnvironmentName,
    side: &[UnitId],
    carrier: Option<&CloudName>,
) -> Option<String> {
    let side: BTreeSet<&UnitId> = side.iter().collect();
    let others = || {
        let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
        here.filter(|unit| {
            carrier.map_or(!side.contains(&unit.id), |cloud| unit.cloud.as_ref() == Some(cloud))
        })
    };
    if let Some(unit) = others().find(|unit| !unit.available() && !left_out(unit)) {
        let seen = unit.fresh();
        let why = seen.and_then(|seen| seen.why.clone()).unwrap_or_else(|| match seen {
            None => "not observed".to_owned(),
            Some(seen) if seen.health == Health::Healthy => "not in the pool".to_owned(),
            Some(_) => "not healthy".to_owned(),
        });
        let side = carrier.map_or_else(|| "the other side".to_owned(), |cloud| format!("cloud {cloud}"));
        return Some(format!("{} of {side} does not serve: {why}", unit.id));
    }
    let (serve, of) = (others().filter(|unit| unit.available()).count() as u32, others().count() as u32);
    let needs = budget(session, environment).limits.min_healthy;
    (serve < needs).then(|| {
        let serve = counted(u64::from(serve), "host");
        let side =
            carrier.map_or_else(|| "on the other side".to_owned(), |cloud| format!("of cloud {cloud}"));
        format!("{serve} of {of} {side} would serve alone, and min_healthy is {needs}")
    })
}

/// Somebody decided that nobody waits for it.
pub(in crate::domain) fn left_out(unit: &Unit) -> bool {
    let aside = |lane: &Lane| lane.set_aside || matches!(lane.state, LaneState::Excluded { .. });
    unit.lane.as_ref().is_some_and(aside)
}

/// The cloud that serves while the one of this host is without traffic.
fn carrier<'a>(
    session: &'a Session,
    environment: &EnvironmentName,
    of: Option<&UnitId>,
) -> Option<&'a CloudName> {
    let leaves = of.and_then(|unit| session.rollout.unit(unit)).and_then(|unit| unit.cloud.as_ref());
    clouds::carrier(session, environment, leaves)
}

/// What is in the way of the stage that would begin with taking a side out: the side, and why.
pub fn obstacle(session: &Session, index: usize) -> Option<(String, String)> {
    let plan = session.plan();
    let stage = plan.stages.get(index)?;
    if !plan.steps(index).iter().any(Step::takes_side_out) || is_first(session, &stage.environment) {
        return None;
    }
    let batches = plan.batches(index);
    let batch = batches.first()?;
    let units: Vec<UnitId> = batch.hosts.iter().map(|host| host.unit.clone()).collect();
    if clouds::out_already(session, &stage.environment, &units) {
        return None;
    }
    let carrier = carrier(session, &stage.environment, units.first());
    let why = can_not_carry(session, &stage.environment, &units, carrier)?;
    let side = batch.group.unwrap_or(stage.name.as_str());
    Some((side.to_owned(), format!("can't be taken out: {why}")))
}

/// What is in the way of the step that comes next, where a side is taken out, changed or brought back in.
pub fn in_the_way(session: &Session, run: &StageRun) -> Option<String> {
    let step = run.steps.get(run.at.step as usize + 1).filter(|_| run.takes_sides())?;
    let batch = step.batch()?;
    let side = run.units_of(batch);
    let name = side.first().and_then(|unit| side_of(session, &run.environment, unit));
    let name = name.map_or_else(|| run.name.to_string(), |colour| colour.to_string());
    let units = || side.iter().filter_map(|unit| session.rollout.unit(unit));
    match step {
        Step::Gather { at: LaneStep::Drain, .. } => {
            if clouds::out_already(session, &run.environment, side) {
                return None;
            }
            let carrier = carrier(session, &run.environment, side.first());
            let why = can_not_carry(session, &run.environment, side, carrier)?;
            Some(format!("{name} is not taken out: {why}"))
        }
        Step::Gather { at: LaneStep::Alive, .. } | Step::Stand { .. } => {
            // What was left out of it, or went back alone, keeps its place: nobody waits for that to leave.
            let taken_on = |unit: &&Unit| unit.lane.as_ref().is_some_and(Lane::open);
            let unit = units().filter(taken_on).find(|unit| unit.in_pool())?;
            Some(format!("{name} is not changed: {} is still in the pool", unit.id))
        }
        Step::Return { .. } => {
            let wanted = &session.course.release.candidate.version;
            let waits = |unit: &&Unit| {
                unit.lane.as_ref().is_some_and(|lane| matches!(lane.state, LaneState::Gathered { .. }))
            };
            let unit = units().filter(waits).find(|unit| unit.running() != Some(wanted))?;
            let why = unit.fresh().and_then(|seen| seen.why.clone());
            let why = why.unwrap_or_else(|| format!("it is not seen to run {wanted}"));
            Some(format!("{name} gets no traffic: {}: {why}", unit.id))
        }
        _ => None,
    }
}

/// The stage that takes sides here, as long as only one of them was changed.
fn one_changed<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<&'a StageRun> {
    let here = |run: &&StageRun| run.environment == *environment && run.started.is_some();
    let run = session.pipeline.stages.iter().rfind(here).filter(|run| run.takes_sides())?;
    let other = |step: &Step| step.takes_side_out() && step.batch() > Some(0);
    let second = run.steps.iter().position(other)?;
    ((run.at.step as usize) < second).then_some(run)
}

/// The way back by switching: the other side was not changed, is well, and is enough for all. None once all is back,
/// or nobody can roll back any more.
pub fn switch(session: &Session, environment: &EnvironmentName) -> Option<Switch> {
    if session.course.is_over()
        || matches!(way_back(session, environment), Some(WayBack::Done | WayBack::NoHost))
    {
        return None;
    }
    if clouds::go_back(session, environment) {
        return clouds::switch(session, environment);
    }
    let run = one_changed(session, environment)?;
    let changed = run.units_of(0);
    if can_not_carry(session, environment, changed, None).is_some() {
        return None;
    }
    let to = side_of(session, environment, run.units_of(1).first()?)?;
    // One that came back alone runs what it ran before, and stays.
    let back =
        |unit: &Unit| unit.lane.as_ref().is_some_and(|lane| matches!(lane.state, LaneState::RolledBack));
    let leaves =
        |unit: &&UnitId| session.rollout.unit(unit).is_some_and(|unit| unit.in_pool() && !back(unit));
    Some(Switch { to, hosts: changed.iter().filter(leaves).count() as u32 })
}

/// On the way back a host leaves the pool before anything else is done to it.
pub fn back_out_first(mut steps: Vec<LaneStep>) -> Vec<LaneStep> {
    if let Some(at) = steps.iter().position(|step| *step == LaneStep::Drain) {
        steps[..=at].rotate_right(1);
    }
    steps
}

/// Every host that goes back is out of traffic, or the others can't carry more: those that are out are changed.
pub fn switched(
    session: &Session,
    environment: &EnvironmentName,
    rollback: &Rollback,
    (waiting, blocked): (bool, bool),
    now: Now,
) -> Option<RolloutEvent> {
    if !rollback.switches() || rollback.gathered || budget(session, environment).working > 0 {
        return None;
    }
    if waiting && !blocked {
        return None;
    }
    let units = rollback.units.iter().filter_map(|unit| session.rollout.unit(unit));
    let left = units.filter(|unit| serves_on(unit, &rollback.to.version)).count() as u32;
    let took = now.session.since(rollback.started.session);
    Some(RolloutEvent::Switched { environment: environment.clone(), took, left, cloud: None })
}

/// Whether a host that goes back is not out of traffic and not back either: it could not be spared, or not be taken out.
pub(super) fn serves_on(unit: &Unit, to: &Version) -> bool {
    let gathered = unit.lane.as_ref().is_some_and(|lane| matches!(lane.state, LaneState::Gathered { .. }));
    let in_pool = unit.fresh().is_some_and(|seen| matches!(seen.pool, PoolState::In | PoolState::None));
    !gathered && in_pool && unit.running() != Some(to)
}
