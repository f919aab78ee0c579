//! The poll and plan B.

use std::collections::BTreeMap;

use super::Reading;
use crate::{
    config::shape,
    domain::{
        name::{DrillName, PersonName, RoleName, StageName},
        plan::{Place, PlanB, PointOfNoReturn, PollRules, Seat},
        time::Span,
    },
};

const VOTES_EXPIRE: Span = Span::hours(24);
const GO_EXPIRES: Span = Span::hours(4);

/// `default` is the stage that the poll stands before where the plan does not say.
pub fn poll(written: &shape::Poll, default: StageName, reading: &mut Reading<'_>) -> PollRules {
    let place = Place::of(&["poll"]);
    let before = match written.before.as_deref() {
        Some(text) => reading.name::<StageName>(&place.key("before"), text).unwrap_or(default),
        None => default,
    };
    let seats = written.seats.as_deref().unwrap_or_default();
    let seats = seats
        .iter()
        .enumerate()
        .filter_map(|(at, s)| seat(s, &place.key("seats").index(at), reading))
        .collect();
    let drills = drills(written, &place.key("drills"), reading);
    PollRules {
        drills,
        before,
        seats,
        quorum: written.quorum,
        votes_expire: reading.positive_span(
            &place.key("votes_expire"),
            written.votes_expire.as_deref(),
            VOTES_EXPIRE,
        ),
        go_expires: reading.positive_span(
            &place.key("go_expires"),
            written.go_expires.as_deref(),
            GO_EXPIRES,
        ),
        by_voice: written.by_voice.unwrap_or(true),
    }
}

fn drills(written: &shape::Poll, place: &Place, reading: &mut Reading<'_>) -> BTreeMap<DrillName, Span> {
    let mut drills = BTreeMap::new();
    for (key, within) in &written.drills {
        let at = place.key(key);
        let Some(name) = reading.name::<DrillName>(&at, key) else { continue };
        drills.insert(name, reading.positive_span(&at, Some(within), Span::days(92)));
    }
    drills
}

fn seat(written: &shape::Seat, place: &Place, reading: &mut Reading<'_>) -> Option<Seat> {
    // A seat is not left out even where it has no role: the rules count seats as they were written.
    let role =
        match written.role.as_deref().and_then(|text| reading.name::<RoleName>(&place.key("role"), text)) {
            Some(role) => role,
            None => reading.stand_in(&place.key("role"), RoleName::new("unnamed").ok()?),
        };
    let eligible = reading.names(&place.key("eligible"), &written.eligible);
    let deputy =
        written.deputy.as_deref().and_then(|text| reading.name::<PersonName>(&place.key("deputy"), text));
    let differs_from = reading.names(&place.key("differs_from"), &written.differs_from);
    Some(Seat {
        role,
        eligible,
        deputy,
        required: written.required.unwrap_or(true),
        veto: written.veto,
        differs_from,
        relies_on: written.relies_on.clone(),
    })
}

pub fn plan_b(written: &shape::PlanB, reading: &mut Reading<'_>) -> PlanB {
    let place = Place::of(&["plan_b"]);
    let decides =
        written.decides.as_deref().and_then(|text| reading.name::<PersonName>(&place.key("decides"), text));
    let point_of_no_return = match written.point_of_no_return.as_deref() {
        None | Some("none") => PointOfNoReturn::None,
        Some(text) => reading
            .name::<StageName>(&place.key("point_of_no_return"), text)
            .map_or(PointOfNoReturn::None, PointOfNoReturn::Stage),
    };
    PlanB { decides, informs: written.informs.clone(), point_of_no_return, steps: written.steps.clone() }
}
