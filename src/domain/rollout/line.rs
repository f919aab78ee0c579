//! The line: which host begins next.

use super::{
    Direction, OnceState, RolloutEvent, Unit, barrier, budget,
    budget::{part_lane_free, part_may},
    first, gather,
    next::stopped,
    share,
};
use crate::domain::{
    effect::Candidate,
    event::Event,
    lock,
    pipeline::StageRun,
    session::{Next, Session},
};

fn one(event: RolloutEvent) -> Next {
    Next::Events(vec![Event::Rollout(event)])
}

/// The next host of the line, where budget, hold and troubles allow one.
pub fn line(session: &Session, run: &StageRun, to: &Candidate) -> Next {
    let environment = &run.environment;
    // Agents take their hosts themselves, once they are told.
    if run.converges() {
        return Next::Nothing;
    }
    let budget = budget(session, environment);
    if !budget.lane_free() || stopped(session) {
        return Next::Nothing;
    }
    // Hosts that were added meanwhile do not begin beside what runs after the others.
    if run.once.iter().any(|it| it.state == OnceState::UnderWay) {
        return Next::WhenCapacity;
    }
    if !lock::may_touch(session, environment, Direction::Forward) {
        return Next::WhenCapacity;
    }
    let here = |unit: &&Unit| unit.environment == *environment;
    let mut ready = session.rollout.ready().filter_map(|index| session.rollout.at(index)).filter(here);
    let Some(unit) = ready.next() else { return Next::Nothing };
    let batch = unit.lane.as_ref().map(|lane| lane.batch);
    // The step that takes its batch has not begun: what it waits for is that of the step.
    if batch > run.reached() {
        return Next::Nothing;
    }
    if batch != session.rollout.open_batch(environment) {
        return Next::WhenCapacity;
    }
    // Its share comes first, so that the new version never gets more than that.
    if !share::shared(session, run) || gather::line_waits(session, run, to) {
        return Next::WhenCapacity;
    }
    // Where several parts are deployed, one that has to wait keeps no other from going on.
    let batch = batch.unwrap_or_default();
    let of_part = |rank| session.rollout.ready_of(batch, rank).find(here);
    for unit in (0..session.rollout.ranks()).filter_map(of_part) {
        if let Some(waits) = barrier::keeps(session, run, unit) {
            let lifts = barrier::hopeless(session, &waits);
            match lifts.or_else(|| barrier::later(session, run, batch, &waits)) {
                Some(event) => return one(event),
                None => continue,
            }
        }
        // A host that was not observed since the conductor started is not touched.
        let may = unit.fresh().is_some() && part_lane_free(session, unit) && part_may(session, unit);
        if !may || !budget.may_take_out(unit) {
            continue;
        }
        if let Some(lane) = unit.lane.as_ref().filter(|lane| lane.at > 0 || lane.proved.is_some()) {
            return one(RolloutEvent::WentOn { unit: unit.id.clone(), step: lane.step() });
        }
        let attempt = unit.lane.as_ref().map_or(unit.tries, |lane| lane.attempt) + 1;
        let (unit, to) = (unit.id.clone(), to.of(unit.component()));
        return one(RolloutEvent::LaneStarted { unit, direction: Direction::Forward, to, attempt });
    }
    first::instead(session, run, batch).map_or(Next::WhenCapacity, one)
}
