//! Shares of the requests, where the balancer can give them: what it should hold, what it was told, and what follows.
//! What it was told is taken back when the release is over, one way or the other.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Direction, LaneState, LostShare, Served, Unit, budget, counting};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    effect::{Effect, EffectId, Outcome, PoolState, Share, Target, Work},
    effect_log::{EffectEvent, Flight},
    event::{Event, Stamped},
    lock,
    name::{EnvironmentName, UnitId},
    pipeline::{StageRun, StageState},
    plan::Weight,
    refusal::Refusal,
    session::{Next, Session},
    time::{Now, SessionTime},
};

/// What an environment's balancer was told in this session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// What was asked for last.
    pub asked: Option<Share>,
    pub answer: Answer,
    /// How the requests were shared out in fact since then; none: not counted yet, or too few.
    pub served: Option<Served>,
    /// Since when it holds what it was told last; none: it does not yet, or that was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<SessionTime>,
    /// On the way back, whether the other hosts can carry the rest.
    pub least: bool,
    /// It was seen to share otherwise since it was told this first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostShare>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Not yet, or nobody heard it.
    Awaited,
    /// Read back: it holds.
    Holds,
    Refused {
        why: String,
        since: SessionTime,
    },
}

/// On the way back the new version keeps no more than this, where the other hosts can carry the rest.
const LEAST: Weight = match Weight::new(1) {
    Some(weight) => weight,
    None => Weight::ALL,
};

/// How the requests should be shared out now; none: as the balancer is configured.
fn wanted(session: &Session, environment: &EnvironmentName) -> Option<Share> {
    if !session.plan().environments.get(environment)?.balancer.weighs() || session.course.is_over() {
        return None;
    }
    let running = session.pipeline.under_way_in(environment);
    if let Some(run) = running {
        let weight =
            run.weight().filter(|weight| *weight < Weight::ALL && run.state == StageState::Rolling)?;
        let canary: Vec<UnitId> = new_by_now(session, run).cloned().collect();
        // With none of them the others get all, as the balancer is configured.
        return Some(canary).filter(|it| !it.is_empty()).map(|it| among(session, environment, weight, it));
    }
    session.rollout.rollbacks.get(environment).filter(|rollback| rollback.ended.is_none())?;
    going_back(session, environment)
}

/// Hosts that have the new version by now, or are to have it: who was given up and who went back gets none of its share.
fn new_by_now<'a>(session: &'a Session, run: &'a StageRun) -> impl Iterator<Item = &'a UnitId> {
    let goes = |id: &&UnitId| {
        let lane = session.rollout.unit(id).and_then(|unit| unit.lane.as_ref());
        !lane.is_some_and(|lane| {
            matches!(lane.state, LaneState::Excluded { .. } | LaneState::Skipped | LaneState::RolledBack)
        })
    };
    new_before(session, run).chain(run.units_by_now().iter().filter(goes))
}

/// The share that the new version should have by now and of which it can have nothing: all of its hosts were given up, or
/// went back.
pub(super) fn of_nobody(session: &Session, run: &StageRun) -> Option<Weight> {
    let weight = run.weight().filter(|weight| *weight < Weight::ALL && run.state == StageState::Rolling)?;
    new_by_now(session, run).next().is_none().then_some(weight)
}

/// Hosts of the environment that have the new version from a stage before: what they get is part of its share.
fn new_before<'a>(session: &'a Session, run: &StageRun) -> impl Iterator<Item = &'a UnitId> {
    let name = run.name.clone();
    let environment = run.environment.clone();
    let stages = session.pipeline.stages.iter().take_while(move |before| before.name != name);
    let done = |id: &&UnitId| {
        let lane = session.rollout.unit(id).and_then(|unit| unit.lane.as_ref());
        lane.is_some_and(|lane| lane.state == LaneState::Done)
    };
    stages
        .filter(move |before| before.environment == environment)
        .flat_map(|before| &before.units)
        .filter(done)
}

