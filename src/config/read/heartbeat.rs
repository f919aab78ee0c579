//! Heartbeats, and what golive does by itself about a host that is dead.

use super::{Reading, argv::OF_A_DRIVER};
use crate::{
    config::shape::{self, Then},
    domain::{
        plan::{Heartbeat, LOOKED_AT, Place, Repair},
        time::Span,
    },
};

/// Between two beats.
const EVERY: Span = Span::secs(10);
/// Missed in a row until it is dead.
const MISSED: u32 = 3;
/// For a repair command.
const COMMAND: Span = Span::secs(60);
/// From one repair of a host to the next.
const COOL_DOWN: Span = Span::minutes(5);
/// Repairs of a host until it is given up.
const ATTEMPTS: u32 = 3;

pub fn heartbeat(written: &shape::Heartbeat, place: &Place, reading: &mut Reading<'_>) -> Heartbeat {
    let every = reading.positive_span(&place.key("every"), written.every.as_deref(), EVERY);
    if every < LOOKED_AT {
        let what = format!("{every} is shorter than the {LOOKED_AT} between two looks at a host");
        reading.bad(&place.key("every"), what, format!("write {LOOKED_AT} or longer"));
    }
    Heartbeat { every, missed: written.missed.unwrap_or(MISSED).max(1) }
}

pub fn repair(written: &shape::Repair, place: &Place, reading: &mut Reading<'_>) -> Option<Repair> {
    let argv = reading.argv(&place.key("run"), written.run.as_deref()?, OF_A_DRIVER);
    let timeout = reading.positive_span(&place.key("timeout"), written.timeout.as_deref(), COMMAND);
    let cool_down = reading.positive_span(&place.key("cool_down"), written.cool_down.as_deref(), COOL_DOWN);
    if cool_down <= timeout {
        let what = format!("{cool_down} from one repair to the next is no longer than the {timeout} of one");
        reading.bad(
            &place.key("cool_down"),
            what,
            "make it longer, so that the beat can say whether it helped",
        );
    }
    let replace = match (written.then, written.replace_at_once) {
        (Some(Then::Replace), at_once) => Some(at_once.unwrap_or(1).max(1)),
        (_, None) => None,
        (_, Some(_)) => {
            let what = "nothing is replaced: `then` is not \"replace\"";
            reading.bad(&place.key("replace_at_once"), what, "add then = \"replace\", or take it out");
            None
        }
    };
    Some(Repair {
        argv: argv?,
        timeout,
        cool_down,
        attempts: written.attempts.unwrap_or(ATTEMPTS).max(1),
        at_once: written.at_once.unwrap_or(1).max(1),
        replace,
    })
}
