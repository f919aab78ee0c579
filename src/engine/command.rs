//! Runs one command of the team's: argv, never a shell string; a process group of its own, ended as a group on
//! time-out and cancel; output bounded.
//!
//! A command that leaves a process behind must redirect that process's output: the pipes are closed shortly
//! after the command itself has ended.

use std::{
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::Signal;
use tokio::{process::Child, sync::mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    ending::Trouble,
    keep::{self, Kept},
    leftovers::Leftovers,
    output::{Kept as Printed, read_lines},
    process::Identity,
    secret::{self, Unset},
};
use crate::{
    clock::Clock,
    domain::{
        effect::Target,
        plan::{Template, Vars},
        time::Span,
    },
};

/// From TERM to KILL.
pub(crate) const GRACE: Duration = Duration::from_secs(2);
/// Output that is not closed when the command has ended is taken to be at its end when nothing came for so many waits of
/// this length. Several, since whoever reads it may not have had its turn in one: on a busy machine that one is over at once.
const WAITS: u32 = 6;
const WAIT: Duration = Duration::from_millis(50);
/// How long output is read at most after the command has ended: what it left running may write for ever.
const LINGER_AT_MOST: Duration = Duration::from_secs(3);

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct CommandLine {
    pub argv: Vec<String>,
    pub dir: PathBuf,
    /// Where a relative program is looked up.
    pub base: PathBuf,
    /// Set on top of our own environment.
    pub env: Vec<(String, String)>,
    pub timeout: Span,
    /// It must not end with its conductor.
    pub keep: Option<Keep>,
}

/// How a command is kept from ending with its conductor.
#[derive(Clone, Debug)]
pub struct Keep {
    /// The program that this is, which starts itself to run the command.
    pub golive: PathBuf,
    /// Where it writes down that it runs; how it ended stands beside that.
    pub note: PathBuf,
    /// What it is an act of.
    pub act: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exited(i32),
    Signalled(i32),
    /// What kept it was ended by this signal while it ran: how it ended itself nobody saw.
    Unseen(i32),
    TimedOut,
    Cancelled,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Ran {
    pub end: End,
    /// The beginning of the standard output.
    pub stdout: String,
    /// There was more of it than is kept.
    pub more: bool,
    /// The end of both outputs, as they came.
    pub tail: String,
}

/// The command could not be run at all.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("the command is empty: name a program")]
    Empty,
    #[error("{0} was not found: check the path, which is relative to the plan's directory, or PATH")]
    NotFound(String),
    #[error("there is no directory {} to run it in", .0.display())]
    NoDirectory(PathBuf),
    #[error("{0} may not be run: make it executable")]
    Denied(String),
    #[error(transparent)]
    Unset(#[from] Unset),
    #[error(
        "{0}: check the path, which is relative to the plan's directory, or PATH, and that it may be run"
    )]
    NotRun(String),
    #[error("{program} could not be run: {error}")]
    Other { program: String, error: io::Error },
}

impl CommandLine {
    /// Fills the templates. A value `env:NAME` in `env` is read from our own environment.
    pub fn render<'a>(
        argv: &[Template],
        env: impl IntoIterator<Item = (&'a String, &'a Template)>,
        dir: PathBuf,
        timeout: Span,
        vars: &Vars,
    ) -> Result<Self, CommandError> {
        let env = env
            .into_iter()
            .map(|(name, value)| Ok((name.clone(), secret::resolve(&value.render(vars))?)))
            .collect::<Result<_, Unset>>()?;
        let argv = argv.iter().map(|word| word.render(vars)).collect();
        Ok(Self { argv, base: dir.clone(), dir, env, timeout, keep: None })
    }

    /// Looks a relative program up in `base`, whatever directory it then runs in.
    #[must_use]
    pub fn from(mut self, base: &Path) -> Self {
        base.clone_into(&mut self.base);
        self
    }

    /// It goes on where its conductor is ended, and how it ends is written down.
    #[must_use]
    pub fn kept(mut self, keep: Keep) -> Self {
        self.keep = Some(keep);
        self
    }

    /// Sets further variables.
    #[must_use]
    pub fn with(mut self, env: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env.extend(env);
        self
    }
}

impl Ran {
    /// The last line of the standard output that says something.
    pub fn last_line(&self) -> &str {
        self.stdout.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
    }

