//! What was observed of units, by a watch or by a lane's own step, and what that says of one that settles.

use super::{Direction, LaneState, SeenAt, Unit, converge, share, stray};
use crate::domain::{
    effect::{Health, LaneStep, PoolState, Seen},
    event::Stamped,
    name::UnitId,
    operation, pipeline,
    session::Session,
    time::{Now, SessionTime},
};

/// A watch saw a unit.
pub fn seen(session: &mut Session, unit: &UnitId, seen: &Seen, at: &Stamped) {
    let Some(index) = session.rollout.index_of(unit) else { return };
    let Some(before) = session.rollout.at(index) else { return };
    let missed = operation::misses(session, before);
    let contested = before.contested().is_some();
    let direction = before.lane.as_ref().map(|lane| lane.direction);
    let clock = session.course.lane_clock(direction.unwrap_or(Direction::Forward), at.now.session);
    // A balancer that could not be asked may have been started anew since.
    let was = before.seen.as_ref().map(|was| was.seen.pool);
    if was == Some(PoolState::Unknown) && seen.pool != PoolState::Unknown {
        let environment = before.environment.clone();
        share::told_again(session, |of| *of == environment);
    }
    session.change_unit_at(index, |unit| {
        unit.seen = Some(SeenAt { seen: seen.clone(), at: at.now, stale: false });
        unit.outside |= (unit.out || unit.standby) && seen.pool == PoolState::Out;
        settle(unit, at.now.session);
        converge::seen(unit, clock);
        // An excluded unit that somebody has put back by hand serves again.
        let ended = unit.lane.as_ref().is_some_and(|lane| lane.state.ended());
        if ended && seen.health == Health::Healthy && matches!(seen.pool, PoolState::In | PoolState::None) {
            unit.out = false;
        }
    });
    operation::looked(session, index, missed, at);
    pipeline::serves_by_now(session, unit);
    if contested && session.rollout.at(index).is_none_or(|unit| unit.contested().is_none()) {
        stray::settled(session);
    }
}

/// While settling, only an unbroken time counts in which it was seen to be healthy, and in the pool unless it stands by.
pub(super) fn settle(unit: &mut Unit, now: SessionTime) {
    let serves =
        |seen: &Seen| seen.health == Health::Healthy && matches!(seen.pool, PoolState::In | PoolState::None);
    let stands_by = unit.lane.as_ref().is_some_and(|lane| lane.stands_by);
    let healthy = unit
        .fresh()
        .is_some_and(|seen| if stands_by { seen.health == Health::Healthy } else { serves(seen) });
    if let Some(lane) = &mut unit.lane
        && let LaneState::Settling { healthy_since } = &mut lane.state
    {
        *healthy_since = if healthy { healthy_since.or(Some(now)) } else { None };
    }
}

/// A finished drain has shown that the unit is out of the pool: what says otherwise from now on is news.
pub fn drained(unit: &mut Unit, now: Now) {
    unit.outside = true;
    if let Some(seen) = unit.seen.as_mut().filter(|seen| !seen.stale)
        && matches!(seen.seen.pool, PoolState::In | PoolState::Draining | PoolState::Down)
    {
        seen.seen.pool = PoolState::Out;
        seen.at = now;
    }
}

/// It was shown that nothing runs on the unit: what was seen before says nothing any more.
pub fn stopped(unit: &mut Unit, now: Now) {
    if let Some(seen) = &mut unit.seen {
        seen.seen.health = Health::Sick;
        seen.seen.why = Some("stopped, and shown to be".to_owned());
        seen.at = now;
        seen.stale = false;
    }
}

/// What a finished step has shown of the unit, so that the budget need not wait for the watch.
pub fn by_lane(unit: &mut Unit, step: LaneStep, now: Now) {
    let Some(lane) = &unit.lane else { return };
    let before = unit.seen.as_ref().map(|seen| &seen.seen);
    let kept = before.and_then(|seen| seen.kept);
    let pool = match (step, before.map(|seen| seen.pool)) {
        (LaneStep::Rejoin, Some(PoolState::None)) => PoolState::None,
        (LaneStep::Rejoin, _) => PoolState::In,
        (_, Some(pool)) => pool,
        (_, None) => PoolState::Unknown,
    };
    let seen = Seen {
        health: Health::Healthy,
        runs: Some(lane.to.version.clone()),
        installed: Some(lane.to.clone()),
        pool,
        kept,
        why: None,
        ended: None,
        checked_in: None,
        stranger: None,
    };
    unit.seen = Some(SeenAt { seen, at: now, stale: false });
    settle(unit, now.session);
}

/// Nothing observed before now counts, and unobserved time settles nothing.
pub fn stale(session: &mut Session) {
    operation::stale(session);
    session.rollout.change_all(|unit| {
        if let Some(seen) = &mut unit.seen {
            seen.stale = true;
        }
        let state = unit.lane.as_mut().map(|lane| &mut lane.state);
        if let Some(
            LaneState::Settling { healthy_since: since } | LaneState::Converging { sick: since, .. },
        ) = state
        {
            *since = None;
        }
    });
}
