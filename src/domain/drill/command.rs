//! Commands on drills.

use serde::{Deserialize, Serialize};

use super::{DrillEvent, Entry, hours};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    counted::counted,
    course::said_why,
    event::Event,
    name::DrillName,
    operation,
    pipeline::Outside,
    plan::DrillKind,
    refusal::{Obstacle, ObstacleKind, Refusal},
    rollout,
    session::Session,
    time::Now,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillCommand {
    Start {
        drill: DrillName,
    },
    /// The same outside the hours in which it may begin.
    StartOutside {
        drill: DrillName,
        reason: String,
    },
    /// What was mended after the last attempt.
    Note {
        drill: DrillName,
        fix: String,
    },
    /// Asks for the drill to be closed as passed.
    Close {
        drill: DrillName,
    },
}

impl DrillCommand {
    pub const fn drill(&self) -> &DrillName {
        match self {
            Self::Start { drill }
            | Self::StartOutside { drill, .. }
            | Self::Note { drill, .. }
            | Self::Close { drill } => drill,
        }
    }

    pub const fn word(&self) -> &'static str {
        match self {
            Self::Start { .. } => "drill start",
            Self::StartOutside { .. } => "drill start --outside-window",
            Self::Note { .. } => "drill note",
            Self::Close { .. } => "drill close",
        }
    }
}

/// A drill is under way: nothing else begins meanwhile.
pub fn under_way(session: &Session) -> Option<Obstacle> {
    let attempt = session.drills.running.as_ref()?;
    Some(Obstacle {
        kind: ObstacleKind::Drill(attempt.drill.to_string()),
        what: format!("drill {}", attempt.drill),
        why: format!("attempt {} is under way", attempt.number),
        lift: "its end".to_owned(),
        who: String::new(),
    })
}

pub fn decide(
    session: &Session,
    command: &DrillCommand,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    match command {
        DrillCommand::Start { drill } => start(session, drill, None, actor, now),
        DrillCommand::StartOutside { drill, reason } => start(session, drill, Some(reason), actor, now),
        DrillCommand::Note { drill, fix } => note(session, drill, fix, actor),
        DrillCommand::Close { drill } => close(session, drill, actor),
    }
}

/// Neither the plan nor the book has it.
fn unknown(session: &Session, name: &DrillName) -> Refusal {
    let known: Vec<&str> = session.plan().drills.keys().map(DrillName::as_str).collect();
    let declared = format!("one of {}", known.join(", "));
    let lift = if known.is_empty() { "a [drills.NAME] in golive.toml".to_owned() } else { declared };
    Refusal::input(format!("there is no drill {name}"), lift)
}

/// No attempt at it has ended.
fn never_tried(session: &Session, name: &DrillName) -> Refusal {
    if !session.plan().drills.contains_key(name) {
        return unknown(session, name);
    }
    Refusal::rule(format!("no attempt at {name} has ended"), format!("golive drill start {name}"))
}

fn start(
    session: &Session,
    name: &DrillName,
    reason: Option<&str>,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let person = access::may(session, actor, Act::Deploy)?;
    let Some(drill) = session.plan().drills.get(name) else { return Err(unknown(session, name)) };
    let last = session.drills.book.get(name).and_then(Entry::open).and_then(|case| case.attempts.last());
    if let Some(last) = last.filter(|last| last.fix.is_none()) {
        return Err(Refusal::rule(
            format!("attempt {} of {name} did not pass, and nobody has said what was mended", last.number),
            format!("golive drill note {name} TEXT"),
        ));
    }
    let mut obstacles = operation::pending(session, &drill.environment, &[], now);
    let closed = hours::obstacles(session, drill, now);
    let outside = match reason {
        None => {
            obstacles.extend(closed);
            None
        }
        Some(reason) => {
            said_why(reason)?;
            if closed.is_empty() {
                return Err(Refusal::rule(
                    format!("{name} may begin now: there is nothing to override"),
                    format!("golive drill start {name}"),
                ));
            }
            let closed = closed.iter().map(|closed| format!("{}: {}", closed.what, closed.why)).collect();
            let by = Some(person.name.clone());
            Some(Box::new(Outside { by, closed, reason: reason.trim().to_owned() }))
        }
    };
    if !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("drill {name} can't begin"), obstacles));
    }
    let mut events = operation::watched(session, &person.name);
    let primary = rollout::primary(session, &drill.environment);
    let (began, units) = match (&drill.kind, drill.kind.place(primary)) {
        (DrillKind::Replace { hosts }, _) => {
            let began = operation::begun(session, &drill.environment, hosts.clone(), Some(name.clone()))?;
            (began, hosts.clone())
        }
        (DrillKind::Secondary { lasts, .. } | DrillKind::Offline { lasts, .. }, Some(place)) => {
            operation::leaves(session, &drill.environment, place, *lasts, name.clone())?
        }
        (DrillKind::Secondary { .. } | DrillKind::Offline { .. }, None) => {
            let reason = format!("no cloud of {} is primary", drill.environment);
            return Err(Refusal::rule(reason, "a drill that names its cloud"));
        }
    };
    events.push(began);
    // The last of them: what a human does after it counts.
    let attempt = session.drills.book.next_attempt(name);
    let drill = name.clone();
    events.push(Event::Drill(DrillEvent::Started { drill, attempt, units, outside }));
    Ok(events)
}

fn note(session: &Session, drill: &DrillName, fix: &str, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    said_why(fix)?;
    let last = session.drills.book.get(drill).and_then(Entry::last);
    let Some(last) = last else { return Err(never_tried(session, drill)) };
    if last.passed() {
        let reason = format!("attempt {} of {drill} passed, so nothing had to be mended", last.number);
        return Err(Refusal::rule(reason, "nothing"));
    }
    // What somebody said of it stays said.
    if last.fix.is_some() {
        let reason = format!("what was mended after attempt {} of {drill} is noted", last.number);
        return Err(Refusal::rule(reason, format!("the next attempt (golive drill start {drill})")));
    }
    let (drill, attempt, fix) = (drill.clone(), last.number, fix.trim().to_owned());
    Ok(vec![Event::Drill(DrillEvent::Noted { drill, attempt, fix })])
}

/// An attempt that passes closes it; nothing else does.
fn close(session: &Session, drill: &DrillName, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Deploy)?;
    let Some(entry) = session.drills.book.get(drill) else { return Err(never_tried(session, drill)) };
    if entry.last().is_some_and(super::AttemptLine::passed) {
        return Ok(Vec::new());
    }
    let attempts = entry.open().map_or(0, |case| case.attempts.len());
    let why = match entry.last().and_then(|last| last.why_not()) {
        Some(finding) => format!("; the last: {finding}"),
        None => String::new(),
    };
    Err(Refusal::rule(
        format!("{drill} stays open: none of {} passed{why}", counted(attempts, "attempt")),
        format!("an attempt that passes (golive drill start {drill})"),
    ))
}
