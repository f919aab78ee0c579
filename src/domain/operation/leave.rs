//! What follows by itself while hosts are out of traffic together: whoever stands by takes over, they leave, are watched
//! to get nothing, and come back. The way back is taken as soon as anything is not as it should be, asks for no leave,
//! and ends only when nobody is left out who could be brought back.

use super::{
    Operation, OperationEvent,
    absence::{Absence, counts, is_last, is_out},
    next::{stalls, taken},
    state,
};
use crate::domain::{
    effect::{Health, PoolState},
    event::Event,
    name::UnitId,
    plan::{DataCentre, SHIFT_WITHIN},
    rollout::{self, Lane, LaneState, RolloutEvent, Unit},
    session::{Next, Session},
    time::{Now, Span},
};

pub fn next(session: &Session, operation: &Operation, absence: &Absence, now: Now) -> Next {
    if absence.back.is_some() {
        return coming_back(session, operation, absence, now);
    }
    match early(session, operation, absence) {
        Some(why) => comes_back(operation, absence, Some(why)),
        None => leaving(session, operation, absence, now),
    }
}

fn comes_back(operation: &Operation, absence: &Absence, early: Option<String>) -> Next {
    let (environment, place) = (operation.environment.clone(), absence.asked.place.clone());
    Next::Events(vec![Event::Operation(OperationEvent::ComesBack { environment, place, early })])
}

/// Why they come back before their time; none: all is as it should be.
fn early(session: &Session, operation: &Operation, absence: &Absence) -> Option<String> {
    if let Some(why) = &operation.given_up {
        return Some(format!("given up: {why}"));
    }
    if let Some(why) = session.drills.running.as_ref().and_then(|attempt| attempt.unobserved.as_ref()) {
        return Some(why.clone());
    }
    if session.course.hold.is_some() {
        return Some("HOLD".to_owned());
    }
    if rollout::stopped(session) {
        let unit = session.rollout.troubled().next();
        return Some(unit.map_or_else(
            || "the line is stopped".to_owned(),
            |unit| format!("{} is {}", unit.id, unit.standing()),
        ));
    }
    let budget = rollout::budget(session, &operation.environment);
    if budget.available < budget.limits.min_healthy.max(1) {
        return Some(budget.words());
    }
    let all = operation.units.iter().chain(&absence.asked.carriers);
    let lanes = all.filter_map(|unit| Some((unit, operation.lane(session, unit)?)));
    let mut gone =
        lanes.filter(|(_, lane)| lane.set_aside || matches!(lane.state, LaneState::Excluded { .. }));
    if let Some((unit, _)) = gone.next() {
        return Some(format!("{unit} was left out"));
    }
    // Those that are out have to come back as they were.
    let out = operation.units.iter().filter(|unit| operation.lane(session, unit).is_some_and(is_out));
    for unit in out.filter_map(|unit| session.rollout.unit(unit)) {
        let sick = unit.fresh().filter(|seen| seen.health == Health::Sick);
        if let Some(seen) = sick {
            return Some(format!("{}: {}", unit.id, seen.why.as_deref().unwrap_or("it is not well")));
        }
        if absence.left.is_some() && unit.put_back.is_some() {
            return Some(format!("{} was put back into the pool by something else", unit.id));
        }
    }
    if let Some(why) = unwell_meanwhile(session, operation) {
        return Some(why);
    }
    // What was counted before they were seen to be out says how it was then.
    let counted = absence.counted.filter(|_| absence.left.is_some());
    counted.filter(|counted| counted.away > 0).map(|counted| {
        format!("{} of {} requests went there", counted.away, counted.away + counted.elsewhere)
    })
}

/// Whoever should serve meanwhile, is seen not to, and why.
fn unwell_meanwhile(session: &Session, operation: &Operation) -> Option<String> {
    let environment = &operation.environment;
    let should_serve = |unit: &&Unit| {
        unit.environment == *environment
            && !unit.out
            && !unit.standby
            && !unit.working()
            && !operation.units.contains(&unit.id)
            && !rollout::left_out(unit)
    };
    let mut units = session.rollout.units().iter().filter(should_serve);
    let unit = units.find(|unit| unit.known_not_to_serve())?;
    let why = unit.fresh().and_then(|seen| seen.why.as_deref()).unwrap_or("it gets no requests");
    Some(format!("{}, which serves meanwhile: {why}", unit.id))
}

