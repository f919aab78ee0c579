//! What follows by itself for hosts that are dead: a repair where nothing speaks against it, the verdict of the beat on
//! it, giving up, and a replacement where the plan says so. Where more hosts are dead than may be, golive stops and asks.

use super::{
    Heart, OperationEvent,
    command::begun,
    heart::heart,
    pending::{left_behind, pending},
    repair::{Mended, policy},
    words::beat_awaited,
};
use crate::domain::{
    counted::counted,
    effect::{Effect, EffectId, PoolState, Target, Work},
    effect_log::EffectEvent,
    event::Event,
    lock,
    name::{EnvironmentName, UnitId},
    plan::{Environment, Repair},
    rollout::{self, LaneState, Unit},
    session::{Next, Session},
    time::{Now, Span},
};

/// What can't be told by a mark is asked again this often.
const AGAIN: Span = Span::secs(5);

pub(super) fn next(session: &Session, now: Now) -> Next {
    let mut wake = Next::Nothing;
    for environment in session.plan().environments.values() {
        let Some(policy) = &environment.repair else { continue };
        match in_environment(session, environment, policy, now) {
            Next::Events(events) => return Next::Events(events),
            next => wake = wake.or(|| next),
        }
    }
    wake
}

/// What is under way at the end of a session is ended.
pub(super) fn given_up(session: &Session) -> Next {
    let repairs = session.flights.iter().filter(|it| matches!(it.effect.id.target, Target::Repair(_)));
    let open = repairs.filter(|flight| !flight.cancel_asked).map(|flight| flight.effect.id.clone()).next();
    open.map_or(Next::Nothing, |id| {
        let why = "the session is closed".to_owned();
        Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })])
    })
}

fn one(event: OperationEvent) -> Next {
    Next::Events(vec![Event::Operation(event)])
}

/// How the hosts of an environment stand, those apart that nobody expects to answer.
#[derive(Default)]
struct Hosts<'a> {
    dead: Vec<&'a Unit>,
    late: u32,
    unknown: u32,
}

fn hosts<'a>(session: &'a Session, environment: &EnvironmentName, now: Now) -> Hosts<'a> {
    let mut hosts = Hosts::default();
    for unit in session.rollout.units().iter().filter(|unit| unit.environment == *environment) {
        match heart(session, unit, now) {
            // Who was given up long since says nothing of what the others share.
            Some(Heart::Dead { .. }) if given_over(session, unit) => {}
            Some(Heart::Dead { .. }) => hosts.dead.push(unit),
            Some(Heart::Late { .. }) => hosts.late += 1,
            Some(Heart::Unknown) => hosts.unknown += 1,
            Some(Heart::Alive | Heart::AtWork) | None => {}
        }
    }
    hosts
}

/// Repairs did not help it, and nothing else is tried: it is a person's by now.
fn given_over(session: &Session, unit: &Unit) -> bool {
    let mended = session.operations.repairs.hosts.get(&unit.id);
    let replaced = policy(session, &unit.environment).is_some_and(|policy| policy.replace.is_some());
    mended.is_some_and(|mended| mended.given_up.is_some()) && !replaced
}

fn in_environment(session: &Session, environment: &Environment, policy: &Repair, now: Now) -> Next {
    let name = &environment.name;
    let repairs = &session.operations.repairs;
    let here = |unit: &UnitId| session.rollout.unit(unit).filter(|unit| unit.environment == *name);
    let mut wake = Next::Nothing;
    for (id, mended) in &repairs.hosts {
        let Some(unit) = here(id) else { continue };
        match judged(session, unit, mended, policy, now) {
            Next::Events(events) => return Next::Events(events),
            next => wake = wake.or(|| next),
        }
    }
    // Mostly every host is alive, and nothing is to be counted.
    let dies = |unit: &UnitId| here(unit).is_some() && session.operations.hearts[unit].missing.is_some();
    if !session.operations.hearts.keys().any(dies) {
        return wake;
    }
    let hosts = hosts(session, name, now);
    if hosts.dead.is_empty() || repairs.paused.contains_key(name) {
        return wake;
    }
    if let Some(reason) = too_many(session, name, policy, &hosts) {
        return one(OperationEvent::RepairsPaused { environment: name.clone(), reason });
    }
    if let Some(next) = replaced(session, name, policy, &hosts, now) {
        match next {
            Next::Events(events) => return Next::Events(events),
            next => wake = wake.or(|| next),
        }
    }
    for unit in &hosts.dead {
        match may(session, unit, policy, now) {
            Ok(()) => return begins(session, unit),
            Err(Waits::Until(at)) => wake = wake.or(|| Next::At(at)),
            Err(Waits::For(_)) => wake = wake.or(|| Next::At(now.session.plus(AGAIN))),
        }
    }
    wake
}