/// What the hosts that still have the new version keep. The balancer is told anew when half of those are back of which it
/// was told last: of ten thousand hosts that come back one by one it hears a dozen times.
fn going_back(session: &Session, environment: &EnvironmentName) -> Option<Share> {
    let told = session.rollout.shares.get(environment)?;
    let asked = told.asked.as_ref()?;
    let back = |unit: &Unit| unit.lane.as_ref().is_some_and(|lane| lane.state == LaneState::RolledBack);
    let new =
        |id: &&UnitId| session.rollout.unit(id).is_some_and(|unit| unit.touched.is_some() && !back(unit));
    let left: Vec<&UnitId> = asked.canary.iter().filter(new).collect();
    if left.is_empty() {
        return None;
    }
    let half = left.len() * 2 <= asked.canary.len();
    let canary = if half { left.into_iter().cloned().collect() } else { asked.canary.clone() };
    // Of a share that stays each host keeps its part.
    let part = (u64::from(asked.weight.percent()) * canary.len() as u64).div_ceil(asked.canary.len() as u64);
    let part = u8::try_from(part).ok().and_then(Weight::new).unwrap_or(LEAST);
    Some(among(session, environment, if told.least { LEAST } else { part }, canary))
}

/// This share for those hosts. The rest goes to the others that are in the pool; whether one is of which nobody knows now
/// is as it was.
fn among(session: &Session, environment: &EnvironmentName, weight: Weight, canary: Vec<UnitId>) -> Share {
    let told = session.rollout.shares.get(environment).and_then(|told| told.asked.as_ref());
    let known = told.map_or(&[][..], |asked| &asked.away);
    let not_seen = |id: &&UnitId| session.rollout.unit(id).is_some_and(not_known);
    let mut away: Vec<UnitId> = known.iter().filter(not_seen).cloned().collect();
    let here = session.rollout.away().filter(|unit| unit.environment == *environment);
    away.extend(here.map(|unit| unit.id.clone()));
    if !away.is_empty() {
        let canary: BTreeSet<&UnitId> = canary.iter().collect();
        away.retain(|id| !canary.contains(id));
        away.sort();
    }
    Share { weight, canary, away }
}

/// What it is told of this now, and when to look again. A host that is back in the pool counts once it has stayed there
/// for as long as a host has to be well: until then the new version gets less than its share and never more, and of a host
/// that comes and goes the balancer hears as often as it stays. That one has left it hears at once.
fn by_now(
    session: &Session,
    environment: &EnvironmentName,
    share: Share,
    now: Now,
) -> (Share, Option<SessionTime>) {
    let told = session.rollout.shares.get(environment).and_then(|told| told.asked.as_ref());
    let Some(asked) = told.filter(|asked| differs_by_hosts_back(asked, &share)) else { return (share, None) };
    let stays = session.plan().environments.get(environment).map(|it| it.deadlines.min_healthy_time);
    let counts = |id: &UnitId| {
        let seen = session.rollout.unit(id).and_then(|unit| unit.seen.as_ref())?;
        let counts = seen.at.session.plus(stays?);
        (now.session < counts).then_some(counts)
    };
    let soon: Vec<(&UnitId, SessionTime)> = asked
        .away
        .iter()
        .filter(|id| !is_away(&share, id))
        .filter_map(|id| Some((id, counts(id)?)))
        .collect();
    let again = soon.iter().map(|(_, at)| *at).min();
    let mut away: Vec<UnitId> = share.away.iter().chain(soon.iter().map(|(id, _)| *id)).cloned().collect();
    away.sort();
    (Share { away, ..share }, again)
}

/// They are named in their order.
fn is_away(share: &Share, id: &UnitId) -> bool {
    share.away.binary_search(id).is_ok()
}

/// The same share of the same hosts, and somebody who was out is not any more.
fn differs_by_hosts_back(asked: &Share, share: &Share) -> bool {
    asked.weight == share.weight
        && asked.canary == share.canary
        && asked.away.iter().any(|id| !is_away(share, id))
}

