//! `golive repair`: what golive does by itself about hosts that are dead; suspending that, and resuming it.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{
        columns::columns,
        conducted::{Conducted, Footing},
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, nothing_yet},
    },
    domain::{
        name::EnvironmentName,
        operation::{OperationCommand, Repaired, unwell},
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
    /// Have golive repair and replace no host there by itself; what is under way finishes
    Suspend {
        /// The environment
        #[arg(value_name = "ENVIRONMENT")]
        environment: EnvironmentName,
        /// Why; it stands in the record and on the screen
        #[arg(long)]
        reason: String,
    },
    /// Have it do so again, also after it stopped by itself
    Resume {
        /// The environment
        #[arg(value_name = "ENVIRONMENT")]
        environment: EnvironmentName,
    },
}

/// What is asked of the conductor; none: the list.
pub fn asks(arguments: Arguments) -> Option<OperationCommand> {
    Some(match arguments.what? {
        What::Suspend { environment, reason } => OperationCommand::SuspendRepairs { environment, reason },
        What::Resume { environment } => OperationCommand::ResumeRepairs { environment },
    })
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    match asks(arguments) {
        None => show(context),
        Some(command) => context.act(|_| Ok(command)),
    }
}

/// `--json`: what is done by itself, whether it is suspended, and the last repairs.
#[derive(Serialize)]
struct Repairing {
    footing: Footing,
    environments: Vec<PolicyLine>,
    /// Hosts that are late or dead; without a running conductor nobody knows.
    unwell: Vec<UnwellLine>,
    /// The last repairs, the newest at the end.
    repairs: Vec<RepairLine>,
}

#[derive(Serialize)]
struct PolicyLine {
    environment: String,
    cool_down_seconds: u64,
    attempts: u32,
    at_once: u32,
    /// Replaced at once after that; none: a human is asked.
    replace_at_once: Option<u32>,
    suspended: Option<SuspendedLine>,
}

#[derive(Serialize)]
struct SuspendedLine {
    /// None: golive stopped by itself.
    by: Option<String>,
    reason: String,
    at: String,
}

#[derive(Serialize)]
struct UnwellLine {
    host: Option<String>,
    what: String,
    release: String,
}

/// One repair.
#[derive(Serialize)]
pub struct RepairLine {
    host: String,
    attempt: u32,
    of: u32,
    began: String,
    /// What the command said; none: it runs, or that is not known.
    ended: Option<String>,
    /// What the beat said; none: that is still to be seen.
    alive: Option<bool>,
}

impl RepairLine {
    pub fn of(repaired: &Repaired) -> Self {
        Self {
            host: repaired.unit.to_string(),
            attempt: repaired.attempt,
            of: repaired.of,
            began: utc(repaired.began.wall),
            ended: repaired.ended.clone(),
            alive: repaired.alive,
        }
    }
}

fn show(context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let now = footing.now(&told.session, context.wall());
    let repairing = repairing(&told.session, footing, now);
    context.out.show(&repairing, || words(&repairing))?;
    Ok(Exit::Done)
}

fn repairing(session: &Session, footing: Footing, now: Now) -> Repairing {
    let repairs = &session.operations.repairs;
    let policies = session.plan().environments.values().filter_map(|environment| {
        let policy = environment.repair.as_ref()?;
        let paused = repairs.paused.get(&environment.name);
        Some(PolicyLine {
            environment: environment.name.to_string(),
            cool_down_seconds: policy.cool_down.as_secs(),
            attempts: policy.attempts,
            at_once: policy.at_once,
            replace_at_once: policy.replace,
            suspended: paused.map(|paused| SuspendedLine {
                by: paused.by.as_ref().map(ToString::to_string),
                reason: paused.reason.clone(),
                at: utc(paused.at.wall),
            }),
        })
    });
    let unwell = if footing.runs() { unwell(session, now) } else { Vec::new() };
    let unwell = unwell.into_iter().map(|it| UnwellLine {
        host: it.unit.map(|unit| unit.to_string()),
        what: it.what,
        release: it.release,
    });
    Repairing {
        environments: policies.collect(),
        unwell: unwell.collect(),
        repairs: repairs.feed.iter().map(RepairLine::of).collect(),
        footing,
    }
}

fn words(it: &Repairing) -> String {
    let mut lines: Vec<String> = it.footing.words().to_vec();
    if it.environments.is_empty() {
        lines.push("golive repairs no host by itself: the plan has no repair".to_owned());
    }
    for policy in &it.environments {
        let then = match policy.replace_at_once {
            None => "a human is asked".to_owned(),
            Some(at_once) => format!("it is replaced, {at_once} at once"),
        };
        lines.push(format!(
            "{}: a dead host is repaired, at most {} at once, again after {} s; {} did not help: {then}",
            policy.environment, policy.at_once, policy.cool_down_seconds, policy.attempts
        ));
        if let Some(suspended) = &policy.suspended {
            let by = suspended.by.as_deref().unwrap_or("golive");
            lines.push(format!(
                "  SUSPENDED by {by}, {}: {}; golive repair resume {}",
                suspended.at, suspended.reason, policy.environment
            ));
        }
    }
    lines.extend(it.unwell.iter().map(|unwell| format!("NOT WELL {}; {}", unwell.what, unwell.release)));
    let rows: Vec<[String; 4]> = it
        .repairs
        .iter()
        .map(|line| {
            let alive = match line.alive {
                Some(true) => "alive",
                Some(false) => "did not help",
                None => "not seen yet",
            };
            let attempt = format!("{} of {}", line.attempt, line.of);
            let ended = line.ended.as_deref().unwrap_or("its command has not ended");
            [line.began.clone(), format!("{} {attempt}", line.host), alive.to_owned(), ended.to_owned()]
        })
        .collect();
    lines.extend(columns(&rows).lines().map(str::to_owned));
    lines.join("\n")
}
