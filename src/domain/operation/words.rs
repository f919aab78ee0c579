//! What is under way on hosts that are looked after, in words.

use super::{Absence, Away, Operation, Repaired, absence, pending::left_behind, scale, state};
use crate::domain::{
    counted::counted,
    drill::{self, Due},
    effect::{LaneStep, Target},
    name::{EnvironmentName, UnitId},
    rollout::Lane,
    session::Session,
    time::{Now, Span},
};

/// So many repairs are told beside all else; all are in the record.
const LAST: usize = 3;
/// One that ended longer ago than this is no news.
const NEWS: Span = Span::minutes(5);

/// `drill replace-web: 1 of 2 hosts replaced, web-03 install`. Short, so that a narrow screen has room for it.
pub fn under_way(session: &Session) -> Option<String> {
    let attempt = session.drills.running.as_ref();
    let drill = attempt.map(|attempt| format!("drill {}: ", attempt.drill));
    let drill = drill.unwrap_or_default();
    let Some(operation) = &session.operations.running else {
        if attempt.is_none() {
            return scale::under_way(session).map(|(_, words)| words);
        }
        return attempt.map(|_| format!("{drill}hosts are through, tools are waited for"));
    };
    if let Some(absence) = &operation.away {
        return Some(format!("{drill}{}", away(session, operation, absence)));
    }
    let lane = |unit: &UnitId| operation.lane(session, unit);
    let done = operation.units.iter().filter(|unit| lane(unit).is_some_and(state::is_done)).count();
    let now = operation.units.iter().find_map(|unit| {
        let lane = lane(unit).filter(|lane| lane.open())?;
        Some(format!(", {unit} {}", lane.step().word()))
    });
    let given_up = if operation.given_up.is_some() { ", given up" } else { "" };
    let (of, did) = (counted(operation.units.len(), "host"), operation.kind.word());
    let now = now.unwrap_or_default();
    Some(format!("{drill}{done} of {of} {did}{now}{given_up}"))
}

/// `cloud a is out of traffic, b is primary`.
fn away(session: &Session, operation: &Operation, absence: &Absence) -> String {
    let Away { place, takes_over, carriers, lasts } = &absence.asked;
    let of = |units: &[UnitId], is: fn(&Lane) -> bool| {
        units.iter().filter(|unit| operation.lane(session, unit).is_some_and(is)).count()
    };
    let all = operation.units.len();
    if let Some(back) = &absence.back {
        let serve = of(&operation.units, |lane| state::is_done(lane) && absence::is_last(lane));
        let early = if back.early.is_some() { " early" } else { "" };
        return match takes_over {
            Some(cloud) if serve == all => format!("{place} serves again, {cloud} leaves"),
            _ => format!("{place} comes back{early}, {serve} of {} serve", counted(all, "host")),
        };
    }
    let over = of(carriers, state::is_done);
    if let Some(cloud) = takes_over.as_ref().filter(|_| over < carriers.len()) {
        return format!("{cloud} takes over, {over} of {} serve", counted(carriers.len(), "host"));
    }
    let out = of(&operation.units, absence::is_out);
    match (absence.left, takes_over) {
        (None, _) => format!("{place} leaves traffic, {out} of {} out", counted(all, "host")),
        (Some(_), None) => format!("{place} is out of traffic for {lasts}"),
        (Some(_), Some(cloud)) => format!("{place} is out of traffic for {lasts}, {cloud} is primary"),
    }
}

/// `it begins with drain again, and replace runs once more`: of a host whose replacement was cut off or failed, what trying
/// it again does. None: that is no replacement.
pub fn replaces_again(session: &Session, unit: &UnitId) -> Option<String> {
    let lane = session.rollout.unit(unit)?.lane.as_ref()?;
    let cut = lane.upkeep && lane.state.stopped() && lane.steps.contains(&LaneStep::Replace);
    let first = lane.steps.first().filter(|_| cut)?;
    let ran = lane.done.iter().any(|done| done.step == LaneStep::Replace);
    let so_far = match (ran, lane.step()) {
        (true, _) => "replace ran to its end",
        (false, LaneStep::Replace) => "replace was begun, and may have run",
        (false, _) => "replace has not run yet",
    };
    let again = if ran || lane.step() == LaneStep::Replace { "runs AGAIN" } else { "runs" };
    Some(format!(
        "{unit} is being replaced: {so_far}; tried again it begins with {}, and replace {again}",
        first.word()
    ))
}

/// `repairs of production SUSPENDED by raj: the network is being moved`, for each environment where they are.
pub fn suspended(session: &Session) -> impl Iterator<Item = (&EnvironmentName, String)> + '_ {
    session.operations.repairs.paused.iter().map(|(environment, paused)| {
        let by = paused.by.as_ref().map_or("golive", |by| by.as_str());
        (environment, format!("repairs of {environment} SUSPENDED by {by}: {}", paused.reason))
    })
}

