//! What follows by itself for one unit, and for the line as a whole. Each answers with events, or with the
//! session time at which to ask again.

use super::{
    Direction, Lane, LaneState, Rollback, RolloutEvent, Unit, budget,
    budget::{may_take_out, part_lane_free, part_may},
    clouds, converge, desire, gather, once, once_back, share, shortage, sides, spare, stray,
};
use crate::domain::{
    effect::{Candidate, Effect, EffectId, Health, LaneStep, PoolState, Seen, Target, Work},
    effect_log::{EffectEvent, Flight},
    event::Event,
    lock,
    name::EnvironmentName,
    operation,
    pipeline::{self, StageState},
    plan::Deadlines,
    session::{Next, Session},
    signal,
    time::{Now, Span},
};

/// Effects of probes get step numbers of their own.
const PROBE: u32 = 100;

/// What follows for one unit.
pub fn unit(session: &Session, index: u32, now: Now) -> Next {
    let Some(unit) = session.rollout.at(index) else { return Next::Nothing };
    let Some(lane) = &unit.lane else { return Next::Nothing };
    match stray::next(session, unit, lane, now) {
        Next::Events(events) => Next::Events(events),
        place => place.or(|| in_its_lane(session, unit, lane, now)),
    }
}

fn in_its_lane(session: &Session, unit: &Unit, lane: &Lane, now: Now) -> Next {
    let flight = session.flights.in_lane(&unit.id);
    match gather::second(session, unit, lane, flight, now) {
        Next::Events(events) => Next::Events(events),
        waits => waits.or(|| on_its_way(session, unit, lane, flight, now)),
    }
}

fn on_its_way(session: &Session, unit: &Unit, lane: &Lane, flight: Option<&Flight>, now: Now) -> Next {
    let drifts =
        if session.course.is_over() { Next::Nothing } else { converge::drifts(session, unit, lane, now) };
    match drifts {
        Next::Events(events) => Next::Events(events),
        waits => waits.or(|| in_its_state(session, unit, lane, flight, now)),
    }
}

fn in_its_state(session: &Session, unit: &Unit, lane: &Lane, flight: Option<&Flight>, now: Now) -> Next {
    if session.course.is_over() || unit.awaits_back || lane.state.ended() {
        // Given up or turned round: what is under way is cancelled first; the line starts the way back.
        return flight.map_or(Next::Nothing, |flight| cancel(flight, "the lane was given up"));
    }
    let environment = session.plan().environments.get(&unit.environment);
    let deadlines = environment.map_or_else(Deadlines::default, |environment| environment.deadlines);
    if let Some(events) = broke(unit, lane, flight) {
        return Next::Events(events);
    }
    match &lane.state {
        LaneState::Ready => ready(session, unit, lane),
        LaneState::Converging { other, sick } => converge::next(session, unit, lane, (*other, *sick), now),
        LaneState::Settling { healthy_since: Some(since) } => {
            let end = since.plus(deadlines.min_healthy_time);
            if now.session >= end {
                return one(RolloutEvent::UnitDone { unit: unit.id.clone() });
            }
            Next::At(end)
        }
        LaneState::Interrupted if flight.is_none() => probe(unit, lane),
        LaneState::Working | LaneState::Interrupted | LaneState::Settling { healthy_since: None } => {
            let spent = session.course.lane_clock(lane.direction, now.session).since(lane.started);
            match deadlines.healthy_deadline.0.checked_sub(spent.0).filter(|left| *left > 0) {
                // Going forward a deadline stands still while held; lifting the hold asks again.
                Some(_) if lane.direction == Direction::Forward && session.course.hold.is_some() => {
                    Next::Nothing
                }
                Some(left) => Next::At(now.session.plus(Span(left))),
                None => timed_out(unit, lane, &deadlines, flight),
            }
        }
        LaneState::Failed { .. } => {
            flight.map_or_else(|| tolerated(session, unit, lane), |flight| cancel(flight, "the lane failed"))
        }
        LaneState::Probed(seen) => one(after_probe(session, unit, lane, seen)),
        _ => Next::Nothing,
    }
}

fn one(event: RolloutEvent) -> Next {
    Next::Events(vec![Event::Rollout(event)])
}

fn cancel(flight: &Flight, why: &str) -> Next {
    if flight.cancel_asked {
        return Next::Nothing;
    }
    let id = flight.effect.id.clone();
    Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why: why.into() })])
}