/// Whoever takes over serves first; then they leave, one after the other within the budget.
fn leaving(session: &Session, operation: &Operation, absence: &Absence, now: Now) -> Next {
    let carriers = &absence.asked.carriers;
    let not_taken = |unit: &&UnitId| !operation.taken.contains(*unit);
    if let Some(unit) = carriers.iter().find(not_taken) {
        return taken(session, operation, unit, now);
    }
    let serves = |unit: &UnitId| operation.lane(session, unit).is_some_and(state::is_done);
    if !carriers.iter().all(serves) {
        return stalls(session, operation, now);
    }
    let waiting = operation.units.iter().find(not_taken);
    if let Some(unit) = waiting {
        // Proved anew before each of them.
        let carrier = absence.asked.takes_over.as_ref();
        if let Some(why) = rollout::can_not_carry(session, &operation.environment, &operation.units, carrier)
        {
            return comes_back(operation, absence, Some(why));
        }
        return taken(session, operation, unit, now);
    }
    let out = |unit: &UnitId| operation.lane(session, unit).is_some_and(is_out);
    if !operation.units.iter().all(out) {
        return stalls(session, operation, now);
    }
    match absence.left {
        None => watched(session, operation, absence, now),
        Some(left) => {
            let end = left.session.plus(absence.asked.lasts);
            if now.session >= end { comes_back(operation, absence, None) } else { Next::At(end) }
        }
    }
}

/// Whether they are seen to get no traffic. Telling a balancer so is not enough.
fn watched(session: &Session, operation: &Operation, absence: &Absence, now: Now) -> Next {
    let environment = &operation.environment;
    let requests = match still(session, operation, absence) {
        Ok(requests) => requests,
        Err(why) => {
            let spent = session.course.active(now.session).since(operation.progress);
            if spent < SHIFT_WITHIN {
                return Next::At(now.session.plus(Span(SHIFT_WITHIN.0 - spent.0)));
            }
            return comes_back(operation, absence, Some(why));
        }
    };
    let place = absence.asked.place.clone();
    let mut events = vec![Event::Operation(OperationEvent::TrafficLeft {
        environment: environment.clone(),
        place,
        requests,
    })];
    if let (Some(to), DataCentre::Cloud(from)) = (&absence.asked.takes_over, &absence.asked.place) {
        events.push(Event::Rollout(RolloutEvent::RoleSwitched {
            environment: environment.clone(),
            from: from.clone(),
            to: to.clone(),
            took: now.session.since(operation.began.session),
            requests,
        }));
    }
    Next::Events(events)
}

/// How many requests were seen to go elsewhere, where they are counted; else what says that it has not left.
fn still(session: &Session, operation: &Operation, absence: &Absence) -> Result<Option<u64>, String> {
    let units = operation.units.iter().filter_map(|unit| session.rollout.unit(unit));
    let mut said = units.filter(|unit| unit.fresh().is_none_or(|seen| seen.pool != PoolState::Out));
    if let Some(unit) = said.next() {
        return Err(format!("{} is not seen to be out of the pool", unit.id));
    }
    if !counts(session, &operation.environment) {
        return Ok(None);
    }
    match absence.counted {
        None => Err("no request was counted since it left".to_owned()),
        Some(counted) if counted.away > 0 => {
            Err(format!("{} of {} requests went there", counted.away, counted.away + counted.elsewhere))
        }
        Some(counted) if counted.elsewhere == 0 => {
            Err("no request came since it left: whether the others serve is not shown".to_owned())
        }
        Some(counted) => Ok(Some(counted.elsewhere)),
    }
}

/// What a host's last lane waits for.
enum Last {
    /// It begins.
    Begins,
    /// A step of the one before has to end.
    Waits,
    /// It is under way, or has ended.
    Has,
}

fn last_of(session: &Session, unit: &UnitId, lane: &Lane) -> Last {
    if is_last(lane) {
        return Last::Has;
    }
    let flies = session.flights.in_lane(unit).is_some();
    let probed = matches!(lane.state, LaneState::Interrupted | LaneState::Probed(_));
    if flies || probed { Last::Waits } else { Last::Begins }
}

