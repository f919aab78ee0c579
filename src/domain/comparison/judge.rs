//! When a stage is compared, and the judgement of a person.

use super::Sides;
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    checklist::says_nothing,
    event::Event,
    name::{CheckName, Digest, StageName},
    pipeline::{StageRun, StageState, validation_standing},
    plan::{CheckKind, Step},
    refusal::{Obstacle, ObstacleKind, Refusal},
    session::Session,
    signal::{JudgedVerdict, SignalEvent},
    time::{Now, Span},
};

/// Figures are recorded once a minute; after three that is no delay any more.
pub const OLD: Span = Span::secs(180);

/// A comparison that can be judged now.
#[derive(Clone, Copy, Debug)]
pub struct Due<'a> {
    pub run: &'a StageRun,
    pub check: &'a CheckName,
}

/// Whether this check is judged by a person, who compares.
pub fn by_hand(session: &Session, check: &CheckName) -> bool {
    session.plan().checks.get(check).is_some_and(|check| check.kind == CheckKind::Comparison)
}

/// The comparison that a stage asks for at one time or another. A first deploy has nothing beside it.
pub fn asks_for<'a>(session: &'a Session, run: &StageRun) -> Option<&'a CheckName> {
    declared(session, run).filter(|_| run.from.is_some())
}

fn declared<'a>(session: &'a Session, run: &StageRun) -> Option<&'a CheckName> {
    let (_, stage) = session.plan().stage(&run.name)?;
    stage.asks_for().find(|check| by_hand(session, check))
}

/// Whether a stage was started whose plan asks for a comparison, and that has nothing to be compared with.
pub fn nothing_beside(session: &Session) -> bool {
    let first = |run: &&StageRun| run.started.is_some() && run.from.is_none();
    session.pipeline.stages.iter().filter(first).any(|run| declared(session, run).is_some())
}

/// What can be judged now: the hosts are done, or the step is there that asks for it.
pub fn due(session: &Session) -> Option<Due<'_>> {
    let all = || session.pipeline.under_way().filter_map(|run| due_in(session, run));
    let judged = |due: &Due<'_>| validation_standing(session, due.run, due.check).is_some();
    all().find(|due| !judged(due)).or_else(|| all().next())
}

fn due_in<'a>(session: &'a Session, run: &'a StageRun) -> Option<Due<'a>> {
    let asked = match (run.state, run.step()) {
        (_, Some(Step::Validate(checks))) => checks.as_slice(),
        (StageState::Validating | StageState::Baking | StageState::Ready, _) => {
            &session.plan().stage(&run.name)?.1.validations
        }
        _ => return None,
    };
    let check = asked.iter().find(|check| by_hand(session, check)).filter(|_| run.from.is_some())?;
    Some(Due { run, check })
}

/// The comparison to look at: of the stage under way, else of the last one that asked for one.
pub fn latest(session: &Session) -> Option<Due<'_>> {
    let of = |run| asks_for(session, run).map(|check| Due { run, check });
    let mut started = session.pipeline.stages.iter().rev().filter(|run| run.started.is_some());
    session.pipeline.under_way().find_map(of).or_else(|| started.find_map(of))
}

/// A person judges. It can be said anew until the stage has passed; what was said last counts.
pub fn decide(
    session: &Session,
    stage: Option<&StageName>,
    passed: bool,
    note: &str,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Judge)?;
    let named = stage.and_then(|stage| session.pipeline.run(stage)).filter(|run| run.state.running());
    let Some(Due { run, check }) = named.and_then(|run| due_in(session, run)).or_else(|| due(session)) else {
        return Err(Refusal::rule(
            "nothing is compared now",
            "a stage with validations = [\"comparison\"], once its hosts are done",
        ));
    };
    if let Some(other) = stage.filter(|stage| **stage != run.name) {
        return Err(Refusal::changed(format!("it was about {other}, and {} is compared by now", run.name)));
    }
    let (note, sides) = (note.trim(), session.rollout.compared(&run.environment));
    if !passed && says_nothing(note) {
        return Err(Refusal::input("it fails for no reason", "saying what differs"));
    }
    if passed && says_nothing(note) {
        // Whoever has read it says what is different now; whoever has not is told.
        if let Some(not) =
            validation_standing(session, run, check).filter(|it| it.verdict != JudgedVerdict::Passed)
        {
            return Err(Refusal::rule(
                format!("{} was judged not to have passed, {}", run.name, not.shows),
                "saying what has changed since",
            ));
        }
        if let Some(why) = missing(session, run, now) {
            return Err(Refusal::not_ready(
                format!("{} can't be judged by its figures", run.name),
                vec![Obstacle {
                    kind: ObstacleKind::Validation(check.to_string()),
                    what: check.to_string(),
                    why,
                    lift: "more requests, or saying what else was looked at".into(),
                    who: String::new(),
                }],
            ));
        }
    }
    let input = Digest::of_value("golive/comparison/1", &(&run.name, passed, note, sides));
    Ok(vec![Event::Signal(SignalEvent::JudgedByHand {
        check: check.clone(),
        environment: run.environment.clone(),
        verdict: if passed { JudgedVerdict::Passed } else { JudgedVerdict::Failed },
        note: note.to_owned(),
        sides: sides.map(Box::new),
        input,
    })])
}

/// What the figures lack for a judgement by them alone; none: nothing.
fn missing(session: &Session, run: &StageRun, now: Now) -> Option<String> {
    let count = session.rollout.counted.get(&run.environment);
    let Some((count, at)) = count.and_then(|count| Some((count, count.at?))) else {
        return Some("no request was counted".to_owned());
    };
    let age = now.session.since(at.session);
    if age > OLD {
        return Some(format!("nothing was counted for {age}"));
    }
    count.sides().too_few().map(|few| format!("{few}: too few"))
}

/// What the record and the screens show of a judgement.
pub fn shows(by: &str, note: &str, sides: Option<&Sides>) -> String {
    let said = if says_nothing(note) { by.to_owned() } else { format!("{by}: {note}") };
    match sides {
        Some(sides) => format!("{said} ({sides})"),
        None => format!("{said} (no figures)"),
    }
}