    /// Done only with status 0.
    pub fn check(self, what: &str, timeout: Span) -> Result<Self, Trouble> {
        let why = match self.end {
            End::Exited(0) => return Ok(self),
            End::Cancelled => return Err(Trouble::Cancelled),
            End::Exited(status) => format!("{what} ended with status {status}"),
            End::Signalled(signal) => format!("{what} was ended by signal {signal}"),
            End::Unseen(signal) => return Err(unseen(signal)),
            End::TimedOut => format!("{what} was not done within {timeout} and was ended"),
        };
        Err(Trouble::with_evidence(why, self.tail))
    }
}

/// The command ran on without the process that kept it.
pub fn unseen(signal: i32) -> Trouble {
    Trouble::unknown(format!(
        "the process that kept it (golive keep-command) was ended by signal {signal}: it ran on, and how it ended nobody saw"
    ))
}

/// Runs it to its end. `each` sees every line of output as it comes.
pub async fn run(
    clock: &Clock,
    command: &CommandLine,
    cancel: &CancellationToken,
    leftovers: Option<(&Leftovers, &Target)>,
    mut each: impl FnMut(&str) + Send,
) -> Result<Ran, CommandError> {
    let mut child = spawn(command)?;
    let identity = child.id().and_then(|pid| Identity::of(pid.cast_signed()));
    let noted = leftovers.zip(identity.clone()).map(|((leftovers, target), id)| match &command.keep {
        Some(_) => leftovers.own(target, &id),
        None => leftovers.note(target, &id),
    });
    let (send, mut lines) = mpsc::channel(256);
    let readers = [
        child.stdout.take().map(|out| tokio::spawn(read_lines(out, true, send.clone()))),
        child.stderr.take().map(|out| tokio::spawn(read_lines(out, false, send))),
    ];
    let mut kept = Printed::default();
    let end = {
        let deadline = clock.sleep(command.timeout.duration());
        tokio::pin!(deadline);
        let mut open = true;
        // How the keeper ended, where what it kept runs on without it: that is waited for, and nobody may vouch for it.
        let mut alone: Option<End> = None;
        loop {
            tokio::select! {
                status = child.wait(), if alone.is_none() => {
                    let end = ended(&status);
                    let runs = command.keep.is_some() && identity.as_ref().is_some_and(Identity::group_runs);
                    match end {
                        End::Signalled(signal) if runs => alone = Some(End::Unseen(signal)),
                        _ => break end,
                    }
                }
                end = gone(clock, identity.as_ref(), alone), if alone.is_some() => break end,
                () = cancel.cancelled() => break End::Cancelled,
                () = &mut deadline => break End::TimedOut,
                line = lines.recv(), if open => match line {
                    Some(piece) => kept.take(&piece, &mut each),
                    None => open = false,
                },
            }
        }
    };
    if matches!(end, End::Cancelled | End::TimedOut) {
        end_group(clock, &mut child, identity.as_ref()).await;
    }
    let rest = async {
        while let Some(Some(line)) = lingering(clock, lines.recv()).await {
            kept.take(&line, &mut each);
        }
    };
    tokio::select! {
        _ = clock.limit(LINGER_AT_MOST, rest) => {}
        // How it ended is known by then.
        () = cancel.cancelled(), if end != End::Cancelled => {}
    }
    for reader in readers.into_iter().flatten() {
        reader.abort();
    }
    drop(noted);
    let end = match (&command.keep, identity, end) {
        (Some(keep), Some(identity), End::Exited(status)) => {
            let known = keep::ended(&keep.note, &identity).map(|ended| ended.how);
            keep::forget(&keep.note);
            match known {
                Some(Kept::Exited(status)) => End::Exited(status),
                Some(Kept::Signalled(signal)) => End::Signalled(signal),
                Some(Kept::NotRun(error)) => return Err(CommandError::NotRun(error)),
                None => End::Exited(status),
            }
        }
        (Some(keep), ..) => {
            keep::forget(&keep.note);
            end
        }
        (None, ..) => end,
    };
    Ok(Ran { end, stdout: kept.stdout, more: kept.more, tail: kept.tail })
}

/// What comes of waiting for what is about to be there, if it is.
pub(crate) async fn lingering<T>(clock: &Clock, coming: impl Future<Output = T>) -> Option<T> {
    tokio::pin!(coming);
    for _ in 0..WAITS {
        if let Some(come) = clock.limit(WAIT, coming.as_mut()).await {
            return Some(come);
        }
    }
    None
}

