//! Hosts that wait for each other, because no two versions may run side by side: every one is stopped, and shown to be,
//! before one is deployed. The same forward and on the way back. "Unknown" is never a proof.

use super::{
    Direction, Lane, LaneState, Rollback, RolloutEvent, Unit,
    clouds::{self, Way},
    lane::lane_steps_of,
    sides,
};
use crate::domain::{
    effect::{Candidate, LaneStep},
    effect_log::{EffectEvent, Flight},
    event::{Event, Stamped},
    name::{EnvironmentName, StageName, UnitId, Version},
    pipeline::StageRun,
    plan::Step,
    session::{Next, Session},
    time::{Now, Span},
};

/// An answer that was under way while a host was stopped or started says nothing: what is seen has to last.
const LASTS: Span = Span::secs(5);

/// The steps of a lane that begins, and how far it may go by now.
pub fn lane(session: &Session, unit: &UnitId, direction: Direction) -> Way {
    let way = |(steps, until)| Way { steps, until, stands_by: false };
    let Some(found) = session.rollout.unit(unit) else { return way((Vec::new(), None)) };
    if direction == Direction::Forward {
        let lane = found.lane.as_ref();
        let proves = lane.is_some_and(Lane::has_to_prove);
        let until = lane.and_then(|lane| lane.until);
        let run = lane.and_then(|lane| Some((session.pipeline.run(&lane.stage)?, lane.batch)));
        let Some((run, batch)) = run else { return way((lane_steps_of(session, unit, proves), until)) };
        let (steps, stands_by) = clouds::of_stage(session, run, unit, batch);
        return Way { steps, until, stands_by };
    }
    let rollback = session.rollout.rollbacks.get(&found.environment);
    if let Some(rollback) = rollback.filter(|rollback| rollback.of_clouds()) {
        return clouds::back(session, found, rollback);
    }
    way(backwards(session, found, rollback))
}

fn backwards(
    session: &Session,
    found: &Unit,
    rollback: Option<&Rollback>,
) -> (Vec<LaneStep>, Option<LaneStep>) {
    let unit = &found.id;
    if let Some(rollback) = rollback.filter(|rollback| rollback.stops_all()) {
        let until = (!rollback.gathered).then_some(LaneStep::Prove);
        return (lane_steps_of(session, unit, true), until);
    }
    if let Some(rollback) = rollback.filter(|rollback| rollback.switches()) {
        let until = (!rollback.gathered).then_some(LaneStep::Drain);
        return (sides::back_out_first(lane_steps_of(session, unit, false)), until);
    }
    let mut steps = lane_steps_of(session, unit, false);
    if session.pipeline.stops_all_in(&found.environment) {
        // Nobody has the new version: what was stopped is started again with what it had, and the rest runs on.
        steps.retain(|step| !matches!(step, LaneStep::Drain | LaneStep::Stop));
    }
    (steps, None)
}

/// The next step of a stage began: hosts that waited for it go on, each in its turn.
pub fn stage_goes_on(session: &mut Session, stage: &StageName) {
    let Some(run) = session.pipeline.run(stage) else { return };
    // A pause or a test lets nobody go on.
    let takes = run.steps.get(run.at.step as usize).and_then(Step::batch);
    // Nobody judges a region by what another one served.
    if takes.is_some() && run.by_region() {
        let environment = run.environment.clone();
        session.rollout.counted.remove(&environment);
    }
    let Some(run) = session.pipeline.run(stage) else { return };
    let Some(batch) = takes.filter(|_| run.stops_all() || run.takes_sides()) else { return };
    let (until, units) = (run.until_of(batch), run.units_of(batch).to_vec());
    for unit in &units {
        session.change_unit(unit, |unit| {
            if let Some(lane) = unit.lane.as_mut().filter(|lane| lane.direction == Direction::Forward) {
                lane.until = until;
                if matches!(lane.state, LaneState::Gathered { .. }) {
                    lane.state = LaneState::Waiting;
                }
            }
        });
    }
}

/// It was its turn.
pub fn went_on(session: &mut Session, unit: &UnitId, at: &Stamped) {
    let clock = |direction| session.course.lane_clock(direction, at.now.session);
    let (forward, back) = (clock(Direction::Forward), clock(Direction::Back));
    session.change_unit(unit, |unit| {
        if let Some(lane) = &mut unit.lane {
            // Waiting for the others is not the host's own time.
            lane.started = if lane.direction == Direction::Forward { forward } else { back };
            lane.step_since = at.now.session;
            lane.state = lane.at_its_step();
        }
    });
}

/// Every host that goes back is stopped: they are started, each in its turn.
pub fn back_gathered(session: &mut Session, environment: &EnvironmentName, at: &Stamped) {
    let Some(rollback) = session.rollout.rollbacks.get_mut(environment) else { return };
    rollback.gathered = true;
    rollback.progress = at.now.session;
    let units = rollback.units.clone();
    for unit in &units {
        session.change_unit(unit, |unit| {
            if let Some(lane) = unit.lane.as_mut().filter(|lane| lane.direction == Direction::Back) {
                lane.until = None;
                if matches!(lane.state, LaneState::Gathered { .. }) {
                    lane.state = LaneState::Waiting;
                }
            }
        });
    }
}

