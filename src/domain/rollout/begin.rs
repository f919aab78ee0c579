//! Starting a stage and promoting it. The gate is asked both times.

use super::Unit;
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    checklist,
    course::{CourseEvent, hotfix::Skip},
    effect::Health,
    event::Event,
    gate,
    name::{EnvironmentName, PersonName, StageName},
    pipeline::{self, BatchSize, PipelineEvent, StageRun, StageState},
    plan::{self, Batch, Step},
    refusal::Refusal,
    session::Session,
    time::Now,
};

/// Nothing is installed on any host of the environment, and nothing runs there: seen, not supposed. Where a stage of this
/// session began there, it had nothing to go back to, and what is on its hosts is by this session alone.
pub fn is_first(session: &Session, environment: &EnvironmentName) -> bool {
    let bare = |unit: &Unit| {
        unit.fresh().is_some_and(|seen| {
            seen.installed.is_none() && seen.runs.is_none() && seen.health != Health::Healthy
        })
    };
    let began = match session.pipeline.from_in(environment) {
        Some(Some(_)) => return false,
        began => began.is_some(),
    };
    let ours = |unit: &Unit| {
        began && unit.lane.is_some() && unit.ran.as_ref().is_some_and(|ran| ran.version.is_none())
    };
    let mut here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    here.all(|unit| ours(unit) || bare(unit))
}

/// How the hosts of a stage are taken. A first deploy takes them under the capacity budget alone, without a strategy.
pub(in crate::domain) fn course(session: &Session, index: usize, first: bool) -> (Vec<Batch<'_>>, Vec<Step>) {
    let plan = session.plan();
    // Agents take nothing without being told, the first time as well.
    if first && plan.converging(index).is_none() {
        let batches = plan.whole(index);
        let steps = (0..batches.len() as u32).map(|batch| Step::Deploy { batch, weight: None }).collect();
        return (batches, plan.with_once(index, steps));
    }
    (plan.batches(index), plan.steps(index))
}

pub fn decide_start(
    session: &Session,
    stage: Option<&StageName>,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let person = access::may(session, actor, Act::Deploy)?;
    let index = startable(session, stage)?;
    let next = &session.plan().stages[index].name;
    let obstacles = gate::to_start(session, index, now);
    if !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("{next} can't be started"), obstacles));
    }
    Ok(begun(session, index, &person.name, now))
}

/// The stage that a start is about: the next one, or the one that is named. In a list that must be the next one; among
/// branches it may be any that was not started, and the gate says what it waits for.
pub(super) fn startable(session: &Session, stage: Option<&StageName>) -> Result<usize, Refusal> {
    let Some(index) = pipeline::next_index(session) else {
        return Err(Refusal::rule("every stage has been started", "nothing: the rollout is past that"));
    };
    let next = &session.plan().stages[index].name;
    let Some(stage) = stage.filter(|stage| *stage != next) else { return Ok(index) };
    let waits =
        |at: &usize| session.pipeline.branches() && session.pipeline.stages[*at].state == StageState::Waiting;
    match session.plan().stage(stage).map(|(at, _)| at) {
        None => Err(Refusal::input(format!("there is no stage {stage}"), format!("starting {next}"))),
        Some(at) if waits(&at) => Ok(at),
        Some(_) => Err(Refusal::rule(format!("{stage} is not the next stage"), format!("starting {next}"))),
    }
}

/// Whoever starts a stage is on watch.
pub(super) fn begun(session: &Session, index: usize, by: &PersonName, now: Now) -> Vec<Event> {
    let mut events = Vec::new();
    if session.course.watch.by.as_ref() != Some(by) {
        events.push(Event::Course(CourseEvent::WatchTaken { by: by.clone() }));
    }
    events.extend(bypassed(session, index, now));
    events.extend(started(session, index));
    events
}

/// A hotfix that starts where its window is closed: what it bypasses is a fact.
fn bypassed(session: &Session, index: usize, now: Now) -> Option<Event> {
    let hotfix = session.course.hotfix.as_ref().filter(|it| it.skips.contains(&Skip::Windows))?;
    let stage = session.plan().stages.get(index)?.name.clone();
    let opening = plan::opening(session.plan(), index);
    let closed: Vec<String> = opening.closed(now.wall).iter().map(|it| it.by.what()).collect();
    let reason = format!("hotfix: {}", hotfix.reason);
    (!closed.is_empty()).then_some(Event::Pipeline(PipelineEvent::WindowOverridden { stage, closed, reason }))
}

/// The event that starts a stage; the gate has been asked.
pub fn started(session: &Session, index: usize) -> Option<Event> {
    let stage = session.plan().stages.get(index)?;
    let (batches, steps) = course(session, index, is_first(session, &stage.environment));
    let unit = |host: &&plan::Host| host.unit.clone();
    Some(Event::Pipeline(PipelineEvent::StageStarted {
        stage: stage.name.clone(),
        environment: stage.environment.clone(),
        units: batches.iter().flat_map(|batch| batch.hosts.iter().map(unit)).collect(),
        batches: batches.iter().map(BatchSize::of).collect(),
        steps: steps.into(),
        barriers: session.plan().barriers(index).into(),
        to: session.course.release.candidate.clone(),
        from: super::readiness::target(session, &stage.environment).map(Box::new),
    }))
}

pub fn decide_promote(
    session: &Session,
    stage: Option<&StageName>,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Deploy)?;
    let run = promoted(session, stage, now)?;
    let mut obstacles = gate::to_promote(session, run, now);
    if session.pipeline.ends_with(&run.name) {
        obstacles.extend(checklist::obstacles(session, now, checklist::When::PostLive));
    }
    if run.state != StageState::Ready || !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("{} can't be promoted", run.name), obstacles));
    }
    Ok(passed(session, run, now))
}

/// The stage that a promotion is about: the one that waits for it, or the one that is named.
pub(super) fn promoted<'a>(
    session: &'a Session,
    stage: Option<&StageName>,
    now: Now,
) -> Result<&'a StageRun, Refusal> {
    let Some(next) = gate::promotable(session, now) else {
        return Err(Refusal::rule("no stage is under way", "starting one (S)"));
    };
    let Some(stage) = stage else { return Ok(next) };
    let named = session.pipeline.run(stage);
    let lift = || format!("promoting {}", next.name);
    match named {
        None => Err(Refusal::input(format!("there is no stage {stage}"), lift())),
        Some(run) if run.state.running() => Ok(run),
        Some(run) => {
            Err(Refusal::rule(format!("{stage} is {}, and not under way", run.state.word()), lift()))
        }
    }
}

/// The stage has passed; the one that follows starts with it, unless the poll stands between them or the line is not
/// free. With the last one that has to pass, what is live is verified. The gate has been asked.
pub fn passed(session: &Session, run: &StageRun, now: Now) -> Vec<Event> {
    let mut events = vec![Event::Pipeline(PipelineEvent::StagePassed { stage: run.name.clone() })];
    if session.pipeline.ends_with(&run.name) {
        let untested = pipeline::untested(session, now).map(str::to_owned);
        events.push(Event::Course(CourseEvent::Verified { untested }));
    } else if let Some(next) = pipeline::follows(session, run) {
        events.extend(follows(session, next, now));
    }
    events
}

/// The stage begins without anybody's start. The gate has been asked.
pub fn follows(session: &Session, index: usize, now: Now) -> Vec<Event> {
    bypassed(session, index, now).into_iter().chain(started(session, index)).collect()
}
