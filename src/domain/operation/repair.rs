//! Repairs that golive makes by itself: of whom, how often, how they ended, and whether they are suspended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::OperationEvent;
use crate::domain::{
    effect::{EffectId, Outcome, Target},
    event::Stamped,
    name::{EnvironmentName, PersonName, UnitId},
    plan::Repair,
    project::Left,
    session::Session,
    time::{Now, SessionTime, Span},
};

/// So many are remembered; the record has them all.
const FEED: usize = 50;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Repairs {
    /// Environments in which none begins by itself, and since when and why.
    pub paused: BTreeMap<EnvironmentName, Paused>,
    /// Hosts that were repaired, or given up.
    pub hosts: BTreeMap<UnitId, Mended>,
    /// The last ones, the newest at the end.
    pub feed: Vec<Repaired>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paused {
    /// None: golive stopped by itself, and asks a human.
    pub by: Option<PersonName>,
    pub reason: String,
    pub at: Now,
}

/// What was done for a host since it was last alive for a whole cool-down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mended {
    pub tries: u32,
    /// Repairs of it in this session: part of the effect ids.
    pub count: u32,
    pub last: Repaired,
    /// As many as the plan has did not help.
    pub given_up: Option<Now>,
    /// It was replaced for that, by this rule.
    pub replaced: bool,
    /// How much of its cool-down was over by the wall clock when this session was opened, of one that an earlier session
    /// repaired last.
    #[serde(default, skip_serializing_if = "none")]
    pub passed: Span,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
const fn none(passed: &Span) -> bool {
    passed.0 == 0
}

impl Mended {
    /// When its cool-down is over: until then it is not repaired again.
    pub fn free(&self, policy: &Repair) -> SessionTime {
        let left = Span(policy.cool_down.0.saturating_sub(self.passed.0));
        self.last.began.session.plus(left)
    }
}

/// One repair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repaired {
    pub unit: UnitId,
    /// The how manieth, from 1, of at most so many.
    pub attempt: u32,
    pub of: u32,
    pub began: Now,
    /// What came of the command; none: it runs, or it is not known how it ended.
    pub ended: Option<String>,
    /// Whether the host was seen to be alive after it; none: that is still to be seen.
    pub alive: Option<bool>,
    /// When the beat said so; none: that is still to be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Now>,
}

impl Repairs {
    fn change(&mut self, unit: &UnitId, change: impl FnOnce(&mut Repaired)) {
        let Some(mended) = self.hosts.get_mut(unit) else { return };
        change(&mut mended.last);
        if let Some(line) = self.feed.iter_mut().rev().find(|line| line.unit == *unit) {
            line.clone_from(&mended.last);
        }
    }

    /// The last repair of a host.
    pub fn last(&self, unit: &UnitId) -> Option<&Repaired> {
        self.hosts.get(unit).map(|mended| &mended.last)
    }
}

/// What an environment has golive do by itself; none: nothing.
pub fn policy<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<&'a Repair> {
    session.plan().environments.get(environment)?.repair.as_ref()
}

/// Whether a repair of this host is under way, as far as anybody knows.
pub(in crate::domain) fn under_repair(session: &Session, unit: &UnitId) -> bool {
    !session.operations.repairs.hosts.is_empty()
        && session.flights.get(&Target::Repair(unit.clone())).is_some()
}

/// What the session before this one left: what is suspended stays so, and who was given up is not repaired anew. Of a
/// cool-down the rest is left that the wall clock says; where that was set back it begins again.
pub(in crate::domain) fn carried(session: &mut Session, left: &Left) {
    let known = |environment: &EnvironmentName| session.plan().environments.contains_key(environment);
    let paused = left.paused.iter().filter(|(environment, _)| known(environment));
    let paused = paused.map(|(environment, paused)| (environment.clone(), paused.clone())).collect();
    let mended = left.mended.iter().filter(|(unit, _)| session.rollout.unit(unit).is_some());
    let hosts = mended.map(|(unit, it)| {
        let passed = session.now.wall.since(it.last.began.wall);
        let mut mended = Mended { count: 0, passed, ..it.clone() };
        mended.last.began.session = session.now.session;
        mended.last.alive = mended.last.alive.or(Some(false));
        (unit.clone(), mended)
    });
    let hosts = hosts.collect();
    let repairs = &mut session.operations.repairs;
    (repairs.paused, repairs.hosts) = (paused, hosts);
}

