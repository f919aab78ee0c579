//! `golive rehearse`: the project's own plan, played on stand-ins of its hosts, and what that took.

use std::{env, sync::Arc};

use clap::Args;

use super::{cockpit, demo, open::is_one_name};
use crate::{
    cli::{
        context::Context,
        exit::Exit,
        failure::Failure,
        past::Past,
        project::Project,
        queueing,
        rehearsal::{Rehearsed, Room, Told, rehearse},
        signals::Signals,
    },
    config::Loaded,
    demo::{
        Fault,
        fleet::{LARGEST, Rehearsing},
    },
    domain::{
        counted::counted,
        course::Ending,
        name::{PersonName, Version},
        plan::{Adopted, Environment, Plan},
        project::ProjectCommand,
        rehearsal::{Rehearsal, TooFew, fewer, staged, staged_hosts},
        time::Span,
    },
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// The version that is rehearsed; without it that of the open session
    version: Option<Version>,
    /// With no more stand-ins than these; of a larger plan some hosts are left out, which is said
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=i64::from(LARGEST)))]
    hosts: u16,
    /// Cut every bake, pause and soak that is longer, which is said
    #[arg(long, value_name = "SPAN", default_value = "5s", value_parser = Span::parse)]
    waits: Span,
    /// End once all of it is live, without the way back
    #[arg(long)]
    no_rollback: bool,
    /// What is wrong with the new version: selftest, slow-start, crash, hang, latency or errors; on one host as in
    /// selftest@web-02. May be given several times
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
    /// Look on in the cockpit; HOLD and ROLL BACK are yours there
    #[arg(long)]
    cockpit: bool,
    #[command(flatten)]
    flags: cockpit::Flags,
}

/// What ran before, where the project knows no version.
const BEFORE: &str = "before";
/// Who rehearses, where the login is nobody's in the plan.
const SOMEBODY: &str = "rehearsal";

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    if arguments.cockpit {
        cockpit::needs_a_terminal()?;
    } else if arguments.flags.any() {
        let what = "--theme, --no-mouse and --ascii are the cockpit's";
        return Err(Failure::usage(what, "golive rehearse --cockpit"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("the runtime can't be made: {error}")))?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        tokio::select! {
            ended = unattended(arguments, context) => ended,
            why = signals.next() => {
                let what = format!("the rehearsal was ended by {why}; nothing of it is left running, and it is not kept");
                Err(Failure::new(Exit::Failed, what, ""))
            }
        }
    })
}

async fn unattended(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let (adopted, version) = wanted(arguments, &project)?;
    let (plan, left_out) = fewer(&adopted.plan, u32::from(arguments.hosts)).map_err(too_few)?;
    let left_out = left_out.into_iter().map(|words| format!("fewer stand-ins than hosts: {words}"));
    let room = Room::make(&project, context)?;
    let rehearsing = rehearsing(arguments, plan, version, &project)?;
    let hosts = staged_hosts(&rehearsing.plan);
    context.out.say(format!(
        "REHEARSAL  {} of {} on {}: no host, balancer or command of the plan is touched, and nobody is told",
        rehearsing.to,
        adopted.plan.project,
        counted(hosts, "stand-in")
    ))?;
    let of = Rehearsed {
        room: &room,
        plan: &adopted.plan,
        rehearsing,
        fewer: left_out.collect(),
        back: !arguments.no_rollback,
        cockpit: arguments.cockpit.then_some(&arguments.flags),
    };
    let rehearsal = Box::pin(rehearse(of, context)).await?;
    for words in &rehearsal.otherwise {
        context.out.say(format!("REHEARSAL  {words}"))?;
    }
    let told = Told::of(&rehearsal, room.words());
    let passed = rehearsal.passed();
    let kept = keep(rehearsal, &project, context).await;
    let told = if kept.is_ok() { told.kept() } else { told };
    context.out.show(&told, || told.words())?;
    kept?;
    Ok(if passed { Exit::Done } else { Exit::Failed })
}

fn too_few(it: TooFew) -> Failure {
    let lift = if it.least <= usize::from(LARGEST) {
        format!("golive rehearse --hosts {}", it.least)
    } else {
        format!("a plan that is smaller: it needs {}, and {LARGEST} is the most there may be", it.least)
    };
    Failure::new(Exit::Refused, it.to_string(), lift)
}

/// The plan of the open session, since that is what will be done; else that of the file.
fn wanted(arguments: &Arguments, project: &Project) -> Result<(Arc<Adopted>, Version), Failure> {
    let open = match Past::open(project)? {
        Some(past) if past.sessions().iter().any(|line| line.ending.is_none()) => {
            Some(past.tell(None)?.session)
        }
        _ => None,
    };
    let version = match (&arguments.version, &open) {
        (Some(version), _) => version.clone(),
        (None, Some(session)) => session.course.release.candidate.version.clone(),
        (None, None) => {
            return Err(Failure::usage(
                "no session is open, so it needs a version",
                "golive rehearse VERSION",
            ));
        }
    };
    is_one_name(&version)?;
    let adopted = if let Some(session) = open {
        session.course.adopted.clone()
    } else {
        // What this build can't carry out on real hosts may well be played; what it can't play its conductor refuses.
        let Loaded { plan, source, .. } = project.load()?;
        Arc::new(Adopted::new(plan, source))
    };
    Ok((adopted, version))
}

fn rehearsing(
    arguments: &Arguments,
    plan: Plan,
    to: Version,
    project: &Project,
) -> Result<Rehearsing, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::internal(error.to_string());
    let login = demo::login()?;
    let person = plan.people.values().find(|person| person.login == login).map(|person| person.name.clone());
    let person = person.map_or_else(|| PersonName::new(SOMEBODY), Ok).map_err(|error| failed(&error))?;
    let past = Past::open(project)?;
    let lines = past.iter().flat_map(Past::sessions).rev();
    let mut live =
        lines.filter(|line| line.ending == Some(Ending::Verified)).map(|line| &line.candidate.version);
    let from = live.find(|version| **version != to).cloned();
    let from = from.map_or_else(|| Version::new(BEFORE), Ok).map_err(|error| failed(&error))?;
    let program = env::current_exe()
        .map_err(|error| Failure::internal(format!("this program can't be found again: {error}")))?;
    let hosts = || staged(&plan).flat_map(Environment::hosts);
    for fault in &arguments.fault {
        if let Some(host) = fault.host.as_ref().filter(|host| !hosts().any(|it| it.name.as_str() == **host)) {
            return Err(Failure::usage(
                format!("no stand-in is called {host}"),
                "a host that the plan names",
            ));
        }
    }
    let faults = arguments.fault.clone();
    Ok(Rehearsing { plan, from, to, faults, longest: arguments.waits, person, login, program })
}

/// The project's own conductor writes it down: in the session that is open, else in the project's record.
async fn keep(rehearsal: Rehearsal, project: &Project, context: &Context) -> Result<(), Failure> {
    queueing::tell(project, "rehearse", ProjectCommand::NoteRehearsal(Box::new(rehearsal)), context).await
}
