//! `golive demo`: a whole go-live over an embedded fleet, for whoever wants to see it before writing a plan.

use std::{
    env,
    ops::ControlFlow,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use clap::Args;
use tokio::net::UnixStream;

use crate::{
    cli::{
        account::Account,
        context::Context,
        demo_install::ByEngine,
        demo_process::{self, CONDUCTOR},
        exit::Exit,
        failure::Failure,
        out::Out,
        reach,
    },
    client::{Client, Launch, Open, Way},
    conductor::Logins,
    demo::{
        BadFault, Fault, FaultKind,
        fleet::{Fleet, Options},
        script::{End, PlayError, Told, play},
        traffic::Stats,
    },
    domain::{course::Mode, effect::Candidate, name::PersonName, time::WallTime},
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// How many hosts: 1 to 200
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=200))]
    hosts: u16,
    /// Requests a second
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    rate: u32,
    /// What is wrong with 2.6.0: selftest, slow-start, crash, hang, latency or errors; on one host as in
    /// selftest@host-5. May be given several times
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
    /// Play it through unattended; ends with 0 when it ended as its script says
    #[arg(long)]
    auto: bool,
}

/// Who opens the sessions of the script.
const OPENER: &str = "dana";
/// Between the opening and the planned time, so that nothing is late.
const AHEAD: Duration = Duration::from_mins(10);

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    if !arguments.auto {
        return Err(Failure::usage(
            "the demo's cockpit is not part of this build yet",
            "golive demo --auto plays it through",
        ));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("the runtime can't be made: {error}")))?;
    runtime.block_on(async {
        let fleet = start(arguments, context.out).await?;
        let played = unattended(&fleet, context).await;
        let ended = fleet.end().await.map_err(|error| Failure::internal(error.to_string()));
        played.and_then(|exit| ended.map(|()| exit))
    })
}

async fn start(arguments: Arguments, out: Out) -> Result<Fleet, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::internal(format!("this program can't be found again: {error}")))?;
    let Arguments { hosts, rate, fault, .. } = arguments;
    let mut options = Options { hosts, rate, ..Options::new(program, login()?) };
    if !fault.is_empty() {
        options.faults = fault;
    } else if hosts < 5 {
        options.faults = vec![Fault { kind: FaultKind::Selftest, host: Some(format!("host-{hosts}")) }];
    }
    options.faults = options
        .faults
        .into_iter()
        .map(|fault| fault.checked(hosts))
        .collect::<Result<_, BadFault>>()
        .map_err(|error| Failure::usage(error.to_string(), ""))?;
    out.say(format!("DEMO  starting {hosts} hosts, a balancer, and {rate} requests a second"))?;
    let fleet =
        Fleet::start(options, &ByEngine).await.map_err(|error| Failure::internal(error.to_string()))?;
    out.say(format!("DEMO  all of it is in {}, and goes with it", fleet.layout().dir().display()))?;
    Ok(fleet)
}

/// The login, as the conductor will find it.
fn login() -> Result<String, Failure> {
    let asked = UnixStream::pair().and_then(|(here, _there)| Logins::default().peer(&here));
    asked
        .map(|peer| peer.login)
        .map_err(|error| Failure::internal(format!("the system does not say who you are: {error}")))
}

/// A conductor of the demo's own, which ends with it.
fn way(fleet: &Fleet) -> Result<Way, Failure> {
    let context = demo_process::context(fleet.layout());
    let project = context.project()?;
    Ok(match reach::way(&project, &context)? {
        Way::Own { lock, launch: Some(launch) } => {
            let arguments = vec![CONDUCTOR.into(), fleet.layout().dir().into()];
            Way::Own { lock, launch: Some(Launch { arguments, ..launch }) }
        }
        // A socket named in the environment is another project's: the demo has its own.
        Way::Own { launch: None, .. } | Way::Shared(_) => {
            return Err(Failure::usage(
                "the demo has a conductor of its own",
                "unset GOLIVE_SOCKET while it runs",
            ));
        }
    })
}

