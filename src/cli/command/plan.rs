//! `golive plan`: how golive.toml differs from what the session adopted, and adopting it.

use std::{fmt::Write as _, sync::Arc};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::open::candidate;
use crate::{
    cli::{
        columns::columns,
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, nothing_open},
        project::Project,
        strictness,
    },
    config::Loaded,
    domain::{
        course::{CourseCommand, difference, what_becomes_of_capacity, what_becomes_of_the_share},
        name::Version,
        plan::{Adopted, ListText},
        poll,
        session::Session,
    },
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show what adopting golive.toml would change, and which votes it would make stale
    Diff,
    /// Show what each profile of strictness leaves out, and what each is expected to take, stage by stage
    Strictness,
    /// Adopt golive.toml, and the artifact, as they are now
    Adopt {
        /// Another version to take live
        #[arg(long, value_name = "VERSION")]
        candidate: Option<Version>,
    },
}

/// `--json`: the answer of `plan diff`.
#[derive(Serialize)]
struct Differs {
    same: bool,
    adopted: String,
    file: String,
    differences: Vec<Difference>,
    /// Where the artifact is another than the candidate, or can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<CandidateDiffers>,
    /// What other hosts would mean for the share that a stage under way is at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    share: Vec<String>,
    /// Where capacity would be short that is not today.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    capacity: Vec<String>,
    /// Votes and evidence that would go stale.
    stale: Vec<String>,
}

#[derive(Serialize)]
struct CandidateDiffers {
    was: String,
    /// None: it can't be read, for this reason.
    is: Option<String>,
    why: Option<String>,
}

#[derive(Serialize)]
struct Difference {
    path: String,
    was: String,
    is: String,
    /// Whether it may change while a stage runs.
    while_running: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let adopted = Arc::new(adoptable(&project)?);
    match &arguments.what {
        What::Strictness => strictness::show(&adopted, &project, context),
        What::Diff => diff(&adopted, &project, context),
        What::Adopt { candidate } => adopt(adopted, candidate.as_ref(), &project, context),
    }
}

/// What has changed of the two: the candidate, the plan, or both.
fn adopt(
    adopted: Arc<Adopted>,
    version: Option<&Version>,
    project: &Project,
    context: &Context,
) -> Result<Exit, Failure> {
    let session = open_session(project, context)?;
    let version = version.unwrap_or(&session.course.release.candidate.version);
    let found = context.wait(candidate(project, &adopted, version.clone(), context));
    let same_plan = adopted.digest == session.course.adopted.digest;
    let candidate = match found {
        Ok(candidate) => Some(candidate),
        // The plan may be adopted while the artifact is out of reach.
        Err(_) if !same_plan && *version == session.course.release.candidate.version => None,
        Err(failure) => return Err(failure),
    };
    let changed = candidate.filter(|candidate| *candidate != session.course.release.candidate);
    if let Some(candidate) = changed {
        let said = context.act(|_| Ok(CourseCommand::AdoptCandidate { candidate }))?;
        if same_plan {
            return Ok(said);
        }
    }
    context.act(|_| Ok(CourseCommand::AdoptPlan { adopted }))
}

fn open_session(project: &Project, context: &Context) -> Result<Session, Failure> {
    let past = Past::open(project)?.ok_or_else(nothing_open)?;
    Ok(past.tell(context.everywhere.session.as_ref())?.session)
}

/// The plan as it would be adopted; refused where this build can't carry it out.
pub fn adoptable(project: &Project) -> Result<Adopted, Failure> {
    let loaded = project.load()?;
    let blockers: Vec<String> = loaded.blockers().map(ToString::to_string).collect();
    if !blockers.is_empty() {
        return Err(Failure::new(
            Exit::Refused,
            blockers.join("\n"),
            "change the plan, or use a later build",
        ));
    }
    let Loaded { plan, source, sources, .. } = loaded;
    let lists = sources.iter().skip(1).map(|list| ListText::new(&list.name, &list.text));
    Ok(Adopted::new(plan, source).with_lists(lists.collect()))
}

fn diff(adopted: &Arc<Adopted>, project: &Project, context: &Context) -> Result<Exit, Failure> {
    let session = open_session(project, context)?;
    let was = &session.course.release.candidate;
    let found = context.wait(candidate(project, adopted, was.version.clone(), context));
    let changed = found.as_ref().ok().filter(|found| *found != was);
    let candidate = match &found {
        Ok(_) => changed.map(|is| (Some(is.to_string()), None)),
        Err(failure) => Some((None, Some(failure.what.clone()))),
    };
    let candidate = candidate.map(|(is, why)| CandidateDiffers { was: was.to_string(), is, why });
    // The session is as strict as it was opened, whatever the file says of others.
    let read = Arc::new(adopted.at(session.profile()));
    let differences = difference(session.plan(), &read.plan).into_iter().map(|d| Difference {
        path: d.path,
        was: d.was,
        is: d.is,
        while_running: d.while_running,
    });
    let differs = Differs {
        same: adopted.digest == session.course.adopted.digest && changed.is_none(),
        adopted: session.course.adopted.digest.to_string(),
        file: adopted.digest.to_string(),
        differences: differences.collect(),
        share: what_becomes_of_the_share(&session, &read.plan),
        capacity: what_becomes_of_capacity(&session, &read.plan),
        stale: poll::would_stale(&session, &read, changed, context.now_of(&session)),
        candidate,
    };
    context.out.show(&differs, || words(&differs))?;
    Ok(Exit::Done)
}

fn words(differs: &Differs) -> String {
    let candidate = differs.candidate.as_ref().map(|it| match (&it.is, &it.why) {
        (Some(is), _) => format!("  candidate {} → {is}\n", it.was),
        (None, why) => format!("  candidate {}: not read, {}\n", it.was, why.as_deref().unwrap_or_default()),
    });
    let candidate = candidate.unwrap_or_default();
    if differs.same {
        return format!("golive.toml is the adopted plan, {}\n{candidate}", &differs.adopted[..8])
            .trim_end()
            .to_owned();
    }
    let rows: Vec<[String; 4]> = differs
        .differences
        .iter()
        .map(|d| {
            let when = if d.while_running { "" } else { "not while a stage runs" };
            [format!("  {}", d.path), d.was.clone(), format!("→ {}", d.is), when.to_owned()]
        })
        .collect();
    let mut text = format!("{} → {}\n{}", &differs.adopted[..8], &differs.file[..8], columns(&rows));
    text += &candidate;
    for stale in differs.share.iter().chain(&differs.capacity).chain(&differs.stale) {
        let _ = writeln!(text, "  {stale}");
    }
    text + "golive plan adopt adopts it\n"
}
