//! Hosts that agents change: when one has converged, is late, or has drifted. Nothing here touches a host.

use serde::{Deserialize, Serialize};

use super::{
    Direction, FoundAt, Lane, LaneState, RolloutEvent, StepDone, Unit, board, observed, state, trouble,
};
use crate::domain::{
    desired::Wish,
    effect::{Health, LaneStep},
    event::{Event, Stamped},
    name::{EnvironmentName, UnitId, Version},
    plan::{Converge, Deadlines},
    session::{Next, Session},
    time::{Now, SessionTime, Span, WallTime},
};

/// A host that had converged, and was then seen to run something else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// Since when, and what it runs; none: it runs what is desired again.
    pub now: Option<(Now, Version)>,
    /// How often it was seen to.
    pub times: u32,
    /// It stayed so for longer than its agent needs to mend it, and a human was called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<Now>,
}

/// When an agent looked last, and when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    pub last: WallTime,
    /// When it is expected to look next.
    pub next: WallTime,
    /// It has missed that by more than is tolerated.
    pub late: bool,
    /// How many times it should have looked since.
    pub missed: u32,
    /// Its clock is ahead of ours by so much, and by more than is tolerated: when it looked is not known.
    pub ahead: Option<Span>,
}

impl CheckIn {
    /// Whether it is known to look in time.
    pub const fn in_time(&self) -> bool {
        !self.late && self.ahead.is_none()
    }
}

/// When the agent of this host looked last; none: nobody says so.
pub fn check_in(unit: &Unit, converge: &Converge, now: Now) -> Option<CheckIn> {
    let last = unit.fresh()?.checked_in?;
    let next = WallTime(last.0.saturating_add_unsigned(converge.every.0));
    let silent = now.wall.since(last);
    let late = silent > converge.cycle();
    let missed = if late { (silent.0 / converge.every.0.max(1)) as u32 } else { 0 };
    Some(CheckIn { last, next, late, missed, ahead: converge.ahead(last, now.wall) })
}

/// The hosts that a wish is about.
pub fn told(session: &Session, environment: &EnvironmentName, wish: &Wish) -> Vec<UnitId> {
    if !wish.units.is_empty() {
        return wish.units.clone();
    }
    let rollback = session.rollout.rollbacks.get(environment).filter(|it| wish.back && it.ended.is_none());
    if let Some(rollback) = rollback {
        return rollback.units.clone();
    }
    let run = session.pipeline.under_way_in(environment);
    run.map_or(Vec::new(), |run| run.units.clone())
}

/// What the key of this host should hold; none: nothing was set for it.
pub fn wants(unit: &Unit) -> Option<&Version> {
    let lane = unit.lane.as_ref().filter(|lane| lane.steps.contains(&LaneStep::Converge))?;
    let set = matches!(
        lane.state,
        LaneState::Converging { .. } | LaneState::Settling { .. } | LaneState::Done | LaneState::RolledBack
    );
    (set && !unit.awaits_back).then_some(&lane.to.version)
}

/// The store holds what was wished: from now on these hosts converge.
pub fn begin(session: &mut Session, units: &[UnitId], wish: &Wish, at: &Stamped) {
    let direction = if wish.back { Direction::Back } else { Direction::Forward };
    let started = session.course.lane_clock(direction, at.now.session);
    for id in units {
        session.change_unit(id, |unit| {
            let other = other_runs(unit, &wish.to.version);
            let awaits = std::mem::take(&mut unit.awaits_back);
            let Some(lane) = &mut unit.lane else { return };
            let waits = match direction {
                Direction::Forward => {
                    lane.state == LaneState::Waiting && lane.direction == Direction::Forward
                }
                Direction::Back => awaits,
            };
            if !waits {
                return;
            }
            *lane = Lane {
                batch: lane.batch,
                direction,
                attempt: lane.attempt + 1,
                state: LaneState::Converging { other, sick: None },
                started,
                step_since: at.now.session,
                ..Lane::new(lane.stage.clone(), wish.to.clone(), lane.steps.clone())
            };
            unit.drift = None;
            sick_by_now(unit, started);
        });
    }
    state::progressed(session, at.now);
}

