//! `golive init`: eight questions with what was detected, or flags; what was said is probed without changing
//! anything, and a plan and checklists are written that pass `golive check`.

use std::{
    fmt::Write as _,
    io::{self, BufRead, IsTerminal},
    path::Path,
};

use clap::Args;
use serde::Serialize;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure, project, reachable},
    config::{
        self, Loaded,
        init::{
            Answers, BadAnswer, DriverAnswer, ListSize, NewFile, detect, files, login, machine, parse_hosts,
            parse_people,
        },
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
    /// Write over files that are there
    #[arg(long)]
    force: bool,
}

/// `--json`: the answer of `init`.
#[derive(Serialize)]
struct Written {
    project: String,
    files: Vec<String>,
    /// What was probed, without changing anything.
    probes: Vec<reachable::Probe>,
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let dir = project::working_directory(context.everywhere.project.as_deref())?;
    let force = arguments.force;
    let asks = !arguments.yes && !context.out.is_json() && io::stdin().is_terminal();
    let mut answers = detect(&dir, login().as_deref(), machine().as_deref());
    answer(&mut answers, arguments, asks, context)?;
    let files = files(&answers);
    if !force {
        in_the_way(&dir, &files)?;
    }
    let loaded = rehearse(&files, context)?;
    write(&dir, &files)?;
    let probes = reachable::probe(&loaded.plan, &dir, &context.clock)?;
    let written = Written {
        project: answers.name.clone(),
        files: files.iter().map(|file| file.path.clone()).collect(),
        probes,
    };
    context.out.show(&written, || words(&written))?;
    Ok(Exit::Done)
}

fn words(written: &Written) -> String {
    let mut text = String::new();
    for file in &written.files {
        let _ = writeln!(text, "wrote {file}");
    }
    for probe in &written.probes {
        let mark = if probe.ok { "ok     " } else { "missing" };
        let _ = writeln!(text, "{mark} {}: {}", probe.what, probe.shows);
    }
    text + "nothing was changed but these files. Next: golive check, then golive open VERSION --at TIME\n"
}

fn in_the_way(dir: &Path, files: &[NewFile]) -> Result<(), Failure> {
    let there: Vec<&str> =
        files.iter().map(|file| file.path.as_str()).filter(|path| dir.join(path).exists()).collect();
    if there.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(
        format!("{} is there already, and nothing was written", there.join(", ")),
        "golive check says how it stands; --force writes over it",
    ))
}

/// Reads the plan back from elsewhere first: answers that make no plan are refused before anything is written.
fn rehearse(files: &[NewFile], context: &Context) -> Result<Loaded, Failure> {
    let elsewhere = tempfile::tempdir().map_err(|error| Failure::internal(error.to_string()))?;
    write(elsewhere.path(), files)?;
    let paths = config::Paths::new(context.everywhere.data_dir.as_deref())?;
    config::load(elsewhere.path(), Some(paths.user_config())).map_err(|problems| {
        let said: Vec<String> =
            problems.list.iter().map(|problem| format!("{}: {}", problem.what, problem.help)).collect();
        Failure::usage(said.join("\n"), "answer otherwise; nothing was written")
    })
}

fn write(dir: &Path, files: &[NewFile]) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    for file in files {
        let path = dir.join(&file.path);
        let wrong = |error| Failure::file(&path, &error);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(wrong)?;
        }
        std::fs::write(&path, &file.text).map_err(wrong)?;
        if file.executable {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).map_err(wrong)?;
        }
    }
    Ok(())
}

