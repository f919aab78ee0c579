//! The clouds of an environment, of which one serves while the others stand by: who is primary, how hosts go that belong
//! to one, and the way back, on which the cloud that served before serves again before another one leaves.

use super::{
    Direction, Lane, LaneState, Rollback, RolloutEvent, Switch, Unit, budget,
    lane::lane_steps_of,
    sides::{back_out_first, can_not_carry, left_out, serves_on},
    spare,
};
use crate::domain::{
    effect::{Health, LaneStep, PoolState},
    event::Stamped,
    name::{CloudName, EnvironmentName, SideName, UnitId},
    pipeline::StageRun,
    plan::{Step, takes_over_with_fewer},
    session::Session,
    time::Now,
};

/// How a lane goes that begins.
pub struct Way {
    pub steps: Vec<LaneStep>,
    pub until: Option<LaneStep>,
    pub stands_by: bool,
}

/// The cloud that serves; none: the environment has none that stands by.
pub fn primary<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<&'a CloudName> {
    let plan = session.plan();
    if !plan.takes_clouds(environment) {
        return None;
    }
    let switched = session.rollout.primaries.get(environment);
    switched.or_else(|| plan.environments.get(environment)?.primary())
}

impl StageRun {
    /// Whether traffic shifts in it from one cloud to another.
    pub fn takes_clouds(&self) -> bool {
        self.steps.iter().any(Step::shifts)
    }

    /// The batch that takes over, and the one that leaves for it.
    pub fn shift(&self) -> Option<(u32, u32)> {
        self.steps.iter().find_map(|step| match step {
            Step::Shift { to, from } => Some((*to, *from)),
            _ => None,
        })
    }

    /// Whether the hosts of this batch get no traffic once they are changed.
    fn stands_by(&self, of: u32) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Stand { batch } if *batch == of))
    }
}

/// The cloud of a batch.
pub(super) fn cloud_of<'a>(session: &'a Session, run: &StageRun, batch: u32) -> Option<&'a CloudName> {
    session.rollout.unit(run.units_of(batch).first()?)?.cloud.as_ref()
}

/// The stage that took the clouds of this environment.
fn run_of<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<&'a StageRun> {
    let here = |run: &&StageRun| run.environment == *environment && run.started.is_some();
    session.pipeline.stages.iter().rfind(here).filter(|run| run.takes_clouds())
}

/// Whether hosts of this environment go back cloud by cloud.
pub(super) fn go_back(session: &Session, environment: &EnvironmentName) -> bool {
    run_of(session, environment).is_some()
}

/// The cloud that served before the stage that was started last: it serves again on the way back.
fn home<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<&'a CloudName> {
    let run = run_of(session, environment)?;
    cloud_of(session, run, run.shift()?.1)
}

/// The cloud that serves while this one is without traffic; none: all the others do.
pub(super) fn carrier<'a>(
    session: &'a Session,
    environment: &EnvironmentName,
    leaves: Option<&CloudName>,
) -> Option<&'a CloudName> {
    let primary = primary(session, environment)?;
    if leaves != Some(primary) {
        return Some(primary);
    }
    match run_of(session, environment) {
        Some(run) => cloud_of(session, run, run.shift()?.0),
        None => Some(primary),
    }
}

/// The steps of a lane of a stage, and whether its host stands by once they are through.
pub fn of_stage(session: &Session, run: &StageRun, unit: &UnitId, batch: u32) -> (Vec<LaneStep>, bool) {
    let steps = lane_steps_of(session, unit, run.stops_all());
    if primary(session, &run.environment).is_none() {
        return spare::of_stage(session, run, unit, steps);
    }
    // A first deploy has no strategy, and brings nothing into traffic that stands by.
    let stood_by = session.rollout.unit(unit).is_some_and(|unit| unit.standby);
    let stands_by = if run.takes_clouds() { run.stands_by(batch) } else { stood_by };
    // The primary is not touched, not even for the release's sake, before another cloud serves.
    let steps = if run.takes_clouds() { back_out_first(steps) } else { steps };
    (steps_of(steps, stands_by), stands_by)
}

pub(super) fn steps_of(mut steps: Vec<LaneStep>, stands_by: bool) -> Vec<LaneStep> {
    if stands_by {
        steps.retain(|step| *step != LaneStep::Rejoin);
    }
    steps
}

/// How a host goes back: those of the cloud that served before serve again, and the others stand by.
pub(super) fn back(session: &Session, unit: &Unit, rollback: &Rollback) -> Way {
    let mut steps = back_out_first(lane_steps_of(session, &unit.id, false));
    if unit.cloud.as_ref() == home(session, &unit.environment) {
        if unit.lane.as_ref().is_none_or(|lane| !was_changed(lane)) {
            steps.retain(|step| matches!(step, LaneStep::Alive | LaneStep::Rejoin | LaneStep::Settle));
        }
        return Way { steps, until: None, stands_by: false };
    }
    let until = (!rollback.gathered).then_some(LaneStep::Drain);
    Way { steps: steps_of(steps, true), until, stands_by: true }
}