/// It is seen to run something else than this.
fn other_runs(unit: &Unit, wanted: &Version) -> bool {
    unit.fresh().and_then(|seen| seen.runs.as_ref()).is_some_and(|runs| runs != wanted)
}

/// A look at a host that converges: what runs the wanted version only once it was seen to run another one has come to
/// it by what was set. `clock`: what its lane's clock shows.
pub fn seen(unit: &mut Unit, clock: SessionTime) {
    let other = unit.lane.as_ref().is_some_and(|lane| other_runs(unit, &lane.to.version));
    if let Some(Lane { state: LaneState::Converging { other: was, .. }, .. }) = &mut unit.lane {
        *was |= other;
    }
    sick_by_now(unit, clock);
}

/// Only an unbroken time counts in which it was seen to run what was set and not to be well.
fn sick_by_now(unit: &mut Unit, clock: SessionTime) {
    let now = installed_and_not_well(unit);
    if let Some(Lane { state: LaneState::Converging { sick, .. }, .. }) = &mut unit.lane {
        *sick = sick.or(Some(clock)).filter(|_| now);
    }
}

/// Its agent has done its part, and the host is seen to run what was set and not to be well.
pub fn installed_and_not_well(unit: &Unit) -> bool {
    let converges = |lane: &&Lane| matches!(lane.state, LaneState::Converging { .. });
    let lane = unit.lane.as_ref().filter(converges).filter(|_| !unit.awaits_back);
    // Of which nobody says how it is, its agent's next report may say so.
    let not_well = unit.fresh().filter(|seen| seen.health == Health::Sick);
    lane.zip(not_well).is_some_and(|(lane, seen)| seen.runs.as_ref() == Some(&lane.to.version))
}

/// What follows for a host that converges. What is installed and not well is nothing that its agent's next look mends: it
/// has as long to become well as any host.
pub fn next(
    session: &Session,
    unit: &Unit,
    lane: &Lane,
    (other, sick): (bool, Option<SessionTime>),
    now: Now,
) -> Next {
    let plan = session.plan().environments.get(&unit.environment);
    let Some(converge) = plan.and_then(|environment| environment.converges()) else { return Next::Nothing };
    let deadlines = plan.map_or_else(Deadlines::default, |it| it.deadlines);
    let limit = deadlines.progress_deadline;
    let runs = unit.running().is_some_and(|runs| *runs == lane.to.version);
    let cycle_ends = lane.step_since.plus(converge.cycle());
    if runs && (other || looked_since(session, unit, converge, now) || now.session >= cycle_ends) {
        let took = now.session.since(lane.step_since);
        return one(RolloutEvent::Converged { unit: unit.id.clone(), took });
    }
    if lane.direction == Direction::Forward && session.course.hold.is_some() {
        return Next::Nothing;
    }
    let clock = session.course.lane_clock(lane.direction, now.session);
    let left = |limit: Span, since: SessionTime| Span(limit.0.saturating_sub(clock.since(since).0));
    let (to_come, to_be_well) =
        (left(limit, lane.started), sick.map(|it| left(deadlines.healthy_deadline, it)));
    let why = match to_be_well {
        _ if to_come == Span::ZERO => overdue(unit, lane, converge, limit, now),
        Some(Span::ZERO) => not_well(unit, lane, deadlines.healthy_deadline),
        _ => {
            let end = now.session.plus(to_be_well.map_or(to_come, |span| span.min(to_come)));
            return Next::At(if runs { end.min(cycle_ends) } else { end });
        }
    };
    one(RolloutEvent::LaneTimedOut { unit: unit.id.clone(), step: LaneStep::Converge, why })
}

