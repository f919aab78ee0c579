//! `golive sessions`: the project's go-lives, the newest first.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::{
    cli::{
        columns::columns, conducted::Conducted, context::Context, exit::Exit, failure::Failure, moment,
        past::Past, queueing::QueueLine,
    },
    domain::project::SessionLine,
    report::utc,
};

/// `--json`: one a line; those that wait follow, the next one first.
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
        for line in sessions.iter().rev() {
            context.out.object(&Line::of(line))?;
        }
        for line in &queue {
            context.out.object(line)?;
        }
        return Ok(Exit::Done);
    }
    if sessions.is_empty() && queue.is_empty() {
        context
            .out
            .say(format!("{}: no session yet; golive open VERSION --at TIME starts one", project.name))?;
        return Ok(Exit::Done);
    }
    // Between two of them nothing is open only until a conductor runs.
    let open = sessions.iter().any(|line| line.ending.is_none());
    let alone = !open && queue.first().is_some_and(QueueLine::opens);
    // Whoever conducts looks at its artifact first, and opens it then.
    let opens = match alone {
        true if Conducted::ask(&project, context)?.runs() => {
            "; it opens by itself, once its artifact was looked at"
        }
        true => "; no conductor runs: golive open opens it now",
        false => "",
    };
    for (at, line) in queue.iter().enumerate().rev() {
        let alone = if at == 0 { opens } else { "" };
        context.out.say(format!("queued {}{alone}", line.words()))?;
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
