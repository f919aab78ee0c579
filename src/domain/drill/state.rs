//! The folded state of drills: their book, and the attempt that is under way.

use serde::{Deserialize, Serialize};

use super::{Attempt, Book, Carried, DrillEvent, HumanAct, Note, Receipt, Samples};
use crate::domain::{
    effect::Outcome,
    event::{Event, Stamped},
    name::{CheckName, EnvironmentName, UnitId},
    operation::OperationEvent,
    plan::Plan,
    session::Session,
    signal::{JudgedVerdict, Running},
    time::{Span, WallTime},
};

/// Acts that are named one by one; the others are counted.
const ACTS: usize = 16;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drills {
    /// As the project had it when the session was opened, and what came since.
    pub book: Book,
    pub running: Option<Box<Attempt>>,
}

impl Drills {
    /// As the project had them; what its plan declares is known from now on.
    pub fn opened(book: &Book, plan: &Plan, at: WallTime) -> Self {
        let mut book = book.clone();
        plan.drills.keys().for_each(|drill| book.declared(drill, at));
        Self { book, running: None }
    }

    /// Since when a tool is asked for an alarm, where this check asks it.
    pub fn asked_since(&self, check: &CheckName) -> Option<WallTime> {
        let attempt = self.running.as_ref()?;
        attempt.tools.contains_key(check).then_some(attempt.began.wall)
    }
}

pub fn apply(session: &mut Session, event: &DrillEvent, at: &Stamped) {
    match event {
        DrillEvent::Started { drill, attempt, units, outside } => {
            let Some(declared) = session.plan().drills.get(drill) else { return };
            let tools = declared.tools.iter().map(|tool| (tool.clone(), None)).collect();
            session.drills.running = Some(Box::new(Attempt {
                drill: drill.clone(),
                number: *attempt,
                units: units.clone(),
                by: at.actor.person().cloned(),
                began: at.now,
                samples: Samples::since(at.now.session),
                acts: Vec::new(),
                more_acts: 0,
                tools,
                carried: None,
                unobserved: None,
                outside: outside.clone(),
                automatic: Vec::new(),
            }));
        }
        DrillEvent::Ended { drill, attempt } => {
            session.drills.running = None;
            session.drills.book.attempted(drill, attempt);
        }
        DrillEvent::Noted { drill, attempt, fix } => {
            let by = at.actor.person().cloned();
            let note = Note { by, at: at.now.wall, text: fix.clone() };
            session.drills.book.noted(drill, *attempt, note);
        }
    }
    session.mark_course();
    session.mark_pipeline();
    session.mark_drills();
}

/// Whoever does something while an attempt is under way has taken a hand in it. What was refused was not done.
pub fn witnessed(session: &mut Session, at: &Stamped) {
    use crate::domain::course::CourseEvent;
    let Some(attempt) = &mut session.drills.running else { return };
    if let Event::Operation(OperationEvent::RepairBegan { unit, .. }) = &at.event {
        attempt.automatic.push(format!("repaired {unit}"));
    }
    let begins = matches!(at.event, Event::Drill(DrillEvent::Started { .. }));
    if !at.actor.is_human() || begins || matches!(at.event, Event::Course(CourseEvent::Refused { .. })) {
        return;
    }
    if attempt.acts.len() < ACTS {
        attempt.acts.push(HumanAct { seq: at.seq, who: at.actor.to_string(), at: at.now });
    } else {
        attempt.more_acts += 1;
    }
}

/// What was done to the hosts has come to its end.
pub fn carried(session: &mut Session, done: &[UnitId], left: &[UnitId], at: &Stamped) {
    let away = session.operations.last.as_ref().and_then(|over| over.operation.away.clone());
    if let Some(attempt) = &mut session.drills.running {
        attempt.carried = Some(Carried { at: at.now, done: done.len() as u32, left: left.to_vec(), away });
        session.mark_drills();
    }
}

/// A check was judged: a sample, or what a tool says.
pub fn judged(
    session: &mut Session,
    (check, environment): (&CheckName, &EnvironmentName),
    running: Option<&Running>,
    (verdict, shows): (JudgedVerdict, &str),
    at: &Stamped,
) {
    if session.drills.running.is_some() {
        // Whoever asked, the check is free again.
        session.mark_drills();
    }
    let Some(attempt) = &session.drills.running else { return };
    let Some(drill) = session.course.adopted.plan.drills.get(&attempt.drill) else { return };
    let since = running.map(|running| running.since).filter(|since| since.session >= attempt.began.session);
    let Some(since) = since.filter(|_| drill.environment == *environment) else { return };
    let probes = drill.probe == *check;
    let Some(attempt) = &mut session.drills.running else { return };
    if probes {
        let took = running.and_then(|running| running.ended.first()).and_then(|part| took(&part.outcome));
        attempt.samples.take(verdict, took, shows, (since, at.now));
    } else if let Some(receipt) = attempt.tools.get_mut(check) {
        // What was received once was received.
        let known = receipt.as_ref().is_some_and(|it| it.received == Some(true));
        if !known {
            let received = match verdict {
                JudgedVerdict::Passed => Some(true),
                JudgedVerdict::Failed => Some(false),
                JudgedVerdict::Inconclusive => None,
            };
            *receipt = Some(Receipt { received, shows: shows.to_owned(), at: at.now });
        }
    }
}

/// How long the answer took, as the engine measured it.
fn took(outcome: &Outcome) -> Option<Span> {
    let Outcome::Done { facts, .. } = outcome else { return None };
    facts.get("micros")?.parse().ok().map(Span)
}

/// Nobody looked for a while: what was not seen proves nothing.
pub fn unobserved(session: &mut Session, why: &str) {
    if let Some(attempt) = &mut session.drills.running {
        attempt.unobserved.get_or_insert_with(|| why.to_owned());
    }
}
