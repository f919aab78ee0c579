//! `golive replace`: hosts that are to become new machines, in two steps: what is flagged is committed, then deployed.

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
        name::{EnvironmentName, UnitId},
        operation::{OperationCommand, pending},
        refusal::Obstacle,
        session::Session,
        time::Now,
    },
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A host is to be replaced by a new machine of the same name
    Flag {
        /// The host
        #[arg(value_name = "HOST")]
        host: UnitId,
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
    },
    /// It is not to be replaced
    Unflag {
        /// The host
        #[arg(value_name = "HOST")]
        host: UnitId,
    },
    /// What is flagged in an environment is the change set: you looked at it
    Commit {
        /// The environment
        #[arg(value_name = "ENVIRONMENT")]
        environment: EnvironmentName,
    },
    /// Replace what is committed, and bring it the version that should run
    Deploy {
        /// The environment
        #[arg(value_name = "ENVIRONMENT")]
        environment: EnvironmentName,
        /// Tell what happens until it is over
        #[arg(long)]
        wait: bool,
    },
    /// Take no further host; hosts under way finish, and what a drill took out of traffic comes back
    Stop {
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
    },
}

/// What is asked of the conductor; none: the list.
pub fn asks(arguments: Arguments) -> Option<OperationCommand> {
    Some(match arguments.what? {
        What::Flag { host, reason } => OperationCommand::Flag { unit: host, reason },
        What::Unflag { host } => OperationCommand::Unflag { unit: host },
        What::Commit { environment } => OperationCommand::Commit { environment },
        What::Deploy { environment, .. } => OperationCommand::Deploy { environment },
        What::Stop { reason } => OperationCommand::Stop { reason },
    })
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let wait = matches!(arguments.what, Some(What::Deploy { wait: true, .. }));
    match asks(arguments) {
        None => show(context),
        Some(command) if wait => deployed(command, context),
        Some(command) => context.act(|_| Ok(command)),
    }
}

/// Until it is over, or a human is needed.
fn deployed(command: OperationCommand, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    context.wait(async {
        let mut link = Link::open(context, &project).await?;
        let account = Account::of_steps(context.out);
        account.learn(link.session()?);
        link.send(command).await?.tell(context.out)?;
        loop {
            let session = link.session()?;
            if session.operations.running.is_none() {
                let last = session.operations.last.as_ref();
                let whole = last.is_some_and(|last| last.left.is_empty());
                return Ok(if whole { Exit::Done } else { Exit::Failed });
            }
            if !crate::domain::rollout::troubles(session).is_empty() {
                return Ok(Exit::WaitsForHuman);
            }
            link.tell_next(&account).await?;
        }
    })
}

/// `--json`: what is flagged, committed and under way.
#[derive(Serialize)]
struct Replacing {
    footing: Footing,
    flagged: Vec<FlagLine>,
    /// Environments whose change set is committed.
    committed: Vec<CommittedLine>,
    running: Option<RunningLine>,
    last: Option<LastLine>,
    /// What keeps hosts of an environment with flags from being replaced.
    pending: Vec<Obstacle>,
}

#[derive(Serialize)]
struct FlagLine {
    host: String,
    environment: String,
    reason: String,
    by: Option<String>,
    at: String,
    committed: bool,
}

#[derive(Serialize)]
struct CommittedLine {
    environment: String,
    hosts: Vec<String>,
    by: Option<String>,
    at: String,
}

#[derive(Serialize)]
struct RunningLine {
    environment: String,
    hosts: Vec<HostLine>,
    version: String,
    drill: Option<String>,
    given_up: Option<String>,
}

#[derive(Serialize)]
struct HostLine {
    host: String,
    state: &'static str,
    step: Option<&'static str>,
}

#[derive(Serialize)]
struct LastLine {
    environment: String,
    done: Vec<String>,
    left: Vec<String>,
    at: String,
}

fn show(context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let now = footing.now(&told.session, context.wall());
    let replacing = replacing(&told.session, footing, now);
    context.out.show(&replacing, || words(&replacing))?;
    Ok(Exit::Done)
}

