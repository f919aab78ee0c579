//! What a human may do when the line is stopped: try again, exclude, force past, mark done, end as is.

use super::{
    Direction, Lane, LaneState, RolloutEvent, Trouble, Unit, barrier, desire, gather, left_out, once,
    once_back, trouble, troubles,
};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    comparison,
    counted::counted,
    course::{Ending, Phase, closing, nothing_looked_after, said_why},
    effect::{LaneStep, Target},
    event::Event,
    name::{CheckName, ComponentName, UnitId},
    pipeline::{self, StageRun},
    refusal::Refusal,
    session::Session,
    signal::{self, RunWhy},
};

fn find<'a>(session: &'a Session, unit: &UnitId) -> Result<&'a Unit, Refusal> {
    session.rollout.unit(unit).ok_or_else(|| no_such_host(session, unit))
}

/// There is no host of this name; where it is the name of a machine with several parts, what they are called.
pub fn no_such_host(session: &Session, unit: &UnitId) -> Refusal {
    let of_machine = |known: &&Unit| {
        let machine = known.id.as_str().split_once('@').map(|(_, machine)| machine);
        machine == Some(unit.as_str())
    };
    let parts: Vec<&str> =
        session.rollout.units().iter().filter(of_machine).map(|known| known.id.as_str()).collect();
    let lift = if parts.is_empty() { "one of golive status".to_owned() } else { parts.join(" or ") };
    Refusal::input(format!("there is no host {unit}"), lift)
}

/// A lane of this unit on which nothing is under way.
fn still<'a>(session: &'a Session, unit: &UnitId) -> Result<&'a Lane, Refusal> {
    let found = find(session, unit)?;
    if found.awaits_back {
        return Err(Refusal::rule(format!("{unit} is about to be rolled back"), "its end, or excluding it"));
    }
    quiet(session, found)
}

/// Its lane, where nothing is under way.
fn quiet<'a>(session: &Session, found: &'a Unit) -> Result<&'a Lane, Refusal> {
    let unit = &found.id;
    if let Some(flight) = session.flights.in_lane(unit) {
        let what = if flight.cancel_asked { "is still being cancelled" } else { "is under way" };
        return Err(Refusal::rule(format!("a step on {unit} {what}"), "its end"));
    }
    found
        .lane
        .as_ref()
        .ok_or_else(|| Refusal::rule(format!("{unit} is not part of a stage yet"), "its stage's start"))
}

pub fn try_again(session: &Session, unit: &UnitId, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    let lane = still(session, unit)?;
    let given_up = matches!(session.course.phase, Phase::RollingBack | Phase::RolledBack);
    if given_up && lane.direction == Direction::Forward {
        return Err(Refusal::rule("this release was rolled back", "closing, and opening the next session"));
    }
    // What was let pass is not begun any more once the rest is verified, nor is anybody beside what runs once.
    if session.course.phase == Phase::Verified {
        let version = &session.course.release.candidate.version;
        return Err(Refusal::rule(
            format!("{version} is verified, PARTIAL without {unit}"),
            "closing (:close), and the next go-live, which takes it",
        ));
    }
    if let Some(flight) = once::under_way(session) {
        return Err(Refusal::rule(format!("{} is under way", flight.effect.id.target), "its end"));
    }
    match lane.state {
        LaneState::Failed { .. } | LaneState::Unknown { .. } => {
            Ok(vec![Event::Rollout(RolloutEvent::TriedAgain { unit: unit.clone() })])
        }
        _ => Err(Refusal::rule(
            format!("{unit} is {}", lane.state.word()),
            "only a failed or unknown host is tried again",
        )),
    }
}

/// A validation that did not pass is run again.
pub fn validate_again(session: &Session, check: &CheckName, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    if comparison::by_hand(session, check) {
        return Err(Refusal::rule(
            format!("no machine runs the {check} again"),
            "a person who judges it again (golive compare)",
        ));
    }
    let failed = |run: &&StageRun| {
        pipeline::failed_in(session, run)
            .any(|trouble| matches!(trouble, Trouble::Validation { check: c, .. } if c == *check))
    };
    // Of stages beside each other whichever it failed: none waits for another one's to pass.
    let mut all = session.pipeline.under_way().filter(failed).peekable();
    if all.peek().is_none() {
        return Err(Refusal::rule(format!("{check} is not a validation that failed"), "nothing"));
    }
    let again = all.filter_map(|run| {
        let units = if run.by_region() { run.units_of_turn() } else { run.units_by_now() };
        signal::ask_run(session, check, &run.environment, Some(units.to_vec()), RunWhy::Validation)
    });
    Ok(again.collect())
}

