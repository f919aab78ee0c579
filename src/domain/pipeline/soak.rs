//! Hosts of the new version serve and are looked at for a set time. What an alarm stood over was not that time: the soak
//! pauses until it is over. A person lengthens it, or any other timed wait of a stage; nobody shortens one.

use super::{PipelineEvent, StageRun, StageState, bake_left, pause_left};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    course::said_why,
    event::Event,
    gate,
    name::{EnvironmentName, StageName},
    plan::{Pause, Step},
    refusal::Refusal,
    rollout,
    session::Session,
    signal,
    time::{Now, SessionTime, Span},
};

/// By so much at the most at a time: nobody means a month, and whoever does says it again.
const MOST: Span = Span::days(7);

/// Why a soak does not count now; none: nothing is wrong.
pub fn alarm(session: &Session, run: &StageRun) -> Option<String> {
    if let Some(environment) = requests_before(session, run) {
        return Some(format!("{environment} gets requests, and should get none"));
    }
    let all = rollout::troubles(session);
    if let Some(trouble) = all.iter().find(|it| !matches!(it, rollout::Trouble::Traffic { .. })) {
        return Some(trouble.words());
    }
    gate::seen_sick(session, &run.environment)
}

/// The environment that gets requests and should get none, where this stage changes it, or comes after one that does: such
/// a stage is not looked at for long enough. Of stages beside it that says nothing. One in which no stage is counts for
/// all.
pub(super) fn requests_before<'a>(session: &'a Session, run: &StageRun) -> Option<&'a EnvironmentName> {
    let pipeline = &session.pipeline;
    let place = |name: &StageName| pipeline.stages.iter().position(|it| it.name == *name);
    let at = place(&run.name);
    let mut alarms = signal::alarms(session).map(|(environment, _)| environment);
    alarms.find(|environment| {
        let mut here = pipeline.stages.iter().enumerate().filter(|(_, it)| it.environment == **environment);
        let before = |index: usize| at.is_some_and(|at| index == at || pipeline.comes_after(at, index));
        pipeline.stages.iter().all(|it| it.environment != **environment) || here.any(|(at, _)| before(at))
    })
}

/// Whether the stage is at a time in which the new version is looked at.
fn soaks(run: &StageRun) -> bool {
    matches!(run.step(), Some(Step::Pause(Pause::Soak(_) | Pause::Bake(_))))
}

/// A soak pauses where an alarm is raised, and goes on where none is left.
pub(super) fn next(session: &Session, run: &StageRun) -> Option<Event> {
    if !soaks(run) {
        return None;
    }
    let stage = run.name.clone();
    match (alarm(session, run), run.at.paused) {
        (Some(why), None) => Some(Event::Pipeline(PipelineEvent::SoakPaused { stage, why })),
        // What nobody has seen yet is not known to be well.
        (None, Some(_)) if gate::all_well(session, &run.environment) => {
            Some(Event::Pipeline(PipelineEvent::SoakWentOn { stage }))
        }
        _ => None,
    }
}

/// Somebody wants to look for longer.
pub(in crate::domain) fn decide_extend(
    session: &Session,
    named: Option<&StageName>,
    by: Span,
    reason: &str,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Hold)?;
    said_why(reason)?;
    if by == Span::ZERO || by > MOST {
        let what = format!("{by} is nothing by which a wait is lengthened");
        return Err(Refusal::input(what, format!("a time such as 10m, {MOST} at the most")));
    }
    let timed = |run: &&StageRun| {
        pause_left(run, now).is_some() || bake_left(session, run, now).is_some_and(|left| left > Span::ZERO)
    };
    if let Some(named) = named.filter(|named| session.pipeline.run(named).is_none()) {
        let names: Vec<&str> = session.pipeline.stages.iter().map(|run| run.name.as_str()).collect();
        let lift = format!("one of {}", names.join(", "));
        return Err(Refusal::input(format!("there is no stage {named}"), lift));
    }
    let meant = |run: &&StageRun| named.is_none_or(|named| *named == run.name);
    let waits: Vec<&StageRun> = session.pipeline.under_way().filter(meant).filter(timed).collect();
    if let [_, _, ..] = &*waits {
        let each = waits.iter().map(|run| format!("golive rollout extend --stage {}", run.name));
        let names: Vec<&str> = waits.iter().map(|run| run.name.as_str()).collect();
        return Err(Refusal::input(
            format!("{} wait for a set time beside each other", names.join(" and ")),
            each.collect::<Vec<_>>().join(", or "),
        ));
    }
    let Some(run) = waits.first() else {
        let first = || session.pipeline.running();
        let stands = named
            .and_then(|named| session.pipeline.run(named))
            .or_else(first)
            .map_or("no stage is under way".to_owned(), |run| {
                format!("{} is {}, and waits for no set time", run.name, run.state.word())
            });
        return Err(Refusal::rule(
            stands,
            "a soak, a pause or a bake that is under way; HOLD (H) holds at any time",
        ));
    };
    let (stage, reason) = (run.name.clone(), reason.trim().to_owned());
    Ok(vec![Event::Pipeline(PipelineEvent::Extended { stage, by, reason })])
}

/// What has become of the wait of a stage; `active`: session time not held.
pub(super) fn apply(run: &mut StageRun, event: &PipelineEvent, now: Now, active: SessionTime) {
    match event {
        PipelineEvent::SoakPaused { .. } => run.at.paused = Some(now.session),
        // What the alarm stood over was no part of the soak.
        PipelineEvent::SoakWentOn { .. } => {
            if let Some(since) = run.at.paused.take() {
                let paused = now.session.since(since);
                run.at.unobserved = Span(run.at.unobserved.0 + paused.0);
            }
            run.progress = active;
        }
        PipelineEvent::Extended { by, .. } => {
            match run.bake.as_mut().filter(|_| run.state == StageState::Baking) {
                Some(bake) => bake.longer = Span(bake.longer.0 + by.0),
                None => run.at.longer = Span(run.at.longer.0 + by.0),
            }
        }
        _ => {}
    }
}