/// So many are dead at once that repairing one after another would hide what they share.
fn too_many(
    session: &Session,
    environment: &EnvironmentName,
    policy: &Repair,
    hosts: &Hosts<'_>,
) -> Option<String> {
    let (dead, all) = (hosts.dead.len(), session.rollout.counts(environment).hosts);
    (dead > policy.at_once as usize).then(|| {
        let all = counted(u64::from(all), "host");
        let most = policy.at_once;
        format!("{dead} of {all} dead, more than the {most} that may be repaired at once: look for what they share")
    })
}

/// Why repairs that are resumed now would stop again at once.
pub(super) fn stops_again(session: &Session, environment: &EnvironmentName, now: Now) -> Option<String> {
    let policy = policy(session, environment)?;
    too_many(session, environment, policy, &hosts(session, environment, now))
}

/// The beat says whether a repair helped; as long as the cool-down lasts it may still. Alive for a moment is no help.
fn judged(session: &Session, unit: &Unit, mended: &Mended, policy: &Repair, now: Now) -> Next {
    let id = &unit.id;
    if let Some(flight) = session.flights.get(&Target::Repair(id.clone())) {
        if !flight.cancel_asked
            && let Some(why) = gives_way(session, unit)
        {
            let id = flight.effect.id.clone();
            return Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })]);
        }
        return Next::Nothing;
    }
    let (unit_id, attempt) = (id.clone(), mended.last.attempt);
    if mended.last.alive.is_none() {
        let beats = session.operations.hearts.get(id);
        let dead = beats.is_some_and(|beats| beats.dead.is_some());
        if !dead {
            return one(OperationEvent::RepairJudged { unit: unit_id, attempt, alive: true });
        }
        let over = mended.free(policy);
        // Nobody judges what nobody sees: it is neither alive nor dead then.
        let seen = matches!(heart(session, unit, now), Some(Heart::Dead { .. }));
        if now.session < over || !seen {
            return Next::At(over.max(now.session.plus(AGAIN)));
        }
        return one(OperationEvent::RepairJudged { unit: unit_id, attempt, alive: false });
    }
    let dead = session.operations.hearts.get(id).is_some_and(|beats| beats.dead.is_some());
    let spent = (dead || mended.last.alive == Some(false)) && mended.tries >= policy.attempts;
    if spent && mended.given_up.is_none() {
        let tries = mended.tries;
        return one(OperationEvent::RepairGivenUp { unit: unit_id, tries });
    }
    Next::Nothing
}

/// Why a repair that is under way makes room.
fn gives_way(session: &Session, unit: &Unit) -> Option<String> {
    if comes_back(session, &unit.environment) {
        return Some("hosts are brought back".to_owned());
    }
    unit.working().then(|| "its lane begins".to_owned())
}

fn comes_back(session: &Session, environment: &EnvironmentName) -> bool {
    session.rollout.rollbacks.get(environment).is_some_and(|back| back.ended.is_none())
}

/// Why a dead host is not repaired now.
pub(super) enum Waits {
    /// Nothing but time.
    Until(crate::domain::time::SessionTime),
    /// Something else, in words that go on after "not repaired: ".
    For(String),
}

