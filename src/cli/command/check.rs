//! `golive check`: everything that is wrong with the plan, with file, line and column; or that nothing is.

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure, project},
    config::{self, Loaded, Note, Problems},
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Print the JSON Schema of golive.toml, for editors
    #[arg(long)]
    schema: bool,
}

/// `--json`: the answer of a check.
#[derive(Serialize)]
struct Checked<'a> {
    valid: bool,
    /// Whether this build can carry the plan out.
    opens: bool,
    problems: Vec<Wrong<'a>>,
    notes: &'a [Note],
}

#[derive(Serialize)]
struct Wrong<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    what: &'a str,
    help: &'a str,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    if arguments.schema {
        let schema = serde_json::to_string_pretty(&config::schema())
            .map_err(|error| Failure::internal(error.to_string()))?;
        context.out.write(format!("{schema}\n").as_bytes())?;
        return Ok(Exit::Done);
    }
    let everywhere = &context.everywhere;
    let dir = project::directory(everywhere.project.as_deref())?;
    let paths = config::Paths::new(everywhere.data_dir.as_deref())?;
    match config::load(&dir, Some(paths.user_config())) {
        Ok(loaded) => well(&loaded, context),
        Err(problems) => wrong(&problems, context),
    }
}

fn well(loaded: &Loaded, context: &Context) -> Result<Exit, Failure> {
    let opens = loaded.blockers().next().is_none();
    let checked = Checked { valid: true, opens, problems: Vec::new(), notes: &loaded.notes };
    context.out.show(&checked, || {
        let plan = &loaded.plan;
        let hosts: usize = plan.environments.values().map(|environment| environment.hosts().count()).sum();
        let mut text = format!(
            "{}: the plan is valid: {}, {}, {}\n",
            plan.project,
            counted(plan.stages.len(), "stage"),
            counted(hosts, "host"),
            counted(plan.items.len(), "item"),
        );
        for note in &loaded.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    })?;
    Ok(Exit::Done)
}

fn wrong(problems: &Problems, context: &Context) -> Result<Exit, Failure> {
    if context.out.is_json() {
        let list = problems.list.iter().map(|problem| Wrong {
            file: &problem.file,
            line: problem.line,
            column: problem.column,
            what: &problem.what,
            help: &problem.help,
        });
        context.out.object(&Checked { valid: false, opens: false, problems: list.collect(), notes: &[] })?;
    } else {
        context.out.mutter(&problems.render(context.out.colours_errors()));
    }
    Ok(Exit::Usage)
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