/// Whether one more lane may be under way; that of the host itself ends with the next one.
fn free(session: &Session, operation: &Operation, unit: &UnitId) -> bool {
    let itself = session.rollout.unit(unit).is_some_and(Unit::working);
    itself || rollout::budget(session, &operation.environment).lane_free()
}

/// They serve again before whoever took over for them leaves.
fn coming_back(session: &Session, operation: &Operation, absence: &Absence, now: Now) -> Next {
    let lanes = |units: &'_ [UnitId]| -> Vec<(UnitId, Lane)> {
        let lane = |unit: &UnitId| Some((unit.clone(), operation.lane(session, unit)?.clone()));
        units.iter().filter_map(lane).collect()
    };
    let mut waits = false;
    for (unit, lane) in lanes(&operation.units) {
        match last_of(session, &unit, &lane) {
            // One that has a lane already needs no other: it never waits for those before it.
            Last::Begins if free(session, operation, &unit) => {
                let attempt = lane.attempt + 1;
                return Next::Events(vec![Event::Operation(OperationEvent::LaneBegan { unit, attempt })]);
            }
            Last::Begins | Last::Waits => waits = true,
            Last::Has => waits |= lane.open(),
        }
    }
    if waits {
        return stalls(session, operation, now);
    }
    let (environment, asked) = (&operation.environment, &absence.asked);
    if let (Some(to), DataCentre::Cloud(home)) = (&asked.takes_over, &asked.place) {
        let primary = rollout::primary(session, environment);
        // While nobody has looked, as after a restart, nobody knows who can.
        let mut home_units = operation.units.iter().filter_map(|unit| session.rollout.unit(unit));
        if operation.given_up.is_none() && home_units.any(|unit| unit.fresh().is_none()) {
            return stalls(session, operation, now);
        }
        let stood = lanes(&asked.carriers).iter().any(|(_, lane)| lane.stands_by);
        let left = stood || rollout::can_not_carry(session, environment, &[], Some(home)).is_none();
        // Whoever took over goes on serving where the other can't.
        if left && primary == Some(to) {
            return Next::Events(vec![Event::Rollout(RolloutEvent::RoleSwitched {
                environment: environment.clone(),
                from: to.clone(),
                to: home.clone(),
                took: absence.back.as_ref().map_or(Span::ZERO, |back| now.session.since(back.at.session)),
                requests: None,
            })]);
        }
        if left && let Some(next) = stand_by(session, operation, lanes(&asked.carriers), now) {
            return next;
        }
    }
    ended(session, operation, absence)
}

/// Whoever took over leaves; none: that is done.
fn stand_by(
    session: &Session,
    operation: &Operation,
    carriers: Vec<(UnitId, Lane)>,
    now: Now,
) -> Option<Next> {
    let stopped = rollout::stopped(session);
    let mut waits = false;
    for (unit, lane) in carriers {
        // It never came into traffic.
        if !lane.stands_by
            && session.rollout.unit(&unit).is_some_and(|unit| unit.standby)
            && !lane.state.under_way()
        {
            continue;
        }
        if lane.stands_by {
            waits |= lane.open();
            continue;
        }
        let flies = session.flights.in_lane(&unit).is_some();
        let probed = matches!(lane.state, LaneState::Interrupted | LaneState::Probed(_));
        if flies || probed || stopped || !free(session, operation, &unit) {
            waits = true;
            continue;
        }
        let attempt = lane.attempt + 1;
        return Some(Next::Events(vec![Event::Operation(OperationEvent::LaneBegan { unit, attempt })]));
    }
    waits.then(|| stalls(session, operation, now))
}

fn ended(session: &Session, operation: &Operation, absence: &Absence) -> Next {
    let came_through = |unit: &&UnitId| {
        operation.lane(session, unit).is_some_and(|lane| state::is_done(lane) && is_last(lane))
    };
    let (mut done, mut left): (Vec<&UnitId>, Vec<&UnitId>) = operation.units.iter().partition(came_through);
    for unit in &absence.asked.carriers {
        let stands = operation.lane(session, unit).is_some_and(|lane| state::is_done(lane) && lane.stands_by);
        if stands { done.push(unit) } else { left.push(unit) }
    }
    Next::Events(vec![Event::Operation(OperationEvent::Ended {
        kind: operation.kind,
        environment: operation.environment.clone(),
        done: done.into_iter().cloned().collect(),
        left: left.into_iter().cloned().collect(),
    })])
}
