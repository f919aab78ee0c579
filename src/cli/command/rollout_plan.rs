//! `golive rollout plan`: what starting the next stage would do, to be read before anything starts.

use std::fmt::Write as _;

use serde::Serialize;

use crate::{
    cli::{
        beside,
        columns::columns,
        command::{by_command, obstacles},
        context::Context,
        eta::Eta,
        exit::Exit,
        expected_times::ExpectedTimes,
        failure::Failure,
        past::{Past, nothing_yet},
        plan_steps,
        readiness::readiness,
    },
    domain::{
        calendar::near,
        name::UnitId,
        pipeline::{foresight, next_index, too_early},
        plan::Step,
        poll::go_valid,
        rollout::{self, Forecast, Preview},
        session::Session,
        time::WallTime,
        timeline,
    },
    report,
    tui::text::wrap,
};

/// `--json`: what a start would do, and how long that is expected to take.
#[derive(Serialize)]
struct Planned<'a> {
    #[serde(flatten)]
    preview: &'a Preview,
    times: ExpectedTimes,
    /// The stages that must have passed before it.
    after: Vec<String>,
    /// All stages that are still to come, and what is under way.
    whole: Eta,
    /// What each step does, and what to look for meanwhile, in the order of the steps; where that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explained: Vec<&'static str>,
}

/// What a start would do, from the journal alone.
pub fn plan(explain: bool, context: &Context) -> Result<Exit, Failure> {
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
    let next = next_index(&session).unwrap_or_default();
    let steps = preview.steps.iter().filter(|_| explain);
    let planned = Planned {
        preview: &preview,
        explained: steps.map(report::step_help).collect(),
        after: if session.pipeline.branches() { beside::after(&session, &preview.stage) } else { Vec::new() },
        times: ExpectedTimes::of(&session, &timeline::ahead(&session, &forecast, next)),
        whole: Eta::of(&timeline::timeline(&session, &forecast, now).outlook, now.wall),
    };
    context.out.show(&planned, || words(&planned, ahead))?;
    Ok(if preview.obstacles.is_empty() { Exit::Done } else { Exit::NotReady })
}

/// When the window of the next stage closes, and whether its hosts are expected to be done by then.
pub fn foreseen(session: &Session, at: WallTime) -> Option<String> {
    let index = next_index(session).filter(|_| !session.course.is_over())?;
    let at = if session.course.started.is_some() { at } else { session.course.go_live.max(at) };
    let hosts = session.plan().units_of(index).len() as u32;
    let window = foresight(session, index, at, &Forecast::of(session), hosts).words(near);
    // What was declared is of no use then.
    let early = too_early(session, session.now).filter(|_| go_valid(session, session.now));
    match (window, early) {
        (Some(window), Some(early)) => Some(format!("{window}; {}", early.words())),
        (window, _) => window,
    }
}

/// What is under way at the same time, at the most.
fn at_once(preview: &Preview) -> String {
    if preview.steps.iter().any(Step::desires) {
        let most = preview.batches.iter().map(|batch| batch.units.len()).max().unwrap_or_default();
        return format!("{most}, as agents pull: no budget holds them once they are told");
    }
    preview.most_at_once().to_string()
}

/// Sentences are as wide as this beside the names of rows, on 80 columns.
const WIDE: usize = 62;

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
    let parts = preview.parts.iter().map(|part| row(part.component.as_str(), part.words()));
    let parts: Vec<_> = parts.collect();
    rows.splice(5..5, parts);
    if let Some(surge) = preview.surge_words() {
        rows.insert(5, row("surge", surge));
    }
    if let Some(regions) = preview.regions_words() {
        rows.insert(3, row("regions", regions));
    }
    if !preview.regions.is_empty() && !preview.first {
        let back =
            "brings all regions back together, within the capacity: it waits for no region and no hours";
        rows.push(row("way back", back.into()));
    }
    if let Some(first) = &preview.goes_first {
        let at = rows.iter().position(|row| row[0].trim() == "at once").unwrap_or_default();
        rows.insert(at, row("first", first.words()));
    }
    if !planned.after.is_empty() {
        rows.insert(0, row("after", planned.after.join(", ")));
    }
    if let Some(downtime) = &preview.downtime {
        rows.insert(3, row("DOWNTIME", format!("{}; {}", downtime.what(), downtime.how_long())));
    }
    if let Some(runs) = &preview.runs_now {
        let at = rows.iter().position(|row| row[0].trim() == "to").unwrap_or_default();
        rows.insert(at, row("RUNS NOW", runs.clone()));
    }
    rows.extend(preview.crossed.iter().map(|words| row("CROSSES", words.clone())));
    // Agents are told batch by batch, the first time as well.
    if preview.first && !preview.steps.iter().any(Step::desires) {
        rows.push(row(
            "strategy",
            "none: a first deploy, with nothing beside it to compare or to go back to".into(),
        ));
    }
    let agents = preview.steps.iter().any(Step::desires);
    if preview.steps.len() > 1 || agents || !planned.explained.is_empty() {
        let mut told: Vec<&str> = Vec::new();
        for (nth, step) in plan_steps::rows(preview).enumerate() {
            rows.push(step);
            // What was said of a step like it is not said again.
            if let Some(help) = planned.explained.get(nth).filter(|help| !told.contains(help)) {
                rows.extend(wrap(help, WIDE).into_iter().map(|line| row("", line)));
                told.push(help);
            }
        }
    }
    rows.extend(planned.times.rows());
    if let Some(budget) = preview.stage_budget {
        rows.push(row(
            "budget",
            format!("{budget} for the whole stage: past it somebody is told, and nothing ends"),
        ));
    }
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
    rows.extend(preview.conflict.iter().map(|words| row("CONFLICT", by_command::by_command(words))));
    let later = preview.regions.iter().skip(1);
    let later = later.flat_map(|region| region.windows.iter().filter(|it| !preview.windows.contains(it)));
    for window in preview.windows.iter().chain(later) {
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