/// Where no two versions may run side by side, a host is left behind only if nothing runs on it: shown, or vouched for.
fn left_running(session: &Session, unit: &Unit, lane: &Lane) -> Result<(), Refusal> {
    let rollback = session.rollout.rollbacks.get(&unit.environment).filter(|it| it.ended.is_none());
    let runs = match rollback {
        Some(rollback) if unit.awaits_back => rollback.stops_all(),
        _ => {
            let other = || unit.running().is_some_and(|runs| *runs != lane.to.version);
            lane.may_still_run() || lane.has_to_prove() && other()
        }
    };
    if !runs {
        return Ok(());
    }
    let what = unit.runs().map_or_else(|| "another version".to_owned(), str::to_owned);
    Err(Refusal::rule(
        format!("{0} may still run {what}, and no two versions may run side by side", unit.id),
        format!(
            "trying again (T) until it is shown to be stopped; rolling back (R); or, if you know that it is off, \
             golive rollout mark-done {}",
            unit.id
        ),
    ))
}

pub fn exclude(session: &Session, unit: &UnitId, reason: &str, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    said_why(reason)?;
    let found = find(session, unit)?;
    let lane = quiet(session, found)?;
    left_running(session, found, lane)?;
    match lane.state {
        // A rollback that can't reach a host goes on without it, and names it at its end.
        _ if found.awaits_back => {}
        // Its agent leaves it on something else.
        LaneState::Done | LaneState::RolledBack if found.stays_drifted() => {}
        // It has fetched, and waits for capacity that may never come.
        LaneState::Ready if !found.out => {}
        // It waits for the others of its side, who would wait for it for ever where it does not recover.
        LaneState::Failed { .. }
        | LaneState::Unknown { .. }
        | LaneState::Waiting
        | LaneState::Gathered { .. } => {}
        _ => {
            return Err(Refusal::rule(
                format!("{unit} is {}", lane.state.word()),
                "only a failed, unknown, waiting or drifted host is excluded",
            ));
        }
    }
    Ok(vec![Event::Rollout(RolloutEvent::Excluded { unit: unit.clone(), reason: reason.trim().to_owned() })])
}

/// The hosts of a component go on without those that they wait for; refused while one of those may still come.
pub fn force_part(
    session: &Session,
    component: &ComponentName,
    reason: &str,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Force)?;
    said_why(reason)?;
    let events = barrier::forced(session, Some(component), reason.trim());
    if !events.is_empty() {
        return Ok(events);
    }
    Err(match barrier::barred(session).into_iter().find(|it| it.barrier.component == *component) {
        Some(waits) => Refusal::rule(
            format!("{}, and {} may still become one", waits.words(), counted(waits.open, "host")),
            "its progress, or the end of the deadline for it",
        ),
        None => Refusal::rule(format!("no host of {component} waits for another component"), "nothing"),
    })
}

pub fn force_next(session: &Session, reason: &str, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Force)?;
    said_why(reason)?;
    if session.pipeline.is_rolling_back() {
        return Err(Refusal::rule("a rollback is not forced past a host", "try again, or exclude the host"));
    }
    let failed: Vec<UnitId> = session.rollout.troubled().map(|unit| unit.id.clone()).collect();
    let barriers = barrier::forced(session, None, reason.trim());
    if failed.is_empty() && !barriers.is_empty() {
        return Ok(barriers);
    }
    let keys =
        session.plan().environments.keys().flat_map(|name| left_out::to_set_back(session, name)).next();
    if let Some(unit) = keys.filter(|_| failed.is_empty()) {
        let what = format!("{unit} was left out, and its key is not set back yet");
        return Err(Refusal::rule(what, format!("its store; {}", trouble::let_be(&unit))));
    }
    if failed.is_empty() {
        return Err(Refusal::rule("the line is not stopped by a host", "nothing: it goes on by itself"));
    }
    for unit in &failed {
        let lane = still(session, unit)?;
        left_running(session, find(session, unit)?, lane)?;
    }
    let reason = reason.trim().to_owned();
    Ok(failed
        .into_iter()
        .map(|unit| Event::Rollout(RolloutEvent::ForcedPast { unit, reason: reason.clone() }))
        .collect())
}