/// Waits until nothing is left of the group.
async fn gone(clock: &Clock, identity: Option<&Identity>, end: Option<End>) -> End {
    while identity.is_some_and(Identity::group_runs) {
        clock.sleep(Duration::from_millis(100)).await;
    }
    end.unwrap_or(End::Exited(-1))
}

fn spawn(command: &CommandLine) -> Result<Child, CommandError> {
    let (program, arguments) = command.argv.split_first().ok_or(CommandError::Empty)?;
    let path = if program.contains('/') { command.base.join(program) } else { PathBuf::from(program) };
    let mut starts = match &command.keep {
        None => tokio::process::Command::new(path),
        Some(_) if program.contains('/') && !path.exists() => {
            return Err(CommandError::NotFound(program.clone()));
        }
        Some(keep) => {
            let mut starts = tokio::process::Command::new(&keep.golive);
            starts.arg0("golive").arg(keep::WORD).arg(&keep.note).arg(&keep.act).arg(path);
            starts
        }
    };
    starts
        .args(arguments)
        .current_dir(&command.dir)
        .envs(command.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        // What is kept goes on where this conductor ends.
        .kill_on_drop(command.keep.is_none())
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if !command.dir.is_dir() => {
                CommandError::NoDirectory(command.dir.clone())
            }
            io::ErrorKind::NotFound => CommandError::NotFound(program.clone()),
            io::ErrorKind::PermissionDenied => CommandError::Denied(program.clone()),
            _ => CommandError::Other { program: program.clone(), error },
        })
}

fn ended(status: &io::Result<ExitStatus>) -> End {
    use std::os::unix::process::ExitStatusExt;
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => End::Exited(code),
            (None, signal) => End::Signalled(signal.unwrap_or_default()),
        },
        // Somebody else has reaped it: how it ended is not known, which must not read as success.
        Err(_) => End::Exited(-1),
    }
}

/// TERM to the group, then KILL to what is left of it.
async fn end_group(clock: &Clock, child: &mut Child, identity: Option<&Identity>) {
    let Some(identity) = identity else {
        let _ = child.kill().await;
        return;
    };
    // Reaped before its group is looked at: a group without members is known to be gone at once, one whose leader
    // waits to be reaped only after reading through all processes of the machine, and hundreds may end together.
    let reaped = async { drop(child.wait().await) };
    end_once(clock, identity, GRACE, reaped).await;
    // Reaps one that had to be killed; an error says that it is gone already.
    let _ = child.wait().await;
}

/// TERM, wait until the whole group is gone, then KILL.
pub(crate) async fn end_identity(clock: &Clock, identity: &Identity, grace: Duration) {
    end_once(clock, identity, grace, std::future::ready(())).await;
}

/// The same, looking at the group no sooner than `leader_gone` says.
async fn end_once(
    clock: &Clock,
    identity: &Identity,
    grace: Duration,
    leader_gone: impl Future<Output = ()>,
) {
    identity.signal(Signal::TERM);
    let gone = async {
        leader_gone.await;
        while identity.group_runs() {
            clock.sleep(Duration::from_millis(20)).await;
        }
    };
    if clock.limit(grace, gone).await.is_none() {
        identity.signal(Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What ends in its own time is waited for as a child is: its group is not looked for, again and again, meanwhile.
    /// This clock stands still, so that whoever sleeps between two looks never comes back.
    #[tokio::test]
    async fn a_command_that_is_ended_is_reaped_before_its_group_is_looked_for() {
        let (still, _) = Clock::fake();
        let script = "trap 'sleep 0.2; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
        let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let dir = std::env::temp_dir();
        let line = CommandLine {
            argv,
            base: dir.clone(),
            dir,
            env: Vec::new(),
            timeout: Span::minutes(1),
            keep: None,
        };
        let mut child = spawn(&line).unwrap();
        let identity = Identity::of(child.id().unwrap().cast_signed()).unwrap();
        // It has set its trap once it says so.
        let mut out = tokio::io::BufReader::new(child.stdout.take().unwrap());
        tokio::io::AsyncBufReadExt::read_line(&mut out, &mut String::new()).await.unwrap();
        let ended = end_group(&still, &mut child, Some(&identity));
        assert!(Clock::System.limit(Duration::from_secs(20), ended).await.is_some(), "it looked, and slept");
        assert!(!identity.group_runs());
    }
}
