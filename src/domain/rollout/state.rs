//! How facts change units and lanes.

use super::{
    Direction, Lane, LaneState, RolloutEvent, SeenAt, StepDone, barrier, capacity, clouds, converge,
    counting, desire, downtime, first, gather, left_out, lost_share, observed, once, rollback, served, shift,
    spare, stray,
};
use crate::domain::{
    effect::{Candidate, Effect, EffectId, LaneStep, Outcome, Target, Work},
    effect_log::Flight,
    event::Stamped,
    name::UnitId,
    pipeline,
    session::Session,
    time::{Now, SessionTime, Span},
};

pub fn apply(session: &mut Session, event: &RolloutEvent, at: &Stamped) {
    match event {
        RolloutEvent::WentLater { stage, component, .. } => pipeline::went_later(session, stage, component),
        RolloutEvent::BehindAccepted { stage, units, .. } => session.pipeline.go_on_without(stage, units),
        RolloutEvent::UnitSeen { unit, seen } => observed::seen(session, unit, seen, at),
        RolloutEvent::LaneStarted { unit, direction, to, attempt } => {
            lane_started(session, unit, *direction, to, *attempt, at);
        }
        RolloutEvent::LaneResumed { unit, step } => with_lane(session, unit, at.now, |lane| {
            lane.at = lane.steps.iter().position(|s| s == step).unwrap_or(lane.at);
            lane.state = lane.at_its_step();
        }),
        RolloutEvent::LaneUnknown { unit, why } => with_lane(session, unit, at.now, |lane| {
            lane.state = LaneState::Unknown { step: lane.step(), why: why.clone() };
        }),
        RolloutEvent::LaneTimedOut { unit, step, why } => with_lane(session, unit, at.now, |lane| {
            lane.stopped_after = Some(at.now.session.since(lane.step_since));
            lane.state = LaneState::Failed { step: *step, why: why.clone() };
        }),
        RolloutEvent::LaneBroke { unit, step, why, evidence } => with_lane(session, unit, at.now, |lane| {
            lane.stopped_after = Some(at.now.session.since(lane.step_since));
            lane.state = LaneState::Failed { step: *step, why: why.clone() };
            lane.evidence.clone_from(evidence);
            if *step == LaneStep::Prove {
                gather::disproved(lane);
            }
        }),
        RolloutEvent::WentOn { unit, .. } => gather::went_on(session, unit, at),
        RolloutEvent::SpareLeft { unit, attempt } => spare::left(session, unit, *attempt, at),
        RolloutEvent::BackGathered { environment } => gather::back_gathered(session, environment, at),
        RolloutEvent::Switched { environment, .. } => gather::back_gathered(session, environment, at),
        RolloutEvent::DowntimeBegan { environment, expected } => {
            downtime::began(session, environment, *expected, at);
        }
        RolloutEvent::DowntimeEnded { environment, .. } => downtime::ended(session, environment, at),
        RolloutEvent::CapacityFell { environment, why } => capacity::fell(session, environment, why, at),
        RolloutEvent::CapacityLow { environment, why } => capacity::low(session, environment, why, at),
        RolloutEvent::CapacityBack { environment } => capacity::back(session, environment, at),
        RolloutEvent::PutBack { unit, times } => stray::put_back(session, unit, *times, at),
        RolloutEvent::LeftInPool { unit, why } => stray::left(session, unit, why, at),
        RolloutEvent::WentFirst { unit, instead } => first::changed(session, unit, instead),
        RolloutEvent::UnitDone { unit } => done(session, unit, at),
        RolloutEvent::TriedAgain { unit } => tried_again(session, unit, at),
        RolloutEvent::Excluded { unit, reason } => left_out::excluded(session, unit, reason, at),
        RolloutEvent::Tolerated { unit, .. } | RolloutEvent::ForcedPast { unit, .. } => {
            with_lane(session, unit, at.now, |lane| lane.set_aside = true);
            calmed(session, at.now);
        }
        RolloutEvent::BarrierForced { .. } => barrier::lifted(session, event, at),
        RolloutEvent::OnceTriedAgain { .. }
        | RolloutEvent::OnceMarkedDone { .. }
        | RolloutEvent::OnceForced { .. } => once::said(session, event, at),
        RolloutEvent::MarkedDone { unit, .. } => left_out::marked_done(session, unit, at),
        RolloutEvent::Claimed => {
            session.rollout.claim = at.actor.person().map(|person| (person.clone(), at.now));
            session.mark_notices();
        }
        RolloutEvent::Stalled { why } => {
            session.rollout.stalled = Some((why.clone(), at.now));
            session.mark_notices();
        }
        RolloutEvent::Served { environment, canary, of, off, over, .. } => {
            served::served(session, environment, (*canary, *of, *over), *off, at);
        }
        RolloutEvent::ShareLost { environment, gives, times, .. } => {
            lost_share::lost(session, environment, *gives, *times, at);
        }
        RolloutEvent::DesiredSeen { environment, unit, found } => {
            desire::found(session, environment, unit.as_ref(), found, at);
        }
        RolloutEvent::Converged { unit, took } => converge::converged(session, unit, *took, at),
        RolloutEvent::Drifted { unit, runs } => converge::drifted(session, unit, runs, at),
        RolloutEvent::StaysDrifted { unit, .. } => converge::called(session, unit, at),
        RolloutEvent::DriftEnded { unit } => converge::drift_ended(session, unit),
        RolloutEvent::TrafficSeen { environment, to, there, elsewhere } => {
            shift::seen(session, environment, to, (*there, *elsewhere), at);
        }
        RolloutEvent::RoleSwitched { environment, to, .. } => {
            clouds::role_switched(session, environment, to, at);
        }
        RolloutEvent::Counted { environment, sides } => counting::counted(session, environment, sides, at),
        RolloutEvent::RollbackStarted { environment, to, units, narrow } => {
            rollback::began(session, environment, to, units, *narrow, at);
            calmed(session, at.now);
        }
        RolloutEvent::RollbackEnded { environment, left, narrow, .. } => {
            rollback::over(session, environment, left, *narrow, at);
        }
    }
    session.mark_pipeline();
}

