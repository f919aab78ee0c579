//! Hosts that are looked after, and drills, in words.

use super::{
    fleet::hosts,
    told::{Told, told, with},
};
use crate::domain::{
    counted::counted,
    drill::{AttemptLine, DrillEvent},
    name::{DrillName, EnvironmentName, UnitId},
    operation::{Away, Kind, OperationEvent},
};

pub fn operation(event: &OperationEvent) -> Told {
    match event {
        OperationEvent::HostFlagged { unit, reason } => {
            told(format!("flagged {unit} for replacement: {reason}"))
                .alone(format!("{unit} flagged: {reason}"))
        }
        OperationEvent::HostUnflagged { unit } => {
            told(format!("took the flag off {unit}")).alone(format!("{unit} flagged no more"))
        }
        OperationEvent::ReplaceCommitted { environment, units } => {
            told(format!("committed in {environment}: {} to be replaced", listed(units)))
        }
        OperationEvent::Began { kind: Kind::Offline, environment, units, drill, away, .. } => {
            leaves(environment, units, drill.as_ref(), away.as_deref())
        }
        OperationEvent::Began { kind, environment, units, to, drill, away: _ } => {
            let why = drill.as_ref().map_or(String::new(), |drill| format!(", for drill {drill}"));
            told(format!("began to have {} of {environment} {} with {to}{why}", listed(units), kind.word()))
                .alone(format!("{} being {}", listed(units), kind.word()))
        }
        OperationEvent::LaneBegan { unit, attempt } => {
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            told(format!("took {unit} for it{again}")).alone(format!("{unit} taken{again}"))
        }
        OperationEvent::TrafficCounted { environment, away, elsewhere } => {
            told(format!("{away} of {} requests to {environment} went to what is out", away + elsewhere))
        }
        OperationEvent::TrafficUncounted { environment, why } => {
            told(format!("could not count the requests to {environment}: {why}"))
        }
        OperationEvent::TrafficLeft { place, requests, .. } => {
            let seen = match requests {
                Some(requests) => format!("0 of {requests} requests there"),
                None => "none of its hosts in the pool".to_owned(),
            };
            told(format!("{place} is out of traffic: {seen}"))
        }
        OperationEvent::ComesBack { place, early, .. } => match early {
            Some(why) => told(with(format!("{place} comes back before its time"), why)),
            None => told(format!("{place} comes back")),
        },
        OperationEvent::HostDied { unit, missed, why, .. } => {
            let missed = counted(u64::from(*missed), "beat");
            told(with(format!("found {unit} dead, {missed} missed"), why))
                .alone(format!("{unit} is dead, {missed} missed: {why}"))
        }
        OperationEvent::HostRevived { unit, lasted } => {
            told(format!("found {unit} alive again after {lasted}"))
                .alone(format!("{unit} is alive again after {lasted}"))
        }
        OperationEvent::ScaleSeen { environment, current, why } => {
            seen(environment, *current, why.as_deref().unwrap_or_default())
        }
        OperationEvent::ScaleAsked { environment, from, to, reason } => {
            told(format!("scales {environment} from {from} to {to} machines: {reason}"))
                .alone(format!("scales {environment} from {from} to {to} machines"))
        }
        OperationEvent::ScaleEnded { environment, to, reached, shows } => {
            scaled(environment, *to, (!reached).then_some(shows.as_str()))
        }
        OperationEvent::RepairBegan { unit, attempt } => {
            told(format!("began automatic repair {attempt} of {unit}, which is dead"))
                .alone(format!("automatic repair {attempt} of {unit} begins"))
        }
        OperationEvent::RepairJudged { unit, attempt, alive: true } => {
            told(format!("repaired {unit}: it is alive after repair {attempt}"))
                .alone(format!("{unit} is repaired: alive after repair {attempt}"))
        }
        OperationEvent::RepairJudged { unit, attempt, alive: false } => {
            told(format!("found that repair {attempt} of {unit} did not help"))
                .alone(format!("{unit} is still dead: repair {attempt} did not help"))
        }
        OperationEvent::RepairGivenUp { unit, tries } => {
            told(format!("repairs {unit} no more: {tries} repairs did not help"))
                .alone(format!("{unit} is repaired no more: {tries} repairs did not help"))
        }
        OperationEvent::RepairsPaused { environment, reason } => {
            told(format!("suspended repairs of {environment}: {reason}"))
                .alone(format!("suspended repairs of {environment}: {reason}"))
        }
        OperationEvent::RepairsResumed { environment } => told(format!("resumed repairs of {environment}"))
            .alone(format!("repairs of {environment} resumed")),
        OperationEvent::GivenUp { reason } => told(with("gave it up: no further host is taken", reason)),
        OperationEvent::Ended { kind, environment, done, left } => {
            let did = format!("{} of {environment} {}", hosts(done.len()), kind.word());
            let left = if left.is_empty() { String::new() } else { format!("; not {}", listed(left)) };
            told(format!("ended it: {did}{left}")).alone(format!("{did}{left}"))
        }
    }
}

