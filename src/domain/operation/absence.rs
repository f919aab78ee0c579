//! Hosts that are out of traffic together for a while: where they stand, how the lanes of each go, and what they were
//! counted to get meanwhile.

use serde::{Deserialize, Serialize};

use super::{Away, Kind, Operation, OperationEvent};
use crate::domain::{
    comparison::Sides,
    effect::LaneStep,
    event::{Event, Stamped},
    name::{EnvironmentName, UnitId},
    plan::TrafficKind,
    rollout::{self, Lane, LaneState, Unit},
    session::Session,
    time::{Now, Span},
};

/// What has not changed is recorded this often.
const AGAIN: Span = Span::secs(60);
/// So long before they come back every look is recorded, so that the last count is one of their last moments.
const FINAL: Span = Span::secs(15);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Absence {
    pub asked: Away,
    /// What was counted last while they are out.
    pub counted: Option<Traffic>,
    /// When they were observed to get no traffic.
    pub left: Option<Now>,
    /// They are brought back.
    pub back: Option<Back>,
}

/// Requests in the last stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// At the hosts that are out.
    pub away: u64,
    pub elsewhere: u64,
    pub at: Now,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Back {
    pub at: Now,
    /// Why that is before its time; none: it lasted as long as planned.
    pub early: Option<String>,
}

/// How a lane goes that begins.
pub(super) struct Way {
    pub steps: &'static [LaneStep],
    pub until: Option<LaneStep>,
    pub stands_by: bool,
}

const IN: &[LaneStep] = &[LaneStep::Alive, LaneStep::Rejoin, LaneStep::Settle];

impl Absence {
    pub(super) fn of(asked: &Away) -> Self {
        Self { asked: asked.clone(), counted: None, left: None, back: None }
    }

    /// How the lane of one of its hosts goes that begins now.
    pub(super) fn way(&self, unit: &UnitId) -> Way {
        let carries = self.asked.carriers.contains(unit);
        match (carries, self.back.is_some()) {
            (false, false) => Way {
                steps: &[LaneStep::Drain, LaneStep::Alive, LaneStep::Rejoin, LaneStep::Settle],
                until: Some(LaneStep::Drain),
                stands_by: false,
            },
            (true, true) => Way {
                steps: &[LaneStep::Drain, LaneStep::Alive, LaneStep::Settle],
                until: None,
                stands_by: true,
            },
            (true, false) | (false, true) => Way { steps: IN, until: None, stands_by: false },
        }
    }
}

/// Whether a lane is the last one of its host: it brings it back, or has it stand by again.
pub(super) fn is_last(lane: &Lane) -> bool {
    lane.stands_by || !lane.steps.contains(&LaneStep::Drain)
}

/// Its host is out of traffic, and waits for its time.
pub(super) fn is_out(lane: &Lane) -> bool {
    matches!(lane.state, LaneState::Gathered { after: LaneStep::Drain })
}

/// Whether requests say where traffic goes.
pub(super) fn counts(session: &Session, environment: &EnvironmentName) -> bool {
    let of = session.plan().environments.get(environment);
    of.is_some_and(|of| of.balancer.counts() && of.traffic == TrafficKind::Real)
}

/// The operation whose hosts are all out of traffic in this environment, by what was done.
fn out<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<(&'a Operation, &'a Absence)> {
    let operation = session.operations.running.as_ref().filter(|it| it.environment == *environment)?;
    let absence = operation.away.as_deref().filter(|absence| absence.back.is_none())?;
    let mut lanes = operation.units.iter().map(|unit| operation.lane(session, unit));
    lanes.all(|lane| lane.is_some_and(is_out)).then_some((operation, absence))
}

/// The hosts whose requests are counted apart while they are out.
pub(in crate::domain) fn counted<'a>(
    session: &'a Session,
    environment: &EnvironmentName,
) -> Option<&'a [UnitId]> {
    let (operation, _) = out(session, environment)?;
    counts(session, environment).then_some(operation.units.as_slice())
}

/// What was counted, as a fact: where it says something else than before, and now and then.
pub(in crate::domain) fn report(
    session: &Session,
    environment: &EnvironmentName,
    lately: &Sides,
) -> Option<Event> {
    let (_, absence) = out(session, environment)?;
    let (away, elsewhere) = (lately.new.requests, lately.rest.requests);
    let ends = absence.left.map(|left| left.session.plus(absence.asked.lasts));
    let last = ends.is_some_and(|ends| session.now.session.plus(FINAL) >= ends);
    let same = absence.counted.filter(|_| !last).is_some_and(|known| {
        (known.away > 0, known.elsewhere > 0) == (away > 0, elsewhere > 0)
            && session.now.session.since(known.at.session) < AGAIN
    });
    let environment = environment.clone();
    (!same).then_some(Event::Operation(OperationEvent::TrafficCounted { environment, away, elsewhere }))
}

/// Whether this lane brings its host back into traffic, so that nothing but another conductor's lock is in its way.
pub(in crate::domain) fn comes_back(session: &Session, unit: &Unit) -> bool {
    let operation = session.operations.running.as_ref().filter(|it| it.kind == Kind::Offline);
    operation.and_then(|it| it.away.as_ref()).is_some_and(|absence| absence.back.is_some())
        && unit.lane.as_ref().is_some_and(|lane| lane.upkeep && is_last(lane) && !lane.stands_by)
}

/// Whether this lane would take its host out of traffic although all come back: another one is about to bring it back.
pub(in crate::domain) fn leaves_no_more(session: &Session, unit: &Unit) -> bool {
    let absence = session.operations.running.as_ref().and_then(|it| it.away.as_ref());
    absence.is_some_and(|absence| absence.back.is_some())
        && unit.lane.as_ref().is_some_and(|lane| lane.upkeep && !is_last(lane))
}

/// That nobody could count, as a fact: what was not counted proves nothing.
pub(in crate::domain) fn uncounted(
    session: &Session,
    environment: &EnvironmentName,
    why: &str,
) -> Option<Event> {
    out(session, environment)?;
    let attempt = session.drills.running.as_ref()?;
    let (environment, why) = (environment.clone(), why.to_owned());
    let event = OperationEvent::TrafficUncounted { environment, why };
    attempt.unobserved.is_none().then_some(Event::Operation(event))
}

pub(super) fn apply(session: &mut Session, event: &OperationEvent, at: &Stamped) {
    let Some(operation) = session.operations.running.as_mut() else { return };
    let Some(absence) = &mut operation.away else { return };
    match event {
        OperationEvent::TrafficCounted { away, elsewhere, .. } => {
            absence.counted = Some(Traffic { away: *away, elsewhere: *elsewhere, at: at.now });
            return;
        }
        OperationEvent::TrafficLeft { .. } => absence.left = Some(at.now),
        OperationEvent::ComesBack { early, .. } => {
            absence.back = Some(Back { at: at.now, early: early.clone() });
        }
        _ => return,
    }
    rollout::progressed(session, at.now);
}
