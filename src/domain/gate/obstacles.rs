//! What is in the way, gate by gate, in the order in which a release lead wants it, each with what would lift it. An
//! empty list is a yes.

use std::collections::BTreeSet;

use super::well::sick;
use crate::domain::{
    checklist::{self, When},
    counted::counted,
    drill,
    effect::Health,
    lock,
    name::{EnvironmentName, StageName, UnitId, Version},
    operation,
    pipeline::{self, StageRun, StageState},
    plan::{Promote, SecondGoLive, Strategy},
    poll,
    refusal::{Obstacle, ObstacleKind},
    rollout,
    session::Session,
    signal,
    time::{Now, Span},
};

/// So many hosts are named one by one; the others are counted.
pub(super) const NAMED: usize = 10;

pub(super) fn obstacle(
    kind: ObstacleKind,
    what: &str,
    why: String,
    lift: impl Into<String>,
    who: &str,
) -> Obstacle {
    Obstacle { kind, what: what.to_owned(), why, lift: lift.into(), who: who.to_owned() }
}

/// Before a GO is declared.
pub fn to_go(session: &Session, now: Now) -> Vec<Obstacle> {
    let items = checklist::obstacles(session, now, When::BeforeGo);
    let (stoppers, items): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|o| matches!(o.kind, ObstacleKind::ShowStopper(_)));
    let votes = poll::tally(session, now).obstacles();
    let (noes, votes): (Vec<_>, Vec<_>) =
        votes.into_iter().partition(|o| matches!(o.kind, ObstacleKind::NoGo(_)));
    let mut list = stoppers;
    list.extend(noes);
    list.extend(hold(session));
    list.extend(stopped(session));
    list.extend(drill::obstacles(session, now));
    list.extend(items);
    list.extend(not_passed(session, session.plan().before_the_poll()));
    list.extend(votes);
    list
}

/// Whether it is a closed window, which may be overridden.
pub fn is_window(obstacle: &Obstacle) -> bool {
    obstacle.kind == ObstacleKind::Window
}

/// Before the next stage is started by hand (`S`).
pub fn to_start(session: &Session, index: usize, now: Now) -> Vec<Obstacle> {
    let mut list = Vec::new();
    let mut named = Vec::new();
    for run in session.pipeline.under_way() {
        let Some((at, _)) = session.plan().stage(&run.name) else { continue };
        if session.pipeline.comes_after(index, at) || session.pipeline.comes_after(at, index) {
            let left = match run.state {
                StageState::Ready => "its promotion (P)",
                _ => "its end, and its promotion (P)",
            };
            let why = format!("is {}", run.state.word());
            list.push(obstacle(ObstacleKind::Stage, run.name.as_str(), why, left, ""));
            named.push(&run.name);
        } else if run.state == StageState::Rolling {
            let left = "its hosts being done; hosts of one stage are changed at a time";
            list.push(obstacle(ObstacleKind::Stage, "the line", rolls(session, run), left, ""));
        }
    }
    list.extend(to_follow(session, index, &named, now));
    list
}

/// `gamma rolls: 3 of 8 hosts done`.
pub fn rolls(session: &Session, run: &StageRun) -> String {
    let done = session.rollout.done_in(&run.name);
    format!("{} rolls: {done} of {} done", run.name, counted(run.units.len() as u64, "host"))
}

/// Before a stage starts by hand.
fn to_follow(session: &Session, index: usize, named: &[&StageName], now: Now) -> Vec<Obstacle> {
    let mut list = show_stoppers(session, index, now);
    list.extend(looked_after(session));
    list.extend(hold(session));
    list.extend(stopped(session));
    list.extend(to_begin(session, index, named, "S", now));
    list
}

/// While hosts are looked after nothing is rolled out, and nothing is while a drill is under way.
fn looked_after(session: &Session) -> Vec<Obstacle> {
    operation::obstacle(session).into_iter().chain(drill::under_way(session)).collect()
}

/// From the poll on, what is a show-stopper keeps every stage from its start.
fn show_stoppers(session: &Session, index: usize, now: Now) -> Vec<Obstacle> {
    if index < session.plan().poll_index() {
        return Vec::new();
    }
    let mut list = checklist::obstacles(session, now, When::BeforeGo);
    list.retain(|o| matches!(o.kind, ObstacleKind::ShowStopper(_)));
    list
}

