//! `golive rollout`: what a start would do, and what a person does about a line that stopped. What can't be taken
//! back asks for a name typed in full.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{
        command::{rollout_plan, rollout_versions},
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, nothing_yet},
    },
    domain::{
        command::Command,
        name::{CheckName, ComponentName, Digest, EnvironmentName, OnceName, StageName, UnitId, Version},
        notice::NoticeCommand,
        pipeline::{Card, cards},
        rollout::{self, RolloutCommand},
        session::Session,
        time::Span,
    },
    tui::{canvas::Line, screens},
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show what starting the next stage would do
    Plan {
        /// With a sentence on each step: what it does, and what to look for meanwhile
        #[arg(long)]
        explain: bool,
    },
    /// Show the stages: what each touches, what it has to pass, and where somebody decides
    Pipeline,
    /// Show which host runs which version, why, and what each way on would do
    Versions,
    /// Say that you look after what needs a human
    Claim,
    /// Try a failed host, check or step again
    ///
    /// A host by its name; a validation by --check, a step that runs once by --once, and what an environment refused by
    /// --lock, --share or --desired.
    Try {
        /// The host that failed
        #[arg(required_unless_present_any = ["check", "lock", "share", "desired", "once"], value_name = "HOST")]
        host: Option<UnitId>,
        /// A validation that did not pass
        #[arg(long, conflicts_with = "host")]
        check: Option<CheckName>,
        /// The lock on an environment that could not be taken
        #[arg(long, value_name = "ENVIRONMENT", conflicts_with_all = ["host", "check"])]
        lock: Option<EnvironmentName>,
        /// A step that runs once
        #[arg(long, value_name = "STEP", conflicts_with_all = ["host", "check", "lock", "share", "desired"])]
        once: Option<OnceName>,
        /// Its name, again: one that still runs is ended first
        #[arg(long, value_name = "STEP", requires = "once")]
        confirm: Option<String>,
        /// The shares of an environment that its balancer could not be told
        #[arg(long, value_name = "ENVIRONMENT", conflicts_with_all = ["host", "check", "lock"])]
        share: Option<EnvironmentName>,
        /// What agents of an environment read, over what the store holds by now
        #[arg(long, value_name = "ENVIRONMENT", conflicts_with_all = ["host", "check", "lock", "share"])]
        desired: Option<EnvironmentName>,
        /// A key and the revision that it was shown to hold, as web-01=7, or the revision alone where the environment has
        /// one key: refused where it holds another one by now. May be given several times; no other key is replaced
        #[arg(long, value_name = "KEY=REVISION", requires = "desired")]
        over: Vec<String>,
        /// Tell what happens until the line stands still
        #[arg(long)]
        wait: bool,
    },
    /// A host of which nothing is known is as it should be: you looked
    MarkDone {
        /// The host
        #[arg(required_unless_present = "once", value_name = "HOST")]
        host: Option<UnitId>,
        /// A step that runs once, instead of a host
        #[arg(long, value_name = "STEP", conflicts_with = "host")]
        once: Option<OnceName>,
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
        /// Its name, again
        #[arg(long, value_name = "HOST")]
        confirm: String,
    },
    /// Leave a host out of this rollout
    Exclude {
        /// The host
        #[arg(value_name = "HOST")]
        host: UnitId,
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
        /// The host's name, again
        #[arg(long, value_name = "HOST")]
        confirm: String,
    },
    /// Go on to the next host in spite of the failure
    ForceNext {
        /// A step that runs once, instead of a host
        #[arg(long, value_name = "STEP")]
        once: Option<OnceName>,
        /// A component whose hosts wait for those of another one
        #[arg(long, value_name = "COMPONENT", conflicts_with = "once")]
        component: Option<ComponentName>,
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
        /// The name of the host that failed, of the step, or of the component
        #[arg(long, value_name = "HOST")]
        confirm: String,
    },
    /// Let the lock on an environment be taken over that another conductor has left: by the next start, or by what is under way
    BreakLock {
        /// The environment
        #[arg(value_name = "ENVIRONMENT")]
        environment: EnvironmentName,
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
        /// The environment's name, again
        #[arg(long, value_name = "ENVIRONMENT")]
        confirm: String,
    },
    /// Look for longer: lengthen the soak, pause or bake that is under way (anybody in [people]); nothing shortens one
    Extend {
        /// By how much, such as 10m
        #[arg(value_name = "SPAN", value_parser = Span::parse)]
        by: Span,
        /// The stage, where several wait for a set time beside each other
        #[arg(long, value_name = "STAGE")]
        stage: Option<StageName>,
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
    },
    /// Lift the alarm about requests in an environment without traffic, once it is known where they come from
    LiftAlarm {
        /// The environment
        #[arg(value_name = "ENVIRONMENT")]
        environment: EnvironmentName,
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
    },
    /// END AS IS: close on a mix of versions (decider)
    EndAsIs {
        /// Why; it stands in the record
        #[arg(long)]
        reason: String,
        /// The project's name
        #[arg(long, value_name = "PROJECT")]
        confirm: String,
    },
    /// Acknowledge a notice by its number, or all that are open
    Acknowledge {
        /// Its number; without it all that are open
        number: Option<u64>,
    },
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.what {
        What::Plan { explain } => rollout_plan::plan(*explain, context),
        What::Pipeline => pipeline(context),
        What::Versions => rollout_versions::show(context),
        What::Try { wait: true, .. } => context.act_on_and_wait(|session| {
            let wrong = || Failure::internal("nothing is tried");
            asks(arguments, Some(session))?.ok_or_else(wrong)
        }),
        _ => context.act(|session| {
            let wrong = || Failure::internal("the preview asks for nothing");
            asks(arguments, Some(session))?.ok_or_else(wrong)
        }),
    }
}

