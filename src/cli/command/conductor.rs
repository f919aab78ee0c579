//! `golive conductor`: how the project's conductor is, ending it, and being it.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{columns::columns, context::Context, exit::Exit, failure::Failure, hosting, reach},
    client::{Client, ClientError, ConductorInfo, ForConductor, Happening, Way},
    conductor::Lock,
    report::utc,
    wire::Door,
};

/// A conductor that may end does so at once; after so many seconds it will not.
const BEATS: u32 = 3;
/// How long one that ends may take to write what it has decided.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(10);

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Say whether one runs, since when, and what it has under way
    Status,
    /// End it, if nothing is under way; the next command that needs one starts it
    Stop,
    /// End it and start this build's; what is under way is taken up again
    Restart,
    /// Be the conductor, until it ends: what others start by themselves, and the owner of a shared socket has to
    Run,
}

/// `--json`: the answer of `conductor status`.
#[derive(Serialize)]
struct Status {
    running: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    conductor: Option<ConductorInfo>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match arguments.what {
        What::Status => status(context),
        What::Stop => end(ForConductor::Stop, context),
        What::Restart => {
            end(ForConductor::Restart, context)?;
            status_of_new(context)
        }
        What::Run => hosting::run_in_background(context),
    }
}

fn status(context: &Context) -> Result<Exit, Failure> {
    let way = reach::running(&context.project()?, context)?;
    let info = context.wait(ask(way, ForConductor::Status, context))?;
    tell(info, context)
}

fn tell(info: Option<ConductorInfo>, context: &Context) -> Result<Exit, Failure> {
    let status = Status { running: info.is_some(), conductor: info };
    context.out.show(&status, || match &status.conductor {
        None => "no conductor runs; the next command that needs one starts it".into(),
        Some(info) => words(info),
    })?;
    Ok(Exit::Done)
}

fn words(info: &ConductorInfo) -> String {
    let row = |name: &str, value: String| [name.to_owned(), value];
    let mut rows = vec![
        row("pid", info.pid.to_string()),
        row("build", info.build.clone()),
        row("since", utc(info.since)),
        row("clients", info.clients.to_string()),
    ];
    rows.extend(info.figures.iter().map(|(name, value)| row(name, value.clone())));
    rows.extend(info.under_way.iter().map(|what| row("under way", what.clone())));
    columns(&rows)
}

/// Asks a conductor; none if none runs and none may be started.
async fn ask(way: Way, what: ForConductor, context: &Context) -> Result<Option<ConductorInfo>, Failure> {
    let mut client = match Client::connect(way, "conductor", context.clock.clone()).await {
        Err(ClientError::NotRunning) => return Ok(None),
        client => client?,
    };
    client.conductor(what).await;
    loop {
        match client.next().await {
            Ok(Happening::Conductor(info)) => return Ok(Some(info)),
            // It was just ending: the next one is asked, if there is one.
            Ok(Happening::Back) => client.conductor(what).await,
            Ok(_) => {}
            Err(ClientError::NotRunning) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Ends the running conductor, if there is one and it may end.
fn end(what: ForConductor, context: &Context) -> Result<Exit, Failure> {
    let way = reach::running(&context.project()?, context)?;
    context.wait(async {
        let mut client = match Client::connect(way, "conductor", context.clock.clone()).await {
            Err(ClientError::NotRunning) => {
                context.out.say("no conductor runs")?;
                return Ok(Exit::Done);
            }
            client => client?,
        };
        client.conductor(what).await;
        let (mut under_way, mut told) = (Vec::new(), None);
        let mut patience = Some(BEATS);
        while let Some(left) = patience {
            match client.next().await {
                Ok(Happening::Conductor(info)) => {
                    (under_way, told) = (info.under_way, Some(info.pid));
                }
                Ok(Happening::Lost(_)) if told.is_some() => return gone(told, context).await,
                // It was ending before it heard us: whoever came after it is told.
                Ok(Happening::Back) => client.conductor(what).await,
                Err(ClientError::NotRunning) => return gone(None, context).await,
                Ok(Happening::Beat) => patience = left.checked_sub(1),
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(if under_way.is_empty() {
            Failure::new(Exit::Refused, "the conductor goes on", "only the login that runs it may end it")
        } else {
            Failure::new(
                Exit::Refused,
                format!("the conductor goes on, since it has under way: {}", under_way.join(", ")),
                "its end; golive conductor restart takes it up again at once",
            )
        })
    })
}

/// It said goodbye; ended it has when its lock is free, or another one's.
async fn gone(pid: Option<u32>, context: &Context) -> Result<Exit, Failure> {
    let lock = context.project()?.files.lock();
    let free = async {
        loop {
            if let Ok(Some(door)) = Door::read(&lock)
                && pid.is_some_and(|pid| door.pid != pid)
            {
                return Ok(());
            }
            match Lock::take(&lock) {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => context.clock.sleep(LOOK).await,
                Err(error) => return Err(Failure::file(&lock, &error)),
            }
        }
    };
    match context.clock.limit(PATIENCE, free).await {
        Some(Ok(())) => {
            context.out.say("the conductor has ended")?;
            Ok(Exit::Done)
        }
        Some(Err(failure)) => Err(failure),
        None => Err(Failure::internal("the conductor said that it ends, and has not yet")),
    }
}

/// Connects to the new one, which starts it.
fn status_of_new(context: &Context) -> Result<Exit, Failure> {
    let way = reach::way(&context.project()?, context)?;
    let info = context.wait(ask(way, ForConductor::Status, context))?;
    tell(info, context)
}