/// Its lane begins anew. For one that an agent changes that is to go on waiting.
fn tried_again(session: &mut Session, unit: &UnitId, at: &Stamped) {
    let (forward, back) = clocks(session, at);
    with_lane(session, unit, at.now, |lane| {
        lane.attempt += 1;
        lane.at = 0;
        lane.done.clear();
        lane.evidence = None;
        lane.set_aside = false;
        lane.proved = None;
        lane.started = if lane.direction == Direction::Forward { forward } else { back };
        lane.state = lane.at_its_step();
    });
    session.change_unit(unit, |unit| {
        unit.put_back = None;
        let clock = unit.lane.as_ref().map_or(forward, |lane| lane.started);
        converge::seen(unit, clock);
    });
    calmed(session, at.now);
}

fn lane_started(
    session: &mut Session,
    unit: &UnitId,
    direction: Direction,
    to: &Candidate,
    attempt: u32,
    at: &Stamped,
) {
    let started = session.course.lane_clock(direction, at.now.session);
    let stage = session.pipeline.stage_of(session, unit);
    let clouds::Way { steps, until, stands_by } = gather::lane(session, unit, direction);
    session.change_unit(unit, |unit| {
        let batch = unit.lane.as_ref().map_or(0, |lane| lane.batch);
        let stage = unit.lane.as_ref().map(|lane| lane.stage.clone()).or(stage);
        let Some(stage) = stage else { return };
        unit.awaits_back = false;
        unit.put_back = None;
        unit.lane = Some(Lane {
            batch,
            direction,
            attempt,
            state: LaneState::Ready,
            done: Vec::with_capacity(steps.len()),
            started,
            step_since: at.now.session,
            until,
            stands_by,
            ..Lane::new(stage, to.clone(), steps)
        });
        if let Some(lane) = &mut unit.lane {
            lane.state = lane.at_its_step();
        }
    });
}

