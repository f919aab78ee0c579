//! What follows by itself in the pipeline.

use super::{
    PipelineEvent, StageRun, StageState, Verifies, bake_left, begins, budget, follows, opens, soak, steps,
    validation, verifies,
};
use crate::domain::{
    checklist,
    course::{CourseEvent, Phase, hotfix::Skip},
    event::Event,
    gate, lock,
    plan::{Promote, Stage},
    refusal::Obstacle,
    rollout::{self, LaneState, RolloutEvent},
    session::{Next, Session},
    time::{Now, SessionTime, Span},
};

pub fn next(session: &Session, now: Now) -> Next {
    if session.course.is_over() {
        return Next::Nothing;
    }
    // Whether enough hosts serve comes before whether another one is taken.
    match rollout::capacity_next(session, now) {
        found @ Next::Events(_) => found,
        waits => match rollout::downtime_next(session) {
            found @ Next::Events(_) => found,
            down => waits
                .or(|| down)
                .or(|| under_way(session, now))
                .or(|| budget::next(session, now))
                .or(|| rollout::served_next(session, now)),
        },
    }
}

/// What is under way: hosts that are brought back, else the stage.
fn under_way(session: &Session, now: Now) -> Next {
    if let found @ Next::Events(_) = rollout::desire_next(session, now) {
        return found;
    }
    for (environment, rollback) in &session.rollout.rollbacks {
        if rollback.ended.is_none() {
            return rollout::back(session, environment, now);
        }
    }
    let mut waits = Next::Nothing;
    for run in session.pipeline.under_way() {
        match stage(session, run, now) {
            found @ Next::Events(_) => return found,
            other => waits = waits.or(|| other),
        }
    }
    waits.or(|| begins::next(session, now))
}

fn stage(session: &Session, run: &StageRun, now: Now) -> Next {
    let Some((_, stage)) = session.plan().stage(&run.name) else { return Next::Nothing };
    if session.rollout.stalled.is_none()
        && let Some((unit, runs)) = rollout::foreign(session, run)
    {
        let wanted = &session.course.release.candidate.version;
        let why =
            format!("{unit} runs {runs}, and {} deploys {wanted}: no two may run side by side", run.name);
        return Next::Events(vec![Event::Rollout(RolloutEvent::Stalled { why })]);
    }
    match run.state {
        StageState::Rolling => rolling(session, run, stage, now),
        StageState::Validating => validating(session, run, stage),
        StageState::Baking => baking(session, run, now),
        StageState::Ready => ready(session, run, stage, now),
        _ => Next::Nothing,
    }
}

fn one(event: PipelineEvent) -> Next {
    Next::Events(vec![Event::Pipeline(event)])
}

fn rolling(session: &Session, run: &StageRun, stage: &Stage, now: Now) -> Next {
    if let Some(event) = soak::next(session, run) {
        return Next::Events(vec![event]);
    }
    match rollout::line(session, run, &session.course.release.candidate) {
        Next::Nothing => {}
        found @ (Next::Events(_) | Next::At(_)) => return found,
        Next::WhenCapacity | Next::AtOrCapacity(_) => return stalls(session, run, now),
    }
    if !run.settled(session) || session.rollout.any_troubled() {
        return stalls(session, run, now);
    }
    if let Some(next) = steps::next(session, run, now) {
        return next;
    }
    let lanes = || run.units.iter().filter_map(|unit| session.rollout.unit(unit)?.lane.as_ref());
    if lanes().any(rollout::Lane::open) {
        return stalls(session, run, now);
    }
    // A stage on which nothing was done is not rolled out: somebody has to decide what becomes of it.
    if !lanes().any(|lane| lane.state == LaneState::Done) {
        return nothing_done(session, run);
    }
    let mut events = vec![Event::Pipeline(PipelineEvent::StageRolledOut { stage: stage.name.clone() })];
    if goes_live(session, run) {
        events.push(Event::Course(CourseEvent::WentLive));
    }
    Next::Events(events)
}

/// Whether nothing that needs a GO is left to roll out once this stage is.
fn goes_live(session: &Session, run: &StageRun) -> bool {
    let poll = session.plan().poll_index();
    let decided = || session.pipeline.stages.iter().skip(poll);
    decided().any(|other| other.name == run.name)
        && decided().all(|other| other.name == run.name || other.rolled_out.is_some())
}

/// Somebody has to decide what becomes of it.
pub(super) fn nothing_done(session: &Session, run: &StageRun) -> Next {
    if session.rollout.stalled.is_some() {
        return Next::Nothing;
    }
    let why = format!("no host of {} runs the new version, and none is left to deploy", run.name);
    Next::Events(vec![Event::Rollout(RolloutEvent::Stalled { why })])
}

