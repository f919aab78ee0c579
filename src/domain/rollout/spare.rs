//! Spare hosts: they stand by, out of the pool, come in before anybody leaves while a release is on its way, forward or
//! back, and leave the pool again when it is through. Nobody who has to serve is given up for it.

use super::{Direction, Lane, LaneState, RolloutEvent, Unit, clouds::steps_of};
use crate::domain::{
    effect::LaneStep,
    event::{Event, Stamped},
    name::UnitId,
    pipeline::StageRun,
    plan::Step,
    session::{Next, Session},
};

impl StageRun {
    /// Whether spare hosts come in for it, and leave again.
    pub fn surges(&self) -> bool {
        self.steps.contains(&Step::StandBy)
    }
}

/// The steps of a lane of a stage, and whether its host stands by once they are through: a spare one does where nothing
/// calls it in, as in a first deploy.
pub(super) fn of_stage(
    session: &Session,
    run: &StageRun,
    unit: &UnitId,
    steps: Vec<LaneStep>,
) -> (Vec<LaneStep>, bool) {
    let spare = session.rollout.unit(unit).is_some_and(|unit| unit.spare);
    let stands_by = spare && !run.surges();
    (steps_of(steps, stands_by), stands_by)
}

/// Came in, is through, and was not sent out since.
fn is_in(unit: &Unit) -> bool {
    let through = |lane: &Lane| {
        matches!(lane.state, LaneState::Done | LaneState::RolledBack) && !lane.stands_by && !lane.upkeep
    };
    unit.spare && !unit.awaits_back && unit.lane.as_ref().is_some_and(through)
}

/// The spare ones of these hosts that are to leave now; none: no one is in any more.
pub fn spares_leave(session: &Session, units: &[UnitId]) -> Option<Next> {
    let units = units.iter().filter_map(|id| session.rollout.unit(id)).filter(|unit| is_in(unit));
    let leaves = |unit: &Unit| {
        let attempt = unit.lane.as_ref().map_or(unit.tries, |lane| lane.attempt) + 1;
        Event::Rollout(RolloutEvent::SpareLeft { unit: unit.id.clone(), attempt })
    };
    let events: Vec<Event> = units.map(leaves).collect();
    (!events.is_empty()).then_some(Next::Events(events))
}

/// It is to leave the pool: as any host does, by the capacity budget.
pub fn left(session: &mut Session, unit: &UnitId, attempt: u32, at: &Stamped) {
    let clock = |direction| session.course.lane_clock(direction, at.now.session);
    let (forward, back) = (clock(Direction::Forward), clock(Direction::Back));
    session.change_unit(unit, |unit| {
        let Some(lane) = &mut unit.lane else { return };
        lane.attempt = attempt;
        lane.steps = vec![LaneStep::Drain, LaneStep::Alive, LaneStep::Settle];
        lane.at = 0;
        lane.until = None;
        lane.stands_by = true;
        lane.started = if lane.direction == Direction::Forward { forward } else { back };
        lane.step_since = at.now.session;
        lane.state = LaneState::Ready;
    });
}
