//! Runs one command of the team's: argv, never a shell string; a process group of its own, ended as a group on
//! time-out and cancel; output bounded.
//!
//! A command that leaves a process behind must redirect that process's output: the pipes are closed shortly
//! after the command itself has ended.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rustix::process::Signal;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Child,
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use super::{
    ending::{EVIDENCE, Trouble},
    process::Identity,
    secret::{self, Unset},
    unit::file_name,
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
const GRACE: Duration = Duration::from_secs(2);
/// How long output may still come after the command has ended.
const LINGER: Duration = Duration::from_millis(300);
/// The longest line; a longer one is split.
const LINE: usize = 4096;
/// How much of the standard output is kept for reading, from its beginning.
const STDOUT: usize = 64 * 1024;

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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exited(i32),
    Signalled(i32),
    TimedOut,
    Cancelled,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Ran {
    pub end: End,
    /// The beginning of the standard output.
    pub stdout: String,
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
    #[error("{0} may not be run: make it executable")]
    Denied(String),
    #[error(transparent)]
    Unset(#[from] Unset),
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
        Ok(Self { argv, base: dir.clone(), dir, env, timeout })
    }

    /// Looks a relative program up in `base`, whatever directory it then runs in.
    #[must_use]
    pub fn from(mut self, base: &Path) -> Self {
        base.clone_into(&mut self.base);
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
            End::TimedOut => format!("{what} was not done within {timeout} and was ended"),
        };
        Err(Trouble::with_evidence(why, self.tail))
    }
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
    let noted = leftovers.zip(identity.clone()).map(|((leftovers, target), id)| leftovers.note(target, &id));
    let (send, mut lines) = mpsc::channel(256);
    let readers = [
        child.stdout.take().map(|out| tokio::spawn(read_lines(out, true, send.clone()))),
        child.stderr.take().map(|out| tokio::spawn(read_lines(out, false, send))),
    ];
    let mut kept = Kept::default();
    let end = {
        let deadline = clock.sleep(command.timeout.duration());
        tokio::pin!(deadline);
        let mut open = true;
        loop {
            tokio::select! {
                status = child.wait() => break ended(&status),
                () = cancel.cancelled() => break End::Cancelled,
                () = &mut deadline => break End::TimedOut,
                line = lines.recv(), if open => match line {
                    Some(line) => kept.take(line, &mut each),
                    None => open = false,
                },
            }
        }
    };
    if matches!(end, End::Cancelled | End::TimedOut) {
        end_group(clock, &mut child, identity.as_ref()).await;
    }
    while let Some(Some(line)) = clock.limit(LINGER, lines.recv()).await {
        kept.take(line, &mut each);
    }
    for reader in readers.into_iter().flatten() {
        reader.abort();
    }
    drop(noted);
    Ok(Ran { end, stdout: kept.stdout, tail: kept.tail })
}

fn spawn(command: &CommandLine) -> Result<Child, CommandError> {
    let (program, arguments) = command.argv.split_first().ok_or(CommandError::Empty)?;
    let path = if program.contains('/') { command.base.join(program) } else { PathBuf::from(program) };
    tokio::process::Command::new(path)
        .args(arguments)
        .current_dir(&command.dir)
        .envs(command.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| match error.kind() {
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
    end_identity(clock, identity, GRACE).await;
    // Reaps it; an error says that it is gone already.
    let _ = child.wait().await;
}

/// TERM, wait until the whole group is gone, then KILL.
pub(crate) async fn end_identity(clock: &Clock, identity: &Identity, grace: Duration) {
    identity.signal(Signal::TERM);
    let gone = async {
        while identity.group_runs() {
            clock.sleep(Duration::from_millis(20)).await;
        }
    };
    if clock.limit(grace, gone).await.is_none() {
        identity.signal(Signal::KILL);
    }
}

#[derive(Default)]
struct Kept {
    stdout: String,
    tail: String,
}

impl Kept {
    fn take(&mut self, (standard, line): (bool, String), each: &mut impl FnMut(&str)) {
        each(&line);
        if standard && self.stdout.len() + line.len() < STDOUT {
            self.stdout.push_str(&line);
            self.stdout.push('\n');
        }
        self.tail.push_str(&line);
        self.tail.push('\n');
        if self.tail.len() > 2 * EVIDENCE {
            self.tail = last_bytes(&self.tail, EVIDENCE).to_owned();
        }
    }
}

/// The last `limit` bytes, from the start of a line where there is one.
pub(crate) fn last_bytes(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut at = text.len() - limit;
    while !text.is_char_boundary(at) {
        at += 1;
    }
    let cut = &text[at..];
    cut.split_once('\n').map_or(cut, |(_, rest)| if rest.is_empty() { cut } else { rest })
}

async fn read_lines(mut from: impl AsyncRead + Unpin, standard: bool, to: mpsc::Sender<(bool, String)>) {
    let mut pending = Vec::new();
    let mut buffer = [0; LINE];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        pending.extend_from_slice(&buffer[..count]);
        while let Some(end) =
            pending.iter().position(|b| *b == b'\n').or((pending.len() >= LINE).then_some(LINE - 1))
        {
            let line: Vec<u8> = pending.drain(..=end).collect();
            if to.send((standard, text(&line))).await.is_err() {
                return;
            }
        }
    }
    if !pending.is_empty() {
        let _ = to.send((standard, text(&pending))).await;
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned()
}

/// Commands under way, written down, so that one that outlived a killed conductor is found by the next.
#[derive(Debug)]
pub struct Leftovers {
    dir: PathBuf,
    own: Mutex<HashMap<PathBuf, Identity>>,
}

/// Removes the note when the command has ended.
struct Noted<'a> {
    leftovers: &'a Leftovers,
    path: PathBuf,
}

impl Leftovers {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, own: Mutex::default() }
    }

    fn path(&self, target: &Target) -> PathBuf {
        self.dir.join(format!("{}.json", file_name(&target.to_string())))
    }

    fn note(&self, target: &Target, identity: &Identity) -> Noted<'_> {
        let path = self.path(target);
        if let Err(error) = write_note(&path, identity) {
            // The command runs on: without the note only the finding of leftovers is lost.
            tracing::warn!(%target, %error, "a command under way could not be noted");
        }
        self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), identity.clone());
        Noted { leftovers: self, path }
    }

    /// The command of an earlier conductor that still runs for this target.
    pub fn of(&self, target: &Target) -> Option<Identity> {
        let path = self.path(target);
        let identity: Identity = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&path);
        (!own && identity.group_runs()).then_some(identity)
    }

    /// Ends it, before anything else is done to the target.
    pub async fn end(&self, clock: &Clock, target: &Target) {
        if let Some(identity) = self.of(target) {
            tracing::warn!(%target, pid = identity.pid, "ending a command that outlived its conductor");
            end_identity(clock, &identity, GRACE).await;
        }
    }
}

fn write_note(path: &Path, identity: &Identity) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    std::fs::write(path, serde_json::to_vec(identity)?)
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.leftovers.own.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.path);
        // Left behind, it names a process that is gone, and does no harm.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::last_bytes;

    #[test]
    fn a_tail_starts_at_a_line() {
        assert_eq!(last_bytes("one\ntwo\nthree", 8), "three");
        assert_eq!(last_bytes("short", 8), "short");
        assert_eq!(last_bytes("abcdefghij", 4), "ghij");
    }
}