/// Only a healthy unit extends the progress deadline; it stands still while held or stopped.
fn stalls(session: &Session, run: &StageRun, now: Now) -> Next {
    // What runs once has a time of its own, and ends by itself.
    if rollout::once_under_way(session).is_some() {
        return Next::Nothing;
    }
    let words = |limit| {
        if let Some(at) = run.until() {
            return format!("no host got through {} for {limit}", at.word());
        }
        let waits: Vec<String> =
            rollout::barred(session).iter().map(|it| format!("; {}", it.words())).collect();
        let stands = rollout::waits_for_capacity(session)
            .map_or_else(|| rollout::budget(session, &run.environment).words(), |wait| wait.words);
        format!("no host became healthy for {limit}; {stands}{}", waits.concat())
    };
    stalled(session, run, now, run.progress, words)
}

/// A stage makes no progress since then (session time not held): in time a human is called, and told why.
pub(super) fn stalled(
    session: &Session,
    run: &StageRun,
    now: Now,
    since: SessionTime,
    why: impl FnOnce(Span) -> String,
) -> Next {
    let Some(environment) = session.plan().environments.get(&run.environment) else { return Next::Nothing };
    stalled_within(session, run, now, since, environment.deadlines.progress_deadline, why)
}

/// The same with a limit of its own.
pub(super) fn stalled_within(
    session: &Session,
    run: &StageRun,
    now: Now,
    since: SessionTime,
    limit: Span,
    why: impl FnOnce(Span) -> String,
) -> Next {
    let waits = !lock::may_touch(session, &run.environment, rollout::Direction::Forward);
    if waits || rollout::stopped(session) {
        return Next::WhenCapacity;
    }
    let spent = session.course.active(now.session).since(since);
    if spent < limit {
        return Next::At(now.session.plus(Span(limit.0 - spent.0)));
    }
    let why = why(limit);
    Next::Events(vec![Event::Rollout(RolloutEvent::Stalled { why })])
}

fn validating(session: &Session, run: &StageRun, stage: &Stage) -> Next {
    if let Some(waits) = validation::next(session, run, &validation::by_machine(session, stage)) {
        return waits;
    }
    if stage.bake == Span::ZERO {
        return one(PipelineEvent::StageReady { stage: stage.name.clone() });
    }
    if let Some(hotfix) = session.course.hotfix.as_ref().filter(|it| it.skips.contains(&Skip::Bakes)) {
        let (stage, bake, reason) = (stage.name.clone(), stage.bake, hotfix.reason.clone());
        return Next::Events(vec![
            Event::Pipeline(PipelineEvent::BakeSkipped { stage: stage.clone(), bake, reason }),
            Event::Pipeline(PipelineEvent::StageReady { stage }),
        ]);
    }
    one(PipelineEvent::BakeStarted { stage: stage.name.clone() })
}

fn baking(session: &Session, run: &StageRun, now: Now) -> Next {
    let Some(left) = bake_left(session, run, now) else { return Next::Nothing };
    if left > Span::ZERO {
        return Next::At(now.session.plus(left));
    }
    // HOLD: no bake end. Nor where requests come that should not.
    if session.course.hold.is_some() || soak::requests_before(session, run).is_some() {
        return Next::Nothing;
    }
    let stage = run.name.clone();
    Next::Events(vec![
        Event::Pipeline(PipelineEvent::BakeEnded { stage: stage.clone() }),
        Event::Pipeline(PipelineEvent::StageReady { stage }),
    ])
}

fn ready(session: &Session, run: &StageRun, stage: &Stage, now: Now) -> Next {
    let automatic = stage.promote == Promote::Automatic;
    if session.pipeline.ends_with(&run.name) {
        // Time alone verifies nothing: a declared test does, or a person who promotes it.
        let verified = automatic
            && session.course.phase == Phase::LiveUnverified
            && verifies(session, now) == Verifies::Tests
            && checklist::obstacles(session, now, checklist::When::PostLive).is_empty()
            && gate::to_promote(session, run, now).is_empty();
        return if verified { Next::Events(rollout::passed(session, run, now)) } else { Next::Nothing };
    }
    if !automatic || session.course.hold.is_some() {
        return Next::Nothing;
    }
    let in_the_way = gate::to_promote(session, run, now);
    if in_the_way.is_empty() {
        return Next::Events(rollout::passed(session, run, now));
    }
    until_it_opens(session, follows(session, run), &in_the_way, now)
}

/// A window opens by itself, at a time that is known.
pub(super) fn until_it_opens(
    session: &Session,
    index: Option<usize>,
    in_the_way: &[Obstacle],
    now: Now,
) -> Next {
    let waits = index.filter(|_| in_the_way.iter().any(gate::is_window));
    let waits = waits.and_then(|index| opens(session, index, now));
    waits.map_or(Next::Nothing, |at| Next::At(now.session.plus(at.since(now.wall))))
}
