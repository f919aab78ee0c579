//! The process of a unit: started in a group of its own so that it outlives us, known by process id and start
//! time, and never signalled on a guess.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{capture, log, releases::write_whole};
use crate::{
    clock::{Clock, block_for},
    domain::{
        effect::Candidate,
        plan::{Template, Vars},
    },
    engine::{
        artifact::ArtifactError,
        ending::Trouble,
        process::{Identity, find_marked},
        secret,
    },
};

/// Names the start in the process's environment. It is written down before the process is made, so that a
/// process whose id could not be written down in time is found all the same.
const MARK: &str = "GOLIVE_START";
/// How often a process that bears no mark yet is looked for, and how long between two looks.
const LOOKS: u32 = 10;
const AGAIN: Duration = Duration::from_millis(20);
/// What a service inherits; everything else it needs is declared. A conductor is started by whoever came
/// first, and their shell is no part of a release.
const INHERITED: [&str; 8] = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR"];

/// What is written down about the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub candidate: Candidate,
    pub mark: String,
    /// None between the decision to start it and its being there.
    pub process: Option<Identity>,
}

/// What is known of the unit's process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// None was started, or it was stopped.
    Absent,
    Running(Service, Identity),
    /// It ended by itself; its group may have members left.
    Ended(Service),
}

/// What is known of processes that this conductor started, and of releases it has verified.
#[derive(Debug, Default)]
pub struct Services {
    /// How a process ended, by its unit's directory.
    ends: Arc<Mutex<HashMap<PathBuf, (i32, String)>>>,
    /// When a kept release was last verified (monotonic microseconds), and what came of it.
    pub verified: Mutex<HashMap<PathBuf, (u64, bool)>>,
    starts: AtomicU32,
}

impl Services {
    /// How the process ended, if this conductor started it.
    pub fn ended(&self, dir: &Path, service: &Service) -> Option<String> {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let (pid, how) = ends.get(dir)?;
        service.process.as_ref().is_none_or(|process| process.pid == *pid).then(|| how.clone())
    }

    fn mark(&self, clock: &Clock) -> String {
        let number = self.starts.fetch_add(1, Ordering::Relaxed);
        format!("{}-{}-{number}", clock.read().wall, std::process::id())
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join("service.json")
}

/// Looks at the process without touching it.
pub fn state(dir: &Path) -> Result<State, ArtifactError> {
    let path = path(dir);
    let service: Service = match fs::read(&path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(service) => service,
            Err(error) => return Err(ArtifactError::Io { path, error: error.into() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Absent),
        Err(error) => return Err(ArtifactError::io(&path, error)),
    };
    let process = service.process.clone().or_else(|| marked(&service.mark));
    Ok(match process {
        Some(identity) if identity.runs() => State::Running(service, identity),
        Some(identity) => State::Ended(Service { process: Some(identity), ..service }),
        None => State::Ended(service),
    })
}

/// The process that bears the mark. One that was just started when its conductor was killed bears it only from the
/// moment in which it has become the program: it is looked for again before it is said that there is none.
fn marked(mark: &str) -> Option<Identity> {
    (0..LOOKS).find_map(|look| {
        if look > 0 {
            block_for(AGAIN);
        }
        find_marked(MARK, mark)
    })
}

/// Forgets the process, after it was stopped.
pub fn forget(dir: &Path) -> Result<(), ArtifactError> {
    let path = path(dir);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ArtifactError::io(&path, error)),
        _ => Ok(()),
    }
}

/// What to start.
pub struct Launch<'a> {
    pub dir: &'a Path,
    /// This program, which writes the output down.
    pub golive: &'a Path,
    /// Where it runs: the installed release.
    pub at: &'a Path,
    pub candidate: &'a Candidate,
    pub argv: &'a [Template],
    pub env: &'a BTreeMap<String, Template>,
    pub vars: &'a Vars,
}

impl Services {
    /// Starts the process and writes down who it is.
    pub async fn start(&self, clock: &Clock, launch: &Launch<'_>) -> Result<Identity, Trouble> {
        let dir = launch.dir;
        let argv: Vec<String> = launch.argv.iter().map(|word| word.render(launch.vars)).collect();
        let Some((program, arguments)) = argv.split_first() else {
            return Err(Trouble::failed("the start command is empty: name a program in driver.start"));
        };
        let mut env = Vec::new();
        for (name, value) in launch.env {
            env.push((name, secret::resolve(&value.render(launch.vars)).map_err(Trouble::failed)?));
        }
        let log_error = |error| Trouble::from(ArtifactError::io(&log::path(dir), error));
        let (golive, here) = (launch.golive.to_owned(), dir.to_owned());
        let out = tokio::task::spawn_blocking(move || capture::open(&golive, &here)).await;
        let out = out.map_err(io::Error::other).flatten().map_err(log_error)?;
        let err = out.try_clone().map_err(log_error)?;

        let mut service =
            Service { candidate: launch.candidate.clone(), mark: self.mark(clock), process: None };
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).remove(dir);
        write_whole(&path(dir), &service)?;
        let path_of = if program.contains('/') { launch.at.join(program) } else { PathBuf::from(program) };
        let mut child = tokio::process::Command::new(path_of)
            .args(arguments)
            .current_dir(launch.at)
            .env_clear()
            .envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .envs(env)
            .env(MARK, &service.mark)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .map_err(|error| not_started(dir, program, &error))?;
        let pid = child.id().unwrap_or_default().cast_signed();
        let Some(identity) = Identity::of(pid) else {
            // Gone before it could be looked at.
            let how = child.wait().await.map(how).unwrap_or_default();
            let words = last_words(dir.to_owned()).await;
            return Err(Trouble::with_evidence(format!("{program} ended at once, {how}"), words));
        };
        let (ends, key) = (self.ends.clone(), dir.to_owned());
        tokio::spawn(async move {
            // Reaps it, and keeps how it ended.
            if let Ok(status) = child.wait().await {
                ends.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (pid, how(status)));
            }
        });
        service.process = Some(identity.clone());
        write_whole(&path(dir), &service)?;
        Ok(identity)
    }
}

/// The last lines of a process that has ended, once they are all there.
pub async fn last_words(dir: PathBuf) -> String {
    let read = tokio::task::spawn_blocking(move || {
        capture::drained(&dir);
        log::last_words(&dir)
    });
    read.await.unwrap_or_default()
}

fn not_started(dir: &Path, program: &str, error: &io::Error) -> Trouble {
    let why = match error.kind() {
        io::ErrorKind::NotFound => format!("{program} was not found: is it in the artifact?"),
        io::ErrorKind::PermissionDenied => {
            format!("{program} may not be run: make it executable in the artifact")
        }
        _ => format!("{program} could not be started: {error}"),
    };
    // Nothing runs, so nothing is to be found later; if this fails the mark finds nothing either.
    let _ = forget(dir);
    Trouble::failed(why)
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "status unknown".into(),
    }
}