/// What a stage itself needs to begin, by this key: with its own start, or with the promotion of the one before. Of the
/// stages before it these are known.
fn to_begin(session: &Session, index: usize, known: &[&StageName], key: &str, now: Now) -> Vec<Obstacle> {
    let mut list = Vec::new();
    if index >= session.plan().poll_index() && session.course.started.is_none() {
        list.extend(drill::obstacles(session, now));
    }
    if index >= session.plan().poll_index()
        && session.course.started.is_none()
        && !poll::go_valid(session, now)
    {
        let why = match &session.poll.declared {
            None => "no GO is declared",
            Some(declared) if declared.decision == poll::Decision::NoGo => "NO-GO is declared",
            Some(_) => "the GO has expired",
        };
        let decider = session.plan().people.values().find(|person| person.has("decider"));
        let who = decider.map_or("", |person| person.name.as_str());
        list.push(obstacle(ObstacleKind::Decision, "decision", why.into(), "a GO declared (D)", who));
    }
    if session.pipeline.is_rolling_back()
        || session.pipeline.stages.iter().any(|run| run.state == StageState::RolledBack)
    {
        let why = "this release was rolled back".to_owned();
        list.push(obstacle(
            ObstacleKind::Stage,
            "rollback",
            why,
            "closing, and opening the next session",
            "",
        ));
    }
    if let Some(stage) = session.plan().stages.get(index) {
        let before = (0..session.pipeline.stages.len()).filter(|at| session.pipeline.comes_after(index, *at));
        let before = not_passed(session, before);
        list.extend(before.into_iter().filter(|o| !known.iter().any(|name| name.as_str() == o.what)));
        list.extend(hosts(session, &stage.environment));
        list.extend(exclusive(session, index));
        list.extend(third(session, index));
        list.extend(rollout::side_obstacle(session, index).map(|(what, why)| {
            obstacle(ObstacleKind::Hosts, &what, why, "the other side being well, and enough for all", "")
        }));
        list.extend(lock::obstacle(session, &stage.environment, now));
    }
    list.extend(pipeline::window_obstacles(session, index, key, now));
    list
}

/// Before the stage is promoted that `P` would promote; none: no stage is under way.
pub fn to_promote_next(session: &Session, now: Now) -> Vec<Obstacle> {
    promotable(session, now).map_or_else(Vec::new, |run| to_promote(session, run, now))
}

/// The stage that `P` promotes.
pub fn promotable(session: &Session, now: Now) -> Option<&StageRun> {
    pipeline::promotable(session, |run| to_promote(session, run, now).is_empty())
}

/// Before this stage is promoted.
pub fn to_promote(session: &Session, run: &StageRun, now: Now) -> Vec<Obstacle> {
    let mut list = hold(session);
    list.extend(stopped(session));
    let counts = session.rollout.counts(&run.environment);
    if run.state == StageState::Rolling || counts.working > 0 {
        let why = format!("{} waiting, {} working", counts.waiting, counts.working);
        let lift = rollout::lets_them_end(session, &run.environment);
        list.push(obstacle(ObstacleKind::Stage, "hosts", why, lift, ""));
    }
    list.extend(pipeline::validation_obstacles(session, run));
    if let Some(left) = pipeline::bake_left(session, run, now).filter(|left| *left > Span::ZERO) {
        list.push(obstacle(ObstacleKind::Time, "bake", format!("{left} left"), "its end", ""));
    }
    if let Some(bake) = pipeline::bake_ahead(session, run) {
        let lift = "its end; it begins once all else has passed";
        list.push(obstacle(ObstacleKind::Time, "bake", format!("{bake}, not begun"), lift, ""));
    }
    list.extend(sick(session, &run.environment));
    list.extend(agents(session, &run.environment));
    list.extend(signal::unproven(session, &run.environment).map(|standing| {
        let lift = "a look at what its balancer counts";
        obstacle(ObstacleKind::Hosts, run.environment.as_str(), standing.words(), lift, "")
    }));
    if let Some(next) = pipeline::follows(session, run) {
        // The next stage starts with this promotion: what would keep it from that is said now, and not when this
        // one has passed and nobody waits for anything any more.
        list.extend(show_stoppers(session, next, now));
        // What this stage itself lacks was asked about already.
        list.extend(to_begin(session, next, &[&run.name], "P", now));
    }
    list
}

/// Before a stage goes on after a step that looks at what runs: the hosts that have the new version must be well.
pub fn to_go_on(session: &Session, run: &StageRun) -> Vec<Obstacle> {
    let mut list = hold(session);
    list.extend(stopped(session));
    if !run.settled(session) {
        list.push(obstacle(ObstacleKind::Stage, "hosts", "not all are through".to_owned(), "their end", ""));
    }
    list.extend(sick(session, &run.environment));
    list
}

/// Where agents change the hosts: one that drifted, or a store of which nobody knows what it holds.
fn agents(session: &Session, environment: &EnvironmentName) -> Option<Obstacle> {
    let why = rollout::agents_in_the_way(session, environment)?;
    Some(obstacle(
        ObstacleKind::Hosts,
        "agents",
        why,
        "every host having converged, and a store that is read",
        "",
    ))
}

fn hold(session: &Session) -> Vec<Obstacle> {
    let Some(hold) = &session.course.hold else { return Vec::new() };
    let by = hold.by.as_ref().map_or("somebody", |person| person.as_str());
    let why = if hold.reason.is_empty() { format!("by {by}") } else { format!("by {by}: {}", hold.reason) };
    vec![obstacle(ObstacleKind::Hold, "HOLD", why, "CONTINUE (C)", by)]
}

/// What stopped the line, each with what lets it go on.
pub fn stopped(session: &Session) -> Vec<Obstacle> {
    let watch = session.course.watch.by.as_ref().map_or("", |person| person.as_str());
    rollout::troubles(session)
        .into_iter()
        .map(|trouble| {
            obstacle(ObstacleKind::NeedsHuman, "NEEDS A HUMAN", trouble.words(), trouble.lift(session), watch)
        })
        .collect()
}

