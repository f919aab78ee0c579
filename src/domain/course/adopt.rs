//! Adopting a plan: editing the file changes nothing until somebody adopts it, and sees what changes by it.

use std::sync::Arc;

use super::{CourseEvent, Phase, capacity, places};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    counted::counted,
    event::Event,
    name::Digest,
    pipeline::StageRun,
    plan::{Adopted, Environment, HostShare, Plan, Weight},
    poll,
    refusal::Refusal,
    rollout::{self, Unit},
    session::Session,
    time::{Now, Span},
};

/// What differs between two plans, by part, and whether each may change while a stage runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub path: String,
    pub was: String,
    pub is: String,
    /// Hosts, limits and deadlines may change while a stage runs; nothing else may.
    pub while_running: bool,
}

pub fn decide(
    session: &Session,
    adopted: &Arc<Adopted>,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Direct)?;
    if adopted.digest == session.course.adopted.digest {
        return Err(Refusal::rule("the plan is the adopted one", "a change to golive.toml"));
    }
    if adopted.plan.project != session.plan().project {
        return Err(Refusal::input("the plan is another project's", "opening a session there"));
    }
    super::usable(&adopted.plan)?;
    let review = session.course.hotfix.as_ref().map(|hotfix| hotfix.with_review(adopted));
    let read = review.as_ref().unwrap_or(adopted).with_primaries(&session.course.primaries);
    // Whatever the file says by now of the project's own profile, the session keeps the one that it was opened with.
    let read = read.at(session.profile());
    let mut hosts = read.plan.environments.values().flat_map(Environment::hosts);
    if session.course.phase == Phase::Verified
        && let Some(host) = hosts.find(|host| session.plan().unit(&host.unit).is_none())
    {
        let version = &session.course.release.candidate.version;
        return Err(Refusal::rule(
            format!(
                "{} would join, and {version} is verified already: nothing brings it there any more",
                host.unit
            ),
            "closing the session (:close); the next go-live takes it",
        ));
    }
    nobody_joins_what_is_through(session, &read.plan)?;
    let differences = difference(session.plan(), &read.plan);
    if session.pipeline.running().is_some()
        && let Some(barred) = differences.iter().find(|d| !d.while_running)
    {
        return Err(Refusal::rule(
            format!("{} may not change while a stage runs", barred.path),
            "the stage's end; hosts, capacity and deadlines may change meanwhile",
        ));
    }
    places::same_hosts_where_they_go_together(session, &read.plan)?;
    places::those_taken_keep_theirs(session, &read.plan)?;
    asks_no_less(session, &adopted.plan, actor)?;
    for unit in session.rollout.units() {
        // What is under way on it would be followed by nobody; and were it to come back, what is done to it then would
        // go by the numbers of what was done before.
        let had = unit.tries > 0 || unit.lane.as_ref().is_some_and(|lane| lane.attempt > 0);
        let busy = unit.out || unit.touched.is_some() || had || unit.working();
        if busy && adopted.plan.unit(&unit.id).is_none() {
            let (what, lift) = if unit.working() {
                ("is under way", String::new())
            } else {
                (
                    "was changed in this session",
                    format!("; golive rollout exclude {} has nobody wait for it", unit.id),
                )
            };
            return Err(Refusal::rule(
                format!("{} {what} and is missing from the new plan", unit.id),
                format!("leaving it in the plan until the session is closed{lift}"),
            ));
        }
    }
    let mut lines: Vec<String> =
        differences.iter().map(|d| format!("{}: {} → {}", d.path, d.was, d.is)).collect();
    lines.extend(what_becomes_of_the_share(session, &adopted.plan));
    lines.extend(capacity::what_becomes_of_capacity(session, &adopted.plan));
    lines.extend(poll::would_stale(session, &Arc::new(adopted.at(session.profile())), None, now));
    Ok(vec![Event::Course(CourseEvent::PlanAdopted { adopted: adopted.clone(), differences: lines })])
}

/// Where stages go on beside each other hosts join only the stage whose turn it is: of one that was begun before nobody
/// would take them.
fn nobody_joins_what_is_through(session: &Session, plan: &Plan) -> Result<(), Refusal> {
    let pipeline = &session.pipeline;
    let turn = pipeline.running().map(|run| &run.environment);
    let through = |environment: &&Environment| {
        let begun = |run: &StageRun| run.environment == environment.name && run.started.is_some();
        pipeline.branches() && turn != Some(&environment.name) && pipeline.stages.iter().any(begun)
    };
    let mut hosts = plan.environments.values().filter(through).flat_map(Environment::hosts);
    match hosts.find(|host| session.plan().unit(&host.unit).is_none()) {
        None => Ok(()),
        Some(host) => Err(Refusal::rule(
            format!(
                "{} would join where a stage was begun before, and none takes it there any more",
                host.unit
            ),
            format!(
                "leaving {} out of the plan until this session is closed (:close); the next go-live takes it",
                host.unit
            ),
        )),
    }
}

/// What other hosts mean for a share that hosts stand for, while its stage is under way.
pub fn what_becomes_of_the_share(session: &Session, plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(run) = session.pipeline.running() else { return lines };
    let Some(weight) = run.weight().filter(|weight| *weight < Weight::ALL) else { return lines };
    let Some((index, _)) = plan.stage(&run.name) else { return lines };
    let units = plan.units_of(index);
    let come = units.iter().filter(|id| !run.units.contains(id)).count();
    if come > 0 {
        lines.push(format!(
            "{} to {}: of {weight} none is counted before it serves; empty ones come with the last share",
            counted(come, "host"),
            run.name
        ));
    }
    let serving: Vec<&Unit> = units
        .iter()
        .filter_map(|id| session.rollout.unit(id))
        .filter(|unit| unit.serves() && !rollout::weighs(session, run))
        .collect();
    let candidate = &session.course.release.candidate.version;
    let new = serving.iter().filter(|unit| unit.running() == Some(candidate)).count() as u32;
    let share = HostShare { wanted: weight, new, of: serving.len() as u32 };
    if units.len() < run.units.len() && share.is_more() {
        lines.push(format!("fewer hosts of {}: {}; none goes back by itself", run.name, share.words()));
    }
    lines
}