pub(super) fn apply(session: &mut Session, event: &OperationEvent, at: &Stamped) {
    let of = |unit: &UnitId| session.rollout.unit(unit).and_then(|it| policy(session, &it.environment));
    let of = match event {
        OperationEvent::RepairBegan { unit, .. } => of(unit).map_or(0, |policy| policy.attempts),
        OperationEvent::HostDied { unit, .. } => {
            long_alive(session, unit, event);
            return;
        }
        _ => 0,
    };
    let repairs = &mut session.operations.repairs;
    match event {
        OperationEvent::RepairBegan { unit, attempt } => {
            let last = Repaired {
                unit: unit.clone(),
                attempt: *attempt,
                of,
                began: at.now,
                ended: None,
                alive: None,
                judged: None,
            };
            repairs.feed.push(last.clone());
            if repairs.feed.len() > FEED {
                repairs.feed.remove(0);
            }
            let count = repairs.hosts.get(unit).map_or(0, |known| known.count) + 1;
            let mended =
                Mended { tries: *attempt, count, last, given_up: None, replaced: false, passed: Span::ZERO };
            repairs.hosts.insert(unit.clone(), mended);
        }
        OperationEvent::RepairJudged { unit, alive, .. } => {
            repairs.change(unit, |last| (last.alive, last.judged) = (Some(*alive), Some(at.now)));
        }
        OperationEvent::RepairGivenUp { unit, .. } => {
            if let Some(mended) = repairs.hosts.get_mut(unit) {
                mended.given_up = Some(at.now);
            }
        }
        OperationEvent::RepairsPaused { environment, reason } => {
            let by = at.actor.person().cloned();
            let paused = Paused { by, reason: reason.clone(), at: at.now };
            repairs.paused.insert(environment.clone(), paused);
        }
        OperationEvent::RepairsResumed { environment } => {
            repairs.paused.remove(environment);
        }
        _ => return,
    }
    session.mark_notices();
}

/// Whoever was alive for a whole cool-down before it died has its attempts anew.
fn long_alive(session: &mut Session, unit: &UnitId, event: &OperationEvent) {
    let back = session.operations.hearts.get(unit).and_then(|beats| beats.back.as_ref());
    let environment = session.rollout.unit(unit).map(|it| it.environment.clone());
    let cool_down = environment.and_then(|it| policy(session, &it)).map(|policy| policy.cool_down);
    let Some(cool_down) = cool_down else { return };
    // Of one that an earlier session repaired it counts from the beginning of this one.
    let lives = back.map_or(SessionTime::default(), |back| back.at.session);
    let OperationEvent::HostDied { since, .. } = event else { return };
    if since.session.since(lives) >= cool_down
        && let Some(mended) = session.operations.repairs.hosts.get_mut(unit)
    {
        (mended.tries, mended.given_up, mended.replaced) = (0, None, false);
    }
}

/// It is replaced because repairs did not help.
pub(super) fn replaced(session: &mut Session, units: &[UnitId]) {
    for unit in units {
        if let Some(mended) = session.operations.repairs.hosts.get_mut(unit) {
            mended.replaced = mended.given_up.is_some();
        }
    }
}

/// The command has ended. Whether it helped the beat says.
pub(in crate::domain) fn ended(session: &mut Session, id: &EffectId, outcome: &Outcome) {
    let Target::Repair(unit) = &id.target else { return };
    let said = match outcome {
        Outcome::Done { note, .. } if note.is_empty() => "the command ended well".to_owned(),
        Outcome::Done { note, .. } => note.clone(),
        Outcome::Failed { why, .. } => why.clone(),
        Outcome::Inconclusive { why } => format!("not decided: {why}"),
        Outcome::Cancelled => "cancelled".to_owned(),
        Outcome::Seen(_) => return,
    };
    session.operations.repairs.change(unit, |last| last.ended = Some(said));
}
