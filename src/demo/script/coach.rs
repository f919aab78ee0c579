//! The line that leads a newcomer through the demo: `4/7: press S, and S again`. It follows the session's state,
//! so that whoever goes another way is led on from there. Pure.

use std::fmt;

use super::cast::Cast;
use crate::{
    demo::traffic::Stats,
    domain::{
        checklist::standing,
        course::Phase,
        gate,
        poll::{SeatState, tally},
        rollout::{Trouble, troubles},
        session::Session,
        time::Now,
    },
};

/// How many steps there are.
const STEPS: u8 = 7;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coach {
    /// From 1 on.
    pub step: u8,
    pub text: String,
}

impl fmt::Display for Coach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{STEPS}: {}", self.step, self.text)
    }
}

/// What to do now.
pub fn coach(session: &Session, now: Now, cast: &Cast, traffic: Option<&Stats>) -> Coach {
    let say = |step, text: &str| Coach { step, text: text.to_owned() };
    if let Some(hold) = session.course.hold.as_ref().filter(|_| troubles(session).is_empty())
        && !matches!(session.course.phase, Phase::RollingBack | Phase::RolledBack)
        && session.course.ending.is_none()
    {
        let by = hold.by.as_ref().map_or("somebody", |person| person.as_str());
        return Coach { step: step_of(session), text: format!("HELD by {by}: C, and C again, goes on") };
    }
    match session.course.phase {
        Phase::Preparing | Phase::Polling => before_go(session, now, cast),
        Phase::NoGo => say(3, "NO-GO. v votes again; q ends the demo"),
        Phase::Go => say(4, "press S, and S again: nothing starts by itself"),
        Phase::UnderWay | Phase::LiveUnverified => under_way(session),
        Phase::RollingBack => say(6, "every host that was touched goes back, while the others serve"),
        Phase::RolledBack | Phase::Verified | Phase::Closed => Coach { step: STEPS, text: after(traffic) },
    }
}

fn step_of(session: &Session) -> u8 {
    match session.course.phase {
        Phase::Preparing | Phase::Polling | Phase::NoGo => 3,
        Phase::Go => 4,
        _ => 5,
    }
}

fn before_go(session: &Session, now: Now, cast: &Cast) -> Coach {
    let say = |step, text: String| Coach { step, text };
    let plan = session.plan();
    let open = |item: &&crate::domain::checklist::ItemSpec| !standing(session, item, now).state.ready();
    if plan.items.iter().filter(open).any(|item| cast.item_is_yours(item)) {
        return say(1, "2 shows the checklist; n goes to the item that waits for you, Space ticks it".into());
    }
    let seats = tally(session, now).seats;
    let mine = seats.iter().find(|seat| cast.seat_is_yours(plan, &seat.role) && seat.state != SeatState::Go);
    if let Some(seat) = mine {
        return say(2, format!("1 shows the decision; v votes for {}", seat.role));
    }
    match gate::to_go(session, now).first() {
        None => say(3, "press D, and D again: you declare GO".into()),
        Some(obstacle) => say(3, format!("still in the way: {}, {}", obstacle.what, obstacle.why)),
    }
}

fn under_way(session: &Session) -> Coach {
    let trouble = troubles(session).into_iter().next();
    let Some(trouble) = trouble else {
        let text = "3 shows the hosts: each is drained, changed, tested, and put back";
        return Coach { step: 5, text: text.into() };
    };
    let what = match &trouble {
        Trouble::Failed { unit, step, .. } => format!("{unit} failed its {}, the line stands", step.word()),
        other => other.words(),
    };
    Coach { step: 6, text: format!("{what}. R holds, R again rolls back") }
}

fn after(traffic: Option<&Stats>) -> String {
    let requests = match traffic {
        Some(stats) => format!("{} requests, {} failed. ", stats.sent, stats.failed),
        None => String::new(),
    };
    format!("{requests}c tells what happened, q ends the demo. Yours: golive init")
}