/// What the session's profile leaves out was chosen by a decider, with a reason: more than that only a decider adopts.
fn asks_no_less(session: &Session, plan: &Plan, actor: &Actor) -> Result<(), Refusal> {
    let profile = session.profile();
    let (was, is) = (session.plan().strictness.left_out(profile), plan.strictness.left_out(profile));
    let decides = || session.plan().people.values().filter(|person| person.has("decider"));
    let may = decides().any(|person| Some(&person.name) == actor.person());
    if may || !is.is_more_than(&was) {
        return Ok(());
    }
    let deciders: Vec<&str> = decides().map(|person| person.name.as_str()).collect();
    Err(Refusal::access(
        format!("the plan has {profile} leave out more than it did, and {actor} is no decider"),
        deciders.join(" or "),
    ))
}

/// The conductor read the file: only a change of what is known is a fact.
pub fn notice_file(session: &Session, digest: &Digest) -> Vec<Event> {
    let file = (*digest != session.course.adopted.digest).then(|| digest.clone());
    if session.course.differs == file {
        return Vec::new();
    }
    vec![Event::Course(CourseEvent::PlanDiffers { file })]
}

/// The structural difference, leaf by leaf, in the plan's own order.
pub fn difference(was: &Plan, is: &Plan) -> Vec<Difference> {
    let (Ok(was), Ok(is)) = (serde_json::to_value(was), serde_json::to_value(is)) else {
        return Vec::new();
    };
    let mut list = Vec::new();
    walk("", &was, &is, &mut list);
    list
}

fn walk(path: &str, was: &serde_json::Value, is: &serde_json::Value, list: &mut Vec<Difference>) {
    use serde_json::Value;
    if was == is {
        return;
    }
    match (was, is) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let here = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(&here, a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), list);
            }
        }
        (Value::Array(a), Value::Array(b)) => entries(path, a, b, list),
        _ => list.push(differs(path, value(path, was), value(path, is))),
    }
}

/// Entries that have a name are the same where they have the same name, wherever in the list they stand: an item
/// put in front changes no other. The others are compared place by place.
fn entries(path: &str, was: &[serde_json::Value], is: &[serde_json::Value], list: &mut Vec<Difference>) {
    use serde_json::Value;
    let names = |of: &[Value]| of.iter().map(name_of).collect::<Option<Vec<String>>>();
    let (Some(before), Some(after)) = (names(was), names(is)) else {
        for at in 0..was.len().max(is.len()) {
            let (was, is) = (was.get(at).unwrap_or(&Value::Null), is.get(at).unwrap_or(&Value::Null));
            walk(&format!("{path}[{at}]"), was, is, list);
        }
        return;
    };
    let find = |names: &[String], of: &[Value], name: &String| {
        names.iter().position(|other| other == name).and_then(|at| of.get(at)).cloned().unwrap_or_default()
    };
    let gone = before.iter().filter(|name| !after.contains(name));
    for name in after.iter().chain(gone) {
        let (was, is) = (find(&before, was, name), find(&after, is, name));
        walk(&format!("{path}[{name}]"), &was, &is, list);
    }
    let stay = |names: &[String], others: &[String]| -> Vec<String> {
        names.iter().filter(|name| others.contains(name)).cloned().collect()
    };
    let (was, is) = (stay(&before, &after), stay(&after, &before));
    if was != is {
        list.push(differs(path, was.join(", "), is.join(", ")));
    }
}

fn name_of(value: &serde_json::Value) -> Option<String> {
    let of = |key: &str| value.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
    ["name", "unit", "id", "role"].into_iter().find_map(of)
}

fn differs(path: &str, was: String, is: String) -> Difference {
    let while_running = ["capacity", "deadlines", "pools"]
        .iter()
        .any(|part| path.split(['.', '[']).any(|other| other == *part));
    Difference { path: path.to_owned(), was, is, while_running }
}

/// Lengths of time, which are stored in microseconds.
const SPANS: &[&str] = &[
    "bake",
    "budget",
    "drain_timeout",
    "due",
    "every",
    "for",
    "go_expires",
    "healthy_deadline",
    "interval",
    "lasting",
    "lasts",
    "latency",
    "min_healthy_time",
    "progress_deadline",
    "receipts",
    "soak",
    "stop_timeout",
    "timeout",
    "tolerance",
    "votes_expire",
    "warm",
    "within",
];

/// A value in words: a length of time as people say it.
fn value(path: &str, value: &serde_json::Value) -> String {
    let key = path.rsplit('.').next().unwrap_or_default();
    match value.as_u64().filter(|_| SPANS.contains(&key)) {
        Some(micros) => Span(micros).to_string(),
        None => brief(value),
    }
}

fn brief(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::Null => "none".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        // An entry that is new or gone is told by its title.
        serde_json::Value::Object(entry) if entry.get("title").is_some_and(serde_json::Value::is_string) => {
            entry["title"].as_str().unwrap_or_default().to_owned()
        }
        other => other.to_string(),
    };
    if text.chars().count() > 60 { text.chars().take(59).chain(['…']).collect() } else { text }
}
