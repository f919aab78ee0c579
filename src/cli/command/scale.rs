//! `golive scale`: how many machines each environment has, as its platform says, and telling it another number. The hosts
//! that are deployed to are those of the plan: a new machine joins once an adopted plan names it.

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{
        conducted::{Conducted, Footing},
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, nothing_yet},
    },
    domain::{
        name::EnvironmentName,
        operation::{OperationCommand, Rescale, Rescaled, Scaled},
        plan::Scale,
        session::Session,
    },
    report::utc,
};

/// Without an environment: how many machines each has.
///
/// The platform is told once, by the plan's own command, and believed only by what it says afterwards. Hosts that golive
/// deploys to are those of the plan: a new machine joins once an adopted plan names it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The environment whose platform is told another number
    #[arg(value_name = "ENVIRONMENT", requires_all = ["to", "reason", "confirm"])]
    environment: Option<EnvironmentName>,
    /// How many machines there are to be
    #[arg(long, value_name = "NUMBER", requires = "environment")]
    to: Option<u32>,
    /// Why; it stands in the record
    #[arg(long, requires = "environment")]
    reason: Option<String>,
    /// The name of the environment, once more
    #[arg(long, value_name = "ENVIRONMENT", requires = "environment")]
    confirm: Option<EnvironmentName>,
}

/// What is asked of the conductor; none: the list.
pub fn asks(arguments: Arguments) -> Result<Option<OperationCommand>, Failure> {
    let Arguments { environment: Some(environment), to: Some(to), reason: Some(reason), confirm } = arguments
    else {
        return Ok(None);
    };
    if confirm.as_ref() != Some(&environment) {
        return Err(Failure::usage(
            format!("--confirm is not {environment}"),
            format!("--confirm {environment} says that you mean it"),
        ));
    }
    Ok(Some(OperationCommand::Scale { environment, to, reason }))
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    match asks(arguments)? {
        None => show(context),
        Some(command) => context.act(|_| Ok(command)),
    }
}

/// `--json`: what can be scaled, what is pending, and the last changes.
#[derive(Serialize)]
struct Scaling {
    footing: Footing,
    environments: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    environment: String,
    min: u32,
    max: u32,
    step: u32,
    /// None: not known.
    current: Option<u32>,
    why: Option<String>,
    pending: Option<Pending>,
    last: Vec<Last>,
    #[serde(skip)]
    words: Vec<String>,
}

#[derive(Serialize)]
struct Pending {
    from: u32,
    to: u32,
    by: Option<String>,
    reason: String,
    at: String,
    told: bool,
}

#[derive(Serialize)]
struct Last {
    from: u32,
    to: u32,
    by: Option<String>,
    reason: String,
    at: String,
    reached: bool,
    shows: String,
}

impl Pending {
    fn of(asked: &Rescale) -> Self {
        Self {
            from: asked.from,
            to: asked.to,
            by: asked.by.as_ref().map(ToString::to_string),
            reason: asked.reason.clone(),
            at: utc(asked.at.wall),
            told: asked.told,
        }
    }
}

impl Last {
    fn of(over: &Rescaled) -> Self {
        let Pending { from, to, by, reason, at, .. } = Pending::of(&over.asked);
        Self { from, to, by, reason, at, reached: over.reached, shows: over.shows.clone() }
    }
}

impl Line {
    fn of(name: &EnvironmentName, scale: &Scale, known: &Scaled, runs: bool) -> Self {
        // Without a running conductor nobody asks the platform.
        let current = known.current.filter(|_| runs);
        let why = if runs { known.why.clone() } else { Some("no conductor asks its platform".to_owned()) };
        let said = Scaled { current, why: why.clone(), ..Scaled::default() }.words();
        let mut words = vec![format!(
            "{name}: machines {said}, at least {}, at most {}, step {}",
            scale.min, scale.max, scale.step
        )];
        if let Some(pending) = &known.pending {
            let by = pending.by.as_ref().map_or("somebody", |by| by.as_str());
            let told = if pending.told { "its platform was told" } else { "its platform is to be told" };
            let (from, to, reason) = (pending.from, pending.to, &pending.reason);
            words.push(format!("  PENDING {from} to {to} by {by}: {reason}; {told}"));
        }
        words.extend(known.last.iter().map(|last| format!("  {} {}", utc(last.at.wall), last.words())));
        Self {
            environment: name.to_string(),
            min: scale.min,
            max: scale.max,
            step: scale.step,
            current,
            why,
            pending: known.pending.as_ref().map(Pending::of),
            last: known.last.iter().map(Last::of).collect(),
            words,
        }
    }
}

fn show(context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let scaling = scaling(&told.session, footing);
    context.out.show(&scaling, || words(&scaling))?;
    Ok(Exit::Done)
}

fn scaling(session: &Session, footing: Footing) -> Scaling {
    let unknown = Scaled::default();
    let lines = session.plan().environments.values().filter_map(|environment| {
        let scale = environment.scale.as_ref()?;
        let known = session.operations.scales.get(&environment.name).unwrap_or(&unknown);
        Some(Line::of(&environment.name, scale, known, footing.runs()))
    });
    let environments = lines.collect();
    Scaling { footing, environments }
}

fn words(it: &Scaling) -> String {
    let mut lines: Vec<String> = it.footing.words().to_vec();
    if it.environments.is_empty() {
        lines.push("no environment says how it is scaled: scale = { … } in golive.toml".to_owned());
    }
    lines.extend(it.environments.iter().flat_map(|line| line.words.clone()));
    lines.join("\n")
}