fn open(fleet: &Fleet, candidate: &Candidate, context: &Context) -> Result<Open, Failure> {
    let WallTime(now) = context.wall();
    let ahead = i64::try_from(AHEAD.as_micros()).unwrap_or_default();
    Ok(Open {
        candidate: candidate.clone(),
        go_live: WallTime(now.saturating_add(ahead)),
        adopted: fleet.site().plan.clone(),
        mode: Mode::Demo,
        author: None,
        as_person: Some(PersonName::new(OPENER).map_err(|error| Failure::internal(error.to_string()))?),
    })
}

/// Both releases, one after the other, each to the end that its script says.
async fn unattended(fleet: &Fleet, context: &Context) -> Result<Exit, Failure> {
    let mut client = Client::connect(way(fleet)?, "demo", context.clock.clone()).await?;
    let site = fleet.site();
    let stops = site.faults.iter().any(|fault| fault.kind.stops_a_rollout());
    let wrong: Vec<String> = site.faults.iter().map(ToString::to_string).collect();
    let acts = [
        (&site.good, End::Verified, "a good release".to_owned()),
        (&site.bad, if stops { End::RolledBack } else { End::Verified }, wrong.join(", ")),
    ];
    for (candidate, end, about) in acts {
        context.out.say(format!("DEMO  {} to {candidate}: {about}", running(fleet)?))?;
        act(fleet, &mut client, candidate, end, context).await?;
    }
    let stats = figures(fleet)?;
    context.out.say(format!("DEMO  it ended as its script says: {}", requests(&stats)))?;
    Ok(Exit::Done)
}

async fn act(
    fleet: &Fleet,
    client: &mut Client,
    candidate: &Candidate,
    end: End,
    context: &Context,
) -> Result<(), Failure> {
    let account = Account::of_the_demo(context.out);
    let untold = Mutex::new(None);
    let unheard = &untold;
    let mut tell = move |told: Told<'_>| {
        let done = match told {
            Told::Events(events) => events.iter().try_for_each(|event| account.tell(event)),
            Told::Note(note) => {
                account.note(note);
                Ok(())
            }
        };
        match done {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                *unheard.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                ControlFlow::Break(())
            }
        }
    };
    let played = play(client, open(fleet, candidate, context)?, &context.clock, &mut tell).await;
    if let Some(failure) = untold.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(failure);
    }
    let ending = played.map_err(|error| failed(&error))?;
    if !end.is(&ending) {
        return Err(not_as_said(format!(
            "{candidate} was to end {}, and ended {}",
            end.word(),
            ending.word()
        )));
    }
    let stats = figures(fleet)?;
    let may_fail = fleet.site().faults.iter().any(|fault| fault.kind == FaultKind::Errors)
        && *candidate == fleet.site().bad;
    if stats.failed > 0 && !may_fail {
        let reasons: Vec<String> = stats.reasons.iter().map(|(why, n)| format!("{why} ({n})")).collect();
        return Err(not_as_said(format!("no request was to fail, and {}", reasons.join(", "))));
    }
    context.out.say(format!("DEMO  {candidate} {}: {}", ending.word(), requests(&stats)))
}

/// The versions that serve just now.
fn running(fleet: &Fleet) -> Result<String, Failure> {
    let stats = figures(fleet)?;
    let versions: Vec<&str> = stats.recent.versions.keys().map(String::as_str).collect();
    Ok(if versions.is_empty() { fleet.site().first.version.to_string() } else { versions.join(" and ") })
}

fn figures(fleet: &Fleet) -> Result<Stats, Failure> {
    fleet.traffic().map_err(|error| Failure::internal(error.to_string()))
}

fn requests(stats: &Stats) -> String {
    format!("{} requests, {} failed", stats.sent, stats.failed)
}

fn failed(error: &PlayError) -> Failure {
    match error {
        PlayError::Unheard => Failure::unheard(),
        other => not_as_said(other.to_string()),
    }
}

fn not_as_said(what: String) -> Failure {
    Failure::new(Exit::Failed, format!("the demo did not end as its script says: {what}"), "")
}
