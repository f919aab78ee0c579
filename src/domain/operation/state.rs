//! The folded state of what is done to hosts outside a rollout.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Kind, OperationEvent,
    absence::{self, Absence},
    heart::{self, Beats},
    repair::{self, Repairs},
    scale::{self, Scales},
    steps,
};
use crate::domain::{
    drill,
    effect::Candidate,
    event::Stamped,
    name::{DrillName, EnvironmentName, PersonName, UnitId},
    project::Left,
    rollout::{self, Direction, Lane, LaneState},
    session::Session,
    time::{Now, SessionTime},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Operations {
    /// Hosts that are to be replaced.
    pub flags: BTreeMap<UnitId, Flag>,
    /// What was reviewed, by environment.
    pub committed: BTreeMap<EnvironmentName, Committed>,
    /// At most one at a time.
    pub running: Option<Operation>,
    pub last: Option<Over>,
    /// Hosts that are not seen to be alive, or were dead once.
    #[serde(default)]
    pub hearts: BTreeMap<UnitId, Beats>,
    #[serde(default)]
    pub repairs: Repairs,
    /// How many machines there are, where the plan says how that is asked.
    #[serde(default)]
    pub scales: Scales,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    pub by: Option<PersonName>,
    pub reason: String,
    pub at: Now,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Committed {
    pub units: Vec<UnitId>,
    pub by: Option<PersonName>,
    pub at: Now,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub kind: Kind,
    pub environment: EnvironmentName,
    /// In the order in which they are taken.
    pub units: Vec<UnitId>,
    pub to: Candidate,
    /// Hosts whose lanes have begun.
    pub taken: BTreeSet<UnitId>,
    /// Session time not held, when a host last came through, or somebody acted.
    pub progress: SessionTime,
    pub drill: Option<DrillName>,
    pub by: Option<PersonName>,
    pub began: Now,
    /// Why no further host is taken, where somebody said so.
    pub given_up: Option<String>,
    /// How its hosts are out of traffic together; none: each is looked after by itself.
    #[serde(default)]
    pub away: Option<Box<Absence>>,
}

/// The last operation that came to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Over {
    pub operation: Operation,
    pub done: Vec<UnitId>,
    pub left: Vec<UnitId>,
    pub at: Now,
}

impl Operations {
    /// Whether anything may follow here from what becomes of hosts.
    pub(in crate::domain) fn goes_on_by_itself(&self) -> bool {
        self.running.is_some() || !self.hearts.is_empty() || !self.scales.is_empty()
    }

    pub fn under_way_in(&self, environment: &EnvironmentName) -> bool {
        self.running.as_ref().is_some_and(|operation| operation.environment == *environment)
    }
}

impl Operation {
    /// The lane of one of its hosts; none: it has not begun.
    pub(super) fn lane<'a>(&self, session: &'a Session, unit: &UnitId) -> Option<&'a Lane> {
        let unit = session.rollout.unit(unit).filter(|unit| self.taken.contains(&unit.id))?;
        unit.lane.as_ref().filter(|lane| lane.upkeep)
    }

    /// A host came through, or somebody acted.
    pub(in crate::domain) fn progressed(&mut self, active: SessionTime) {
        self.progress = active;
    }
}

/// What the session before this one left: repairs as they stood, and hosts that are to be replaced. What was reviewed is
/// reviewed anew.
pub fn carried(session: &mut Session, left: &Left) {
    repair::carried(session, left);
    let flags = left.flags.iter().filter(|(unit, _)| session.rollout.unit(unit).is_some());
    let began = session.now.session;
    let flags = flags.map(|(unit, flag)| {
        let at = Now { session: began, ..flag.at };
        (unit.clone(), Flag { at, ..flag.clone() })
    });
    session.operations.flags = flags.collect();
}

