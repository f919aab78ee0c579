//! `golive plan`: how golive.toml differs from what the session adopted, and adopting it.

use std::{fmt::Write as _, sync::Arc};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{
        columns::columns,
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, nothing_open},
        project::Project,
    },
    config::Loaded,
    domain::{
        course::{CourseCommand, difference},
        plan::Adopted,
        poll,
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
    /// Adopt golive.toml as it is now
    Adopt,
}

/// `--json`: the answer of `plan diff`.
#[derive(Serialize)]
struct Differs {
    same: bool,
    adopted: String,
    file: String,
    differences: Vec<Difference>,
    /// Votes and evidence that would go stale.
    stale: Vec<String>,
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
    match arguments.what {
        What::Diff => diff(&adopted, &project, context),
        What::Adopt => context.act(|_| Ok(CourseCommand::AdoptPlan { adopted })),
    }
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
    let Loaded { plan, source, .. } = loaded;
    Ok(Adopted::new(plan, source))
}

fn diff(adopted: &Arc<Adopted>, project: &Project, context: &Context) -> Result<Exit, Failure> {
    let past = Past::open(project)?.ok_or_else(nothing_open)?;
    let session = past.tell(context.everywhere.session.as_ref())?.session;
    let differences = difference(session.plan(), &adopted.plan).into_iter().map(|d| Difference {
        path: d.path,
        was: d.was,
        is: d.is,
        while_running: d.while_running,
    });
    let differs = Differs {
        same: adopted.digest == session.course.adopted.digest,
        adopted: session.course.adopted.digest.to_string(),
        file: adopted.digest.to_string(),
        differences: differences.collect(),
        stale: poll::would_stale(&session, adopted, context.now_of(&session)),
    };
    context.out.show(&differs, || words(&differs))?;
    Ok(Exit::Done)
}

fn words(differs: &Differs) -> String {
    if differs.same {
        return format!("golive.toml is the adopted plan, {}", &differs.adopted[..8]);
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
    for stale in &differs.stale {
        let _ = writeln!(text, "  {stale}");
    }
    text + "golive plan adopt adopts it\n"
}