fn not_well(unit: &Unit, lane: &Lane, limit: Span) -> String {
    let why = unit.fresh().and_then(|seen| seen.why.as_ref()).map_or(String::new(), |why| format!(": {why}"));
    format!("it runs {}, and was not well for {limit}{why}", lane.to.version)
}

fn one(event: RolloutEvent) -> Next {
    Next::Events(vec![Event::Rollout(event)])
}

/// Its agent has looked since the desired version was set. By the wall clock, which is the agent's too: a clock that is a
/// little off may only make it wait one cycle more, and one that is ahead says nothing.
fn looked_since(session: &Session, unit: &Unit, converge: &Converge, now: Now) -> bool {
    let store = session.rollout.stores.get(&unit.environment);
    let held = store.and_then(|store| store.told.as_ref()).and_then(|told| told.held);
    let looked = unit.fresh().and_then(|seen| seen.checked_in);
    let looked = looked.filter(|looked| converge.ahead(*looked, now.wall).is_none());
    held.zip(looked).is_some_and(|(held, looked)| looked > held.wall)
}

fn overdue(unit: &Unit, lane: &Lane, converge: &Converge, limit: Span, now: Now) -> String {
    let runs = match unit.fresh() {
        None => "it was not looked at since".to_owned(),
        Some(seen) => {
            let sick = seen.why.as_ref().filter(|_| seen.health == Health::Sick);
            let sick = sick.map_or_else(String::new, |why| format!(" and is not well, {why}"));
            let runs = seen.runs.as_ref().map(|runs| format!("it runs {runs}{sick}"));
            runs.unwrap_or_else(|| format!("nobody says what it runs{sick}"))
        }
    };
    let agent = match check_in(unit, converge, now) {
        Some(CheckIn { ahead: Some(ahead), .. }) => {
            format!("; its agent's clock is {} ahead", Span::secs(ahead.as_secs()))
        }
        Some(CheckIn { late: true, last, missed, .. }) => {
            let ago = Span::secs(now.wall.since(last).as_secs());
            format!("; its agent looked {ago} ago and has missed {missed}")
        }
        Some(_) => "; its agent looks in time".to_owned(),
        None => String::new(),
    };
    format!("{} was set {limit} ago: {runs}{agent}", lane.to.version)
}

/// What follows for a host that is through: that it drifts is a fact, that it stays so, and that it is back.
pub fn drifts(session: &Session, unit: &Unit, lane: &Lane, now: Now) -> Next {
    let through = matches!(lane.state, LaneState::Done | LaneState::RolledBack) && !unit.awaits_back;
    if !through || !lane.steps.contains(&LaneStep::Converge) {
        return Next::Nothing;
    }
    let Some(runs) = unit.fresh().and_then(|seen| seen.runs.as_ref()) else { return Next::Nothing };
    let known = unit.drift.as_ref().and_then(|drift| Some((drift.now.as_ref()?, drift.called)));
    let (id, runs, drifted) = (unit.id.clone(), runs.clone(), *runs != lane.to.version);
    match known {
        None if drifted => one(RolloutEvent::Drifted { unit: id, runs }),
        None => Next::Nothing,
        Some(_) if !drifted => one(RolloutEvent::DriftEnded { unit: id }),
        Some(((_, version), _)) if *version != runs => one(RolloutEvent::Drifted { unit: id, runs }),
        Some((_, Some(_))) => Next::Nothing,
        Some(((since, _), None)) => {
            let Some(converge) = session.plan().converges(&unit.environment) else { return Next::Nothing };
            let end = since.session.plus(converge.cycle());
            if now.session < end { Next::At(end) } else { one(RolloutEvent::StaysDrifted { unit: id, runs }) }
        }
    }
}

