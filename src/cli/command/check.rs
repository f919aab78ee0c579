//! `golive check`: everything that is wrong with the plan, with file, line and column; or that nothing is.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure, project, traffic},
    config::{self, Loaded, Note, Problem, Problems, Source, theme::ThemeFile},
    tui::theme::{Contrast, Themes, contrast},
};

/// The largest theme that is read, in bytes.
const LARGEST_THEME: u64 = 1 << 20;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Print the JSON Schema of golive.toml, for editors
    #[arg(long)]
    schema: bool,
    /// Check a theme instead, a file or a name as `golive --theme` takes it: unknown scopes, contrast below WCAG AA
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "schema")]
    theme: Option<PathBuf>,
}

/// `--json`: the answer of a check.
#[derive(Serialize)]
struct Checked<'a> {
    valid: bool,
    /// Whether this build can carry the plan out.
    opens: bool,
    problems: Vec<Wrong<'a>>,
    notes: &'a [Note],
    /// By region; what is off-peak follows from it.
    traffic: Vec<traffic::Map>,
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
    if let Some(path) = &arguments.theme {
        return theme(path, context);
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
    let checked = Checked {
        valid: true,
        opens,
        problems: Vec::new(),
        notes: &loaded.notes,
        traffic: traffic::maps(&loaded.plan),
    };
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
        for (region, map) in &plan.traffic {
            text += &traffic::words(region, map);
        }
        for note in &loaded.notes {
            let _ = writeln!(text, "note: {note}");
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
        context.out.object(&Checked {
            valid: false,
            opens: false,
            problems: list.collect(),
            notes: &[],
            traffic: Vec::new(),
        })?;
    } else {
        context.out.mutter(&problems.render(context.out.colours_errors()));
    }
    Ok(Exit::Usage)
}

/// A theme, with what it inherits from its own directory or the embedded ones.
fn theme(asked: &Path, context: &Context) -> Result<Exit, Failure> {
    let paths = config::Paths::new(context.everywhere.data_dir.as_deref())?;
    let themes = Themes { own: Some(paths.user_config().join("themes")) };
    let (name, source, themes) = match which(asked, themes) {
        Ok(found) => found,
        Err(problem) => return wrong(&Problems::new(vec![problem], Vec::new()), context),
    };
    let problems = match themes.build(&name, &source) {
        Err(problems) => problems,
        Ok((theme, file)) => contrast(&theme).into_iter().map(|low| faint(&source, &file, &low)).collect(),
    };
    if !problems.is_empty() {
        return wrong(&Problems::new(problems, vec![source]), context);
    }
    let checked = Checked { valid: true, opens: true, problems: Vec::new(), notes: &[], traffic: Vec::new() };
    context.out.show(&checked, || format!("{name}: every scope is known and can be read (WCAG AA)"))?;
    Ok(Exit::Done)
}

/// A word alone is a name, as the cockpit takes it, unless a file is called so; all else is a file, and its
/// neighbours are what it may inherit from.
fn which(asked: &Path, known: Themes) -> Result<(String, Source, Themes), Problem> {
    let name = asked.to_str().filter(|name| !name.contains(['/', '.']) && !asked.is_file());
    if let Some(name) = name {
        return Ok((name.to_owned(), known.source(name)?, known));
    }
    let text = config::read_file(asked, LARGEST_THEME).map_err(|why| why.problem(asked))?;
    let source = Source::new(&asked.display().to_string(), &text);
    let name = asked.file_stem().and_then(|stem| stem.to_str()).unwrap_or("theme");
    Ok((name.to_owned(), source, Themes { own: asked.parent().map(Path::to_path_buf) }))
}

fn faint(source: &Source, file: &ThemeFile, low: &Contrast) -> Problem {
    let scope = low.role.scope();
    let place = file.places.get(scope).cloned().unwrap_or(0..0);
    let what = format!(
        "{scope} has a contrast of {:.1} with its background, and {:.1} can be read",
        low.ratio, low.wanted
    );
    Problem::new(source, place, &what, "make one of the two colours lighter or darker")
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