/// Whether hosts may run the new version by now, where no two may run side by side: then all have to be stopped before
/// one of them goes back.
pub fn back_gathers(session: &Session, environment: &EnvironmentName) -> bool {
    let mut here = session.pipeline.stages.iter().filter(|run| run.environment == *environment);
    here.any(|run| run.stops_all() && run.deploys())
}

/// It is taken as shown that nothing runs there.
pub fn proved(lane: &mut Lane, now: Now) {
    lane.proved = Some(now.session);
    lane.at = at(lane).map_or(lane.at, |at| lane.at.max(at + 1));
}

/// What ran on the host before, or something else, runs there: what was shown of it holds no more.
pub fn disproved(lane: &mut Lane) {
    lane.proved = None;
    lane.at = at(lane).unwrap_or(lane.at);
}

fn at(lane: &Lane) -> Option<usize> {
    lane.steps.iter().position(|step| *step == LaneStep::Prove)
}

/// Another version than the wanted one is seen to run somewhere in the environment. Looks at no unit.
pub fn another_runs(session: &Session, environment: &EnvironmentName, wanted: &Version) -> bool {
    session.rollout.running(environment).any(|version| version != wanted)
}

/// Whether the line waits because another version runs where none may.
pub fn line_waits(session: &Session, run: &StageRun, to: &Candidate) -> bool {
    run.stops_all() && run.deploys() && another_runs(session, &run.environment, &to.version)
}

/// Every one of these hosts was looked at since the conductor began, and none runs another version than the wanted one.
/// Where not: what is in the way.
pub fn in_the_way(
    session: &Session,
    environment: &EnvironmentName,
    units: &[UnitId],
    wanted: &Version,
) -> Option<String> {
    let unseen = units.iter().filter_map(|id| session.rollout.unit(id)).find(|unit| {
        unit.fresh().is_none()
            && unit.lane.as_ref().is_some_and(|lane| !lane.state.ended() && !lane.set_aside)
    });
    if let Some(unit) = unseen {
        return Some(format!("{} was not looked at since it was shown to be stopped", unit.id));
    }
    if !another_runs(session, environment, wanted) {
        return None;
    }
    let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let mut other = here.filter_map(|unit| Some((unit, unit.running().filter(|runs| *runs != wanted)?)));
    other.next().map(|(unit, runs)| format!("{} runs {runs}", unit.id))
}

/// A host that the stage does not deploy, or has not stopped, and that runs another version than the wanted one.
pub fn foreign(session: &Session, run: &StageRun) -> Option<(UnitId, Version)> {
    let wanted = &session.course.release.candidate.version;
    if !(run.stops_all() && run.deploys() && another_runs(session, &run.environment, wanted)) {
        return None;
    }
    let outside = |unit: &&Unit| {
        unit.lane.as_ref().is_none_or(|lane| match lane.state {
            LaneState::Excluded { .. } | LaneState::Skipped => true,
            LaneState::Waiting => lane.proved.is_none(),
            _ => lane.set_aside,
        })
    };
    let here = session.rollout.units().iter().filter(|unit| unit.environment == run.environment);
    let mut found = here.filter(outside).filter_map(|unit| Some((unit, unit.running()?)));
    found.find(|(_, runs)| *runs != wanted).map(|(unit, runs)| (unit.id.clone(), runs.clone()))
}

/// A host that was shown to be stopped, or is done, runs another version than it was given.
pub fn second(session: &Session, unit: &Unit, lane: &Lane, flight: Option<&Flight>, now: Now) -> Next {
    let stands = !matches!(
        lane.state,
        LaneState::Excluded { .. }
            | LaneState::Skipped
            | LaneState::RolledBack
            | LaneState::Failed { .. }
            | LaneState::Unknown { .. }
    );
    let other = unit.running().filter(|runs| **runs != lane.to.version);
    let (Some(proved), Some(runs), Some(seen)) = (lane.proved, other, &unit.seen) else {
        return Next::Nothing;
    };
    if session.course.is_over() || unit.awaits_back || !stands {
        return Next::Nothing;
    }
    let due = proved.max(seen.at.session).plus(LASTS);
    if now.session < due {
        return Next::At(due);
    }
    let mut events = vec![Event::Rollout(RolloutEvent::LaneBroke {
        unit: unit.id.clone(),
        step: LaneStep::Prove,
        why: format!("{runs} runs there, and {} is deployed: no two may run side by side", lane.to.version),
        evidence: None,
    })];
    if let Some(flight) = flight.filter(|flight| !flight.cancel_asked) {
        let id = flight.effect.id.clone();
        events.push(Event::Effect(EffectEvent::CancelAsked { id, why: "another version runs there".into() }));
    }
    Next::Events(events)
}