/// The same but for hosts that are back by now: the new version gets its share, or less.
fn enough(asked: &Share, share: &Share) -> bool {
    asked == share || differs_by_hosts_back(asked, share) && share.away.iter().all(|id| is_away(asked, id))
}

/// Nobody has looked lately, or the balancer could not be asked.
fn not_known(unit: &Unit) -> bool {
    unit.fresh().is_none_or(|seen| seen.pool == PoolState::Unknown)
}

/// What balancers were told may have been forgotten, or there are other hosts: it is told again.
pub fn told_again(session: &mut Session, which: impl Fn(&EnvironmentName) -> bool) {
    for (environment, told) in &mut session.rollout.shares {
        if told.answer == Answer::Holds && which(environment) {
            told.answer = Answer::Awaited;
        }
    }
    session.mark_shares();
}

/// Hosts are to be brought back: those with the new version get as little as can be from now on, unless the others are
/// too few to carry the rest. A share never grows on the way back.
pub fn rollback_began(session: &mut Session, environment: &EnvironmentName) {
    let budget = budget(session, environment);
    let Some(asked) = session.rollout.shares.get(environment).and_then(|told| told.asked.as_ref()) else {
        return;
    };
    let serve =
        asked.canary.iter().filter(|id| session.rollout.unit(id).is_some_and(Unit::available)).count();
    let least = budget.available.saturating_sub(serve as u32) >= budget.limits.min_healthy;
    if let Some(told) = session.rollout.shares.get_mut(environment) {
        told.least = least;
    }
    session.mark_shares();
}

/// What the balancer holds of what a stage under way asked for.
pub(super) fn held<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<&'a Share> {
    let told = session.rollout.shares.get(environment).filter(|told| told.answer == Answer::Holds)?;
    let forward = session.pipeline.under_way_in(environment).is_some();
    told.asked.as_ref().filter(|_| forward && !session.course.is_over())
}

/// Whether the balancer holds what the stage's step asks for, so that a host may be taken.
pub fn shared(session: &Session, run: &StageRun) -> bool {
    match (wanted(session, &run.environment), session.rollout.shares.get(&run.environment)) {
        (None, None) => true,
        (Some(wanted), Some(Shares { asked: Some(asked), answer: Answer::Holds, .. })) => {
            enough(asked, &wanted)
        }
        _ => false,
    }
}

/// What follows: the balancer is told. What it refused is tried again when a person says so, or when something else is
/// to be told.
pub fn next(session: &Session, now: Now) -> Next {
    let mut waits = Next::Nothing;
    for environment in session.plan().environments.keys() {
        if let found @ Next::Events(_) = counting::next(session, environment) {
            return found;
        }
        let share = wanted(session, environment).map(|share| by_now(session, environment, share, now));
        let (share, again) = share.map_or((None, None), |(share, again)| (Some(share), again));
        waits = waits.or(|| again.map_or(Next::Nothing, Next::At));
        let told = session.rollout.shares.get(environment);
        let due = match told {
            None => share.is_some(),
            Some(told) => told.asked != share || told.answer == Answer::Awaited,
        };
        let target = Target::Share(environment.clone());
        match session.flights.get(&target) {
            Some(flight) if !flight.cancel_asked && told.is_some_and(|told| told.asked != share) => {
                let (id, why) = (flight.effect.id.clone(), "another share is wanted by now".to_owned());
                return Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })]);
            }
            None if due && may(session, environment, share.as_ref()) => {
                return Next::Events(vec![tell(session, environment, share)]);
            }
            _ => {}
        }
    }
    waits
}

/// The balancer is to be told so.
fn tell(session: &Session, environment: &EnvironmentName, share: Option<Share>) -> Event {
    let target = Target::Share(environment.clone());
    let id = EffectId { target, attempt: session.epoch, step: session.seq as u32 };
    let work = Work::Share { environment: environment.clone(), share };
    Event::Effect(EffectEvent::Started { effect: Effect { id, work }.into() })
}

