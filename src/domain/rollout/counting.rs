//! Counts what the hosts with the new version serve, and what the others of their environment serve, where somebody
//! wants to know: a share of the requests was asked for, or both sides are compared.

use serde::{Deserialize, Serialize};

use super::{LaneState, RolloutEvent, served, share, shift};
use crate::domain::{
    comparison::{self, Recent, Sides},
    effect::{Effect, EffectId, Target, Work},
    effect_log::EffectEvent,
    event::{Event, Stamped},
    name::{EnvironmentName, UnitId},
    operation,
    pipeline::{StageRun, StageState},
    session::{Next, Session},
    signal,
    time::{Now, Span},
};

/// Figures that go on rising are recorded this often.
const AGAIN: Span = Span::secs(60);

/// What was counted of an environment's two sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// The hosts that are counted as new.
    pub new: Vec<UnitId>,
    pub since: Now,
    /// When it was recorded last; none: nothing yet.
    pub at: Option<Now>,
    /// Of counts of the same hosts that were cut off.
    before: Sides,
    now: Sides,
}

impl Counted {
    pub fn sides(&self) -> Sides {
        self.before.and(&self.now)
    }
}

/// The hosts to be counted as new in this environment, and those among which they and the others are counted (empty: all);
/// none: nobody wants to know.
fn wanted(session: &Session, environment: &EnvironmentName) -> Option<(Vec<UnitId>, Vec<UnitId>)> {
    let plan = session.plan().environments.get(environment)?;
    if session.course.is_over() || !plan.balancer.counts() {
        return None;
    }
    if let Some(away) = operation::counted(session, environment) {
        return Some((away.to_vec(), Vec::new()));
    }
    // Where none should come all of them are counted, as long as the session is open.
    let all = signal::looks_for_traffic(session, environment);
    if let Some(region) = of_region(session, environment).filter(|_| !all) {
        return Some(region);
    }
    of_stage(session, environment).or_else(|| all.then(Vec::new)).map(|new| (new, Vec::new()))
}

/// The hosts of the region whose turn it is, once they are done, and all of that region: it is compared with its own rest.
fn of_region(session: &Session, environment: &EnvironmentName) -> Option<(Vec<UnitId>, Vec<UnitId>)> {
    let run = session.pipeline.under_way_in(environment).filter(|run| run.by_region())?;
    comparison::asks_for(session, run)?;
    if run.step().is_some_and(|step| step.batch().is_some()) {
        return None;
    }
    let units = run.units_in(run.turn_compared());
    let region = session.rollout.unit(units.first()?)?.region.as_deref();
    let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let among = here.filter(|unit| unit.region.as_deref() == region).map(|unit| unit.id.clone());
    Some((units.iter().filter(|id| done(session, id)).cloned().collect(), among.collect()))
}

/// The hosts that the stage under way there wants to know about.
fn of_stage(session: &Session, environment: &EnvironmentName) -> Option<Vec<UnitId>> {
    let run = session.pipeline.under_way_in(environment)?;
    if let Some(gets) = shift::counted(session, run) {
        return Some(gets.to_vec());
    }
    if let Some(share) = share::held(session, environment) {
        return Some(share.canary.clone());
    }
    let done = run.state != StageState::Rolling && comparison::asks_for(session, run).is_some();
    done.then(|| new_version(session, run))
}

/// The hosts of the stage's environment that have the new version, from this stage or one before.
fn new_version(session: &Session, run: &StageRun) -> Vec<UnitId> {
    let stages = session.pipeline.stages.iter().filter(|stage| stage.environment == run.environment);
    stages.flat_map(|stage| &stage.units).filter(|id| done(session, id)).cloned().collect()
}

fn done(session: &Session, id: &UnitId) -> bool {
    let lane = session.rollout.unit(id).and_then(|unit| unit.lane.as_ref());
    lane.is_some_and(|lane| lane.state == LaneState::Done)
}

/// The counting begins when somebody wants to know, and ends with that.
pub fn next(session: &Session, environment: &EnvironmentName) -> Next {
    let target = Target::Served(environment.clone());
    let new = wanted(session, environment);
    match (session.flights.get(&target), new) {
        (None, Some((canary, among))) => {
            let id = EffectId { target, attempt: session.epoch, step: session.seq as u32 };
            let work = Work::Count { environment: environment.clone(), canary, among };
            Next::Events(vec![Event::Effect(EffectEvent::Started { effect: Effect { id, work }.into() })])
        }
        (Some(flight), new) if !flight.cancel_asked => {
            let counts = |wanted: &(Vec<UnitId>, Vec<UnitId>)| match &flight.effect.work {
                Work::Count { canary, among, .. } => (canary, among) == (&wanted.0, &wanted.1),
                _ => false,
            };
            if new.as_ref().is_some_and(counts) {
                return Next::Nothing;
            }
            let (id, why) = (flight.effect.id.clone(), "other hosts are counted by now".to_owned());
            Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })])
        }
        _ => Next::Nothing,
    }
}

/// What was counted, as facts: in the last stretch, and since this count began.
pub fn report(
    session: &Session,
    environment: &EnvironmentName,
    lately: &Sides,
    all: &Sides,
    (busiest, total, recent): (Option<&UnitId>, Option<u64>, Option<Recent>),
    now: Now,
) -> Vec<Event> {
    let mut events = served::report(session, environment, lately, recent, now);
    events.extend(signal::traffic_report(session, environment, lately, (busiest, total), now));
    events.extend(shift::report(session, environment, lately));
    events.extend(operation::report(session, environment, lately));
    let asked = session
        .pipeline
        .under_way_in(environment)
        .is_some_and(|run| comparison::asks_for(session, run).is_some());
    let Some(counted) = session.rollout.counted.get(environment).filter(|_| asked) else { return events };
    let due = counted.at.is_none_or(|at| now.session.since(at.session) >= AGAIN);
    let enough = counted.sides().too_few().is_some() && counted.before.and(all).too_few().is_none();
    if due || enough {
        let (environment, sides) = (environment.clone(), Box::new(*all));
        events.push(Event::Rollout(RolloutEvent::Counted { environment, sides }));
    }
    events
}

/// A count began: of the same hosts as the last one, it goes on from there.
pub fn started(session: &mut Session, effect: &Effect, at: &Stamped) {
    let Work::Count { environment, canary, .. } = &effect.work else { return };
    let same = session.rollout.counted.get_mut(environment).filter(|counted| counted.new == *canary);
    if let Some(counted) = same {
        counted.before = counted.sides();
        counted.now = Sides::default();
    } else {
        let (before, now) = (Sides::default(), Sides::default());
        let counted = Counted { new: canary.clone(), since: at.now, at: None, before, now };
        session.rollout.counted.insert(environment.clone(), counted);
    }
    session.mark_shares();
}

pub fn counted(session: &mut Session, environment: &EnvironmentName, sides: &Sides, at: &Stamped) {
    if let Some(counted) = session.rollout.counted.get_mut(environment) {
        counted.now = *sides;
        counted.at = Some(at.now);
    }
}
