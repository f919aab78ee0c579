//! `golive demo`: a whole go-live over an embedded fleet, for whoever wants to see it before writing a plan.

use std::{
    env,
    ops::ControlFlow,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use clap::{Args, ValueEnum};
use tokio::{net::UnixStream, time::timeout};

use crate::{
    cli::{
        account::Account,
        command::cockpit,
        context::Context,
        demo_cockpit,
        demo_install::ByEngine,
        demo_process::{self, CONDUCTOR},
        exit::Exit,
        failure::Failure,
        out::{Form, Out},
        reach,
        signals::Signals,
    },
    client::{Client, Launch, Way},
    conductor::Logins,
    demo::{
        BadFault, Fault, FaultKind,
        fleet::{DemoStrategy, Fleet, LEAD, Options},
        script::{End, Opener, PlayError, Told, play},
        traffic::Stats,
    },
    domain::{counted::counted, course::Mode, effect::Candidate, name::PersonName},
    tui::run::Left,
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// How many hosts: 1 to 200
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=200))]
    hosts: u16,
    /// Requests a second; 40, or as many as a comparison needs to be through soon
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    rate: Option<u32>,
    /// How the hosts after the first one are taken
    #[arg(long, value_enum, default_value_t)]
    strategy: Strategy,
    /// What is wrong with 2.6.0: selftest, slow-start, crash, hang, latency or errors; on one host as in
    /// selftest@host-5. May be given several times
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
    /// Play it through unattended; ends with 0 when it ended as its script says
    #[arg(long)]
    auto: bool,
    #[command(flatten)]
    cockpit: cockpit::Flags,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Strategy {
    /// Host by host
    #[default]
    Rolling,
    /// A tenth of the requests, half of them, all of them, with a pause after each; three hosts or more
    Canary,
    /// Stop every host, prove it, deploy all: no two versions side by side, and DOWNTIME meanwhile
    StopAll,
    /// One half after the other, each out of traffic while it is changed; two hosts or more
    BlueGreen,
    /// Two clouds, of which one serves: the other one is changed and takes over; two hosts or more
    ZeroDowntime,
    /// Agents install what a store says: one host is told first, then a few at a time
    Converge,
    /// The first host is compared with the rest, and somebody judges it; two hosts or more
    #[value(name = "1-box")]
    OneBox,
}

/// How long a signal that the whole group got may take to be seen here.
const SIGNAL_SEEN: Duration = Duration::from_secs(1);

/// What the lead is called where somebody plays them.
const YOU: &str = "you";

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let can_show = context.out.form() == Form::Text && cockpit::needs_a_terminal().is_ok();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("the runtime can't be made: {error}")))?;
    if can_show && !arguments.auto {
        return runtime.block_on(attended(arguments, context));
    }
    // Without a terminal it is an account for a log.
    let form = if can_show || context.out.is_json() { context.out.form() } else { Form::Plain };
    let (everywhere, clock) = (context.everywhere.clone(), context.clock.clone());
    let context = Context { everywhere, out: Out::new(form), clock };
    runtime.block_on(unattended(arguments, &context))
}

/// In the cockpit: leaving it ends everything, and that is said once it is true.
async fn attended(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let login = login()?;
    let fleet = started(start(arguments, &login, YOU, context.out), &mut signals).await?;
    let you = PersonName::new(YOU).map_err(|error| Failure::internal(error.to_string()))?;
    let left =
        Box::pin(demo_cockpit::run(&fleet, way(&fleet)?, you, &login, &arguments.cockpit, context)).await;
    let stats = figures(&fleet);
    end(fleet).await?;
    let words =
        format!("DEMO  the demo is over: {}; nothing is left running. Yours: golive init", requests(&stats?));
    match left? {
        Left::ByKey => context.out.say(words)?,
        // The terminal may be gone: nobody is left to read it then.
        Left::Ended(why) => context.out.mutter(&format!("{words} ({why})\n")),
    }
    Ok(Exit::Done)
}

/// Both releases, one after the other, each to the end that its script says.
async fn unattended(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let login = login()?;
    let fleet = started(start(arguments, &login, LEAD, context.out), &mut signals).await?;
    let played = tokio::select! {
        played = both(&fleet, context) => played,
        why = signals.next() => Err(ended_by(why)),
    };
    let ended = end(fleet).await;
    played.and(ended).map(|()| Exit::Done)
}

/// What is starting, unless a signal ends it first.
async fn started(
    starting: impl Future<Output = Result<Fleet, Failure>>,
    signals: &mut Signals,
) -> Result<Fleet, Failure> {
    let failed = tokio::select! {
        biased;
        why = signals.next() => return Err(ended_by(why)),
        fleet = starting => match fleet {
            Ok(fleet) => return Ok(fleet),
            Err(failure) => failure,
        },
    };
    // A process is of our group until it has made its own: a Ctrl-C just then ends it as well, and its end may be
    // seen before our own signal is, which is the cause.
    Err(timeout(SIGNAL_SEEN, signals.next()).await.map_or(failed, ended_by))
}