/// Hosts leave traffic together.
fn leaves(
    environment: &EnvironmentName,
    units: &[UnitId],
    drill: Option<&DrillName>,
    away: Option<&Away>,
) -> Told {
    let why = drill.map_or(String::new(), |drill| format!(", for drill {drill}"));
    let away = away.map_or(String::new(), |away| {
        let meanwhile = away.takes_over.as_ref();
        let meanwhile = meanwhile.map_or(String::new(), |cloud| format!(", {cloud} primary meanwhile"));
        format!(", {} for {}{meanwhile}", away.place, away.lasts)
    });
    told(format!("began to take {} of {environment} out of traffic{away}{why}", listed(units)))
        .alone(format!("{} leave traffic{away}", listed(units)))
}

/// How many machines a platform says there are.
fn seen(environment: &EnvironmentName, current: Option<u32>, why: &str) -> Told {
    match current {
        Some(current) => told(format!("sees {current} machines of {environment}"))
            .alone(format!("{environment} has {current} machines")),
        None => told(with(format!("can't see how many machines {environment} has"), why))
            .alone(with(format!("how many machines {environment} has is not known"), why)),
    }
}

/// How a change of that ended; none: it was reached.
fn scaled(environment: &EnvironmentName, to: u32, missed: Option<&str>) -> Told {
    match missed {
        None => told(format!("found {environment} scaled to {to} machines"))
            .alone(format!("{environment} is scaled to {to} machines")),
        Some(shows) => told(format!("found {environment} not scaled to {to} machines: {shows}"))
            .alone(format!("{environment} is NOT scaled to {to} machines: {shows}")),
    }
}

pub fn drill(event: &DrillEvent) -> Told {
    match event {
        DrillEvent::Started { drill, attempt, units, outside } => {
            let outside = outside.as_ref().map_or(String::new(), |outside| {
                format!(", outside its hours ({}): {}", outside.closed.join("; "), outside.reason)
            });
            told(format!("began attempt {attempt} of drill {drill} with {}{outside}", listed(units)))
                .alone(format!("drill {drill}: attempt {attempt} begins"))
        }
        DrillEvent::Ended { drill, attempt: line } => {
            told(format!("ended {}", attempt(drill.as_str(), line))).alone(attempt(drill.as_str(), line))
        }
        DrillEvent::Noted { drill, attempt, fix } => {
            told(format!("mended after attempt {attempt} of drill {drill}: {fix}"))
        }
    }
}

/// How an attempt ended.
pub fn attempt(drill: &str, line: &AttemptLine) -> String {
    let how = match line.why_not() {
        None if line.passed() => "PASSED".to_owned(),
        None => "NOT PASSED: the plan has no such drill any more".to_owned(),
        Some(finding) => format!("NOT PASSED: {finding}"),
    };
    format!("attempt {} of drill {drill}: {how}", line.number)
}

/// The first three by name.
fn listed(units: &[UnitId]) -> String {
    let names: Vec<&str> = units.iter().take(3).map(UnitId::as_str).collect();
    match units.len() {
        0 => "no host".to_owned(),
        n if n > 3 => format!("{} and {} more", names.join(", "), n - 3),
        _ => names.join(", "),
    }
}
