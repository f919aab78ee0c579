//! `golive init`: eight questions with what was detected, or flags; what was said is probed without changing
//! anything, and a plan and checklists are written that pass `golive check`.

use std::{
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::{self, IsTerminal, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{
        context::Context,
        exit::Exit,
        failure::Failure,
        interview::{Question, Talk, Terminal},
        project, reachable,
    },
    config::{
        self, Loaded,
        init::{Answers, NewFile, PLAN, detect, detect_as, files, login, machine},
    },
};

/// Each flag answers a question; what is left is asked on a terminal, and else taken as detected.
#[derive(Debug, Args)]
pub struct Arguments {
    /// 1. What the project is called
    #[arg(long)]
    name: Option<String>,
    /// 2. Where it runs: `web-01, web-02:8081, api=10.0.0.7:8080, beta-[01:08]`
    #[arg(long)]
    hosts: Option<String>,
    /// 3. How a host is changed: `local` or `exec`
    #[arg(long, value_parser = ["local", "exec"])]
    driver: Option<String>,
    /// The directory of the releases, for `local`
    #[arg(long, value_name = "DIR")]
    dir: Option<String>,
    /// The start command: words apart by spaces, no shell
    #[arg(long, value_name = "COMMAND")]
    start: Option<String>,
    /// The stop command, for `exec`
    #[arg(long, value_name = "COMMAND")]
    stop: Option<String>,
    /// The install command, for `exec`
    #[arg(long, value_name = "COMMAND")]
    install: Option<String>,
    /// 4. Where the artifact comes from, with {version} in it
    #[arg(long, value_name = "PATH|URL")]
    artifact: Option<String>,
    /// 5. The URL that says that a host is alive; `none` if there is none
    #[arg(long, value_name = "URL")]
    health: Option<String>,
    /// 6. Who takes part: `dana: decider engineering, raj: operations deployer`, or names alone
    #[arg(long)]
    people: Option<String>,
    /// 7. How much is asked before the poll: `small`, `medium` or `full`
    #[arg(long, value_parser = ["small", "medium", "full"])]
    size: Option<String>,
    /// 8. The machine the conductor lives on; `any` if that does not matter
    #[arg(long, value_name = "MACHINE")]
    home: Option<String>,
    /// Ask nothing: what no flag says is as detected
    #[arg(short, long)]
    yes: bool,
    /// Write over a golive.toml that is there; other files are never written over
    #[arg(long)]
    force: bool,
}

/// `--json`: the answer of `init`.
#[derive(Serialize)]
struct Written {
    project: String,
    files: Vec<String>,
    /// Files that were there and are used as they are.
    kept: Vec<String>,
    /// The login of whoever ran it, where none of the people has it.
    stranger: Option<String>,
    /// The flags of the questions that nobody answered: what was detected was taken.
    defaults: Vec<&'static str>,
    /// What was probed, without changing anything.
    probes: Vec<reachable::Probe>,
}

impl Arguments {
    /// What a flag says to a question.
    fn flag(&self, question: Question) -> Option<&str> {
        let flag = match question {
            Question::Name => &self.name,
            Question::Hosts => &self.hosts,
            Question::Driver => &self.driver,
            Question::Dir => &self.dir,
            Question::Stop => &self.stop,
            Question::Install => &self.install,
            Question::Start => &self.start,
            Question::Artifact => &self.artifact,
            Question::Health => &self.health,
            Question::People => &self.people,
            Question::Size => &self.size,
            Question::Home => &self.home,
        };
        // A command that only one driver has says which one is meant.
        let implied = question == Question::Driver && (self.stop.is_some() || self.install.is_some());
        flag.as_deref().map(str::trim).or(implied.then_some("exec"))
    }

    /// What was detected in `dir`, and what the flags say instead.
    fn answers(&self, dir: &Path, name: Option<&str>) -> Result<Answers, Failure> {
        let (login, machine) = (login(), machine());
        let (login, machine) = (login.as_deref(), machine.as_deref());
        let mut answers = match name.or(self.flag(Question::Name)) {
            Some(name) => detect_as(dir, name, login, machine),
            None => detect(dir, login, machine),
        };
        for question in Question::ALL {
            let Some(text) = self.flag(question) else { continue };
            let flag = question.flag();
            if !question.applies(&answers) {
                let driver = Question::Driver.answer(&answers);
                return Err(Failure::usage(
                    format!("--{flag} means nothing to the driver {driver}"),
                    "take it out, or choose the other one with --driver",
                ));
            }
            question
                .take(&mut answers, text)
                .map_err(|bad| Failure::usage(format!("--{flag}: {bad}"), "nothing was written"))?;
        }
        Ok(answers)
    }
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let dir = project::working_directory(context.everywhere.project.as_deref())?;
    if !arguments.force && dir.join(PLAN).symlink_metadata().is_ok() {
        return Err(in_the_way(&dir));
    }
    let detected = arguments.answers(&dir, None)?;
    let somebody_is_there = io::stdin().is_terminal() && io::stderr().is_terminal();
    let asks = somebody_is_there && !arguments.yes && !context.out.is_json();
    let answers = if asks {
        let named = |name: &str| arguments.answers(&dir, Some(name)).unwrap_or_else(|_| detected.clone());
        let (mut from, mut to) = (io::stdin().lock(), io::stderr().lock());
        let colours = context.out.colours_errors();
        let talk = Talk {
            terminal: Terminal { from: &mut from, to: &mut to, colours },
            answered: &|question| arguments.flag(question).is_some(),
            named: &named,
            accept: &|answers| rehearse(&dir, &files(answers), context).map(drop),
        };
        talk.hold(detected.clone())?
    } else {
        detected
    };
    let unasked = |question: &Question| question.applies(&answers) && arguments.flag(*question).is_none();
    let unasked = Question::ALL.into_iter().filter(|question| !asks && unasked(question));
    let defaults = unasked.map(Question::flag).collect();
    let files = files(&answers);
    let loaded = rehearse(&dir, &files, context)?;
    let (kept, new): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| file.path != PLAN && dir.join(&file.path).exists());
    write(&dir, &new, arguments.force)?;
    let probes = reachable::probe(&loaded.plan, &dir, &context.clock)?;
    let paths = |files: Vec<NewFile>| files.into_iter().map(|file| file.path).collect();
    let login = login().filter(|login| loaded.plan.people.values().all(|person| person.login != *login));
    let stranger = login.filter(|_| !loaded.plan.people.is_empty());
    let written =
        Written { stranger, project: answers.name, files: paths(new), kept: paths(kept), defaults, probes };
    context.out.show(&written, || words(&written))?;
    Ok(Exit::Done)
}

