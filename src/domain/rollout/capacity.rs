//! Capacity under the minimum while a stage runs: recorded at once and nobody new is taken out; where it lasts,
//! somebody is called. Only what is known not to serve counts: no data is no outage.

use serde::{Deserialize, Serialize};

use super::{Budget, RolloutEvent, Unit, budget, part_budget, served};
use crate::domain::{
    event::{Event, Stamped},
    name::{ComponentName, EnvironmentName},
    session::{Next, Session},
    time::{Now, Span},
};

/// A dip that is over within this time calls nobody.
pub const CALLS_AFTER: Span = Span::secs(10);
/// One that comes again within this time is the same one: a fleet that flaps calls once.
const SAME_WITHIN: Span = Span::minutes(10);

/// Fewer hosts than the plan's minimum can be serving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shortage {
    pub why: String,
    /// When it began, dips shortly before included.
    pub since: Now,
    /// When capacity last fell.
    pub fell: Now,
    /// When it had lasted so long that somebody was called.
    pub low: Option<Now>,
    /// Somebody goes on although no more than so many can be serving: they started the stage, continued or rolled
    /// back knowing it.
    pub accepted: Option<u32>,
    pub over: Option<Now>,
}

impl Shortage {
    /// Under the minimum now, and nobody has accepted it.
    pub const fn stops(&self) -> bool {
        self.over.is_none() && self.accepted.is_none()
    }
}

/// How many can be serving at the most: all that are not known not to, up to the minimum; and, where several parts are
/// deployed, so many of each part, up to its own minimum. What one part has over its minimum makes up for no other.
fn possible(session: &Session, environment: &EnvironmentName) -> u32 {
    let (counts, down, _) = session.rollout.in_all(environment);
    let all = counts.hosts.saturating_sub(down);
    least(session, environment, all, |of| of.limits.hosts.saturating_sub(of.down()))
}

/// How many serve, in the same way.
fn available(session: &Session, environment: &EnvironmentName) -> u32 {
    least(session, environment, budget(session, environment).available, |of| of.available)
}

fn least(session: &Session, environment: &EnvironmentName, all: u32, of: impl Fn(&Budget) -> u32) -> u32 {
    if !session.plan().has_parts() {
        return all;
    }
    let own = |(_, part): (_, Budget)| part.limits.min_healthy.min(of(&part));
    let parts: u32 = parts(session, environment).into_iter().map(own).sum();
    all.min(budget(session, environment).limits.min_healthy) + parts
}

/// How many of that there have to be: the minimum, and that of each part besides.
fn minimum(session: &Session, environment: &EnvironmentName) -> u32 {
    let all = budget(session, environment).limits.min_healthy;
    if !session.plan().has_parts() {
        return all;
    }
    all + parts(session, environment).iter().map(|(_, part)| part.limits.min_healthy).sum::<u32>()
}

/// The parts of an environment, each with its budget.
fn parts<'a>(session: &'a Session, environment: &EnvironmentName) -> Vec<(&'a ComponentName, Budget)> {
    let Some(place) = session.plan().environments.get(environment) else { return Vec::new() };
    let mut names: Vec<&ComponentName> = place.pools.iter().map(|pool| &pool.component).collect();
    names.sort();
    names.dedup();
    names.into_iter().map(|name| (name, part_budget(session, environment, name))).collect()
}

fn is_short(session: &Session, environment: &EnvironmentName) -> bool {
    possible(session, environment) < minimum(session, environment)
}

/// The shortage that stops the line, in an environment where a stage is under way.
pub fn shortage(session: &Session) -> Option<(&EnvironmentName, &Shortage)> {
    if session.rollout.short.is_empty() {
        return None;
    }
    let mut places = session.pipeline.under_way().map(|run| &run.environment);
    places.find_map(|environment| {
        let short = session.rollout.short.get(environment).filter(|short| short.stops())?;
        Some((environment, short))
    })
}

/// What follows from the capacity of the environments where stages are under way.
pub fn next(session: &Session, now: Now) -> Next {
    let mut waits = Next::Nothing;
    for run in session.pipeline.under_way() {
        match next_in(session, &run.environment, now) {
            found @ Next::Events(_) => return found,
            other => waits = waits.or(|| other),
        }
    }
    waits
}