/// Whether what runs on its host may have been changed by this lane: not by fetching, nor by leaving the pool.
fn was_changed(lane: &Lane) -> bool {
    let changes = |step: &LaneStep| matches!(step, LaneStep::Stop | LaneStep::Install | LaneStep::Start);
    let Some(first) = lane.steps.iter().position(changes) else { return false };
    match lane.direction {
        Direction::Back => true,
        Direction::Forward if lane.at == first => !matches!(
            lane.state,
            LaneState::Waiting | LaneState::Ready | LaneState::Gathered { .. } | LaneState::Skipped
        ),
        Direction::Forward => lane.at > first,
    }
}

/// Whether a host that serves waits on its way back until the cloud that served before does again.
pub(super) fn waits(session: &Session, rollback: &Rollback, unit: &Unit) -> bool {
    if !rollback.of_clouds() || !unit.in_pool() {
        return false;
    }
    let home = home(session, &unit.environment);
    unit.cloud.as_ref() != home && can_not_carry(session, &unit.environment, &[], home).is_some()
}

/// The cloud that served before serves again, and nobody else: the others are changed back without traffic.
pub(super) fn switched_back(
    session: &Session,
    environment: &EnvironmentName,
    rollback: &Rollback,
    waiting: bool,
    now: Now,
) -> Option<Vec<RolloutEvent>> {
    if !rollback.of_clouds() || rollback.gathered || waiting || budget(session, environment).working > 0 {
        return None;
    }
    let home = home(session, environment)?;
    let took = now.session.since(rollback.started.session);
    let mut events = Vec::new();
    if let Some(from) = primary(session, environment).filter(|primary| *primary != home) {
        events.push(RolloutEvent::RoleSwitched {
            environment: environment.clone(),
            from: from.clone(),
            to: home.clone(),
            took,
            requests: None,
        });
    }
    let units = rollback.units.iter().filter_map(|unit| session.rollout.unit(unit));
    let others = units.filter(|unit| unit.cloud.as_ref() != Some(home));
    let left = others.filter(|unit| serves_on(unit, &rollback.to.version)).count() as u32;
    let cloud = Some(home.clone());
    events.push(RolloutEvent::Switched { environment: environment.clone(), took, left, cloud });
    Some(events)
}

/// The way back by switching: the cloud that served before was not changed, and is enough.
pub(super) fn switch(session: &Session, environment: &EnvironmentName) -> Option<Switch> {
    let run = run_of(session, environment)?;
    let (to, from) = run.shift()?;
    let home = cloud_of(session, run, from)?;
    let units = |batch| run.units_of(batch).iter().filter_map(|unit| session.rollout.unit(unit));
    let as_it_was = |unit: &Unit| {
        !unit.lane.as_ref().is_some_and(was_changed)
            && unit.fresh().is_some_and(|seen| seen.health == Health::Healthy)
    };
    // A switch is promised only where nobody has to be waited for: whoever is not well would keep it from ending.
    if units(from).any(|unit| !as_it_was(unit) && !left_out(unit)) {
        return None;
    }
    let well = units(from).filter(|unit| as_it_was(unit)).count() as u32;
    if well < budget(session, environment).limits.min_healthy {
        return None;
    }
    let back =
        |unit: &Unit| unit.lane.as_ref().is_some_and(|lane| matches!(lane.state, LaneState::RolledBack));
    let hosts = units(to).filter(|unit| unit.in_pool() && !back(unit)).count() as u32;
    Some(Switch { to: SideName::from(home), hosts })
}

/// Another cloud is primary.
pub fn role_switched(session: &mut Session, environment: &EnvironmentName, to: &CloudName, at: &Stamped) {
    session.rollout.primaries.insert(environment.clone(), to.clone());
    super::progressed(session, at.now);
    session.capacity_changed();
    session.mark_shares();
}

/// What it means for each host of the cloud that takes over, where traffic is still to shift to one that has fewer.
pub fn fewer_take_over(session: &Session, run: &StageRun) -> Option<String> {
    let (to, from) = run.shift()?;
    let shifts = run.steps.iter().position(Step::shifts)?;
    let named = |batch| Some((cloud_of(session, run, batch)?.as_str(), run.units_of(batch).len() as u32));
    ((run.at.step as usize) < shifts).then(|| takes_over_with_fewer(named(to)?, named(from)?))?
}

/// Hosts that should be without traffic and are seen in the pool before any stage took them: the stage that does will take
/// them out.
pub fn serving_by_mistake<'a>(
    session: &'a Session,
    environment: &'a EnvironmentName,
) -> impl Iterator<Item = &'a Unit> {
    let some = session.plan().takes_clouds(environment) || session.rollout.in_all(environment).2 > 0;
    let units = session.rollout.units().iter().filter(move |unit| some && unit.environment == *environment);
    units.filter(|unit| unit.standby && !unit.out && unit.lane.is_none() && unit.in_pool())
}

/// The hosts that are to leave are all out of traffic already, and serve nobody: their leaving is nobody's loss. Of the
/// cloud that is primary that is never so.
pub(super) fn out_already(session: &Session, environment: &EnvironmentName, leave: &[UnitId]) -> bool {
    let Some(primary) = primary(session, environment) else { return false };
    leave.iter().filter_map(|id| session.rollout.unit(id)).all(|unit| {
        unit.cloud.as_ref() != Some(primary) && unit.fresh().is_some_and(|seen| seen.pool == PoolState::Out)
    })
}
