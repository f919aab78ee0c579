//! The watch: whoever starts a rollout looks after it, until somebody else takes it over.

use super::CourseEvent;
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    event::Event,
    name::PersonName,
    refusal::Refusal,
    session::Session,
};

pub fn offer(session: &Session, to: &PersonName, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Record)?;
    if !session.plan().people.contains_key(to) {
        return Err(Refusal::input(format!("{to} is not in [people]"), "a person of the project"));
    }
    if session.course.watch.by.is_some() && session.course.watch.by.as_ref() != actor.person() {
        let holder = session.course.watch.by.as_ref().map_or("nobody", |p| p.as_str());
        return Err(Refusal::access(
            format!("the watch is {holder}'s"),
            "its holder offering it; where they are gone, taking it",
        ));
    }
    if session.course.watch.offered_to.as_ref() == Some(to) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Course(CourseEvent::WatchOffered { to: to.clone() })])
}

pub fn take(session: &Session, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Record)?;
    let Some(person) = actor.person() else {
        return Err(Refusal::access("only a person can take the watch", "a person of the project"));
    };
    let watch = &session.course.watch;
    if watch.by.as_ref() == Some(person) {
        return Ok(Vec::new());
    }
    let free = watch.by.is_none() || watch.gone_since.is_some() || watch.offered_to.as_ref() == Some(person);
    if !free {
        let holder = watch.by.as_ref().map_or("nobody", |p| p.as_str());
        return Err(Refusal::rule(
            format!("{holder} is on watch and has not offered it to {person}"),
            format!("{holder} offering it (W)"),
        ));
    }
    Ok(vec![Event::Course(CourseEvent::WatchTaken { by: person.clone() })])
}

/// What the conductor saw of the watcher's front ends. A watcher gone is a banner, and a notice.
pub fn present(session: &Session, present: bool) -> Vec<Event> {
    let watch = &session.course.watch;
    match (watch.by.is_some(), watch.gone_since.is_some(), present) {
        (true, false, false) => vec![Event::Course(CourseEvent::WatcherGone)],
        (true, true, true) => vec![Event::Course(CourseEvent::WatcherBack)],
        _ => Vec::new(),
    }
}
