//! `golive timeline`: the parts of the go-live, with what was expected of each, what it took, and when it all ends.

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{
        columns::columns,
        conducted::Conducted,
        context::Context,
        eta::Eta,
        exit::Exit,
        expected_times::ExpectedPart,
        failure::Failure,
        past::{Past, nothing_yet},
    },
    domain::{
        rehearsal::{self, Rehearsed},
        rollout::Forecast,
        time::{Now, Span},
        timeline::{Row, Timeline, timeline},
    },
    report::utc,
};

#[derive(Debug, Args)]
pub struct Arguments {}

/// `--json`: the timeline.
#[derive(Serialize)]
struct Told {
    parts: Vec<Part>,
    /// Whether these steps were rehearsed, in words; none: it is over, or is a rehearsal or the demo itself.
    rehearsal: Option<String>,
    eta: Eta,
}

#[derive(Serialize)]
struct Part {
    stage: Option<String>,
    planned: ExpectedPart,
    /// What it took when these steps were rehearsed; none: they were not.
    rehearsed_ms: Option<u64>,
    /// How it was played otherwise than the plan has it.
    rehearsed_otherwise: Option<String>,
    began: Option<String>,
    ended: Option<String>,
    /// How it fell short of what it was for.
    short: Option<String>,
    /// By the clock on the wall; none: it has not begun, or was given up.
    took_ms: Option<u64>,
    /// What is still to come of it; none: it is over, or never comes.
    left: Option<ExpectedPart>,
    /// The end hangs on it.
    critical: bool,
}

/// From the journal alone; a conductor is only asked whether it runs.
pub fn run(_: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let session = told.session;
    let now = footing.now(&session, context.wall());
    let line = timeline(&session, &Forecast::of(&session), now);
    let told = Told {
        parts: line.rows.iter().map(|row| part(row, now)).collect(),
        rehearsal: rehearsal::said(&session).map(|standing| standing.words()),
        eta: Eta::conducted(&line.outlook, footing.runs() || session.course.is_over(), now.wall),
    };
    let said = footing.above(words(&line, &told, now), context.out);
    context.out.show(&told, || said)?;
    Ok(Exit::Done)
}

/// How long it took by the clock on the wall, or has taken so far.
fn took(row: &Row, now: Now) -> Option<Span> {
    let until = row.ended.or_else(|| row.left.as_ref().map(|_| now))?;
    Some(until.wall.since(row.began?.wall))
}

fn part(row: &Row, now: Now) -> Part {
    Part {
        stage: row.stage.as_ref().map(ToString::to_string),
        planned: ExpectedPart::of(&row.what, &row.planned),
        rehearsed_ms: row.rehearsed.as_ref().map(|it| it.took.0 / 1_000),
        rehearsed_otherwise: row.rehearsed.as_ref().and_then(|it| it.otherwise.clone()),
        began: row.began.map(|at| utc(at.wall)),
        ended: row.ended.map(|at| utc(at.wall)),
        short: row.short.clone(),
        took_ms: took(row, now).map(|took| took.0 / 1_000),
        left: row.left.as_ref().map(|left| ExpectedPart::of(&row.what, left)),
        critical: row.critical,
    }
}

fn words(line: &Timeline, told: &Told, now: Now) -> String {
    // A column of nothing takes no room.
    let rehearsed = if line.rehearsed() { "rehearsed" } else { "" };
    let head = ["  part", "planned", rehearsed, "took", "ended"].map(str::to_owned);
    let rows = line.rows.iter().map(|row| {
        let took = match (took(row, now), row.ended) {
            (Some(took), Some(_)) => took.to_string(),
            (Some(took), None) => format!("{took} so far"),
            (None, _) => String::new(),
        };
        let rehearsed = row.rehearsed.as_ref().map_or_else(String::new, Rehearsed::words);
        let mark = if row.critical { "→" } else { " " };
        let ended = match (row.ended, &row.left) {
            (Some(at), _) => {
                let short = row.short.as_ref().map_or_else(String::new, |short| format!(": {short}"));
                format!("{}{short}", utc(at.wall))
            }
            (None, Some(_)) => String::new(),
            (None, None) => "not reached".to_owned(),
        };
        [format!("{mark} {}", row.name()), row.planned.words(), rehearsed, took, ended]
    });
    let mut text = columns(&std::iter::once(head).chain(rows).collect::<Vec<_>>());
    if let Some(rehearsal) = &told.rehearsal {
        text += rehearsal;
        text.push('\n');
    }
    for line in told.eta.words() {
        text += &line;
        text.push('\n');
    }
    text
}
