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
    pipeline::{self, BatchSize, PipelineEvent, StageState},
    plan::{self, Batch, Step},
    refusal::Refusal,
    session::Session,
    time::Now,
};

/// Nothing is installed on any host of the environment, and nothing runs there: seen, not supposed.
pub fn is_first(session: &Session, environment: &EnvironmentName) -> bool {
    let bare = |unit: &Unit| {
        unit.fresh().is_some_and(|seen| {
            seen.installed.is_none() && seen.runs.is_none() && seen.health != Health::Healthy
        })
    };
    session.rollout.units().iter().filter(|unit| unit.environment == *environment).all(bare)
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
    let Some(index) = session.pipeline.next_index() else {
        return Err(Refusal::rule("every stage has been started", "nothing: the rollout is past that"));
    };
    let next = &session.plan().stages[index].name;
    if let Some(stage) = stage
        && stage != next
    {
        return Err(match session.plan().stage(stage) {
            Some(_) => Refusal::rule(format!("{stage} is not the next stage"), format!("starting {next}")),
            None => Refusal::input(format!("there is no stage {stage}"), format!("starting {next}")),
        });
    }
    let obstacles = gate::to_start(session, index, now);
    if !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("{next} can't be started"), obstacles));
    }
    Ok(begun(session, index, &person.name, now))
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

pub fn decide_promote(session: &Session, actor: &Actor, now: Now) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Deploy)?;
    let Some(run) = session.pipeline.running() else {
        return Err(Refusal::rule("no stage is under way", "starting one (S)"));
    };
    let mut obstacles = gate::to_promote(session, now);
    let last = session.pipeline.index_after(&run.name).is_none();
    if last {
        obstacles.extend(checklist::obstacles(session, now, checklist::When::PostLive));
    }
    if run.state != StageState::Ready || !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("{} can't be promoted", run.name), obstacles));
    }
    Ok(passed(session, now))
}

/// The running stage has passed; the next one starts with it, unless the poll stands between them. With the last
/// one, what is live is verified. The gate has been asked.
pub fn passed(session: &Session, now: Now) -> Vec<Event> {
    let Some(run) = session.pipeline.running() else { return Vec::new() };
    let mut events = vec![Event::Pipeline(PipelineEvent::StagePassed { stage: run.name.clone() })];
    let Some(next) = session.pipeline.index_after(&run.name) else {
        let untested = pipeline::untested(session, now).map(str::to_owned);
        events.push(Event::Course(CourseEvent::Verified { untested }));
        return events;
    };
    if next != session.plan().poll_index() {
        events.extend(bypassed(session, next, now));
        events.extend(started(session, next));
    }
    events
}