pub fn apply(session: &mut Session, event: &OperationEvent, at: &Stamped) {
    let by = || at.actor.person().cloned();
    let active = session.course.active(at.now.session);
    match event {
        OperationEvent::HostFlagged { unit, reason } => {
            let flag = Flag { by: by(), reason: reason.clone(), at: at.now };
            session.operations.flags.insert(unit.clone(), flag);
        }
        OperationEvent::HostUnflagged { unit } => {
            session.operations.flags.remove(unit);
            // What was reviewed is another change set now.
            session.operations.committed.retain(|_, committed| !committed.units.contains(unit));
        }
        OperationEvent::ReplaceCommitted { environment, units } => {
            let committed = Committed { units: units.clone(), by: by(), at: at.now };
            session.operations.committed.insert(environment.clone(), committed);
        }
        OperationEvent::Began { kind, environment, units, to, drill, away } => {
            session.operations.running = Some(Operation {
                kind: *kind,
                environment: environment.clone(),
                units: units.clone(),
                to: to.clone(),
                taken: BTreeSet::new(),
                progress: active,
                drill: drill.clone(),
                by: by(),
                began: at.now,
                given_up: None,
                away: away.as_ref().map(|asked| Box::new(Absence::of(asked))),
            });
            if *kind == Kind::Replace {
                repair::replaced(session, units);
            }
            session.mark_locks();
        }
        OperationEvent::LaneBegan { unit, attempt } => lane_began(session, unit, *attempt, at),
        OperationEvent::GivenUp { reason } => {
            if let Some(operation) = &mut session.operations.running {
                operation.given_up = Some(reason.clone());
            }
        }
        OperationEvent::TrafficUncounted { why, .. } => {
            drill::unobserved(session, &format!("requests could not be counted: {why}"));
            session.mark_pipeline();
        }
        OperationEvent::TrafficCounted { .. }
        | OperationEvent::TrafficLeft { .. }
        | OperationEvent::ComesBack { .. } => absence::apply(session, event, at),
        OperationEvent::HostDied { .. } | OperationEvent::HostRevived { .. } => {
            repair::apply(session, event, at);
            heart::apply(session, event, at);
        }
        OperationEvent::ScaleSeen { .. }
        | OperationEvent::ScaleAsked { .. }
        | OperationEvent::ScaleEnded { .. } => scale::apply(session, event, at),
        OperationEvent::RepairBegan { .. }
        | OperationEvent::RepairJudged { .. }
        | OperationEvent::RepairGivenUp { .. }
        | OperationEvent::RepairsPaused { .. }
        | OperationEvent::RepairsResumed { .. } => repair::apply(session, event, at),
        OperationEvent::Ended { done, left, .. } => ended(session, done, left, at),
    }
    session.mark_shares();
    session.mark_pipeline();
    session.mark_course();
}

fn lane_began(session: &mut Session, unit: &UnitId, attempt: u32, at: &Stamped) {
    let Some(operation) = &mut session.operations.running else { return };
    operation.taken.insert(unit.clone());
    let (kind, environment, to) = (operation.kind, operation.environment.clone(), operation.to.clone());
    let way = operation.away.as_ref().map(|absence| absence.way(unit));
    let plan = session.plan();
    let declared = plan.environments.get(&environment);
    let mut steps = declared.map(|declared| steps(plan, declared, kind)).unwrap_or_default();
    if let Some(way) = &way {
        steps.retain(|step| way.steps.contains(step));
    }
    // The stage that deploys there: a lane is always some stage's.
    let stage = plan.stages.iter().rfind(|stage| stage.environment == environment);
    let Some(stage) = stage.map(|stage| stage.name.clone()) else { return };
    let started = session.course.lane_clock(Direction::Forward, at.now.session);
    session.change_unit(unit, |unit| {
        unit.put_back = None;
        let mut lane = Lane {
            attempt,
            upkeep: true,
            started,
            step_since: at.now.session,
            until: way.as_ref().and_then(|way| way.until),
            stands_by: way.as_ref().is_some_and(|way| way.stands_by),
            ..Lane::new(stage, to, steps)
        };
        lane.state = lane.at_its_step();
        unit.lane = Some(lane);
    });
}

/// The lanes are the operation's, and end with it: a rollout gives hosts lanes of its own. That of a host that did not
/// come through says how it stands.
fn ended(session: &mut Session, done: &[UnitId], left: &[UnitId], at: &Stamped) {
    let Some(operation) = session.operations.running.take() else { return };
    for unit in done {
        session.change_unit(unit, |unit| {
            unit.tries = unit.lane.take().map_or(unit.tries, |lane| lane.attempt);
        });
    }
    // Nobody goes on with it by trying again: it is replaced anew, or deployed to.
    for unit in left {
        session.change_unit(unit, |unit| {
            if let Some(lane) = unit.lane.as_mut().filter(|lane| lane.upkeep && !lane.state.ended()) {
                lane.state = LaneState::Excluded { reason: "it did not come through".to_owned() };
            }
        });
    }
    for unit in done {
        session.operations.flags.remove(unit);
    }
    session.operations.committed.remove(&operation.environment);
    session.operations.last = Some(Over { operation, done: done.to_vec(), left: left.to_vec(), at: at.now });
    rollout::progressed(session, at.now);
    session.mark_locks();
    session.mark_notices();
}

/// Whether a host came through.
pub(super) fn is_done(lane: &Lane) -> bool {
    lane.state == LaneState::Done
}
