//! The line that waits for capacity with nobody under way who will give it any: which host is next, which of the others
//! count as unavailable, and what lets the line go on. `status`, the screens, the moves and whoever is called say it in
//! the same words.

use super::{
    Budget, LaneState, OnceState, Unit, barrier, budget, budget::part_may, gather, next::stopped, share,
    shortage,
};
use crate::domain::{
    counted::counted,
    effect::{Health, PoolState},
    lock,
    name::{EnvironmentName, UnitId},
    pipeline::StageRun,
    session::Session,
};

/// A host that may not be taken out, and nobody under way after whom it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapacityWait {
    pub environment: EnvironmentName,
    /// The host whose turn it is.
    pub next: UnitId,
    /// The hosts that count as unavailable, in the order of the plan.
    pub unavailable: Vec<UnitId>,
    /// `web-01 waits for capacity: capacity 2 of 3, minimum 2`.
    pub brief: String,
    /// The same with the hosts that lack: `…; web-03 does not serve: connection refused`.
    pub words: String,
    /// What lets it go on.
    pub lift: String,
}

/// So many hosts are named.
const NAMED: usize = 2;

/// Whether the line waits so. Not where it is held, or stopped by more than having waited for too long: then that is what
/// it waits for.
pub fn waits_for_capacity(session: &Session) -> Option<CapacityWait> {
    let run = session.pipeline.rolling()?;
    let unended = session.rollout.rollbacks.values().any(|it| it.ended.is_none());
    let stalled = session.rollout.stalled.is_some() && !session.rollout.any_troubled();
    if unended || session.course.hold.is_some() || run.converges() || shortage(session).is_some() {
        return None;
    }
    if stopped(session) && !stalled || !lock::may_touch(session, &run.environment, super::Direction::Forward)
    {
        return None;
    }
    let budget = budget(session, &run.environment);
    let next = if budget.working > 0 { fetched(session, run)? } else { whose_turn(session, run, &budget)? };
    Some(wait(session, next, &budget))
}

/// What lets the hosts of a stage under way come to their end.
pub fn lets_them_end(session: &Session, environment: &EnvironmentName) -> String {
    let wait = waits_for_capacity(session).filter(|wait| wait.environment == *environment);
    wait.map_or_else(|| "their end".to_owned(), |wait| wait.lift)
}

/// Of the hosts under way, where none is out of service yet and none may leave it: the first of them.
fn fetched<'a>(session: &'a Session, run: &StageRun) -> Option<&'a Unit> {
    let mut working = session.rollout.working().map(|(_, unit)| unit);
    let keeps = |unit: &&Unit| {
        let ready = unit.lane.as_ref().is_some_and(|lane| {
            lane.state == LaneState::Ready && lane.step().takes_out() && lane.stage == run.name
        });
        ready && !unit.out && !super::may_take_out(session, unit)
    };
    let first = working.next().filter(keeps)?;
    working.all(|unit| keeps(&unit)).then_some(first)
}

/// The host that is next, where neither it nor any other of its batch may be taken.
fn whose_turn<'a>(session: &'a Session, run: &StageRun, budget: &Budget) -> Option<&'a Unit> {
    let batch = session.rollout.open_batch(&run.environment).filter(|open| Some(*open) <= run.reached())?;
    let once = run.once.iter().any(|it| it.state == OnceState::UnderWay);
    let to = &session.course.release.candidate;
    if once || !share::shared(session, run) || gather::line_waits(session, run, to) {
        return None;
    }
    let mut next = None;
    for rank in 0..session.rollout.ranks() {
        let ready = session.rollout.ready_of(batch, rank).filter(|unit| unit.environment == run.environment);
        for unit in ready.filter(|unit| unit.fresh().is_some()) {
            if barrier::keeps(session, run, unit).is_some() {
                break;
            }
            if budget.may_take_out(unit) && part_may(session, unit) {
                return None;
            }
            next = next.or(Some(unit));
            // What holds for one that serves holds for all of its part.
            if unit.available() {
                break;
            }
        }
    }
    next
}

fn wait(session: &Session, next: &Unit, budget: &Budget) -> CapacityWait {
    let here = session.rollout.units().iter().filter(|unit| unit.environment == next.environment);
    let unavailable: Vec<&Unit> = here.filter(|unit| !unit.available() && unit.id != next.id).collect();
    let bound = match budget.limits.max_unavailable {
        // The other bound is the one that keeps it.
        most if budget.available > budget.limits.min_healthy => format!(", {most} may be out"),
        _ => String::new(),
    };
    let named = unavailable.iter().take(NAMED).map(|unit| format!("; {} {}", unit.id, why(unit)));
    let named = named.collect::<String>();
    let more = match unavailable.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {}", counted(more as u64, "more host")),
    };
    let brief = format!("{} waits for capacity: {}{bound}", next.id, budget.words());
    CapacityWait {
        environment: next.environment.clone(),
        next: next.id.clone(),
        lift: lift(&unavailable),
        unavailable: unavailable.into_iter().map(|unit| unit.id.clone()).collect(),
        words: format!("{brief}{named}{more}"),
        brief,
    }
}

/// Why it counts as unavailable.
fn why(unit: &Unit) -> String {
    let lane = unit.lane.as_ref().map(|lane| &lane.state);
    let left_out = matches!(lane, Some(LaneState::Excluded { .. }));
    let seen = unit.fresh();
    let away = seen.is_some_and(|seen| seen.health == Health::Healthy && seen.pool == PoolState::Out);
    let how = match (left_out, seen) {
        (true, _) if away => "is left out, well and out of the pool",
        (false, _) if away && !unit.out => "is well and out of the pool",
        (true, _) => "is left out and does not serve",
        (false, None) => return "is not observed".to_owned(),
        (false, Some(_)) if unit.known_not_to_serve() => "does not serve",
        (false, Some(_)) => "is not known to serve",
    };
    let why = seen.and_then(|seen| seen.why.as_deref());
    why.map_or_else(|| how.to_owned(), |why| format!("{how}: {why}"))
}

fn lift(unavailable: &[&Unit]) -> String {
    let other = "another capacity in the plan (golive plan adopt)";
    let Some(first) = unavailable.first() else { return other.to_owned() };
    let more = match unavailable.len() {
        1 => String::new(),
        2 => format!(" or {}", unavailable[1].id),
        n => format!(" or one of {} others", n - 1),
    };
    let how = if first.known_not_to_serve() { "serving again" } else { "known to serve" };
    // Leaving a host out brings nobody back who serves.
    format!("{}{more} {how}, or {other}; leaving a host out (X) gives none", first.id)
}
