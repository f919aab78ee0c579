//! `golive rollout plan`: what starting the next stage would do, to be read before anything starts.

use std::fmt::Write as _;

use serde::Serialize;

use crate::{
    cli::{
        columns::columns,
        command::obstacles,
        context::Context,
        eta::Eta,
        exit::Exit,
        expected_times::ExpectedTimes,
        failure::Failure,
        past::{Past, nothing_yet},
        readiness::readiness,
    },
    domain::{
        calendar::near,
        counted::counted,
        effect::LaneStep,
        name::UnitId,
        pipeline::foresight,
        plan::Step,
        rollout::{self, BatchPreview, Forecast, Preview},
        session::Session,
        time::WallTime,
        timeline,
    },
    report,
};

/// `--json`: what a start would do, and how long that is expected to take.
#[derive(Serialize)]
struct Planned<'a> {
    #[serde(flatten)]
    preview: &'a Preview,
    times: ExpectedTimes,
    /// All stages that are still to come, and what is under way.
    whole: Eta,
}

/// What a start would do, from the journal alone.
pub fn plan(context: &Context) -> Result<Exit, Failure> {
    let past = Past::open(&context.project()?)?.ok_or_else(nothing_yet)?;
    let session = past.tell(context.everywhere.session.as_ref())?.session;
    let Some(preview) = rollout::preview(&session, context.now_of(&session)) else {
        return Err(Failure::new(
            Exit::Refused,
            "every stage has been started",
            "golive status says what is next",
        ));
    };
    let now = context.now_of(&session);
    let ahead = foreseen(&session, now.wall);
    let forecast = Forecast::of(&session);
    let next = session.pipeline.next_index().unwrap_or_default();
    let planned = Planned {
        preview: &preview,
        times: ExpectedTimes::of(&session, &timeline::ahead(&session, &forecast, next)),
        whole: Eta::of(&timeline::timeline(&session, &forecast, now).outlook, now.wall),
    };
    context.out.show(&planned, || words(&planned, ahead))?;
    Ok(if preview.obstacles.is_empty() { Exit::Done } else { Exit::NotReady })
}

/// When the window of the next stage closes, and whether its hosts are expected to be done by then.
pub fn foreseen(session: &Session, at: WallTime) -> Option<String> {
    let index = session.pipeline.next_index().filter(|_| !session.course.is_over())?;
    let at = if session.course.started.is_some() { at } else { session.course.go_live.max(at) };
    let hosts = session.plan().units_of(index).len() as u32;
    foresight(session, index, at, &Forecast::of(session), hosts).words(near)
}

/// `batch 2   3 hosts of eu-1: web-04, web-05, web-06; 3 at once, 1 may fail, lowest 24`
fn batch_in_words(batch: &BatchPreview) -> String {
    let hosts: Vec<&str> = batch.units.iter().map(UnitId::as_str).collect();
    if hosts.is_empty() {
        return "no further host".to_owned();
    }
    let count = counted(hosts.len(), "host");
    let group = batch.group.as_ref().map_or(String::new(), |group| format!(" of {group}"));
    let fail = match batch.tolerates {
        0 => "none may fail".to_owned(),
        some => format!("{some} may fail"),
    };
    format!(
        "{count}{group}: {}; {} at once, {fail}, lowest {}",
        hosts.join(", "),
        batch.at_once,
        batch.lowest
    )
}

/// Batches where there is nothing else, or every step.
fn steps(preview: &Preview) -> impl Iterator<Item = [String; 2]> {
    let takes_sides = preview.steps.iter().any(Step::takes_side_out);
    let only_batches = preview.steps.len() == preview.batches.len();
    preview.steps.iter().enumerate().map(move |(nth, step)| {
        let hosts = |batch: u32| preview.batches.get(batch as usize).map(batch_in_words).unwrap_or_default();
        let what = match step {
            Step::Deploy { batch, weight: None } => hosts(*batch),
            Step::Desire { batch } => desired_in_words(preview, *batch),
            Step::Deploy { batch, weight: Some(weight) } => format!("{weight}: {}", hosts(*batch)),
            Step::Gather { batch, at } if takes_sides => side_step(preview, *batch, *at),
            Step::Return { batch } => format!("{}: back into traffic", side(preview, *batch)),
            other => report::step(other),
        };
        [format!("  {} {}", if only_batches { "batch" } else { "step" }, nth + 1), what]
    })
}

