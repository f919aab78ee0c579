//! HOLD and CONTINUE. Anybody in [people] may hold, at any time; hosts under way finish.

use serde::{Deserialize, Serialize};

use super::{CourseEvent, Phase, waits};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    event::Event,
    name::StageName,
    pipeline,
    refusal::Refusal,
    rollout,
    session::Session,
    time::{Now, SessionTime, Span},
};

/// What CONTINUE would let go on now. A decision that was made over one of them is none over another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GoesOn {
    /// A hold, by when it began.
    Hold(SessionTime),
    /// A line that stalled, or has too few hosts, by since when.
    Stopped(SessionTime),
    /// A pause that waits for a person: of which stage, and at which of its steps, from 0.
    Pause(StageName, u32),
}

impl GoesOn {
    /// `the pause at step 3 of gamma`.
    pub fn words(&self) -> String {
        match self {
            GoesOn::Hold(_) => "the hold".to_owned(),
            GoesOn::Stopped(_) => "the line that stopped".to_owned(),
            GoesOn::Pause(stage, step) => format!("the pause at step {} of {stage}", step + 1),
        }
    }
}

/// None: there is nothing that somebody's word would let go on.
pub fn goes_on(session: &Session) -> Option<GoesOn> {
    if let Some(hold) = &session.course.hold {
        return Some(GoesOn::Hold(hold.at.session));
    }
    if let Some(since) = stopped(session) {
        return Some(GoesOn::Stopped(since));
    }
    let run = pipeline::waits_at_pause(session)?;
    Some(GoesOn::Pause(run.name.clone(), run.at.step))
}

/// Whoever says it without a screen that shows what it is for waits so long after the CONTINUE before.
const MOMENT: Span = Span::secs(2);

/// Refused where it was meant for something else: the screen showed another thing, or somebody's CONTINUE came first,
/// and what waits now is not what waited when this one was typed.
pub fn continue_is_meant(session: &Session, seen: Option<&GoesOn>, now: Now) -> Result<(), Refusal> {
    let by_now = goes_on(session);
    if let Some(seen) = seen {
        if by_now.as_ref() == Some(seen) {
            return Ok(());
        }
        let by_now = match (seen, by_now) {
            (_, None) => "nothing waits".to_owned(),
            (GoesOn::Stopped(_), Some(GoesOn::Stopped(_))) => "it has stopped anew".to_owned(),
            (_, Some(it)) => format!("{} waits", it.words()),
        };
        return Err(Refusal::changed(format!("CONTINUE was meant for {}; by now {by_now}", seen.words())));
    }
    let Some((waits, said)) = by_now.zip(session.course.went_on) else { return Ok(()) };
    let ago = now.session.since(said.session);
    if ago >= MOMENT {
        return Ok(());
    }
    Err(Refusal::rule(
        format!("CONTINUE was said less than {MOMENT} ago; what waits now is {}", waits.words()),
        format!("saying it once more after {MOMENT}, if that is to go on too"),
    ))
}

/// A stalled line goes on when somebody says so: the progress deadline starts anew. So does one that has too few
/// hosts: only such as do not serve are taken then.
///
/// Since when: one that stops anew is another, which nobody who saw the first has decided about.
fn stopped(session: &Session) -> Option<SessionTime> {
    let stalled = session.rollout.stalled.as_ref().map(|(_, at)| at.session);
    stalled.or_else(|| rollout::shortage(session).map(|(_, short)| short.since.session))
}

pub fn decide_hold(session: &Session, reason: &str, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Hold)?;
    past(session)?;
    if session.course.hold.is_some() {
        // Pressed twice, or by two people: it is held, which is what was asked for.
        return Ok(Vec::new());
    }
    Ok(vec![Event::Course(CourseEvent::Held { reason: reason.trim().to_owned() })])
}

pub fn decide_continue(session: &Session, actor: &Actor, now: Now) -> Result<Vec<Event>, Refusal> {
    // A hold that stands can always be lifted: what is brought back while the journal can't be written holds, past the
    // release's end too.
    if session.course.hold.is_none() {
        past(session)?;
    }
    let stopped = stopped(session).is_some();
    if session.course.hold.is_none()
        && !stopped
        && let Some(events) = pipeline::decide_go_on(session, actor, now)?
    {
        return Ok(events);
    }
    if session.course.hold.is_none() && !stopped {
        return Err(waits::nothing_is_held(session, now));
    }
    access::may(session, actor, Act::Continue)?;
    // Under a hold it is the hold that somebody lifts.
    let over = rollout::behind_accepted(session).filter(|_| session.course.hold.is_none());
    Ok(over.into_iter().chain([Event::Course(CourseEvent::Continued)]).collect())
}

/// Past its end a release has nothing left that could be held or go on: only the way back, which no hold stops.
fn past(session: &Session) -> Result<(), Refusal> {
    let ended = match session.course.phase {
        // What stays live in another environment may be held, and ended as it is.
        Phase::RolledBack if rollout::live_on_the_new(session).next().is_some() => return Ok(()),
        Phase::RolledBack => "rolled back",
        Phase::Verified => "live and verified",
        _ => return Ok(()),
    };
    Err(Refusal::rule(
        format!("the release is {ended}: nothing is left to hold"),
        "closing the session (:close)",
    ))
}
