//! HOLD and CONTINUE. Anybody in [people] may hold, at any time; hosts under way finish.

use super::{CourseEvent, Phase};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    event::Event,
    pipeline,
    refusal::Refusal,
    rollout,
    session::Session,
    time::Now,
};

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
    // A stalled line goes on when somebody says so: the progress deadline starts anew. So does one that has too few
    // hosts: only such as do not serve are taken then.
    let stopped = session.rollout.stalled.is_some() || rollout::shortage(session).is_some();
    if session.course.hold.is_none()
        && !stopped
        && let Some(events) = pipeline::decide_go_on(session, actor, now)?
    {
        return Ok(events);
    }
    if session.course.hold.is_none() && !stopped {
        return Err(match rollout::waits_for_capacity(session) {
            Some(wait) => Refusal::rule(format!("nothing is held; {}", wait.words), wait.lift),
            None => Refusal::rule("nothing is held", "nothing: it goes on by itself"),
        });
    }
    access::may(session, actor, Act::Continue)?;
    Ok(vec![Event::Course(CourseEvent::Continued)])
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