async fn end(fleet: Fleet) -> Result<(), Failure> {
    fleet.end().await.map_err(|error| Failure::internal(error.to_string()))
}

fn ended_by(signal: &str) -> Failure {
    Failure::new(Exit::Failed, format!("the demo was ended by {signal}; nothing is left running"), "")
}

async fn start(arguments: &Arguments, login: &str, lead: &str, out: Out) -> Result<Fleet, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::internal(format!("this program can't be found again: {error}")))?;
    let Arguments { hosts, rate, fault, strategy, .. } = arguments;
    if matches!(strategy, Strategy::Canary) && *hosts < 3 {
        return Err(Failure::usage("a canary needs two hosts after the first one", "--hosts 3, or more"));
    }
    if matches!(strategy, Strategy::OneBox) && *hosts < 2 {
        return Err(Failure::usage(
            "one host has nothing beside it to be compared with",
            "--hosts 2, or more",
        ));
    }
    if matches!(strategy, Strategy::BlueGreen | Strategy::ZeroDowntime) && *hosts < 2 {
        return Err(Failure::usage("one host has no other side to serve meanwhile", "--hosts 2, or more"));
    }
    // Each side has enough to be judged by after a look or two.
    let compared = (u32::from(*hosts) * 25).min(2_000);
    let rate = rate.unwrap_or(if matches!(strategy, Strategy::OneBox) { compared } else { 40 });
    let mut options = Options {
        hosts: *hosts,
        strategy: match strategy {
            Strategy::Rolling => DemoStrategy::Rolling,
            Strategy::Canary => DemoStrategy::Canary,
            Strategy::StopAll => DemoStrategy::StopAll,
            Strategy::BlueGreen => DemoStrategy::BlueGreen,
            Strategy::ZeroDowntime => DemoStrategy::ZeroDowntime,
            Strategy::Converge => DemoStrategy::Converge,
            Strategy::OneBox => DemoStrategy::OneBox,
        },
        rate,
        lead: lead.to_owned(),
        ..Options::new(program, login.to_owned())
    };
    if !fault.is_empty() {
        options.faults.clone_from(fault);
    } else if *hosts < 5 {
        options.faults = vec![Fault { kind: FaultKind::Selftest, host: Some(format!("host-{hosts}")) }];
    }
    options.faults = options
        .faults
        .into_iter()
        .map(|fault| fault.checked(*hosts))
        .collect::<Result<_, BadFault>>()
        .map_err(|error| Failure::usage(error.to_string(), ""))?;
    out.say(format!("DEMO  starting {}, a balancer, and {rate} requests a second", counted(hosts, "host")))?;
    let fleet =
        Fleet::start(options, &ByEngine).await.map_err(|error| Failure::internal(error.to_string()))?;
    out.say(format!("DEMO  all of it is in {}, and goes with it", fleet.layout().dir().display()))?;
    Ok(fleet)
}

/// The login, as the conductor will find it.
pub(super) fn login() -> Result<String, Failure> {
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
        Way::Own { lock, sockets, launch: Some(launch) } => {
            let arguments = vec![CONDUCTOR.into(), fleet.layout().dir().into()];
            Way::Own { lock, sockets, launch: Some(Launch { arguments, ..launch }) }
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

async fn both(fleet: &Fleet, context: &Context) -> Result<(), Failure> {
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
    context.out.say(format!("DEMO  it ended as its script says: {}", requests(&stats)))
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
    let person = PersonName::new(LEAD).map_err(|error| Failure::internal(error.to_string()))?;
    let opener =
        Opener { adopted: fleet.site().plan.clone(), person, clock: context.clock.clone(), mode: Mode::Demo };
    let played = play(client, opener.open(candidate), &context.clock, &mut tell).await;
    if let Some(failure) = untold.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(failure);
    }
    let ending = played.map_err(|error| failed(&error))?;
    if !end.is(&ending) {
        return Err(not_as_said(&format!(
            "{candidate} was to end {}, and ended {}",
            end.word(),
            ending.word()
        )));
    }
    let stats = figures(fleet)?;
    let may_fail = fleet.site().faults.iter().any(|fault| fault.kind == FaultKind::Errors)
        && *candidate == fleet.site().bad;
    // Where all hosts are stopped at once the downtime is what is shown.
    let down = fleet.site().plan.plan.stages.iter().any(|stage| !stage.strategy.mixes_versions());
    if stats.failed > 0 && !may_fail && !down {
        let reasons: Vec<String> = stats.reasons.iter().map(|(why, n)| format!("{why} ({n})")).collect();
        return Err(not_as_said(&format!("no request was to fail, and {}", reasons.join(", "))));
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
    format!("{}, {} failed", counted(stats.sent, "request"), stats.failed)
}

fn failed(error: &PlayError) -> Failure {
    match error {
        PlayError::Unheard => Failure::unheard(),
        other => not_as_said(&other.to_string()),
    }
}

fn not_as_said(what: &str) -> Failure {
    Failure::new(Exit::Failed, format!("the demo did not end as its script says: {what}"), "")
}