/// What is said of one that stays drifted, and since when; none: nobody was called, or it is over.
pub(super) fn stays_drifted(session: &Session, unit: &Unit) -> Option<(String, SessionTime)> {
    let drift = unit.drift.as_ref().filter(|_| unit.stays_drifted())?;
    let (_, runs) = drift.now.as_ref()?;
    let wanted = unit.lane.as_ref().map(|lane| &lane.to.version)?;
    let cycle = session.plan().converges(&unit.environment)?.cycle();
    let why = format!("{} drifted: it runs {runs}, not {wanted}, and no agent mended it in {cycle}", unit.id);
    Some((why, drift.called?.session))
}

/// It has converged: from now on it has to stay well for its time.
pub fn converged(session: &mut Session, unit: &UnitId, took: Span, at: &Stamped) {
    let direction = session.rollout.unit(unit).and_then(|unit| unit.lane.as_ref()).map(|lane| lane.direction);
    let started = session.course.lane_clock(direction.unwrap_or(Direction::Forward), at.now.session);
    session.change_unit(unit, |unit| {
        if let Some(lane) = &mut unit.lane {
            lane.done.push(StepDone {
                step: LaneStep::Converge,
                took,
                note: "installed by its agent".into(),
            });
            lane.at += 1;
            lane.started = started;
            lane.step_since = at.now.session;
            lane.state = lane.at_its_step();
        }
        observed::settle(unit, at.now.session);
    });
    state::progressed(session, at.now);
}

/// It was seen to run something else.
pub fn drifted(session: &mut Session, unit: &UnitId, runs: &Version, at: &Stamped) {
    session.change_unit(unit, |unit| {
        let drift = unit.drift.get_or_insert_default();
        // From one wrong version to another it has not been right between.
        let since = drift.now.as_ref().map_or(at.now, |(since, _)| *since);
        drift.times += 1;
        drift.now = Some((since, runs.clone()));
    });
    session.mark_notices();
}

/// It stays so: somebody is called, once.
pub fn called(session: &mut Session, unit: &UnitId, at: &Stamped) {
    session.change_unit(unit, |unit| {
        if let Some(drift) = &mut unit.drift {
            drift.called = Some(at.now);
        }
    });
    session.mark_notices();
}

pub fn drift_ended(session: &mut Session, unit: &UnitId) {
    session.change_unit(unit, |unit| {
        if let Some(drift) = &mut unit.drift {
            drift.now = None;
            drift.called = None;
        }
    });
    session.capacity_changed();
    session.mark_notices();
}

/// What keeps the release from counting as installed: a host that drifted, is told what it was left out of, or is not
/// known to be told what it runs, or a store that nobody can read; none: agents do not change the hosts, or nothing does.
pub fn in_the_way(session: &Session, environment: &EnvironmentName) -> Option<String> {
    session.plan().converges(environment)?;
    let store = session.rollout.stores.get(environment);
    if let Some((why, _)) = store.and_then(|store| store.unread.as_ref()) {
        return Some(format!("what agents are told can't be read: {why}"));
    }
    let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let drifted = |unit: &Unit| {
        if unit.key_back {
            let be = trouble::let_be(&unit.id);
            return Some(format!("{} was left out, and its key is not set back yet ({be})", unit.id));
        }
        // One that is left out counts for nothing, whatever it runs.
        let out = unit.lane.as_ref().is_some_and(|lane| matches!(lane.state, LaneState::Excluded { .. }));
        let (_, runs) = unit.drift.as_ref().filter(|_| !out)?.now.clone()?;
        Some(format!("{} drifted: it runs {runs}", unit.id))
    };
    let mut all = here.filter_map(|unit| drifted(unit).or_else(|| board::unproven(session, unit)));
    let first = all.next()?;
    match all.count() {
        0 => Some(first),
        more => Some(format!("{first}, and {more} more")),
    }
}

/// What the store holds for this host, as read last.
pub fn desired<'a>(session: &'a Session, unit: &'a Unit) -> Option<&'a FoundAt> {
    let own = unit.desired.as_ref();
    own.or_else(|| session.rollout.stores.get(&unit.environment).and_then(|store| store.found.as_ref()))
}