/// The session is closed: what had not been changed will not be.
pub fn closed(session: &mut Session) {
    session.rollout.change_all(|unit| {
        if let Some(lane) = &mut unit.lane
            && !unit.out
            && (matches!(lane.state, LaneState::Waiting | LaneState::Gathered { .. })
                || lane.state.under_way())
        {
            lane.state = LaneState::Skipped;
        }
    });
}

/// A human dealt with a trouble: claims and stalls start anew.
pub(super) fn calmed(session: &mut Session, now: Now) {
    if !session.rollout.any_troubled() {
        session.rollout.claim = None;
    }
    progressed(session, now);
}

/// A host became healthy, or a human acted: the progress deadline starts anew, and what had stalled goes on.
pub fn progressed(session: &mut Session, now: Now) {
    let active = session.course.active(now.session);
    session.pipeline.progressed(active);
    if let Some(operation) = &mut session.operations.running {
        operation.progressed(active);
    }
    for rollback in session.rollout.rollbacks.values_mut().filter(|rollback| rollback.ended.is_none()) {
        rollback.progress = now.session;
    }
    if session.rollout.stalled.take().is_some() {
        session.capacity_changed();
    }
    session.mark_pipeline();
    session.mark_notices();
}

pub(super) fn with_lane(session: &mut Session, unit: &UnitId, now: Now, change: impl FnOnce(&mut Lane)) {
    session.change_unit(unit, |unit| {
        if let Some(lane) = &mut unit.lane {
            change(lane);
            lane.step_since = now.session;
        }
    });
    session.mark_notices();
}

fn done(session: &mut Session, unit: &UnitId, at: &Stamped) {
    session.change_unit(unit, |unit| {
        unit.out = false;
        unit.put_back = None;
        unit.standby = unit.lane.as_ref().is_some_and(|lane| lane.stands_by);
        if let Some(lane) = &mut unit.lane {
            if let LaneState::Settling { .. } = lane.state {
                let took = at.now.session.since(lane.step_since);
                lane.done.push(StepDone { step: LaneStep::Settle, took, note: String::new() });
            }
            lane.at = lane.steps.len();
            lane.step_since = at.now.session;
            lane.state = match lane.direction {
                Direction::Forward => LaneState::Done,
                Direction::Back => LaneState::RolledBack,
            };
        }
    });
    progressed(session, at.now);
}

/// Session time not held, and session time: what forward and back lanes run on.
fn clocks(session: &Session, at: &Stamped) -> (SessionTime, SessionTime) {
    let clock = |direction| session.course.lane_clock(direction, at.now.session);
    (clock(Direction::Forward), clock(Direction::Back))
}

/// An effect on a unit was recorded as started.
pub fn flight_started(session: &mut Session, effect: &Effect, at: &Stamped) {
    let Target::Unit(unit) = &effect.id.target else { return };
    let takes_out = matches!(effect.work, Work::Step { step, .. } if step.takes_out());
    let brings_back = matches!(effect.work, Work::Step { step: LaneStep::Rejoin, .. });
    let probes = matches!(effect.work, Work::Probe { .. });
    let (forward, back) = clocks(session, at);
    session.change_unit(unit, |unit| {
        let leaves = takes_out && !unit.out;
        // What was seen before it left, or after it begins to return, says nothing.
        unit.outside &= !(leaves || brings_back);
        unit.standby &= !brings_back;
        if takes_out {
            unit.out = true;
            // Of a host that is looked after nothing has to be rolled back.
            let rolls_out = unit.lane.as_ref().is_none_or(|lane| !lane.upkeep);
            unit.touched = unit.touched.or(rolls_out.then_some(at.seq));
        }
        if let Some(lane) = &mut unit.lane
            && !probes
        {
            // Waiting for its turn to leave the pool is not the unit's own time.
            if leaves {
                lane.started = if lane.direction == Direction::Forward { forward } else { back };
            }
            lane.state = LaneState::Working;
            lane.step_since = at.now.session;
        }
    });
}

