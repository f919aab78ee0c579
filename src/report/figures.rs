//! The figures of a go-live, counted from its events.

use std::collections::BTreeMap;

use super::document::Figures;
use crate::domain::{
    course::CourseEvent,
    effect::{Outcome, Target},
    effect_log::EffectEvent,
    event::{Event, Stamped},
    name::UnitId,
    rollout::{RolloutEvent, downtimes},
    session::Session,
    time::{Now, SessionTime, Span, WallTime},
};

/// Figures, and how long the last finished attempt of each unit took.
pub fn figures(session: &Session, events: &[Stamped], now: Now) -> (Figures, BTreeMap<UnitId, Span>) {
    let mut figures = Figures { events: events.len() as u64, ..Figures::default() };
    let mut began: BTreeMap<&UnitId, SessionTime> = BTreeMap::new();
    let mut took: BTreeMap<UnitId, Span> = BTreeMap::new();
    let mut ended: Option<WallTime> = None;
    let started = session.course.started.map(|at| at.wall);
    for at in events {
        let under_way = started.is_some_and(|started| at.now.wall >= started);
        if under_way && at.actor.is_human() && intervenes(&at.event) {
            figures.interventions += 1;
        }
        match &at.event {
            Event::Course(CourseEvent::Refused { .. }) => figures.refusals += 1,
            Event::Course(CourseEvent::Reopened { .. }) => figures.restarts += 1,
            Event::Course(CourseEvent::WentLive) => ended = Some(at.now.wall),
            Event::Rollout(event) => match event {
                RolloutEvent::LaneStarted { unit, .. } => {
                    began.insert(unit, at.now.session);
                }
                RolloutEvent::UnitDone { unit } => {
                    if let Some(began) = began.get(unit) {
                        took.insert(unit.clone(), at.now.session.since(*began));
                    }
                }
                RolloutEvent::LaneTimedOut { .. } | RolloutEvent::LaneBroke { .. } => figures.failures += 1,
                RolloutEvent::TriedAgain { .. } => figures.tries_again += 1,
                RolloutEvent::RollbackStarted { .. } => figures.rollbacks += 1,
                RolloutEvent::RollbackEnded { narrow: false, .. } => ended = Some(at.now.wall),
                _ => {}
            },
            Event::Effect(EffectEvent::Ended { id, outcome: Outcome::Failed { .. } }) => {
                figures.failures += u32::from(matches!(id.target, Target::Unit(_)));
            }
            _ => {}
        }
    }
    figures.rollout_ms = started.zip(ended).map(|(from, to)| millis(to.since(from)));
    figures.held_ms = millis(held(events, now));
    figures.downtime_ms = downtime(session, now);
    figures.hosts_changed = session.rollout.touched().len() as u32;
    let mut spans: Vec<Span> = took.values().copied().collect();
    spans.sort_unstable();
    figures.host_median_ms = spans.get(spans.len() / 2).copied().map(millis);
    figures.host_longest_ms = spans.last().copied().map(millis);
    (figures, took)
}

/// In all environments together: one is deployed at a time.
fn downtime(session: &Session, now: Now) -> Option<u64> {
    downtimes(session).map(|(_, it)| millis(it.total(now))).reduce(|one, other| one + other)
}

/// Session time spent held: from each HOLD to its CONTINUE, or to the rollback's end or the closing, past which nothing
/// is left to hold; one under way until now.
fn held(events: &[Stamped], now: Now) -> Span {
    let (mut total, mut since) = (Span::ZERO, None);
    let until =
        |since: Option<SessionTime>, at: SessionTime| since.map_or(Span::ZERO, |since| at.since(since));
    for at in events {
        match &at.event {
            Event::Course(CourseEvent::Held { .. }) => since = since.or(Some(at.now.session)),
            Event::Course(
                CourseEvent::Continued | CourseEvent::Verified { .. } | CourseEvent::Closed { .. },
            )
            | Event::Rollout(RolloutEvent::RollbackEnded { narrow: false, .. }) => {
                total = Span(total.0 + until(since.take(), at.now.session).0);
            }
            _ => {}
        }
    }
    Span(total.0 + until(since, now.session).0)
}

pub const fn millis(span: Span) -> u64 {
    span.0 / 1_000
}

/// Whether a person's act was needed beyond starting, promoting and looking.
fn intervenes(event: &Event) -> bool {
    matches!(
        event,
        Event::Course(CourseEvent::Held { .. } | CourseEvent::Continued)
            | Event::Rollout(
                RolloutEvent::TriedAgain { .. }
                    | RolloutEvent::Excluded { .. }
                    | RolloutEvent::ForcedPast { .. }
                    | RolloutEvent::MarkedDone { .. }
                    | RolloutEvent::RollbackStarted { .. }
            )
    )
}
