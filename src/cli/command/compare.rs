//! `golive compare`: what the hosts with the new version serve beside the rest; and the judgement of a person.

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
        comparison::{self, Sides},
        effect::Candidate,
        name::{EnvironmentName, StageName},
        pipeline::{StageState, region_compared, validation_standing},
        rollout::RolloutCommand,
        session::Session,
        signal::JudgedVerdict,
        time::{Now, Span},
    },
    report,
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The new version is as good as the rest
    Pass {
        /// What you saw; needed where there are too few figures
        #[arg(default_value = "")]
        note: String,
    },
    /// It is not: the line stops
    Fail {
        /// What differs
        reason: String,
    },
}

/// What is asked of the conductor; none: the figures.
pub fn asks(arguments: Arguments) -> Option<RolloutCommand> {
    let (passed, note) = match arguments.what? {
        What::Pass { note } => (true, note),
        What::Fail { reason } => (false, reason),
    };
    Some(RolloutCommand::Judge { stage: None, passed, note })
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    match asks(arguments) {
        Some(command) => context.act(|_| Ok(command)),
        None => show(context),
    }
}

/// `--json`: both sides, and how it was judged.
#[derive(Serialize)]
struct Comparison<'a> {
    stage: &'a StageName,
    environment: &'a EnvironmentName,
    /// The one whose hosts are compared with its own rest, where one region is taken after another.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    state: StageState,
    to: &'a Candidate,
    from: Option<&'a Candidate>,
    /// None: nothing was counted, or not yet.
    sides: Option<Sides>,
    /// How long was counted, and how long ago that was recorded last, in seconds.
    counted_seconds: Option<u64>,
    age_seconds: Option<u64>,
    /// What is missing for a judgement by these figures.
    too_few: Option<String>,
    verdict: Option<JudgedVerdict>,
    shows: Option<&'a str>,
    /// It can be judged now.
    due: bool,
}

/// On what it rests, and what it is.
#[derive(Serialize)]
struct Answer<'a> {
    footing: &'a Footing,
    #[serde(flatten)]
    comparison: &'a Comparison<'a>,
}

/// From the journal; where no conductor runs, that is said.
fn show(context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let session = told.session;
    let Some(comparison) = comparison_of(&session, footing.now(&session, context.wall())) else {
        if comparison::nothing_beside(&session) {
            return Err(Failure::new(
                Exit::Refused,
                "this is a first deploy: there is nothing that it could be compared with",
                "the next version is compared with this one",
            ));
        }
        return Err(Failure::new(
            Exit::Refused,
            "no stage of this session is compared",
            "a stage with validations = [\"comparison\"] is, once it has been started",
        ));
    };
    context.out.show(&Answer { footing: &footing, comparison: &comparison }, || {
        footing.above(words(&comparison), context.out)
    })?;
    Ok(match comparison.verdict {
        Some(JudgedVerdict::Passed) => Exit::Done,
        Some(_) if !comparison.due => Exit::Failed,
        Some(_) => Exit::WaitsForHuman,
        None if comparison.due => Exit::WaitsForHuman,
        None => Exit::NotReady,
    })
}

fn comparison_of(session: &Session, now: Now) -> Option<Comparison<'_>> {
    let comparison::Due { run, check } = comparison::latest(session)?;
    let count = session.rollout.counted.get(&run.environment);
    let sides = session.rollout.compared(&run.environment);
    let judged = validation_standing(session, run, check);
    Some(Comparison {
        stage: &run.name,
        environment: &run.environment,
        region: region_compared(session, run).map(|(region, ..)| region),
        state: run.state,
        to: &session.course.release.candidate,
        from: run.from.as_ref(),
        counted_seconds: count.and_then(|count| Some(count.at?.session.since(count.since.session).as_secs())),
        age_seconds: count.and_then(|count| Some(now.wall.since(count.at?.wall).as_secs())),
        too_few: sides.and_then(|sides| sides.too_few()),
        sides,
        verdict: judged.map(|judged| judged.verdict),
        shows: judged.map(|judged| judged.shows.as_str()),
        due: comparison::due(session).is_some_and(|due| due.run.name == run.name),
    })
}

fn words(it: &Comparison<'_>) -> String {
    let against = it.from.map_or("nothing".into(), |from| from.version.to_string());
    let counted = match (it.counted_seconds, it.age_seconds) {
        (Some(counted), Some(age)) => {
            format!(", counted for {}, {} ago", Span::secs(counted), Span::secs(age))
        }
        _ => String::new(),
    };
    let region = it.region.map_or(String::new(), |region| format!(", {region}"));
    let head =
        format!("{} of {}{region}: {} beside {against}{counted}", it.stage, it.environment, it.to.version);
    let figures = it.sides.as_ref().map_or("  no request was counted\n".into(), |sides| {
        let head = ["", "new", "rest", "difference"].map(str::to_owned);
        let rows = report::compared(sides).into_iter();
        let rows = rows.map(|row| [format!("  {}", row.what), row.new, row.rest, row.difference]);
        columns(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
    });
    let mut few = it.sides.and_then(|it| it.no_response()).map_or(String::new(), |why| format!("  {why}\n"));
    few.extend(it.too_few.iter().map(|few| format!("  too few: {few}\n")));
    let verdict = match (it.verdict, it.shows) {
        (Some(JudgedVerdict::Passed), Some(shows)) => format!("passed: {shows}"),
        (Some(_), Some(shows)) => format!("did not pass: {shows}"),
        _ if it.due => "nobody has judged it: golive compare pass, or fail REASON".into(),
        _ => format!("not to be judged yet: {} is {}", it.stage, it.state.word()),
    };
    format!("{head}\n{figures}{few}  verdict: {verdict}")
}
