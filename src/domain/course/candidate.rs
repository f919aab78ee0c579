//! Another candidate within a session: a new build of the release, while it is prepared and polled. What relied on
//! the old one goes stale, and nothing else.

use super::CourseEvent;
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    effect::Candidate,
    event::{Event, Stamped},
    pipeline::Pipeline,
    poll,
    refusal::Refusal,
    session::Session,
    time::Now,
};

pub fn decide(
    session: &Session,
    candidate: &Candidate,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Direct)?;
    let was = &session.course.release.candidate;
    if candidate == was {
        let lift = "a new build, or another version";
        return Err(Refusal::rule(format!("{was} is the candidate already"), lift));
    }
    if session.course.started.is_some() {
        return Err(Refusal::rule(
            format!("the go-live of {was} has started, so its candidate stands"),
            "its end; then golive open for the new one",
        ));
    }
    if let Some(run) = session.pipeline.running() {
        return Err(Refusal::rule(format!("{} runs with {was}", run.name), "its end, and its promotion (P)"));
    }
    if session.pipeline.is_rolling_back() {
        return Err(Refusal::rule(format!("{was} is being rolled back"), "the end of the rollback"));
    }
    Ok(vec![Event::Course(CourseEvent::CandidateAdopted {
        candidate: candidate.clone(),
        was: was.clone(),
        stale: poll::would_stale(session, &session.course.adopted, Some(candidate), now),
    })])
}

/// Stages before the poll are to be run with it again; a GO was about the old one.
pub fn adopted(session: &mut Session, candidate: &Candidate, was: &Candidate, at: &Stamped) {
    session.course.previous = Some((was.clone(), at.now));
    session.course.release.candidate = candidate.clone();
    session.pipeline = Pipeline::new(session.plan());
    poll::void(session);
    session.mark_everything();
}