fn words(written: &Written) -> String {
    let mut text = String::new();
    for file in &written.files {
        let _ = writeln!(text, "wrote   {file}");
    }
    for file in &written.kept {
        let _ = writeln!(text, "kept    {file}, as it is");
    }
    if !written.defaults.is_empty() {
        let flags: Vec<String> = written.defaults.iter().map(|flag| format!("--{flag}")).collect();
        let _ = writeln!(text, "assumed {}: as detected, nobody was asked", flags.join(" "));
    }
    for probe in &written.probes {
        let mark = if probe.ok { "ok     " } else { "missing" };
        let _ = writeln!(text, "{mark} {}: {}", probe.what, probe.shows);
    }
    if let Some(login) = &written.stranger {
        let _ = writeln!(
            text,
            "nobody in [people] has your login, {login}: you may look, and act only with --as PERSON, or once an entry \
             says login = \"{login}\""
        );
    }
    text + "nothing else was changed. Next: golive check, then golive open VERSION --at TIME\n"
}

fn in_the_way(dir: &Path) -> Failure {
    Failure::usage(
        format!("{} is there already, and nothing was written", dir.join(PLAN).display()),
        "golive check says how it stands; --force writes over it",
    )
}

/// Reads the plan back from elsewhere first: answers that make no plan are refused before anything is written.
fn rehearse(dir: &Path, files: &[NewFile], context: &Context) -> Result<Loaded, Failure> {
    let elsewhere = tempfile::tempdir().map_err(|error| Failure::internal(error.to_string()))?;
    write(elsewhere.path(), files, false)?;
    for file in files.iter().filter(|file| file.path != PLAN && !file.executable) {
        let (own, copy) = (dir.join(&file.path), elsewhere.path().join(&file.path));
        if own.exists() {
            fs::copy(&own, copy).map_err(|error| Failure::file(&own, &error))?;
        }
    }
    let paths = config::Paths::new(context.everywhere.data_dir.as_deref())?;
    config::load(elsewhere.path(), Some(paths.user_config())).map_err(|problems| {
        let said = problems.list.iter().map(|problem| match problem.file.as_str() {
            PLAN => format!("{}: {}", problem.what, problem.help),
            file => format!("{file}:{}: {}: {}", problem.line, problem.what, problem.help),
        });
        Failure::usage(said.collect::<Vec<_>>().join("\n"), "answer otherwise; nothing was written")
    })
}

/// All or none: the plan comes last, and what was made is taken away again if something can't be.
fn write(dir: &Path, files: &[NewFile], force: bool) -> Result<(), Failure> {
    let mut made: Vec<PathBuf> = Vec::new();
    let (plan, others): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.path == PLAN);
    for file in others.into_iter().chain(plan) {
        let path = dir.join(&file.path);
        let written = match path.parent() {
            Some(parent) if force && file.path == PLAN => replace(parent, &path, &file.text),
            Some(parent) => fs::create_dir_all(parent).and_then(|()| create(&path, file)),
            None => create(&path, file),
        };
        if let Err(error) = written {
            // What is left over here is named by the error of the next attempt.
            for path in &made {
                drop(fs::remove_file(path));
            }
            return Err(match error.kind() {
                io::ErrorKind::AlreadyExists if file.path == PLAN => in_the_way(dir),
                _ => Failure::usage(
                    format!("{} can't be written: {error}", path.display()),
                    "nothing was written",
                ),
            });
        }
        made.push(path);
    }
    Ok(())
}

fn create(path: &Path, file: &NewFile) -> io::Result<()> {
    let mode = if file.executable { 0o755 } else { 0o644 };
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?.write_all(file.text.as_bytes())
}

/// The old file stays whole until the new one is.
fn replace(dir: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut new = tempfile::Builder::new()
        .prefix(".golive-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(dir)?;
    new.write_all(text.as_bytes())?;
    new.persist(path).map(drop).map_err(|error| error.error)
}