/// A failure that the plan lets a batch have does not stop the line.
fn tolerated(session: &Session, unit: &Unit, lane: &Lane) -> Next {
    if lane.set_aside || lane.direction == Direction::Back {
        return Next::Nothing;
    }
    let run = session.pipeline.run(&lane.stage);
    let Some(of) = run.and_then(|run| run.batches.get(lane.batch as usize)) else { return Next::Nothing };
    let failed = session.rollout.fell(&unit.environment, lane.batch);
    if failed > of.tolerates {
        return Next::Nothing;
    }
    one(RolloutEvent::Tolerated { unit: unit.id.clone(), failed, of: *of })
}

/// A service that was started and has ended by itself failed now, not at its deadline. (In the other steps the
/// engine looks for that itself.)
fn broke(unit: &Unit, lane: &Lane, flight: Option<&Flight>) -> Option<Vec<Event>> {
    let serves = match lane.state {
        LaneState::Settling { .. } => true,
        LaneState::Working => lane.step() == LaneStep::SelfTest,
        _ => false,
    };
    let seen = unit.seen.as_ref().filter(|seen| serves && !seen.stale)?;
    let words = seen.seen.ended.as_ref().filter(|_| seen.at.session >= lane.step_since)?;
    let mut events = vec![Event::Rollout(RolloutEvent::LaneBroke {
        unit: unit.id.clone(),
        step: lane.step(),
        why: seen.seen.why.clone().unwrap_or_else(|| "the process ended".into()),
        evidence: (!words.is_empty()).then(|| words.clone()),
    })];
    if let Some(flight) = flight.filter(|flight| !flight.cancel_asked) {
        let id = flight.effect.id.clone();
        events.push(Event::Effect(EffectEvent::CancelAsked { id, why: "the process ended".into() }));
    }
    Some(events)
}

fn timed_out(unit: &Unit, lane: &Lane, deadlines: &Deadlines, flight: Option<&Flight>) -> Next {
    let mut events = vec![Event::Rollout(RolloutEvent::LaneTimedOut {
        unit: unit.id.clone(),
        step: lane.step(),
        why: format!("not healthy within {}{}", deadlines.healthy_deadline, last_seen(unit, lane)),
    })];
    if let Some(flight) = flight.filter(|flight| !flight.cancel_asked) {
        let id = flight.effect.id.clone();
        events.push(Event::Effect(EffectEvent::CancelAsked { id, why: "out of time".into() }));
    }
    Next::Events(events)
}

/// What the last look at the host since the step began found wrong: "not healthy" alone helps nobody.
fn last_seen(unit: &Unit, lane: &Lane) -> String {
    let seen = unit.seen.as_ref().filter(|seen| seen.at.session >= lane.step_since && !seen.stale);
    let why = seen.filter(|seen| seen.seen.health == Health::Sick).and_then(|seen| seen.seen.why.as_deref());
    why.map_or_else(String::new, |why| format!("; last seen: {why}"))
}

/// Whether the line takes no further host.
pub fn stopped(session: &Session) -> bool {
    session.course.hold.is_some()
        || session.rollout.any_troubled()
        || session.rollout.stalled.is_some()
        || session.rollout.contested()
        || session.rollout.called().next().is_some()
        || lock::refused(session)
        || share::refused(session).next().is_some()
        || desire::refused(session).next().is_some()
        || signal::alarms(session).next().is_some()
        || once::refused(session).next().is_some()
        || shortage(session).is_some()
        || fails_beside(session)
}

/// A validation of another stage under way did not pass: what fails stops the line for all.
fn fails_beside(session: &Session) -> bool {
    let pipeline = &session.pipeline;
    let others = || pipeline.under_way().filter(|run| run.state != StageState::Rolling);
    pipeline.branches() && others().any(|run| pipeline::has_failed(session, run))
}