/// Only whoever holds the environment changes it. What takes traffic from the new version is on the way back.
fn may(session: &Session, environment: &EnvironmentName, share: Option<&Share>) -> bool {
    let forward = share.is_some() && session.pipeline.under_way_in(environment).is_some();
    let direction = if forward { Direction::Forward } else { Direction::Back };
    lock::may_touch(session, environment, direction)
}

/// The balancer is being told.
pub fn started(session: &mut Session, effect: &Effect) {
    let Work::Share { environment, share } = &effect.work else { return };
    let before = session.rollout.shares.get(environment);
    let least = before.is_some_and(|told| told.least);
    // What somebody has tried again after a refusal counts anew.
    let same = |told: &&Shares| told.asked == *share && !matches!(told.answer, Answer::Refused { .. });
    let lost = before.filter(same).and_then(|told| told.lost);
    // It goes on being off where no more was told than who is in the pool.
    let as_before = |told: &&Shares| match (&told.asked, share) {
        (Some(asked), Some(share)) => {
            (asked.weight, &asked.canary) == (share.weight, &share.canary) && asked.away != share.away
        }
        _ => false,
    };
    let served = before.filter(as_before).and_then(|told| told.served);
    let told = Shares { asked: share.clone(), answer: Answer::Awaited, served, since: None, least, lost };
    session.rollout.shares.insert(environment.clone(), told);
    session.mark_shares();
    session.mark_pipeline();
    session.mark_locks();
}

pub fn ended(session: &mut Session, flight: &Flight, outcome: &Outcome, at: &Stamped) {
    let Work::Share { environment, share } = &flight.effect.work else { return };
    if let Some(told) = session.rollout.shares.get_mut(environment) {
        told.answer = match outcome {
            Outcome::Done { .. } => Answer::Holds,
            Outcome::Failed { why, .. } | Outcome::Inconclusive { why } => {
                Answer::Refused { why: why.clone(), since: at.now.session }
            }
            Outcome::Cancelled | Outcome::Seen(_) => Answer::Awaited,
        };
        told.since = (told.answer == Answer::Holds).then_some(at.now.session);
        if share.is_none() && told.answer == Answer::Holds {
            session.rollout.shares.remove(environment);
        }
    }
    session.capacity_changed();
    session.mark_shares();
    session.mark_pipeline();
    session.mark_locks();
    session.mark_notices();
}

/// Whether a balancer still holds what it was told. One that has refused to give it up can be told again until the
/// session is closed.
pub fn stands(session: &Session, environment: &EnvironmentName) -> bool {
    let told = session.rollout.shares.get(environment);
    told.is_some_and(|told| !matches!(told.answer, Answer::Refused { .. }) || !session.course.is_over())
}

/// What a balancer refused: where, why, and since when.
pub fn refused(session: &Session) -> impl Iterator<Item = (&EnvironmentName, &str, SessionTime)> {
    session.rollout.shares.iter().filter_map(|(environment, told)| match &told.answer {
        Answer::Refused { why, since } => Some((environment, why.as_str(), *since)),
        Answer::Awaited | Answer::Holds => None,
    })
}

/// Somebody tries it again.
pub fn share_again(
    session: &Session,
    environment: &EnvironmentName,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    if !refused(session).any(|(of, ..)| of == environment) {
        return Err(Refusal::rule(
            format!("the balancer of {environment} has refused no share"),
            "nothing: there is nothing to try again",
        ));
    }
    let share = wanted(session, environment);
    if !may(session, environment, share.as_ref()) {
        return Err(Refusal::rule(format!("{environment} is not locked by this session"), "its lock"));
    }
    Ok(vec![tell(session, environment, share)])
}

/// Whether the shares that the stage is at were given by its balancer: otherwise its numbers of hosts stand for them.
pub fn weighs(session: &Session, run: &StageRun) -> bool {
    session.plan().environments.get(&run.environment).is_some_and(|it| it.balancer.weighs())
}