/// Takes the flags, and asks for the rest where somebody is there to answer.
fn answer(answers: &mut Answers, flags: Arguments, asks: bool, context: &Context) -> Result<(), Failure> {
    let ask = Ask { asks, context };
    ask.one("1/8 project", flags.name, &answers.name.clone(), |text| {
        text.clone_into(&mut answers.name);
        Ok(())
    })?;
    let hosts: Vec<String> = answers
        .hosts
        .iter()
        .map(|host| match (&host.address, host.port) {
            (Some(address), Some(port)) => format!("{}={address}:{port}", host.name),
            _ => host.name.clone(),
        })
        .collect();
    ask.one("2/8 hosts", flags.hosts, &hosts.join(", "), |text| {
        answers.hosts = parse_hosts(text)?;
        Ok(())
    })?;
    driver(answers, &ask, flags.driver, flags.dir, flags.start, flags.stop, flags.install)?;
    ask.one("4/8 artifact", flags.artifact, &answers.artifact.clone(), |text| {
        text.clone_into(&mut answers.artifact);
        Ok(())
    })?;
    let health = answers.health.clone().unwrap_or_else(|| "none".into());
    ask.one("5/8 health URL", flags.health, &health, |text| {
        answers.health = (text != "none").then(|| text.to_owned());
        Ok(())
    })?;
    let people: Vec<String> =
        answers.people.iter().map(|person| format!("{}: {}", person.name, person.roles.join(" "))).collect();
    ask.one("6/8 people", flags.people, &people.join(", "), |text| {
        answers.people = parse_people(text)?;
        Ok(())
    })?;
    ask.one("7/8 checklist (small, medium, full)", flags.size, "small", |text| {
        let found = ListSize::ALL.iter().find(|(word, _)| *word == text);
        answers.size = found.ok_or_else(|| BadAnswer("write small, medium or full".into()))?.1;
        Ok(())
    })?;
    let home = answers.home.clone().unwrap_or_else(|| "any".into());
    ask.one("8/8 home machine", flags.home, &home, |text| {
        answers.home = (text != "any").then(|| text.to_owned());
        Ok(())
    })
}

fn driver(
    answers: &mut Answers,
    ask: &Ask<'_>,
    kind: Option<String>,
    dir: Option<String>,
    start: Option<String>,
    stop: Option<String>,
    install: Option<String>,
) -> Result<(), Failure> {
    let guessed = if stop.is_some() || install.is_some() { "exec" } else { "local" };
    let mut exec = false;
    ask.one("3/8 driver (local, exec)", kind, guessed, |text| {
        exec = match text {
            "local" => false,
            "exec" => true,
            _ => return Err(BadAnswer("write local or exec".into())),
        };
        Ok(())
    })?;
    let (mut own_dir, mut own_start) = match &answers.driver {
        DriverAnswer::Local { dir, start } => (dir.clone(), start.clone()),
        DriverAnswer::Exec { start, .. } => ("run".to_owned(), start.clone()),
    };
    if !exec {
        ask.one("    directory of the releases", dir, &own_dir.clone(), |text| {
            text.clone_into(&mut own_dir);
            Ok(())
        })?;
        ask.argv("    start command", start, &own_start.join(" "), &mut own_start)?;
        answers.driver = DriverAnswer::Local { dir: own_dir, start: own_start };
        return Ok(());
    }
    let (mut stop_argv, mut install_argv, mut start_argv) = (Vec::new(), Vec::new(), Vec::new());
    ask.argv("    stop command", stop, "ops/stop {host}", &mut stop_argv)?;
    ask.argv("    install command", install, "ops/install {host} {version}", &mut install_argv)?;
    ask.argv("    start command", start, "ops/start {host}", &mut start_argv)?;
    answers.driver = DriverAnswer::Exec { stop: stop_argv, install: install_argv, start: start_argv };
    Ok(())
}

/// One question: a flag answers it, else a person, else what was detected.
struct Ask<'a> {
    asks: bool,
    context: &'a Context,
}

impl Ask<'_> {
    fn one(
        &self,
        question: &str,
        flag: Option<String>,
        detected: &str,
        mut take: impl FnMut(&str) -> Result<(), BadAnswer>,
    ) -> Result<(), Failure> {
        if let Some(text) = flag {
            return take(text.trim())
                .map_err(|bad| Failure::usage(format!("{}: {bad}", question.trim()), ""));
        }
        loop {
            let mut text = String::new();
            if self.asks {
                self.context.out.mutter(&format!("{question} [{detected}]: "));
                let read = io::stdin().lock().read_line(&mut text);
                if read.map_err(|error| Failure::internal(error.to_string()))? == 0 {
                    return Err(Failure::usage(
                        "the questions were not answered to the end",
                        "nothing was written",
                    ));
                }
            }
            let text = if text.trim().is_empty() { detected } else { text.trim() };
            match take(text) {
                Ok(()) => return Ok(()),
                Err(bad) if self.asks => self.context.out.mutter(&format!("  {bad}\n")),
                Err(bad) => return Err(Failure::usage(format!("{}: {bad}", question.trim()), "")),
            }
        }
    }

    fn argv(
        &self,
        question: &str,
        flag: Option<String>,
        detected: &str,
        argv: &mut Vec<String>,
    ) -> Result<(), Failure> {
        self.one(question, flag, detected, |text| {
            *argv = text.split_whitespace().map(str::to_owned).collect();
            if argv.is_empty() { Err(BadAnswer("write a program and its arguments".into())) } else { Ok(()) }
        })
    }
}