/// An effect on a unit ended.
pub fn ended(session: &mut Session, id: &EffectId, flight: &Flight, outcome: &Outcome, at: &Stamped) {
    let Target::Unit(unit) = &id.target else { return };
    let now = at.now;
    let probes = matches!(flight.effect.work, Work::Probe { .. });
    let mut gathered = false;
    session.change_unit(unit, |unit| {
        let Some(lane) = &mut unit.lane else { return };
        if lane.attempt != id.attempt {
            return;
        }
        if probes {
            ended_probe(lane, outcome);
            if let Outcome::Seen(seen) = outcome {
                unit.seen = Some(SeenAt { seen: seen.clone(), at: now, stale: false });
            }
            return;
        }
        if lane.state != LaneState::Working {
            return;
        }
        let step = lane.step();
        let took = now.session.since(flight.since);
        lane.stopped_after = (!matches!(outcome, Outcome::Done { .. })).then_some(took);
        match outcome {
            Outcome::Done { note, .. } => {
                lane.done.push(StepDone { step, took, note: note.clone() });
                lane.at += 1;
                lane.step_since = now.session;
                if step == LaneStep::Prove {
                    lane.proved = Some(now.session);
                }
                lane.state = lane.at_its_step();
                gathered = matches!(lane.state, LaneState::Gathered { .. });
                if step == LaneStep::Prove {
                    observed::stopped(unit, now);
                }
                if step == LaneStep::Drain {
                    observed::drained(unit, now);
                }
                if step == LaneStep::Alive || step == LaneStep::Rejoin {
                    observed::by_lane(unit, step, now);
                }
            }
            Outcome::Failed { why, evidence } => {
                lane.state = LaneState::Failed { step, why: why.clone() };
                lane.evidence.clone_from(evidence);
                lane.step_since = now.session;
            }
            Outcome::Inconclusive { why } => {
                lane.state = LaneState::Unknown { step, why: why.clone() };
                lane.step_since = now.session;
            }
            Outcome::Cancelled => {
                lane.state = LaneState::Unknown { step, why: "it was cancelled while under way".into() };
                lane.step_since = now.session;
            }
            Outcome::Seen(_) => {
                lane.state = LaneState::Unknown { step, why: "the answer was of another kind".into() };
            }
        }
    });
    if gathered {
        progressed(session, now);
    }
    session.mark_pipeline();
    session.mark_notices();
}

fn ended_probe(lane: &mut Lane, outcome: &Outcome) {
    if lane.state != LaneState::Interrupted {
        return;
    }
    lane.state = match outcome {
        Outcome::Seen(seen) => LaneState::Probed(seen.clone()),
        Outcome::Failed { why, .. } | Outcome::Inconclusive { why } => {
            LaneState::Unknown { step: lane.step(), why: format!("can't be observed: {why}") }
        }
        Outcome::Done { .. } | Outcome::Cancelled => {
            LaneState::Unknown { step: lane.step(), why: "can't be observed".into() }
        }
    };
}

/// A conductor took over: what was in flight on units is unknown.
pub fn reopened(session: &mut Session, flights: &[Flight]) {
    let interrupted: std::collections::BTreeSet<&UnitId> = flights
        .iter()
        .filter_map(|flight| match &flight.effect.id.target {
            Target::Unit(unit) => Some(unit),
            _ => None,
        })
        .collect();
    observed::stale(session);
    desire::stale(session);
    session.rollout.change_all(|unit| {
        let hit = interrupted.contains(&unit.id);
        if let Some(lane) = &mut unit.lane {
            match &lane.state {
                LaneState::Working if hit => lane.state = LaneState::Interrupted,
                LaneState::Probed(_) => lane.state = LaneState::Interrupted,
                _ => {}
            }
        }
    });
}

/// No deadline of the way back runs on time that nobody observed. (Those forward run on active time.)
pub fn unobserved(session: &mut Session, span: Span) {
    for rollback in session.rollout.rollbacks.values_mut() {
        rollback.progress = rollback.progress.plus(span);
    }
    session.rollout.change_all(|unit| {
        if let Some(lane) = unit.lane.as_mut().filter(|lane| lane.direction == Direction::Back) {
            lane.started = lane.started.plus(span);
        }
    });
}
