//! `golive drill`: which drills are due, their attempts and what was found of them; starting one.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{
        account::Account,
        columns::columns,
        conducted::{Conducted, Footing},
        context::Context,
        exit::Exit,
        failure::Failure,
        link::Link,
        past::{Past, nothing_yet},
    },
    domain::{
        command::Command,
        drill::{AttemptLine, Case, DrillCommand, Entry, Finding, due, so_far},
        name::DrillName,
        operation::OperationCommand,
        plan::Drill,
        rollout,
        session::Session,
        time::Now,
    },
    report::utc,
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the drills: when each is due, and how its last attempt ended
    List,
    /// Show the attempts at a drill, and what was found of each
    Status {
        /// The drill
        #[arg(value_name = "DRILL")]
        drill: DrillName,
    },
    /// Begin an attempt; whatever a human does until its end counts against it
    Start {
        /// The drill
        #[arg(value_name = "DRILL")]
        drill: DrillName,
        /// Begin it outside the hours in which it may, for this reason; it stands in the record
        #[arg(long, value_name = "REASON")]
        outside_window: Option<String>,
        /// Tell what happens until it is over
        #[arg(long)]
        wait: bool,
    },
    /// Give the attempt up that is under way: hosts that are out come back at once, no further one is taken, and it has not
    /// passed
    Stop {
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
    },
    /// Say what was mended after an attempt that did not pass
    Note {
        /// The drill
        #[arg(value_name = "DRILL")]
        drill: DrillName,
        /// What was mended
        fix: String,
    },
    /// Close a drill as passed; refused as long as none of its attempts did
    Close {
        /// The drill
        #[arg(value_name = "DRILL")]
        drill: DrillName,
    },
}

impl Arguments {
    /// The drill whose attempts are asked for.
    fn of(&self) -> Option<DrillName> {
        match &self.what {
            Some(What::Status { drill }) => Some(drill.clone()),
            _ => None,
        }
    }
}

/// What is asked of the conductor; none: the list. An attempt is given up where one is under way, as far as is known.
pub fn asks(arguments: Arguments, session: Option<&Session>) -> Result<Option<Command>, Failure> {
    let Some(what) = arguments.what else { return Ok(None) };
    Ok(Some(match what {
        What::List | What::Status { .. } => return Ok(None),
        What::Start { drill, outside_window: Some(reason), .. } => {
            DrillCommand::StartOutside { drill, reason }.into()
        }
        What::Start { drill, .. } => DrillCommand::Start { drill }.into(),
        What::Stop { .. } if session.is_some_and(|session| session.drills.running.is_none()) => {
            return Err(Failure::new(
                Exit::Refused,
                "no drill is under way",
                "nothing: there is nothing to give up",
            ));
        }
        What::Stop { reason } => OperationCommand::Stop { reason }.into(),
        What::Note { drill, fix } => DrillCommand::Note { drill, fix }.into(),
        What::Close { drill } => DrillCommand::Close { drill }.into(),
    }))
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let of = arguments.of();
    let begins = match &arguments.what {
        Some(What::Start { drill, wait: true, .. }) => Some(drill.clone()),
        None | Some(What::List | What::Status { .. }) => return show(of.as_ref(), context),
        Some(_) => None,
    };
    let wrong = || Failure::internal("the list asks for nothing");
    match begins {
        Some(drill) => attempted(&drill, asks(arguments, None)?.ok_or_else(wrong)?, context),
        None => context.act(|session| asks(arguments, Some(session))?.ok_or_else(wrong)),
    }
}

/// Until the attempt is over, which is the exit status, or a human is needed.
fn attempted(drill: &DrillName, command: Command, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    context.wait(async {
        let mut link = Link::open(context, &project).await?;
        let account = Account::of_steps(context.out);
        account.learn(link.session()?);
        link.send(command).await?.tell(context.out)?;
        while link.session()?.drills.running.is_some() {
            if !rollout::troubles(link.session()?).is_empty() {
                return Ok(Exit::WaitsForHuman);
            }
            link.tell_next(&account).await?;
        }
        let passed = link.session()?.drills.book.get(drill).and_then(Entry::last);
        let passed = passed.is_some_and(AttemptLine::passed);
        Ok(if passed { Exit::Done } else { Exit::Failed })
    })
}

/// `--json` of `drill list`: one a line; of `drill status`: this one alone.
#[derive(Serialize)]
struct Line<'a> {
    footing: &'a Footing,
    drill: String,
    /// None: the adopted plan has it no longer.
    kind: Option<&'static str>,
    environment: Option<String>,
    hosts: Vec<String>,
    due: String,
    overdue: bool,
    /// An attempt was made, and none has passed yet.
    open: bool,
    last_passed: Option<String>,
    running: Option<Running>,
    cases: Vec<Attempts>,
}

#[derive(Serialize)]
struct Running {
    attempt: u32,
    began: String,
    /// What the record says so far.
    findings: Vec<Finding>,
}

/// The attempts until one passed.
#[derive(Serialize)]
struct Attempts {
    open: bool,
    attempts: Vec<Attempted>,
}

#[derive(Serialize)]
struct Attempted {
    attempt: u32,
    session: String,
    by: Option<String>,
    began: String,
    ended: String,
    passed: bool,
    findings: Vec<Finding>,
    fix: Option<String>,
    /// Why it was begun outside the hours in which it may; none: it was not.
    outside: Option<String>,
}

