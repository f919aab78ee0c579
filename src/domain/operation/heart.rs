//! Whether hosts are alive: late where they miss beats, dead where they miss so many in a row as the plan says. What was
//! not looked at is not known, and misses nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::OperationEvent;
use crate::domain::{
    counted::counted,
    effect::Health,
    event::{Event, Stamped},
    plan::Heartbeat,
    rollout::{Lane, LaneState, Unit},
    session::{Next, Session},
    time::{Now, Span},
};

/// What is known of a host that was not seen to be alive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Beats {
    /// Seen not to be alive from then on, without a break; none: nobody has looked since, or it is alive.
    pub missing: Option<Now>,
    /// It was found to be dead, and is not alive again yet.
    pub dead: Option<Dead>,
    /// When it was seen to be alive again after it had been dead last.
    pub back: Option<Revived>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dead {
    /// When it was found to be.
    pub at: Now,
    /// The first beat that it missed.
    pub since: Now,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revived {
    pub at: Now,
    pub died: Now,
    /// From its first missed beat on.
    pub lasted: Span,
}

/// How a host stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heart {
    /// Nobody has looked lately.
    Unknown,
    /// It was taken out, or is worked on, and does not answer on purpose.
    AtWork,
    Alive,
    Late {
        missed: u32,
        of: u32,
        /// When the first of them was missed.
        since: Now,
    },
    Dead {
        missed: u32,
        /// When the first of them was missed.
        since: Now,
    },
}

impl Heart {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::AtWork => "at work",
            Self::Alive => "alive",
            Self::Late { .. } => "late",
            Self::Dead { .. } => "dead",
        }
    }
}

impl fmt::Display for Heart {
    /// `late, 2 of 3 beats missed`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("heartbeat unknown"),
            Self::AtWork => f.write_str("heartbeat not counted: it was taken out"),
            Self::Alive => f.write_str("alive"),
            Self::Late { missed, of, .. } => write!(f, "late, {missed} of {of} beats missed"),
            Self::Dead { missed, .. } => write!(f, "DEAD, {} missed", counted(u64::from(*missed), "beat")),
        }
    }
}

fn declared(session: &Session, unit: &Unit) -> Option<Heartbeat> {
    session.plan().environments.get(&unit.environment)?.heartbeat
}

/// How a host stands now; none: its environment has no heartbeat.
pub fn heart(session: &Session, unit: &Unit, now: Now) -> Option<Heart> {
    declared(session, unit).map(|beat| of(session, unit, beat, now))
}

/// Whether what it answers is its own matter: nobody has taken it out, nor is at work on it.
fn counts(session: &Session, unit: &Unit) -> bool {
    !unit.working() && !unit.out && has_a_release(session, unit)
}

/// Whether something should run there: it was brought there, it is seen or was seen to be well, or a go-live before this one proved it. A host
/// on which nothing was ever deployed misses nothing.
fn has_a_release(session: &Session, unit: &Unit) -> bool {
    let seen = unit.seen.as_ref().is_some_and(|at| at.seen.installed.is_some() || at.seen.runs.is_some());
    let done = |lane: &Lane| matches!(lane.state, LaneState::Done | LaneState::RolledBack);
    let joined = || session.pipeline.under_way().any(|run| run.joined.contains(&unit.id));
    let known = session.operations.hearts.get(&unit.id).is_some_and(|beats| beats.dead.is_some());
    let stages = || session.pipeline.stages.iter().filter(|run| run.environment == unit.environment);
    let first = || stages().any(|run| run.started.is_some() && run.from.is_none());
    let others = || session.rollout.any_installed(&unit.environment);
    let before = || session.course.proven.contains_key(&unit.environment) || others();
    seen || known || unit.served || unit.lane.as_ref().is_some_and(done) || !joined() && !first() && before()
}