pub fn mark_done(
    session: &Session,
    unit: &UnitId,
    reason: &str,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    said_why(reason)?;
    if let Some(found) = session.rollout.unit(unit).filter(|unit| unit.key_back) {
        return let_be(session, found, reason);
    }
    let lane = still(session, unit)?;
    // Of a host that can't be shown to be stopped a person may know that it is.
    let vouches = matches!(lane.state, LaneState::Failed { .. }) && lane.may_still_run();
    if !vouches && !matches!(lane.state, LaneState::Unknown { .. }) {
        return Err(Refusal::rule(
            format!("{unit} is {}, not unknown", lane.state.word()),
            "trying it again, or excluding it",
        ));
    }
    let found = find(session, unit)?;
    if let Some(answers) =
        found.fresh().and_then(|seen| seen.stranger.as_ref()).filter(|_| lane.may_still_run())
    {
        return Err(Refusal::rule(
            format!("something answers at {unit}: {answers}; it is not off"),
            format!("ending it by hand on {unit}, then trying again (T)"),
        ));
    }
    // What is started next must not be another version than everybody believes.
    let installs = lane.step() == LaneStep::Install;
    if let Some(other) = found.fresh().and_then(|seen| seen.installed.as_ref()).filter(|it| **it != lane.to)
        && installs
    {
        return Err(Refusal::rule(
            format!("{unit} has {other} installed, as its driver says, and not {}", lane.to),
            "trying it again (T), or excluding it",
        ));
    }
    let observed = match found.fresh() {
        None => "not observed".to_owned(),
        Some(seen) => format!(
            "{:?}, runs {}, pool {:?}",
            seen.health,
            seen.runs.as_ref().map_or("nothing", |version| version.as_str()),
            seen.pool
        )
        .to_lowercase(),
    };
    Ok(vec![Event::Rollout(RolloutEvent::MarkedDone {
        unit: unit.clone(),
        observed,
        reason: reason.trim().to_owned(),
    })])
}

/// The key of a host that was left out need not be set back: a person has seen to it, or lets it hold what it holds.
fn let_be(session: &Session, unit: &Unit, reason: &str) -> Result<Vec<Event>, Refusal> {
    let environment = &unit.environment;
    if desire::stands(session, environment) {
        let what = format!("the desired version of {environment} is being set");
        return Err(Refusal::rule(what, "its end"));
    }
    let (observed, reason) = (left_out::key_words(unit), reason.trim().to_owned());
    Ok(vec![Event::Rollout(RolloutEvent::MarkedDone { unit: unit.id.clone(), observed, reason })])
}

pub fn end_as_is(session: &Session, reason: &str, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Decide)?;
    said_why(reason)?;
    nothing_looked_after(session)?;
    if !session.rollout.any_touched() && !once::any_begun(session) {
        return Err(Refusal::rule("no host has been changed", "golive close --abandon"));
    }
    // One that has only fetched, and waits for its turn, has changed nothing.
    // Nor does one go on by itself that waits because another version runs where none may.
    let candidate = &session.course.release.candidate;
    let waits = session.pipeline.under_way().any(|run| gather::line_waits(session, run, candidate));
    let flies = |unit: &Unit| session.flights.in_lane(&unit.id).is_some();
    let under_way = |unit: &Unit| flies(unit) || unit.out && !waits;
    if session.rollout.working().any(|(_, unit)| under_way(unit)) {
        return Err(Refusal::rule("hosts are under way", "HOLD, and their end"));
    }
    if let Some(name) = session.plan().environments.keys().find(|name| desire::stands(session, name)) {
        return Err(Refusal::rule(format!("the desired version of {name} is being set"), "its end"));
    }
    if let Some(flight) = once::under_way(session) {
        return Err(Refusal::rule(format!("{} is under way", flight.effect.id.target), "its end"));
    }
    let pool = session.flights.iter().find(|flight| matches!(flight.effect.id.target, Target::Pool(_)));
    if let Some(flight) = pool {
        return Err(Refusal::rule(format!("{} is being taken out", flight.effect.id.target), "its end"));
    }
    let left_over = session.course.phase == Phase::RolledBack && once_back::left_over(session).is_some();
    if session.course.hold.is_none() && troubles(session).is_empty() && !left_over {
        return Err(Refusal::rule("the line is neither held nor stopped", "HOLD (H) first"));
    }
    let ending = Ending::AsIs { reason: reason.trim().to_owned() };
    Ok(closing(session, ending))
}

pub fn claim(session: &Session, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    let person = access::may(session, actor, Act::Record)?;
    if troubles(session).is_empty() {
        return Err(Refusal::rule("nothing needs a human", "nothing"));
    }
    match &session.rollout.claim {
        Some((holder, _)) if *holder == person.name => Ok(Vec::new()),
        Some((holder, _)) => {
            Err(Refusal::rule(format!("{holder} has claimed it"), format!("{holder}, or its end")))
        }
        None => Ok(vec![Event::Rollout(RolloutEvent::Claimed)]),
    }
}
