//! A host that we took out and that gets requests all the same: a balancer that forgot, or somebody, put it back. It is
//! taken out again, a few times; then the line stops, since something else keeps putting it in.

use serde::{Deserialize, Serialize};

use super::{Direction, Lane, LaneState, RolloutEvent, Unit, observed};
use crate::domain::{
    effect::{Effect, EffectId, LaneStep, Outcome, Target, Work},
    effect_log::EffectEvent,
    event::{Event, Stamped},
    lock,
    name::UnitId,
    session::{Next, Session},
    time::{Now, Span},
};

/// How often it is taken out again before a human is called.
pub const TIMES: u32 = 3;
/// The shortest time between two of these: the next look has said by then what the last one did.
const AGAIN: Span = Span::secs(2);
/// What comes later than this after the last time is another occasion.
pub(super) const SAME_WITHIN: Span = Span::minutes(10);

/// How often a host was put back, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutBack {
    /// How often it was begun to be taken out again.
    pub times: u32,
    /// When that was last, or when it was given up.
    pub last: Now,
    /// Why the last attempt did not succeed.
    pub failed: Option<String>,
    /// It is left in the pool, and a human is needed: what is said to them.
    pub left: Option<String>,
}

/// The step before which nothing else may be at work on the pool.
fn at_the_pool(lane: &Lane) -> bool {
    lane.state == LaneState::Ready && matches!(lane.step(), LaneStep::Drain | LaneStep::Rejoin)
}

/// What follows for the host's place in the pool.
pub fn next(session: &Session, unit: &Unit, lane: &Lane, now: Now) -> Next {
    let over = session.course.is_over() || lane.state.ended() && !unit.standby;
    if let Some(flight) = session.flights.at_pool(&unit.id) {
        // The lane's own steps at the pool are carried out alone.
        if flight.cancel_asked || !(over || at_the_pool(lane) && !unit.awaits_back) {
            return Next::Nothing;
        }
        let (id, why) = (flight.effect.id.clone(), "the lane goes on at the pool".to_owned());
        return Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })]);
    }
    let Some(seen) = unit.seen.as_ref().filter(|_| !over && unit.strayed()) else { return Next::Nothing };
    let direction = if unit.awaits_back { Direction::Back } else { lane.direction };
    if !lock::may_touch(session, &unit.environment, direction) {
        return Next::WhenCapacity;
    }
    let same = |known: &&PutBack| seen.at.session.since(known.last.session) < SAME_WITHIN;
    let times = match unit.put_back.as_ref().filter(same) {
        None => 1,
        Some(PutBack { left: Some(_), .. }) => return Next::Nothing,
        Some(known) if now.session < known.last.session.plus(AGAIN) => {
            return Next::At(known.last.session.plus(AGAIN));
        }
        Some(known) if known.times >= TIMES => {
            let why = given_up(unit, lane, known);
            let unit = unit.id.clone();
            return Next::Events(vec![Event::Rollout(RolloutEvent::LeftInPool { unit, why })]);
        }
        Some(known) => known.times + 1,
    };
    let effect = Effect {
        id: EffectId {
            target: Target::Pool(unit.id.clone()),
            attempt: lane.attempt,
            step: session.seq as u32,
        },
        work: Work::TakeOut { unit: unit.id.clone(), want: lane.to.clone() },
    };
    Next::Events(vec![
        Event::Rollout(RolloutEvent::PutBack { unit: unit.id.clone(), times }),
        Event::Effect(EffectEvent::Started { effect: effect.into() }),
    ])
}

fn given_up(unit: &Unit, lane: &Lane, known: &PutBack) -> String {
    let Unit { id, .. } = unit;
    let stands = stands(unit, lane);
    match &known.failed {
        Some(why) => format!("{id} {stands} and is in the pool, and can't be taken out: {why}"),
        None => format!(
            "{id} {stands} and is in the pool again after it was taken out {TIMES} times: something else puts it in"
        ),
    }
}

/// How a host stands that should not serve: `failed self-test`, `is at install`.
pub(super) fn stands(unit: &Unit, lane: &Lane) -> String {
    if unit.standby && !unit.out {
        return "stands by".to_owned();
    }
    let step = lane.step().word();
    match lane.state {
        LaneState::Failed { .. } => format!("failed {step}"),
        LaneState::Unknown { .. } => format!("stopped in {step}"),
        _ => format!("is at {step}"),
    }
}

/// It was seen in the pool, and is about to be taken out again.
pub fn put_back(session: &mut Session, unit: &UnitId, times: u32, at: &Stamped) {
    session.change_unit(unit, |unit| {
        unit.put_back = Some(PutBack { times, last: at.now, failed: None, left: None });
    });
}

/// It is left where it is, and a human is needed.
pub fn left(session: &mut Session, unit: &UnitId, why: &str, at: &Stamped) {
    session.change_unit(unit, |unit| {
        if let Some(known) = &mut unit.put_back {
            known.last = at.now;
            known.left = Some(why.to_owned());
        }
    });
    session.mark_notices();
}

/// The act of taking it out again has ended.
pub fn ended(session: &mut Session, id: &EffectId, outcome: &Outcome, at: &Stamped) {
    let Target::Pool(unit) = &id.target else { return };
    session.change_unit(unit, |unit| match outcome {
        Outcome::Done { .. } if unit.out || unit.standby => observed::drained(unit, at.now),
        Outcome::Failed { why, .. } | Outcome::Inconclusive { why } => {
            if let Some(known) = &mut unit.put_back {
                known.failed = Some(why.clone());
            }
        }
        Outcome::Done { .. } | Outcome::Cancelled | Outcome::Seen(_) => {}
    });
}

/// Nobody is needed any more for what keeps a host in the pool, and perhaps for nothing at all.
pub fn settled(session: &mut Session) {
    if !session.rollout.any_troubled() && !session.rollout.contested() {
        session.rollout.claim = None;
    }
    session.mark_notices();
}