pub(super) fn of(session: &Session, unit: &Unit, beat: Heartbeat, now: Now) -> Heart {
    if unit.working() || unit.out {
        return Heart::AtWork;
    }
    if !has_a_release(session, unit) && unit.fresh().is_none_or(|seen| seen.health != Health::Healthy) {
        return Heart::Unknown;
    }
    match unit.fresh().map(|seen| seen.health) {
        None | Some(Health::Unknown) => return Heart::Unknown,
        Some(Health::Healthy) => return Heart::Alive,
        Some(Health::Sick) => {}
    }
    let missing = session.operations.hearts.get(&unit.id).and_then(|beats| beats.missing);
    let Some(since) = missing else { return Heart::Unknown };
    let missed = missed(beat, since, now);
    if missed < beat.missed {
        Heart::Late { missed, of: beat.missed, since }
    } else {
        Heart::Dead { missed, since }
    }
}

/// The first is missed as soon as it is seen not to be alive.
fn missed(beat: Heartbeat, since: Now, now: Now) -> u32 {
    let more = now.session.since(since.session).0 / beat.every.0.max(1);
    u32::try_from(more).unwrap_or(u32::MAX).saturating_add(1)
}

/// Whether it misses beats already, as it is known before the next look.
pub(in crate::domain) fn misses(session: &Session, unit: &Unit) -> bool {
    unit.fresh().is_some_and(|seen| seen.health == Health::Sick) && counts(session, unit)
}

/// A look at a host was taken in, which missed beats before it or did not. What it did while somebody worked on it
/// counts from when that is over.
pub(in crate::domain) fn looked(session: &mut Session, index: u32, missed: bool, at: &Stamped) {
    let Some(unit) = session.rollout.at(index).filter(|unit| declared(session, unit).is_some()) else {
        return;
    };
    let misses = misses(session, unit);
    let hearts = &mut session.operations.hearts;
    if misses {
        let beats = hearts.entry(unit.id.clone()).or_default();
        beats.missing = beats.missing.filter(|_| missed).or(Some(at.now));
    } else if let Some(beats) = hearts.get_mut(&unit.id) {
        beats.missing = None;
        if beats.dead.is_none() && beats.back.is_none() {
            hearts.remove(&unit.id);
        }
    }
    session.mark_pipeline();
}

/// Nothing observed before now counts: whoever is dead stays so until it is seen to be alive.
pub(in crate::domain) fn stale(session: &mut Session) {
    super::scale::stale(session);
    for beats in session.operations.hearts.values_mut() {
        beats.missing = None;
    }
    session.operations.hearts.retain(|_, beats| beats.dead.is_some() || beats.back.is_some());
}

/// What follows: that a host is dead, or alive again, is a fact.
pub(super) fn next(session: &Session, now: Now) -> Next {
    let mut wake = Next::Nothing;
    for (id, beats) in &session.operations.hearts {
        let Some(unit) = session.rollout.unit(id) else { continue };
        let Some(beat) = declared(session, unit) else { continue };
        let event = match (of(session, unit, beat, now), &beats.dead) {
            (Heart::Dead { missed, since }, None) => {
                let why = unit.fresh().and_then(|seen| seen.why.clone());
                let why = why.unwrap_or_else(|| "it is not seen to be alive".to_owned());
                OperationEvent::HostDied { unit: id.clone(), missed, since, why }
            }
            (Heart::Alive, Some(dead)) => {
                let lasted = now.session.since(dead.since.session);
                OperationEvent::HostRevived { unit: id.clone(), lasted }
            }
            (Heart::Late { since, .. }, _) => {
                let more = u64::from(beat.missed.saturating_sub(1));
                let dies = since.session.plus(Span(beat.every.0.saturating_mul(more)));
                wake = wake.or(|| Next::At(dies));
                continue;
            }
            _ => continue,
        };
        return Next::Events(vec![Event::Operation(event)]);
    }
    wake
}

pub(super) fn apply(session: &mut Session, event: &OperationEvent, at: &Stamped) {
    let hearts = &mut session.operations.hearts;
    match event {
        OperationEvent::HostDied { unit, since, why, .. } => {
            let dead = Dead { at: at.now, since: *since, why: why.clone() };
            hearts.entry(unit.clone()).or_default().dead = Some(dead);
        }
        OperationEvent::HostRevived { unit, lasted } => {
            let beats = hearts.entry(unit.clone()).or_default();
            let died = beats.dead.take().map_or(at.now, |dead| dead.at);
            beats.back = Some(Revived { at: at.now, died, lasted: *lasted });
        }
        _ => return,
    }
    session.mark_notices();
}