/// Starts the next step, where the budget allows it.
fn ready(session: &Session, unit: &Unit, lane: &Lane) -> Next {
    let step = lane.step();
    let back = operation::comes_back(session, unit);
    if operation::leaves_no_more(session, unit) {
        return Next::WhenCapacity;
    }
    let direction = if back { Direction::Back } else { lane.direction };
    if !lock::may_touch(session, &unit.environment, direction) {
        return Next::WhenCapacity;
    }
    // Its repair is being cancelled: its end asks again.
    if operation::under_repair(session, &unit.id) {
        return Next::WhenCapacity;
    }
    // It is being taken out again, and that is being cancelled: its end asks again.
    if matches!(step, LaneStep::Drain | LaneStep::Rejoin) && session.flights.at_pool(&unit.id).is_some() {
        return Next::Nothing;
    }
    if step.takes_out() && !unit.out {
        // A hold or a failure lets hosts under way finish; one that has only fetched is not under way yet.
        if lane.direction == Direction::Forward && stopped(session) {
            return Next::WhenCapacity;
        }
        if !may_take_out(session, unit) {
            return Next::WhenCapacity;
        }
    }
    // Whatever was shown before: where another version runs by now, this one is not started beside it.
    if lane.has_to_prove()
        && matches!(step, LaneStep::Install | LaneStep::Start)
        && gather::another_runs(session, &unit.environment, &lane.to.version)
    {
        return Next::WhenCapacity;
    }
    let work =
        Work::Step { unit: unit.id.clone(), step, want: lane.to.clone(), keep: keep(session, unit, lane) };
    start(unit, lane, lane.at as u32, work)
}

/// Releases that must survive: the way back, the wanted one, and what is installed.
fn keep(session: &Session, unit: &Unit, lane: &Lane) -> Vec<Candidate> {
    let back = super::readiness::target(session, &unit.environment).map(|back| back.of(unit.component()));
    let installed = unit.seen.as_ref().and_then(|seen| seen.seen.installed.as_ref());
    let mut keep = Vec::with_capacity(3);
    for release in [Some(&lane.to), back.as_ref(), installed].into_iter().flatten() {
        if !keep.contains(release) {
            keep.push(release.clone());
        }
    }
    keep.sort();
    keep
}

fn start(unit: &Unit, lane: &Lane, step: u32, work: Work) -> Next {
    let id = EffectId { target: Target::Unit(unit.id.clone()), attempt: lane.attempt, step };
    Next::Events(vec![Event::Effect(EffectEvent::Started { effect: Effect { id, work }.into() })])
}

fn probe(unit: &Unit, lane: &Lane) -> Next {
    let work = Work::Probe { unit: unit.id.clone(), want: lane.to.clone() };
    start(unit, lane, PROBE + lane.at as u32, work)
}

/// After an interruption: what is repeatable is repeated ("ensure" finds it done, or does it); what is not, and
/// can't be seen to be done, is a human's to decide.
fn after_probe(session: &Session, unit: &Unit, lane: &Lane, seen: &Seen) -> RolloutEvent {
    let step = lane.step();
    let plan = session.plan();
    let driver = plan.environments.get(&unit.environment).map(|it| plan.driver(it, unit.component()));
    let repeatable = match (step.verb(), driver) {
        (None, _) => true,
        (Some(verb), Some(driver)) => driver.repeatable(verb),
        (Some(_), None) => false,
    };
    let id = unit.id.clone();
    if repeatable {
        return RolloutEvent::LaneResumed { unit: id, step };
    }
    let reached = match step {
        LaneStep::Install => seen.installed.as_ref() == Some(&lane.to),
        LaneStep::Start => seen.health == Health::Healthy && seen.runs.as_ref() == Some(&lane.to.version),
        LaneStep::Stop => seen.runs.is_none(),
        LaneStep::Drain => seen.pool == PoolState::Out,
        LaneStep::Rejoin => matches!(seen.pool, PoolState::In | PoolState::None),
        LaneStep::Fetch
        | LaneStep::Prove
        | LaneStep::Replace
        | LaneStep::SelfTest
        | LaneStep::Alive
        | LaneStep::Converge
        | LaneStep::Settle => false,
    };
    if reached {
        let after = lane.steps.get(lane.at + 1).copied().unwrap_or(LaneStep::Settle);
        return RolloutEvent::LaneResumed { unit: id, step: after };
    }
    let why = format!("{} was interrupted and may not be repeated by itself", step.word());
    RolloutEvent::LaneUnknown { unit: id, why }
}