/// Whether a repair of a dead host may begin now.
pub(super) fn may(session: &Session, unit: &Unit, policy: &Repair, now: Now) -> Result<(), Waits> {
    let wait = |why: &str| Err(Waits::For(why.to_owned()));
    let environment = &unit.environment;
    let operations = &session.operations;
    if let Some(paused) = operations.repairs.paused.get(environment) {
        let who = paused.by.as_ref().map_or("golive", |by| by.as_str());
        return Err(Waits::For(format!("suspended by {who} ({})", paused.reason)));
    }
    if session.course.hold.is_some() {
        return wait("HOLD");
    }
    if comes_back(session, environment) {
        return wait("hosts are brought back");
    }
    if rollout::stopped(session) {
        return wait("the line is stopped, and needs a human");
    }
    if let Some(flight) = rollout::once_under_way(session) {
        return Err(Waits::For(format!("{} is under way", flight.effect.id.target)));
    }
    if let Some(obstacle) = lock::obstacle(session, environment, now) {
        return Err(Waits::For(obstacle.why));
    }
    if let Some(why) = put_out(session, unit) {
        return wait(why);
    }
    let hosts = hosts(session, environment, now);
    let gone = hosts.dead.len() as u32 + hosts.late + hosts.unknown;
    if gone > policy.at_once {
        return Err(Waits::For(format!(
            "{} not seen to be alive, more than the {} that may be repaired at once",
            counted(u64::from(gone), "host"),
            policy.at_once
        )));
    }
    let under_way = session.flights.iter().filter(|flight| {
        matches!(&flight.effect.id.target, Target::Repair(other)
            if session.rollout.unit(other).is_some_and(|it| it.environment == *environment))
    });
    if under_way.count() as u32 >= policy.at_once {
        return wait("another one is under way");
    }
    let Some(mended) = operations.repairs.hosts.get(&unit.id) else { return Ok(()) };
    if mended.given_up.is_some() {
        return Err(Waits::For(format!("{} did not help", counted(u64::from(mended.tries), "repair"))));
    }
    let free = mended.free(policy);
    if now.session < free {
        return Err(Waits::Until(free));
    }
    if mended.last.alive.is_none() { Err(Waits::Until(now.session.plus(AGAIN))) } else { Ok(()) }
}

/// Whoever was put out, or is dealt with, on purpose is left alone.
fn put_out(session: &Session, unit: &Unit) -> Option<&'static str> {
    let operations = &session.operations;
    if unit.out || unit.working() || unit.awaits_back {
        return Some("it was taken out");
    }
    if operations.flags.contains_key(&unit.id) {
        return Some("it is flagged for replacement");
    }
    let taken = operations.running.as_ref().is_some_and(|operation| {
        let carriers = operation.away.iter().flat_map(|away| &away.asked.carriers);
        operation.units.iter().chain(carriers).any(|id| *id == unit.id)
    });
    if taken {
        return Some("it is looked after otherwise");
    }
    let lane = unit.lane.as_ref();
    if lane.is_some_and(|lane| lane.set_aside || lane.state.stopped()) {
        return Some("its lane has stopped, and needs a human");
    }
    if lane.is_some_and(|lane| matches!(lane.state, LaneState::Excluded { .. } | LaneState::Gathered { .. }))
    {
        return Some("it was left out");
    }
    let out = unit.fresh().is_some_and(|seen| seen.pool == PoolState::Out);
    (out && !unit.standby).then_some("somebody took it out of the pool")
}

fn begins(session: &Session, unit: &Unit) -> Next {
    let known = session.operations.repairs.hosts.get(&unit.id);
    let attempt = known.map_or(0, |known| known.tries) + 1;
    let count = known.map_or(0, |known| known.count) + 1;
    let id = EffectId { target: Target::Repair(unit.id.clone()), attempt: count, step: 0 };
    let effect = Effect { id, work: Work::Repair { unit: unit.id.clone() } };
    Next::Events(vec![
        Event::Operation(OperationEvent::RepairBegan { unit: unit.id.clone(), attempt }),
        Event::Effect(EffectEvent::Started { effect: effect.into() }),
    ])
}

/// A host that was given up is replaced as by hand: flagged, committed, deployed; none: nobody is to be replaced.
fn replaced(
    session: &Session,
    environment: &EnvironmentName,
    policy: &Repair,
    hosts: &Hosts<'_>,
    now: Now,
) -> Option<Next> {
    let units: Vec<UnitId> =
        to_replace(session, policy, &hosts.dead).take(policy.replace? as usize).collect();
    if units.is_empty() {
        return None;
    }
    if against(session, environment, &units, now).is_some() {
        return Some(Next::At(now.session.plus(AGAIN)));
    }
    let Ok(begun) = begun(session, environment, units.clone(), None) else {
        return Some(Next::At(now.session.plus(AGAIN)));
    };
    let reason = format!("rule repair of {environment}: {} repairs did not help", policy.attempts);
    let flags = units.iter().map(|unit| {
        Event::Operation(OperationEvent::HostFlagged { unit: unit.clone(), reason: reason.clone() })
    });
    let mut events: Vec<Event> = flags.collect();
    let environment = environment.clone();
    events.push(Event::Operation(OperationEvent::ReplaceCommitted { environment, units }));
    events.push(begun);
    Some(Next::Events(events))
}

