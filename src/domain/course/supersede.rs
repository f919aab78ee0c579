//! A second go-live while one is under way, where the plan says that it supersedes: the earlier is cancelled in the
//! open. What it changed is rolled back first, as `R` does, hosts under way included, and only then is it closed, by
//! itself: the new one begins on one version, and three never serve together.

use serde::{Deserialize, Serialize};

use super::{CourseEvent, Ending, Phase, close_obstacles, closing};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    event::{Event, Stamped},
    name::{PersonName, UnitId, Version},
    plan::SecondGoLive,
    refusal::Refusal,
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
    let superseded = Event::Course(CourseEvent::Superseded { by: by.clone() });
    let mut events = vec![superseded];
    if !session.rollout.any_touched() {
        events.extend(closing(session, Ending::Superseded { by: by.clone() }));
    } else if !matches!(course.phase, Phase::RolledBack) {
        let back = RolloutCommand::RollBack { only: Vec::new() };
        let rolled = rollout::decide(session, &back, actor, now).map_err(|refusal| Refusal {
            reason: format!("{this} can't be brought back for {by}: {}", refusal.reason),
            ..refusal
        })?;
        events.extend(rolled);
    }
    Ok(events)
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
    if !close_obstacles(session, now).is_empty() {
        return Next::At(now.session.plus(AGAIN));
    }
    Next::Events(closing(session, Ending::Superseded { by: superseded.by.clone() }))
}
