//! `golive sessions`: the project's go-lives, the newest first.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::{
    cli::{
        columns::columns, context::Context, exit::Exit, failure::Failure, moment, past::Past,
        queueing::QueueLine,
    },
    domain::project::SessionLine,
    report::utc,
};

/// `--json`: one a line, after those that wait, the last of them first.
#[derive(Serialize)]
struct Line {
    session: String,
    version: String,
    digest: String,
    mode: &'static str,
    opened: String,
    /// None: it is open.
    ending: Option<&'static str>,
}

impl Line {
    fn of(line: &SessionLine) -> Self {
        Self {
            session: line.id.to_string(),
            version: line.candidate.version.to_string(),
            digest: line.candidate.digest.to_string(),
            mode: line.mode.word(),
            opened: utc(line.opened),
            ending: line.ending.as_ref().map(crate::domain::course::Ending::word),
        }
    }
}

pub fn run(context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?;
    let sessions = past.as_ref().map_or(&[][..], Past::sessions);
    let queue = QueueLine::all(past.as_ref().map_or(&[][..], |past| past.project().queue()));
    if context.out.is_json() {
        for line in queue.iter().rev() {
            context.out.object(line)?;
        }
        for line in sessions.iter().rev() {
            context.out.object(&Line::of(line))?;
        }
        return Ok(Exit::Done);
    }
    if sessions.is_empty() && queue.is_empty() {
        context
            .out
            .say(format!("{}: no session yet; golive open VERSION --at TIME starts one", project.name))?;
        return Ok(Exit::Done);
    }
    for line in queue.iter().rev() {
        context.out.say(format!("queued {}", line.words()))?;
    }
    let zone = TimeZone::system();
    let rows: Vec<[String; 5]> = sessions
        .iter()
        .rev()
        .map(|line| {
            [
                line.id.to_string(),
                line.candidate.to_string(),
                line.mode.word().to_owned(),
                line.ending.as_ref().map_or("open", crate::domain::course::Ending::word).to_owned(),
                moment::full(line.opened, &zone),
            ]
        })
        .collect();
    context.out.say(columns(&rows))?;
    Ok(Exit::Done)
}