fn to_replace<'a>(
    session: &'a Session,
    policy: &'a Repair,
    dead: &'a [&'a Unit],
) -> impl Iterator<Item = UnitId> + 'a {
    let given_up = |unit: &&&Unit| {
        let known = session.operations.repairs.hosts.get(&unit.id);
        policy.replace.is_some() && known.is_some_and(|it| it.given_up.is_some() && !it.replaced)
    };
    dead.iter().filter(given_up).map(|unit| unit.id.clone())
}

/// What keeps hosts from being replaced by golive: whatever would keep a human from it, and what would make it wait.
pub(super) fn against(
    session: &Session,
    environment: &EnvironmentName,
    units: &[UnitId],
    now: Now,
) -> Option<String> {
    if let Some(paused) = session.operations.repairs.paused.get(environment) {
        return Some(format!("suspended ({})", paused.reason));
    }
    if let Some(obstacle) = pending(session, environment, units, now).first() {
        return Some(format!("{} {}", obstacle.what, obstacle.why));
    }
    if rollout::stopped(session) {
        return Some("the line is stopped".to_owned());
    }
    let mut found = units.iter().filter_map(|unit| session.rollout.unit(unit));
    if let Some(why) = found.find_map(|unit| put_out(session, unit)) {
        return Some(why.to_owned());
    }
    let mut found = units.iter().filter_map(|unit| session.rollout.unit(unit));
    let budget = rollout::budget(session, environment);
    if !budget.lane_free() || !found.all(|unit| rollout::may_take_out(session, unit)) {
        return Some(budget.words());
    }
    begun(session, environment, units.to_vec(), None).err().map(|refusal| refusal.reason)
}

/// What becomes of a dead host, in words: what is done about it by itself, or what it waits for.
pub(super) fn release(session: &Session, unit: &Unit, now: Now) -> String {
    let by_hand = "its recovery, or repairing it by hand";
    let Some(policy) = policy(session, &unit.environment) else { return by_hand.to_owned() };
    let repairs = &session.operations.repairs;
    let known = repairs.hosts.get(&unit.id);
    if let Some(flight) = session.flights.get(&Target::Repair(unit.id.clone())) {
        let (nth, of) = repairs.last(&unit.id).map_or((1, policy.attempts), |last| (last.attempt, last.of));
        if flight.effect.follows() {
            return format!("repair {nth} of {of} by golive {}", left_behind(flight));
        }
        let spent = Span::secs(now.session.since(flight.since).as_secs());
        return format!("repair {nth} of {of} by golive, for {spent}");
    }
    if let Some(mended) = known.filter(|mended| mended.given_up.is_some()) {
        let tries = counted(u64::from(mended.tries), "repair");
        if mended.replaced || policy.replace.is_none() {
            return format!("{tries} did not help: repair it by hand, or golive replace flag {}", unit.id);
        }
        return match against(session, &unit.environment, std::slice::from_ref(&unit.id), now) {
            Some(why) => format!("{tries} did not help; golive replaces it, and waits: {why}"),
            None => format!("{tries} did not help: golive replaces it"),
        };
    }
    match may(session, unit, policy, now) {
        Ok(()) => "golive repairs it".to_owned(),
        Err(Waits::Until(at)) => {
            let left = Span::secs(at.since(now.session).as_secs());
            beat_awaited(known.map_or(0, |known| known.tries), policy.attempts, left)
        }
        Err(Waits::For(why)) if repairs.paused.contains_key(&unit.environment) => {
            format!("repairs {why}; golive repair resume {}", unit.environment)
        }
        Err(Waits::For(why)) => format!("not repaired: {why}"),
    }
}