/// What is asked of the conductor, once the names were typed in full; none: the preview.
pub fn asks(arguments: Arguments, session: Option<&Session>) -> Result<Option<Command>, Failure> {
    let name = |what: Option<String>, confirm: &str| match what {
        Some(name) => typed(confirm, &name),
        None => Ok(()),
    };
    let command = match arguments.what {
        What::Plan { .. } | What::Pipeline | What::Versions => return Ok(None),
        What::Claim => RolloutCommand::Claim,
        What::Try { host: Some(unit), .. } => RolloutCommand::TryAgain { unit },
        What::Try { check: Some(check), .. } => RolloutCommand::ValidateAgain { check },
        What::Try { lock: Some(environment), .. } => RolloutCommand::LockAgain { environment },
        What::Try { once: Some(once), confirm, .. } => {
            if let Some(left) = session.and_then(|session| rollout::once_left_behind(session, &once)) {
                let name = once.as_str();
                let still = format!("{}: trying it again ends it first", left.words());
                let confirm = confirm.ok_or_else(|| {
                    Failure::usage(
                        still,
                        format!("--confirm {name} says that you mean it; or wait for its end"),
                    )
                })?;
                typed(&confirm, name)?;
            }
            RolloutCommand::OnceAgain { once }
        }
        What::Try { share: Some(environment), .. } => RolloutCommand::ShareAgain { environment },
        What::Try { desired: Some(environment), over, .. } => {
            RolloutCommand::DesireAgain { environment, over }
        }
        What::Try { .. } => return Err(Failure::usage("nothing to try again was named", "name a host")),
        What::MarkDone { once: Some(once), reason, confirm, .. } => {
            typed(&confirm, once.as_str())?;
            RolloutCommand::OnceDone { once, reason }
        }
        What::MarkDone { host: Some(host), reason, confirm, .. } => {
            typed(&confirm, host.as_str())?;
            RolloutCommand::MarkDone { unit: host, reason }
        }
        What::MarkDone { .. } => return Err(Failure::usage("nothing was named", "name a host")),
        What::Exclude { host, reason, confirm } => {
            typed(&confirm, host.as_str())?;
            RolloutCommand::Exclude { unit: host, reason }
        }
        What::ForceNext { once: Some(once), reason, confirm, .. } => {
            typed(&confirm, once.as_str())?;
            RolloutCommand::OnceForced { once, reason }
        }
        What::ForceNext { component: Some(component), reason, confirm, .. } => {
            typed(&confirm, component.as_str())?;
            RolloutCommand::ForcePart { component, reason }
        }
        What::ForceNext { reason, confirm, .. } => {
            name(session.and_then(first_troubled), &confirm)?;
            RolloutCommand::ForceNext { reason }
        }
        What::BreakLock { environment, reason, confirm } => {
            typed(&confirm, environment.as_str())?;
            RolloutCommand::BreakLock { environment, reason }
        }
        What::Extend { by, stage: Some(stage), reason } => RolloutCommand::ExtendStage { stage, by, reason },
        What::Extend { by, stage: None, reason } => RolloutCommand::Extend { by, reason },
        What::LiftAlarm { environment, reason } => RolloutCommand::LiftAlarm { environment, reason },
        What::EndAsIs { reason, confirm } => {
            name(session.map(|session| session.course.release.project.to_string()), &confirm)?;
            RolloutCommand::EndAsIs { reason }
        }
        What::Acknowledge { number } => return Ok(Some(NoticeCommand::Acknowledge { number }.into())),
    };
    Ok(Some(command.into()))
}

fn typed(confirm: &str, name: &str) -> Result<(), Failure> {
    if confirm == name {
        return Ok(());
    }
    Err(Failure::usage(
        format!("--confirm {confirm} is not {name}, and nothing was done"),
        format!("--confirm {name} says that you mean it"),
    ))
}

fn first_troubled(session: &Session) -> Option<String> {
    rollout::troubles(session).iter().find_map(|trouble| trouble.unit().map(ToString::to_string))
}

impl Arguments {
    /// Whether the stages are asked for, which a page shows.
    pub const fn is_pipeline(&self) -> bool {
        matches!(self.what, What::Pipeline)
    }

    /// Likewise the versions.
    pub const fn is_versions(&self) -> bool {
        matches!(self.what, What::Versions)
    }
}

/// `--json`: the stages in their order, after the artifact that goes through them.
#[derive(Serialize)]
struct Cards {
    version: Version,
    digest: Digest,
    stages: Vec<Card>,
}

/// The stages, from the journal alone.
fn pipeline(context: &Context) -> Result<Exit, Failure> {
    let past = Past::open(&context.project()?)?.ok_or_else(nothing_yet)?;
    let session = past.tell(context.everywhere.session.as_ref())?.session;
    let candidate = session.course.release.candidate.clone();
    let cards = Cards {
        version: candidate.version.clone(),
        digest: candidate.digest.clone(),
        stages: cards(&session),
    };
    context.out.show(&cards, || {
        let lines = screens::pipeline::lines(&session);
        lines.iter().map(Line::words).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Exit::Done)
}
