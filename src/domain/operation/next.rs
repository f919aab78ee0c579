//! What follows by itself for an operation: the next host where the capacity budget allows one, and its end.

use super::{Operation, OperationEvent, heart, leave, mend, scale, state};
use crate::domain::{
    event::Event,
    lock,
    name::UnitId,
    plan::Deadlines,
    rollout::{self, Direction, RolloutEvent},
    session::{Next, Session},
    time::{Now, Span},
};

pub fn next(session: &Session, now: Now) -> Next {
    if session.course.is_over() {
        return mend::given_up(session);
    }
    match of_operation(session, now) {
        Next::Events(events) => Next::Events(events),
        next => next
            .or(|| heart::next(session, now))
            .or(|| mend::next(session, now))
            .or(|| scale::next(session, now)),
    }
}

fn of_operation(session: &Session, now: Now) -> Next {
    let Some(operation) = &session.operations.running else {
        return Next::Nothing;
    };
    if let Some(absence) = &operation.away {
        return leave::next(session, operation, absence, now);
    }
    let waiting = operation.units.iter().filter(|unit| !operation.taken.contains(*unit));
    let mut waiting = waiting.filter(|unit| session.rollout.unit(unit).is_some());
    if let Some(unit) = waiting.next().filter(|_| operation.given_up.is_none()) {
        return taken(session, operation, unit, now);
    }
    let mut lanes = operation.units.iter().filter_map(|unit| operation.lane(session, unit));
    if lanes.any(rollout::Lane::open) {
        return stalls(session, operation, now);
    }
    let came_through = |unit: &&UnitId| operation.lane(session, unit).is_some_and(state::is_done);
    let (done, left): (Vec<&UnitId>, Vec<&UnitId>) = operation.units.iter().partition(came_through);
    Next::Events(vec![Event::Operation(OperationEvent::Ended {
        kind: operation.kind,
        environment: operation.environment.clone(),
        done: done.into_iter().cloned().collect(),
        left: left.into_iter().cloned().collect(),
    })])
}

/// The lane of the next host begins: in its turn, and never under the budget.
pub(super) fn taken(session: &Session, operation: &Operation, unit: &UnitId, now: Now) -> Next {
    let environment = &operation.environment;
    let Some(found) = session.rollout.unit(unit) else { return Next::Nothing };
    let budget = rollout::budget(session, environment);
    let may = lock::may_touch(session, environment, Direction::Forward)
        && !rollout::stopped(session)
        && found.fresh().is_some()
        && budget.lane_free()
        && rollout::may_take_out(session, found);
    if !may {
        return stalls(session, operation, now);
    }
    let attempt = found.lane.as_ref().map_or(found.tries, |lane| lane.attempt) + 1;
    Next::Events(vec![Event::Operation(OperationEvent::LaneBegan { unit: unit.clone(), attempt })])
}

/// It never waits in silence: where no host came through for long, a human is called.
pub(super) fn stalls(session: &Session, operation: &Operation, now: Now) -> Next {
    // Whoever holds, or deals with what needs a human, lets it go on.
    if rollout::stopped(session) {
        return Next::Nothing;
    }
    let declared = session.plan().environments.get(&operation.environment);
    let limit = declared.map_or_else(Deadlines::default, |declared| declared.deadlines).progress_deadline;
    let spent = session.course.active(now.session).since(operation.progress);
    if spent < limit {
        return Next::At(now.session.plus(Span(limit.0 - spent.0)));
    }
    let words = rollout::budget(session, &operation.environment).words();
    let why = format!("no host was {} for {limit}; {words}", operation.kind.word());
    Next::Events(vec![Event::Rollout(RolloutEvent::Stalled { why })])
}