fn names(units: &[UnitId]) -> Vec<String> {
    units.iter().map(ToString::to_string).collect()
}

fn replacing(session: &Session, footing: Footing, now: Now) -> Replacing {
    let operations = &session.operations;
    let committed = |unit| operations.committed.values().any(|committed| committed.units.contains(unit));
    let home = |unit| session.rollout.unit(unit).map(|unit| unit.environment.clone());
    let mut environments: Vec<EnvironmentName> = operations.flags.keys().filter_map(home).collect();
    environments.sort();
    environments.dedup();
    let flags = operations.flags.iter().map(|(unit, flag)| FlagLine {
        host: unit.to_string(),
        environment: home(unit).map_or_else(String::new, |name| name.to_string()),
        reason: flag.reason.clone(),
        by: flag.by.as_ref().map(ToString::to_string),
        at: crate::report::utc(flag.at.wall),
        committed: committed(unit),
    });
    let flagged: Vec<UnitId> = operations.flags.keys().cloned().collect();
    let pending = environments.iter().flat_map(|environment| pending(session, environment, &flagged, now));
    Replacing {
        footing,
        flagged: flags.collect(),
        committed: operations
            .committed
            .iter()
            .map(|(environment, committed)| CommittedLine {
                environment: environment.to_string(),
                hosts: names(&committed.units),
                by: committed.by.as_ref().map(ToString::to_string),
                at: crate::report::utc(committed.at.wall),
            })
            .collect(),
        running: operations.running.as_ref().map(|running| RunningLine {
            environment: running.environment.to_string(),
            hosts: running.units.iter().map(|unit| host(session, unit)).collect(),
            version: running.to.version.to_string(),
            drill: running.drill.as_ref().map(ToString::to_string),
            given_up: running.given_up.clone(),
        }),
        last: operations.last.as_ref().map(|last| LastLine {
            environment: last.operation.environment.to_string(),
            done: names(&last.done),
            left: names(&last.left),
            at: crate::report::utc(last.at.wall),
        }),
        pending: pending.collect(),
    }
}

fn host(session: &Session, unit: &UnitId) -> HostLine {
    let lane = session.rollout.unit(unit).and_then(|unit| unit.lane.as_ref()).filter(|lane| lane.upkeep);
    HostLine {
        host: unit.to_string(),
        state: lane.map_or("waiting", |lane| lane.state.word()),
        step: lane.filter(|lane| !lane.state.ended()).map(|lane| lane.step().word()),
    }
}

fn words(it: &Replacing) -> String {
    let mut lines: Vec<String> = it.footing.words().to_vec();
    if it.flagged.is_empty() && it.running.is_none() {
        lines.push("no host is flagged for replacement".to_owned());
    }
    let rows: Vec<[String; 5]> = it
        .flagged
        .iter()
        .map(|flag| {
            let state = if flag.committed { "committed" } else { "flagged" };
            let by = flag.by.clone().unwrap_or_default();
            [flag.host.clone(), flag.environment.clone(), state.to_owned(), by, flag.reason.clone()]
        })
        .collect();
    lines.extend(columns(&rows).lines().map(str::to_owned));
    if let Some(running) = &it.running {
        let drill = running.drill.as_ref().map_or(String::new(), |drill| format!(", drill {drill}"));
        lines.push(format!("replaced in {} with {}{drill}", running.environment, running.version));
        let rows: Vec<[String; 3]> = running
            .hosts
            .iter()
            .map(|host| {
                [format!("  {}", host.host), host.state.to_owned(), host.step.unwrap_or("").to_owned()]
            })
            .collect();
        lines.extend(columns(&rows).lines().map(str::to_owned));
    }
    if let Some(last) = &it.last {
        let left =
            if last.left.is_empty() { String::new() } else { format!("; not {}", last.left.join(", ")) };
        let done = if last.done.is_empty() { "none".to_owned() } else { last.done.join(", ") };
        lines.push(format!("last, {}: {done} of {} replaced{left}", last.at, last.environment));
    }
    lines.extend(it.pending.iter().map(|obstacle| format!("in the way: {obstacle}")));
    lines.join("\n")
}