impl Attempts {
    fn of(case: &Case) -> Self {
        let attempted = |line: &AttemptLine| Attempted {
            attempt: line.number,
            session: line.session.to_string(),
            by: line.by.as_ref().map(ToString::to_string),
            began: utc(line.began),
            ended: utc(line.ended),
            passed: line.passed(),
            findings: line.findings.clone(),
            fix: line.fix.as_ref().map(|fix| fix.text.clone()),
            outside: line.outside.as_ref().map(|outside| outside.reason.clone()),
        };
        Self { open: case.is_open(), attempts: case.attempts.iter().map(attempted).collect() }
    }
}

fn show(of: Option<&DrillName>, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let session = &told.session;
    let now = footing.now(session, context.wall());
    let known = session.plan().drills.keys().chain(session.drills.book.iter().map(|(name, _)| name));
    let mut names: Vec<&DrillName> = known.collect();
    names.sort();
    names.dedup();
    if let Some(of) = of {
        if !names.contains(&of) {
            let known: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            return Err(Failure::usage(
                format!("there is no drill {of}"),
                format!("known: {}", known.join(", ")),
            ));
        }
        let line = line(session, of, &footing, now);
        context.out.show(&line, || whole(&line))?;
        return Ok(Exit::Done);
    }
    let lines: Vec<Line<'_>> = names.iter().map(|name| line(session, name, &footing, now)).collect();
    if context.out.is_json() {
        for line in &lines {
            context.out.object(line)?;
        }
        return Ok(Exit::Done);
    }
    let notes = footing.words().iter().cloned();
    let rows: Vec<[String; 5]> = lines.iter().map(row).collect();
    let none = || "no drill is declared: [drills.NAME] in golive.toml".to_owned();
    let table = if rows.is_empty() { none() } else { columns(&rows) };
    context.out.say(notes.chain([table]).collect::<Vec<_>>().join("\n"))?;
    Ok(Exit::Done)
}

fn line<'a>(session: &Session, name: &DrillName, footing: &'a Footing, now: Now) -> Line<'a> {
    let declared = session.plan().drills.get(name);
    let entry = session.drills.book.get(name);
    let due = due(&session.drills.book, name, session.plan().zone(), now.wall);
    let running = session.drills.running.as_deref().filter(|attempt| attempt.drill == *name);
    Line {
        footing,
        drill: name.to_string(),
        kind: declared.map(|drill| drill.kind.word()),
        environment: declared.map(|drill| drill.environment.to_string()),
        hosts: declared.map_or_else(Vec::new, |it| hosts(session, it)),
        due: due.to_string(),
        overdue: due.is_overdue(),
        open: entry.is_some_and(|entry| entry.open().is_some()),
        last_passed: entry.and_then(Entry::passed).map(|passed| utc(passed.ended)),
        running: running.map(|attempt| Running {
            attempt: attempt.number,
            began: utc(attempt.began.wall),
            findings: so_far(session),
        }),
        cases: entry.map_or_else(Vec::new, |entry| entry.cases.iter().map(Attempts::of).collect()),
    }
}

/// The hosts that it is about, by who is primary now.
fn hosts(session: &Session, drill: &Drill) -> Vec<String> {
    let environment = session.plan().environments.get(&drill.environment);
    let primary = rollout::primary(session, &drill.environment);
    let units = environment.map_or_else(Vec::new, |environment| drill.kind.hosts(environment, primary));
    units.iter().map(ToString::to_string).collect()
}

/// How its last attempt ended, in a word.
fn last(line: &Line<'_>) -> String {
    if let Some(running) = &line.running {
        return format!("attempt {} under way", running.attempt);
    }
    let attempt = line.cases.last().and_then(|case| case.attempts.last());
    match attempt {
        None => "never tried".to_owned(),
        Some(attempt) if attempt.passed => format!("attempt {} PASSED {}", attempt.attempt, attempt.ended),
        Some(attempt) => format!("OPEN: attempt {} NOT PASSED {}", attempt.attempt, attempt.ended),
    }
}

fn row(line: &Line<'_>) -> [String; 5] {
    let kind = line.kind.unwrap_or("not in the plan");
    let hosts = line.hosts.join(", ");
    [line.drill.clone(), kind.to_owned(), hosts, line.due.clone(), last(line)]
}

/// What it does where, and then how it stands: `replace-web: replace in production: web-01`, `  due in 2026-Q4 · never tried`.
fn head(line: &Line<'_>) -> [String; 2] {
    let what = match (line.kind, &line.environment) {
        (Some(kind), Some(environment)) => format!("{kind} in {environment}: {}", line.hosts.join(", ")),
        _ => "not in the adopted plan".to_owned(),
    };
    [format!("{}: {what}", line.drill), format!("  {} · {}", line.due, last(line))]
}

fn whole(line: &Line<'_>) -> String {
    let mut lines: Vec<String> = line.footing.words().to_vec();
    lines.extend(head(line));
    for attempt in line.cases.iter().flat_map(|case| &case.attempts) {
        let by = attempt.by.as_ref().map_or(String::new(), |by| format!(" by {by}"));
        let how = if attempt.passed { "PASSED" } else { "NOT PASSED" };
        lines.push(format!("attempt {} {how}, {} to {}{by}", attempt.attempt, attempt.began, attempt.ended));
        lines.extend(attempt.outside.iter().map(|why| format!("  begun outside its hours: {why}")));
        lines.extend(attempt.findings.iter().map(|finding| format!("  {finding}")));
        lines.extend(attempt.fix.iter().map(|fix| format!("  mended: {fix}")));
    }
    if let Some(running) = &line.running {
        lines.push(format!("attempt {} under way since {}; so far:", running.attempt, running.began));
        lines.extend(running.findings.iter().map(|finding| format!("  {finding}")));
    }
    lines.join("\n")
}