/// The way back in one environment: the next lane back, or its end.
pub fn back(session: &Session, environment: &EnvironmentName, now: Now) -> Next {
    let Some(rollback) = session.rollout.rollbacks.get(environment) else { return Next::Nothing };
    if rollback.ended.is_some() {
        return Next::Nothing;
    }
    if !rollback.narrow
        && let Some(waits) = once_back::before_hosts(session, environment)
    {
        return waits;
    }
    let budget = budget(session, environment);
    let stopped = session.rollout.troubled().any(|unit| {
        unit.environment == *environment
            && unit.lane.as_ref().is_some_and(|lane| lane.direction == Direction::Back)
    });
    let stopped = stopped || !lock::may_touch(session, environment, Direction::Back);
    let (mut waiting, mut blocked) = (false, false);
    for index in session.rollout.back() {
        let Some(unit) = session.rollout.at(index).filter(|unit| unit.environment == *environment) else {
            continue;
        };
        waiting = true;
        // They go back by themselves once the store says so, all of them.
        if session.plan().converges(environment).is_some() {
            break;
        }
        // Nobody leaves before the cloud serves that served before.
        if clouds::waits(session, rollback, unit) {
            continue;
        }
        // A part that has to keep its hosts keeps nobody else from going back.
        if !part_may(session, unit) || !part_lane_free(session, unit) {
            continue;
        }
        blocked = !budget.may_take_out(unit);
        if stopped || !budget.lane_free() || blocked {
            break;
        }
        // A unit whose step is still being cancelled is passed over; its end asks again.
        if session.flights.in_lane(&unit.id).is_some() {
            continue;
        }
        if let Some(lane) = unit.lane.as_ref().filter(|_| !unit.awaits_back) {
            if rollback.stops_all() && gather::another_runs(session, environment, &rollback.to.version) {
                break;
            }
            return one(RolloutEvent::WentOn { unit: unit.id.clone(), step: lane.step() });
        }
        let attempt = unit.lane.as_ref().map_or(unit.tries, |lane| lane.attempt) + 1;
        let (unit, to) = (unit.id.clone(), rollback.to.of(unit.component()));
        return one(RolloutEvent::LaneStarted { unit, direction: Direction::Back, to, attempt });
    }
    if stopped {
        return Next::WhenCapacity;
    }
    if let Some(events) = clouds::switched_back(session, environment, rollback, waiting, now) {
        return Next::Events(events.into_iter().map(Event::Rollout).collect());
    }
    if let Some(event) = sides::switched(session, environment, rollback, (waiting, blocked), now) {
        return one(event);
    }
    // One that has fetched and waits for capacity counts as working.
    if waiting || budget.working > 0 {
        return back_stalls(session, environment, rollback, now);
    }
    if rollback.stops_all() && !rollback.gathered {
        if gather::in_the_way(session, environment, &rollback.units, &rollback.to.version).is_some() {
            return back_stalls(session, environment, rollback, now);
        }
        return one(RolloutEvent::BackGathered { environment: environment.clone() });
    }
    // What came in for the way back leaves again.
    if let Some(leave) = spare::spares_leave(session, &rollback.units) {
        return leave;
    }
    if !rollback.narrow
        && let Some(waits) = once_back::after_hosts(session, environment)
    {
        return waits;
    }
    let lanes = || rollback.units.iter().filter_map(|unit| session.rollout.unit(unit));
    let back =
        |unit: &&Unit| matches!(unit.lane.as_ref().map(|lane| &lane.state), Some(LaneState::RolledBack));
    Next::Events(vec![Event::Rollout(RolloutEvent::RollbackEnded {
        environment: environment.clone(),
        to: rollback.to.clone(),
        units: lanes().filter(back).count() as u32,
        left: lanes().filter(|unit| !back(unit)).map(|unit| unit.id.clone()).collect(),
        narrow: rollback.narrow,
    })])
}

/// The way back never ends in silence: where no host came back for long, a human is called.
fn back_stalls(session: &Session, environment: &EnvironmentName, rollback: &Rollback, now: Now) -> Next {
    if session.rollout.stalled.is_some() {
        return Next::WhenCapacity;
    }
    let deadlines = session.plan().environments.get(environment).map(|environment| environment.deadlines);
    let limit = deadlines.unwrap_or_default().progress_deadline;
    let end = rollback.progress.plus(limit);
    if now.session < end {
        return Next::At(end);
    }
    let other = gather::in_the_way(session, environment, &rollback.units, &rollback.to.version);
    let why = match other.filter(|_| rollback.stops_all()) {
        Some(other) => format!("rollback: no host came back for {limit}; {other}"),
        None => format!("rollback: no host came back for {limit}; {}", budget(session, environment).words()),
    };
    one(RolloutEvent::Stalled { why })
}
