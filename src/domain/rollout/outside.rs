//! Starting a stage outside its window: with a reason, by whoever may start one at all, and with the name of the stage
//! typed in full. Everything else that the gate asks for stands.

use super::begin::{begun, passed, promoted, startable};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    course::said_why,
    event::Event,
    gate,
    name::StageName,
    pipeline::{self, PipelineEvent, StageState},
    refusal::{Obstacle, Refusal},
    session::Session,
    time::Now,
};

pub fn decide_start(
    session: &Session,
    stage: &StageName,
    reason: &str,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let person = access::may(session, actor, Act::Deploy)?;
    said_why(reason)?;
    if let Some(run) = session.pipeline.run(stage).filter(|run| run.state.running())
        && let Some(waits) = pipeline::region_waits(session, run, now)
    {
        let in_the_way = gate::to_go_on(session, run).into_iter().chain(waits.obstacles).collect();
        return Ok(pipeline::region_outside(run, overridden(stage, in_the_way, reason)?));
    }
    let index = match startable(session, Some(stage)) {
        Ok(index) => index,
        Err(refusal) => {
            let next = pipeline::next_index(session).ok_or(refusal)?;
            is_next(session, next, stage)?;
            next
        }
    };
    let mut events = vec![overridden(stage, gate::to_start(session, index, now), reason)?];
    events.extend(begun(session, index, &person.name, now));
    Ok(events)
}

pub fn decide_promote(
    session: &Session,
    stage: &StageName,
    reason: &str,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Deploy)?;
    said_why(reason)?;
    let run = promoted(session, None, now)?;
    let Some(next) = pipeline::follows(session, run) else {
        return Err(Refusal::rule(
            format!("no stage starts with the promotion of {}", run.name),
            "promoting it (P): there is no window to override",
        ));
    };
    is_next(session, next, stage)?;
    if run.state != StageState::Ready {
        let obstacles = gate::to_promote(session, run, now);
        return Err(Refusal::not_ready(format!("{} can't be promoted", run.name), obstacles));
    }
    let mut events = vec![overridden(stage, gate::to_promote(session, run, now), reason)?];
    events.extend(passed(session, run, now));
    Ok(events)
}

fn is_next(session: &Session, index: usize, stage: &StageName) -> Result<(), Refusal> {
    match session.plan().stages.get(index) {
        Some(next) if next.name == *stage => Ok(()),
        Some(next) => {
            Err(Refusal::input(format!("{stage} is not the next stage"), format!("its name: {}", next.name)))
        }
        None => Err(Refusal::input(format!("there is no stage {stage}"), "the name of the next stage")),
    }
}

/// The fact, where a closed window is all that is in the way.
fn overridden(stage: &StageName, in_the_way: Vec<Obstacle>, reason: &str) -> Result<Event, Refusal> {
    let (windows, others): (Vec<Obstacle>, Vec<Obstacle>) = in_the_way.into_iter().partition(gate::is_window);
    if !others.is_empty() {
        let what = format!("an override lifts the window of {stage}, and nothing else");
        return Err(Refusal::not_ready(what, others));
    }
    if windows.is_empty() {
        return Err(Refusal::rule(
            format!("the window of {stage} is open: there is nothing to override"),
            "starting it as always",
        ));
    }
    let closed = windows.into_iter().map(|it| format!("{}: {}", it.what, it.why)).collect();
    let (stage, reason) = (stage.clone(), reason.trim().to_owned());
    Ok(Event::Pipeline(PipelineEvent::WindowOverridden { stage, closed, reason }))
}
