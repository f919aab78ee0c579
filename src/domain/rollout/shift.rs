//! Whether traffic has shifted from one cloud to another: by who is in the pool, and by what the balancer counts. Telling
//! a balancer so is not enough.

use serde::{Deserialize, Serialize};

use super::{LaneState, RolloutEvent, Unit, clouds};
use crate::domain::{
    comparison::Sides,
    effect::PoolState,
    event::{Event, Stamped},
    name::{CloudName, EnvironmentName, UnitId},
    pipeline::StageRun,
    plan::{Step, TrafficKind},
    session::Session,
    time::{Now, Span},
};

/// What has not changed is recorded this often.
const AGAIN: Span = Span::secs(60);

/// What was counted last while traffic was to shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    pub to: CloudName,
    /// Requests there, and on all other hosts of the environment.
    pub there: u64,
    pub elsewhere: u64,
    pub at: Now,
}

impl Traffic {
    const fn shifted(&self) -> bool {
        self.there > 0 && self.elsewhere == 0
    }
}

/// The shift that this stage is at.
fn at(run: &StageRun) -> Option<(u32, u32)> {
    match run.step() {
        Some(Step::Shift { to, from }) => Some((*to, *from)),
        _ => None,
    }
}

/// Whether requests say where traffic goes.
fn counts(session: &Session, environment: &EnvironmentName) -> bool {
    let of = session.plan().environments.get(environment);
    of.is_some_and(|of| of.balancer.counts() && of.traffic == TrafficKind::Real)
}

/// The hosts whose requests are counted apart while traffic is to shift to them.
pub(super) fn counted<'a>(session: &Session, run: &'a StageRun) -> Option<&'a [UnitId]> {
    let (to, _) = at(run)?;
    let (Some(cloud), primary) =
        (clouds::cloud_of(session, run, to), clouds::primary(session, &run.environment))
    else {
        return None;
    };
    (counts(session, &run.environment) && primary != Some(cloud)).then(|| run.units_of(to))
}

/// What was counted, as a fact: where it says something else than before, and now and then.
pub(super) fn report(session: &Session, environment: &EnvironmentName, lately: &Sides) -> Option<Event> {
    let run = session.pipeline.under_way_in(environment)?;
    let (to, _) = at(run)?;
    let to = clouds::cloud_of(session, run, to)?;
    let (there, elsewhere) = (lately.new.requests, lately.rest.requests);
    let says = |there: u64, elsewhere: u64| (there > 0, elsewhere > 0);
    let known = known(session, run, to);
    let same = known.is_some_and(|known| {
        says(known.there, known.elsewhere) == says(there, elsewhere)
            && session.now.session.since(known.at.session) < AGAIN
    });
    let (environment, to) = (environment.clone(), to.clone());
    (!same).then_some(Event::Rollout(RolloutEvent::TrafficSeen { environment, to, there, elsewhere }))
}

/// What was counted since the present step began.
fn known<'a>(session: &'a Session, run: &StageRun, to: &CloudName) -> Option<&'a Traffic> {
    let known = session.rollout.traffic.get(&run.environment)?;
    (known.to == *to && known.at.session >= run.at.since).then_some(known)
}

pub fn seen(
    session: &mut Session,
    environment: &EnvironmentName,
    to: &CloudName,
    (there, elsewhere): (u64, u64),
    stamped: &Stamped,
) {
    let traffic = Traffic { to: to.clone(), there, elsewhere, at: stamped.now };
    session.rollout.traffic.insert(environment.clone(), traffic);
}

/// What says that traffic has not shifted yet; none: it has, or nothing is to shift.
pub fn not_shifted(session: &Session, run: &StageRun) -> Option<String> {
    let (to, from) = at(run)?;
    let (gets, leaves) = (clouds::cloud_of(session, run, to)?, clouds::cloud_of(session, run, from)?);
    let units = |batch| run.units_of(batch).iter().filter_map(|unit| session.rollout.unit(unit));
    let still = |unit: &Unit| match unit.fresh().map(|seen| seen.pool) {
        Some(PoolState::Out) => None,
        Some(PoolState::In | PoolState::Down | PoolState::None) => Some("is in the pool"),
        Some(PoolState::Draining) => Some("is leaving the pool"),
        Some(PoolState::Unknown) => Some("may be in the pool: the balancer does not say"),
        None => Some("was not looked at"),
    };
    let said = units(from).find_map(|unit| Some((unit, still(unit)?)));
    if let Some((unit, what)) = said {
        return Some(format!("{leaves} still serves: {} {what}", unit.id));
    }
    let given_up = |unit: &Unit| {
        unit.lane
            .as_ref()
            .is_some_and(|lane| lane.set_aside || matches!(lane.state, LaneState::Excluded { .. }))
    };
    if let Some(unit) = units(to).find(|unit| !unit.available() && !given_up(unit)) {
        return Some(format!("{gets} does not serve yet: {}", unit.id));
    }
    if !counts(session, &run.environment) {
        return None;
    }
    match known(session, run, gets) {
        None => Some(format!("no request was counted since {leaves} left")),
        Some(known) if known.shifted() => None,
        Some(Traffic { there: 0, elsewhere: 0, .. }) => {
            Some(format!("no request came since {leaves} left: whether {gets} serves is not shown"))
        }
        Some(Traffic { there, elsewhere, .. }) => {
            Some(format!("{elsewhere} of {} requests went past {gets}", there + elsewhere))
        }
    }
}

/// The fact that it has shifted, where that is not recorded yet.
pub fn shifted(session: &Session, run: &StageRun, now: Now) -> Option<Event> {
    let (to, from) = at(run)?;
    let (gets, leaves) = (clouds::cloud_of(session, run, to)?, clouds::cloud_of(session, run, from)?);
    if clouds::primary(session, &run.environment) == Some(gets) {
        return None;
    }
    // From when the first host of the one took traffic, as far as steps tell.
    let began = (0..run.at.step)
        .rfind(|nth| matches!(run.steps.get(*nth as usize), Some(Step::Return { batch }) if *batch == to));
    let since = began.and_then(|nth| run.begun.get(nth as usize)).map_or(run.at.since, |began| began.session);
    Some(Event::Rollout(RolloutEvent::RoleSwitched {
        environment: run.environment.clone(),
        from: leaves.clone(),
        to: gets.clone(),
        took: now.session.since(since),
        requests: known(session, run, gets).filter(|known| known.shifted()).map(|known| known.there),
    }))
}