fn next_in(session: &Session, environment: &EnvironmentName, now: Now) -> Next {
    let (minimum, possible) = (minimum(session, environment), possible(session, environment));
    let known = session.rollout.short.get(environment).filter(|short| short.over.is_none());
    let one = |event| Next::Events(vec![Event::Rollout(event)]);
    let back = || available(session, environment) >= minimum;
    let is_back = known.is_some() && back();
    let environment = environment.clone();
    match known {
        None if possible < minimum => {
            let why = words(session, &environment);
            one(RolloutEvent::CapacityFell { environment, why })
        }
        // It is back when it is seen to be; while nobody knows, as after a restart, nothing changes.
        Some(_) if is_back => one(RolloutEvent::CapacityBack { environment }),
        Some(short) if short.accepted.is_some_and(|level| possible < level) => {
            let why = words(session, &environment);
            one(RolloutEvent::CapacityFell { environment, why })
        }
        Some(short) if short.low.is_none() && short.stops() && possible < minimum => {
            let called = short.fell.session.plus(CALLS_AFTER);
            if now.session < called {
                return Next::At(called);
            }
            let why = words(session, &environment);
            one(RolloutEvent::CapacityLow { environment, why })
        }
        _ => Next::Nothing,
    }
}

/// `capacity 1 of 3, minimum 2; web-02: connection refused`. Looks at every unit, so only where there is a shortage.
pub(super) fn words(session: &Session, environment: &EnvironmentName) -> String {
    let short = |(_, part): &(&ComponentName, Budget)| {
        part.limits.hosts.saturating_sub(part.down()) < part.limits.min_healthy
    };
    let part =
        if session.plan().has_parts() { parts(session, environment).into_iter().find(short) } else { None };
    let (of, budget) = match part {
        Some((name, part)) => (Some(name), part),
        None => (None, budget(session, environment)),
    };
    let in_part = |unit: &&Unit| of.is_none() || unit.component() == of;
    let figures = of.map_or_else(|| budget.words(), |name| format!("{name}: {}", budget.words()));
    let down = |unit: &&Unit| unit.environment == *environment && !unit.out && unit.known_not_to_serve();
    let mut down = session.rollout.units().iter().filter(in_part).filter(down);
    let (first, more) = (down.next(), down.count());
    let Some(unit) = first else { return figures };
    let why = unit.fresh().and_then(|seen| seen.why.as_deref()).unwrap_or("does not serve");
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    format!("{figures}; {}: {why}{more}", unit.id)
}

pub fn fell(session: &mut Session, environment: &EnvironmentName, why: &str, at: &Stamped) {
    let before = session.rollout.short.get(environment);
    let again = before
        .filter(|before| before.over.is_none_or(|over| at.now.session.since(over.session) <= SAME_WITHIN));
    let since = again.map_or(at.now, |before| before.since);
    let short = Shortage { why: why.to_owned(), since, fell: at.now, low: None, accepted: None, over: None };
    session.rollout.short.insert(environment.clone(), short);
}

pub fn low(session: &mut Session, environment: &EnvironmentName, why: &str, at: &Stamped) {
    if let Some(short) = session.rollout.short.get_mut(environment) {
        why.clone_into(&mut short.why);
        short.low = Some(at.now);
    }
    session.mark_notices();
}

pub fn back(session: &mut Session, environment: &EnvironmentName, at: &Stamped) {
    if let Some(short) = session.rollout.short.get_mut(environment) {
        short.over = Some(at.now);
    }
    if !session.rollout.any_troubled() {
        session.rollout.claim = None;
    }
    session.capacity_changed();
    session.mark_notices();
}

/// Somebody goes on knowing it.
pub fn accepted(session: &mut Session, environment: &EnvironmentName) {
    let possible = possible(session, environment);
    if let Some(short) = session.rollout.short.get_mut(environment).filter(|short| short.over.is_none()) {
        short.accepted = Some(possible);
    }
    session.capacity_changed();
    session.mark_notices();
}

pub fn all_accepted(session: &mut Session) {
    let environments: Vec<_> = session.rollout.short.keys().cloned().collect();
    for environment in &environments {
        accepted(session, environment);
    }
    served::accepted(session);
}

/// A stage starts: who starts it with too few hosts does so knowingly, perhaps to bring them back.
pub fn stage_started(session: &mut Session, environment: &EnvironmentName, at: &Stamped) {
    session.rollout.short.remove(environment);
    if is_short(session, environment) {
        let why = words(session, environment);
        fell(session, environment, &why, at);
        accepted(session, environment);
    }
}
