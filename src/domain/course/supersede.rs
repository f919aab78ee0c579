//! A second go-live while one is under way, where the plan says that it supersedes: the earlier is cancelled in the
//! open. What is live or under way of it is rolled back first, as `R` does, hosts under way included, and only then is it
//! closed, by itself: the new one begins on one version, and three never serve together.

use serde::{Deserialize, Serialize};

use super::{CourseEvent, Ending, Phase, close_obstacles, closing, nothing_looked_after};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    checklist,
    effect::Target,
    event::{Event, Stamped},
    name::{PersonName, UnitId, Version},
    plan::SecondGoLive,
    refusal::{ObstacleKind, Refusal},
    rollout::{self, RolloutCommand},
    session::{Next, Session},
    time::{Now, Span},
};

/// By which version, and by whom it was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    pub by: Version,
    pub who: Option<PersonName>,
    pub at: Now,
}

/// What is in the way of the closing is looked at again after this.
const AGAIN: Span = Span::secs(1);

pub fn decide(session: &Session, by: &Version, actor: &Actor, now: Now) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Direct)?;
    let course = &session.course;
    let this = &course.release.candidate.version;
    match session.plan().second {
        SecondGoLive::Superseding => {}
        SecondGoLive::Refused | SecondGoLive::Queued => {
            return Err(Refusal::rule(
                format!(
                    "session {} of {this} is open, and its plan does not let another supersede it",
                    course.id
                ),
                "closing it (golive close); or [project] second = \"superseding\", adopted",
            ));
        }
    }
    if by == this {
        return Err(Refusal::input(format!("{this} is what is under way"), "another version"));
    }
    if matches!(course.phase, Phase::LiveUnverified | Phase::Verified) {
        // Its hosts run it already: brought back for a version that nobody has voted on, they would be changed twice.
        return Err(Refusal::rule(
            format!("{this} is live, and {by} would supersede what is {}", course.phase.word()),
            "verifying and closing it (golive close), or rolling it back (R)",
        ));
    }
    if course.superseded.as_ref().is_some_and(|known| known.by == *by) {
        return Ok(Vec::new());
    }
    nothing_looked_after(session)?;
    // What no way back lifts is said before anything is brought back.
    let items = checklist::obstacles(session, now, checklist::When::Closing);
    if session.rollout.any_touched() && !items.is_empty() {
        return Err(Refusal::not_ready(format!("{this} can't be closed for {by} yet"), items));
    }
    let superseded = Event::Course(CourseEvent::Superseded { by: by.clone() });
    let mut events = vec![superseded];
    if course.phase == Phase::RolledBack {
        // It closes by itself, or says what it waits for.
    } else if rollout::nothing_to_go_back(session) {
        let pool = session.flights.iter().find(|flight| matches!(flight.effect.id.target, Target::Pool(_)));
        if let Some(flight) = pool {
            return Err(Refusal::rule(format!("{} is being taken out", flight.effect.id.target), "its end"));
        }
        // Only a way back gives shares back, and there is none yet.
        if let Some(environment) = session.rollout.shares.keys().next() {
            return Err(Refusal::rule(
                format!(
                    "the balancer of {environment} shares for {this} already, and no host is changed yet"
                ),
                "the first host that is (then again), or END AS IS (E)",
            ));
        }
        events.extend(closing(session, Ending::Superseded { by: by.clone() }));
    } else {
        past_nothing(session, by)?;
        let back = RolloutCommand::RollBack { only: Vec::new() };
        let rolled = rollout::decide(session, &back, actor, now).map_err(|refusal| Refusal {
            reason: format!("{this} can't be brought back for {by}: {}", refusal.reason),
            ..refusal
        })?;
        events.extend(rolled);
    }
    Ok(events)
}

/// A way back past what an earlier release ran once has to be named by whoever wants it, also where another version does.
fn past_nothing(session: &Session, by: &Version) -> Result<(), Refusal> {
    let this = &session.course.release.candidate.version;
    let crossed =
        rollout::rollback_place(session).map_or_else(Vec::new, |it| rollout::once_crossed(session, it));
    let Some(first) = crossed.first() else { return Ok(()) };
    Err(Refusal::rule(
        format!(
            "{this} can't be brought back for {by} unasked: that goes back past {}: {}",
            first.words, first.stays
        ),
        format!(
            "{}, which says that it is meant; then golive open {by} again",
            rollout::Crossed::asked(&crossed)
        ),
    ))
}

pub fn said(session: &mut Session, by: &Version, at: &Stamped) {
    let who = at.actor.person().cloned();
    session.course.superseded = Some(Superseded { by: by.clone(), who, at: at.now });
    session.mark_course();
}

/// Hosts that the way back did not reach: while there are any the next version would be the third.
pub fn left(session: &Session) -> Vec<&UnitId> {
    session.rollout.rollbacks.values().flat_map(|rollback| &rollback.left).collect()
}

/// It closes by itself once all that it changed is back, and nothing else is in the way of closing.
pub fn next(session: &Session, superseded: &Superseded, now: Now) -> Next {
    if session.course.phase != Phase::RolledBack || !left(session).is_empty() {
        return Next::Nothing;
    }
    // What was live in another environment goes back as well.
    if rollout::live_on_the_new(session).next().is_some()
        && let Ok(back) = rollout::goes_back_too(session)
    {
        return Next::Events(back);
    }
    if !close_obstacles(session, now).is_empty() {
        return Next::At(now.session.plus(AGAIN));
    }
    Next::Events(closing(session, Ending::Superseded { by: superseded.by.clone() }))
}

/// What keeps it open until a person does something; none: it closes by itself.
pub fn waits(session: &Session, now: Now) -> Option<Refusal> {
    if session.course.phase != Phase::RolledBack || session.course.is_over() {
        return None;
    }
    let version = &session.course.release.candidate.version;
    let left: Vec<&str> = left(session).iter().map(|unit| unit.as_str()).collect();
    if !left.is_empty() {
        return Some(Refusal::rule(
            format!("{} could not be brought back from {version}", left.join(", ")),
            "rolling back again (R), or closing it (golive close)",
        ));
    }
    if let Some(first) = rollout::once_left_over(session) {
        return Some(Refusal::rule(
            format!("{version} closes only after {}: {}", first.what, first.why),
            first.lift,
        ));
    }
    let item = |kind: &ObstacleKind| matches!(kind, ObstacleKind::Item(_) | ObstacleKind::ShowStopper(_));
    let first = close_obstacles(session, now).into_iter().find(|it| item(&it.kind))?;
    Some(Refusal::rule(format!("{version} closes only after {}: {}", first.what, first.why), first.lift))
}

/// Whether this version may be opened now that the one before it is over: one that ended in another way may have left its
/// version on hosts, or made room for another.
pub fn made_room(session: &Session, by: &Version) -> Result<(), Refusal> {
    let this = &session.course.release.candidate.version;
    match &session.course.ending {
        Some(Ending::Superseded { by: other }) if other != by => Err(Refusal::rule(
            format!("{this} made room for {other} meanwhile, not for {by}"),
            format!("golive open {by} again, where it is to supersede {other}"),
        )),
        Some(ending @ (Ending::AsIs { .. } | Ending::Partial { .. })) => Err(Refusal::rule(
            format!("{this} was not brought back, it ended {}", ending.word()),
            "looking at what runs (golive rollout versions); then golive open again",
        )),
        Some(Ending::RolledBack) if !left(session).is_empty() => Err(Refusal::rule(
            format!("{this} was closed before every host was brought back"),
            "looking at what runs (golive rollout versions); then golive open again",
        )),
        _ => Ok(()),
    }
}