/// How a repair stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepairStands {
    UnderWay,
    /// Its command has ended, and the beat is waited for.
    Awaited,
    Helped,
    NotHelped,
}

/// The last repairs that golive made by itself, and how each stands: `web-02: repair 2 of 3 by golive helped: it is alive,
/// 2 min ago`.
pub fn repairs(session: &Session, now: Now) -> impl Iterator<Item = (RepairStands, String)> + '_ {
    let feed = &session.operations.repairs.feed;
    let last = feed.iter().skip(feed.len().saturating_sub(LAST));
    last.map(move |line| (stands(session, line), format!("{}{}", repaired(session, line), line.ago(now))))
}

/// Those of them that are under way, or ended a short time ago.
fn news(session: &Session, now: Now) -> impl Iterator<Item = String> + '_ {
    let feed = &session.operations.repairs.feed;
    let last = feed.iter().skip(feed.len().saturating_sub(LAST));
    let new = move |line: &&Repaired| line.judged.is_none_or(|at| now.session.since(at.session) <= NEWS);
    let new = last.filter(move |line| line.alive.is_none() || new(line));
    new.map(move |line| format!("{}{}", repaired(session, line), line.ago(now)))
}

fn stands(session: &Session, line: &Repaired) -> RepairStands {
    match (line.alive, &line.ended) {
        (Some(true), _) => RepairStands::Helped,
        (Some(false), _) => RepairStands::NotHelped,
        (None, None) if session.flights.get(&Target::Repair(line.unit.clone())).is_some() => {
            RepairStands::UnderWay
        }
        (None, _) => RepairStands::Awaited,
    }
}

/// `production has 4 machines of 2 to 8, a step is 2`, and the last change, for each environment that can be scaled.
pub fn scaled(session: &Session) -> impl Iterator<Item = String> + '_ {
    session.plan().environments.values().filter_map(|environment| {
        let scale = environment.scale.as_ref()?;
        let known = session.operations.scales.get(&environment.name);
        let current = known.map_or_else(|| "not known: not asked yet".to_owned(), scale::Scaled::words);
        let last = known.and_then(|known| known.last.last());
        let last = last.map_or_else(String::new, |last| format!("; last {}", last.words()));
        let (name, min, max, step) = (&environment.name, scale.min, scale.max, scale.step);
        Some(format!("{name}: machines {current}, at least {min}, at most {max}, step {step}{last}"))
    })
}

/// What is waited for after so many repairs of at most so many.
pub(super) fn beat_awaited(tries: u32, of: u32, left: Span) -> String {
    if tries >= of {
        return format!("the beat, after repair {tries} of {of}, the last; judged in {left}");
    }
    format!("the beat, after its repair; repair {} of {of} in {left}", tries + 1)
}

fn repaired(session: &Session, line: &Repaired) -> String {
    let (unit, flight) = (&line.unit, session.flights.get(&Target::Repair(line.unit.clone())));
    match (flight, line.alive, &line.ended) {
        (Some(flight), None, None) if flight.effect.follows() => {
            format!("{unit}: repair {} of {} by golive {}", line.attempt, line.of, left_behind(flight))
        }
        (None, None, None) => {
            let what = "has ended, and how is not known; its beat is waited for";
            format!("{unit}: repair {} of {} by golive {what}", line.attempt, line.of)
        }
        _ => format!("{unit}: {}", line.words()),
    }
}

impl Repaired {
    /// `, 2 min ago`, of one that the beat has judged.
    fn ago(&self, now: Now) -> String {
        let ago = |at: Now| format!(", {} ago", Span::secs(now.session.since(at.session).as_secs()));
        self.judged.map_or_else(String::new, ago)
    }

    /// `repair 2 of 3 by golive did not help (exit status 1)`.
    pub fn words(&self) -> String {
        let how = match (self.alive, &self.ended) {
            (Some(true), _) => "helped: it is alive".to_owned(),
            (Some(false), Some(said)) => format!("did not help ({said})"),
            (Some(false), None) => "did not help".to_owned(),
            (None, Some(said)) => format!("has ended ({said}), its beat is waited for"),
            (None, None) => "is under way".to_owned(),
        };
        format!("repair {} of {} by golive {how}", self.attempt, self.of)
    }
}

/// What somebody should know of it: what is under way, which drills are overdue, whether repairs are suspended, and
/// those that are under way or ended a short time ago.
pub fn standing(session: &Session, now: Now) -> Vec<String> {
    let plan = session.plan();
    let overdue = plan.drills.keys().filter_map(|drill| {
        let due = drill::due(&session.drills.book, drill, plan.zone(), now.wall);
        matches!(due, Due::Overdue { .. }).then(|| format!("drill {drill} is {due}"))
    });
    let words =
        under_way(session).into_iter().chain(overdue).chain(suspended(session).map(|(_, words)| words));
    words.chain(news(session, now)).chain(scaled(session)).collect()
}