/// `set 2.5.0 for 3 hosts: web-01, …; each installs it within 15 min, lowest 9`
fn desired_in_words(preview: &Preview, batch: u32) -> String {
    let Some(of) = preview.batches.get(batch as usize) else { return String::new() };
    let hosts: Vec<&str> = of.units.iter().map(UnitId::as_str).collect();
    let count = counted(hosts.len(), "host");
    let group = of.group.as_ref().map_or(String::new(), |group| format!(" of {group}"));
    let every = preview.rollback.agents.map_or_else(String::new, |agents| {
        format!(
            "; agents look every {}, each in its own time, so all of them may be out at once",
            agents.every
        )
    });
    format!(
        "set {} for {count}{group}: {}{every}, lowest {}",
        preview.to.version,
        hosts.join(", "),
        of.lowest
    )
}

fn side(preview: &Preview, batch: u32) -> &str {
    let batch = preview.batches.get(batch as usize);
    batch.and_then(|batch| batch.group.as_deref()).unwrap_or("the side")
}

/// What one side does, with who serves meanwhile.
fn side_step(preview: &Preview, batch: u32, at: LaneStep) -> String {
    let name = side(preview, batch);
    let Some(of) = preview.batches.get(batch as usize) else { return name.to_owned() };
    let limits = &preview.budget.limits;
    let hosts = of.units.len() as u32;
    match at {
        LaneStep::Fetch => {
            let units: Vec<&str> = of.units.iter().map(UnitId::as_str).collect();
            format!("{name}: bring the release to {}: {}", counted(units.len(), "host"), units.join(", "))
        }
        LaneStep::Drain => format!(
            "{name}: out of traffic, {} - {hosts} = {} serve alone, minimum {}; refused unless all of them are well",
            limits.hosts,
            limits.hosts.saturating_sub(hosts),
            limits.min_healthy
        ),
        _ => format!("{name}: change without traffic, {} at once", limits.max_parallel.min(hosts)),
    }
}

/// What is under way at the same time, at the most.
fn at_once(preview: &Preview) -> String {
    if preview.steps.iter().any(Step::desires) {
        let most = preview.batches.iter().map(|batch| batch.units.len()).max().unwrap_or_default();
        return format!("{most}, as agents pull: no budget holds them once they are told");
    }
    preview.budget.limits.max_parallel.to_string()
}

fn words(planned: &Planned<'_>, ahead: Option<String>) -> String {
    let preview = planned.preview;
    let hosts: Vec<&str> = preview.units.iter().map(UnitId::as_str).collect();
    let from = preview.from.as_ref().map_or("nothing before it".into(), ToString::to_string);
    let row = |name: &str, value: String| [format!("  {name}"), value];
    let mut rows = vec![
        row("from", from),
        row("to", preview.to.to_string()),
        row("hosts", format!("{}: {}", hosts.len(), hosts.join(", "))),
        row("at once", at_once(preview)),
        row("capacity", format!("{}; lowest on the way {}", preview.budget.words(), preview.lowest)),
        row("rollback", readiness(&preview.rollback)),
        row("conductor", preview.machine.clone()),
    ];
    if let Some(downtime) = &preview.downtime {
        rows.insert(3, row("DOWNTIME", format!("{}; {}", downtime.what(), downtime.how_long())));
    }
    if preview.first {
        rows.push(row(
            "strategy",
            "none: a first deploy, with nothing beside it to compare or to go back to".into(),
        ));
    }
    let agents = preview.steps.iter().any(Step::desires);
    if preview.steps.len() > 1 || agents {
        rows.extend(steps(preview));
    }
    rows.extend(planned.times.rows());
    rows.push(row("in all", planned.whole.in_all().to_owned()));
    if preview.requests_may_fail {
        rows.push(row("requests", "may fail: no balancer takes a host out before it is changed".into()));
    }
    if preview.not_locked {
        rows.push(row(
            "lock",
            "not locked at the target: conductors that share no journal are not kept apart".into(),
        ));
    }
    for window in &preview.windows {
        let turns = match (&window.turns, window.open) {
            (Some(at), true) => format!("closes {at}"),
            (Some(at), false) => format!("CLOSED, opens {at}"),
            (None, true) => "open".to_owned(),
            (None, false) => "CLOSED, and no opening is known".to_owned(),
        };
        rows.push(row(&window.what, format!("{turns} · {}", window.says)));
    }
    if let Some(ahead) = ahead {
        rows.push(row("ahead", ahead));
    }
    if let Some(why) = &preview.may_sleep {
        rows.push(row("sleep", format!("not inhibited: {why}")));
    }
    let mut text = format!("{} of {}\n{}", preview.stage, preview.environment, columns(&rows));
    if !preview.obstacles.is_empty() {
        let _ = write!(text, "in the way, {}:\n{}", preview.obstacles.len(), obstacles(&preview.obstacles));
    }
    text
}
