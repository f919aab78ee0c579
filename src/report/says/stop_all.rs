//! What is said where every host is stopped before one is deployed: that they wait for each other, and the downtime.

use super::told::{Told, told};
use crate::domain::{counted::counted, effect::LaneStep, name::EnvironmentName, plan::Step, time::Span};

/// What hosts wait for each other at.
pub fn gather(step: &Step) -> Option<String> {
    let Step::Gather { at, .. } = step else { return None };
    Some(match at {
        LaneStep::Fetch => "bring the release to every host".to_owned(),
        LaneStep::Drain => "take the side out of traffic".to_owned(),
        LaneStep::Alive => "change the side without traffic".to_owned(),
        LaneStep::Stop => "stop every host: DOWNTIME".to_owned(),
        LaneStep::Prove => "prove that every host is stopped".to_owned(),
        at => format!("every host as far as {}", at.word()),
    })
}

pub fn back_gathered(environment: &EnvironmentName) -> Told {
    told(format!("found every host of {environment} that goes back stopped"))
        .alone("every host that goes back is stopped")
}

pub fn switched(environment: &EnvironmentName, took: Span, left: u32) -> Told {
    let took = tenths(took);
    let words = match left {
        0 => format!("{environment} is served by the side that was not changed alone, after {took}"),
        left => format!(
            "the side of {environment} that was not changed does not serve alone: {} of the new version still in the pool",
            counted(left, "host")
        ),
    };
    told(format!("switched back: {words}")).alone(words)
}

pub fn began(environment: &EnvironmentName, expected: Option<Span>) -> Told {
    let expected = expected.map_or_else(
        || "for how long is unknown".to_owned(),
        |span| format!("expected for about {}", Span::secs(span.as_secs().max(1))),
    );
    told(format!("DOWNTIME of {environment} began: no host serves, {expected}"))
        .alone(format!("DOWN: no host of {environment} serves, {expected}"))
}

pub fn ended(environment: &EnvironmentName, lasted: Span) -> Told {
    let lasted = tenths(lasted);
    told(format!("DOWNTIME of {environment} ended after {lasted}: a host serves"))
        .alone(format!("{environment} serves again, DOWN for {lasted}"))
}

/// `9.4 s`, and from a minute on in whole seconds: what was measured.
pub fn tenths(span: Span) -> String {
    if span < Span::minutes(1) {
        return format!("{}.{} s", span.as_secs(), span.0 / 100_000 % 10);
    }
    Span::secs(span.as_secs()).to_string()
}