/// Where a release is live: the stages that have not passed, but for the one that alone is left.
pub fn to_pass(session: &Session) -> Vec<Obstacle> {
    let first = session.pipeline.running().map(|run| &run.name);
    let first = first.filter(|name| session.pipeline.ends_with(name));
    let others = (0..session.pipeline.stages.len())
        .filter(|index| Some(&session.pipeline.stages[*index].name) != first);
    not_passed(session, others)
}

/// Those of these stages that have not passed.
fn not_passed(session: &Session, stages: impl IntoIterator<Item = usize>) -> Vec<Obstacle> {
    let stages = stages.into_iter().filter_map(|index| session.pipeline.stages.get(index));
    stages
        .filter(|run| run.state != StageState::Passed)
        .map(|run| {
            let by_itself =
                session.plan().stage(&run.name).map(|(_, stage)| stage.promote) == Some(Promote::Automatic);
            let lift = match run.state {
                StageState::Waiting => "its start (S)",
                StageState::Ready => "its promotion (P)",
                _ if by_itself => "its end",
                _ => "its promotion (P)",
            };
            obstacle(ObstacleKind::Stage, run.name.as_str(), format!("is {}", run.state.word()), lift, "")
        })
        .collect()
}

/// Hosts must be observed before they are touched. Sick ones may be deployed to (they go first); unknown ones not.
fn hosts(session: &Session, environment: &EnvironmentName) -> Vec<Obstacle> {
    let units = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let unseen: Vec<&str> =
        units.filter(|unit| unit.fresh().is_none()).map(|unit| unit.id.as_str()).collect();
    let Some(first) = unseen.first() else { return Vec::new() };
    let why = match unseen.len() {
        1 => format!("{first} not observed"),
        n => format!("{first} and {} more not observed", n - 1),
    };
    vec![obstacle(ObstacleKind::Hosts, "hosts", why, "an observation of every host", "")]
}

/// Where every host is stopped before one is deployed: a host that stays outside must not run another version, and one
/// that is to be stopped must be known well enough to show that it is.
fn exclusive(session: &Session, index: usize) -> Vec<Obstacle> {
    let Some(stage) = session.plan().stages.get(index).filter(|stage| stage.strategy == Strategy::StopAll)
    else {
        return Vec::new();
    };
    let taken: BTreeSet<UnitId> = session.plan().units_of(index).into_iter().collect();
    let wanted = &session.course.release.candidate.version;
    let here = session.rollout.units().iter().filter(|unit| unit.environment == stage.environment);
    let found = here.filter_map(|unit| {
        let seen = unit.fresh()?;
        let (id, unknown) = (&unit.id, seen.health == Health::Unknown);
        let why = seen.why.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
        let (what, lift) = match &seen.runs {
            _ if seen.stranger.is_some() => return rollout::stranger_obstacle(unit),
            _ if taken.contains(id) && !unknown => return None,
            _ if taken.contains(id) => (
                format!("whether {id} runs is unknown{why}, so it could not be shown to be stopped"),
                "an observation that tells".to_owned(),
            ),
            Some(runs) if runs == wanted => return None,
            Some(runs) => {
                let runs = if seen.health == Health::Healthy {
                    format!("runs {runs}")
                } else {
                    format!("may run {runs}")
                };
                let lift = format!("taking {id} into {}, or {wanted} on it", stage.name);
                (format!("{id} {runs} and is not in this stage: no two versions may run side by side"), lift)
            }
            None if unknown => (
                format!("what {id} runs is unknown{why}, and it is not in this stage"),
                "an observation that tells".to_owned(),
            ),
            None => return None,
        };
        Some(obstacle(ObstacleKind::Hosts, id.as_str(), what, lift, ""))
    });
    let mut list: Vec<Obstacle> = found.take(NAMED + 1).collect();
    if list.len() > NAMED {
        list.pop();
        list.push(obstacle(ObstacleKind::Hosts, "hosts", "and more like these".to_owned(), "the same", ""));
    }
    list
}

/// Where a second go-live supersedes the first, three versions never serve together: what an earlier session left as it was
/// is brought to one version before another one begins. Where all hosts are stopped first none of them serve together.
fn third(session: &Session, index: usize) -> Option<Obstacle> {
    let stage = session.plan().stages.get(index)?;
    let began = session.pipeline.from_in(&stage.environment).is_some();
    if session.plan().second != SecondGoLive::Superseding || began || stage.strategy == Strategy::StopAll {
        return None;
    }
    let serve: Vec<&str> =
        rollout::serving(session, &stage.environment).into_iter().map(Version::as_str).collect();
    let new = &session.course.release.candidate.version;
    let why = format!("{} serve already, {new} would be one more", serve.join(" and "));
    let lift = "bringing all to one of them: closing this and opening that one";
    (serve.len() > 1).then(|| obstacle(ObstacleKind::Hosts, stage.environment.as_str(), why, lift, ""))
}
