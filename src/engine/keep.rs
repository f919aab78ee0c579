//! Runs a command that must not end with its conductor, in a process of its own: `golive keep-command NOTE ACT PROGRAM …`.
//!
//! It writes down that it runs before the command does, and how that ended and what it printed last, so that the next
//! conductor knows all of it. What the command prints goes on to whoever started this; where nobody is there any more the
//! command is not ended by that.

use std::{
    ffi::{OsStr, OsString},
    io,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{
    command::lingering,
    leftovers::Note,
    output::{Cutter, Kept as Printed},
    process::Identity,
};
use crate::clock::Clock;

/// The word by which golive starts itself as this process.
pub const WORD: &str = "keep-command";
/// The exit status where the command could not be run at all.
const NOT_RUN: i32 = 127;
/// As shells have it: the exit status of a command that was ended by a signal, above that signal's number.
const BY_SIGNAL: i32 = 128;
const CHUNK: usize = 16 << 10;

/// How a command ended, as it is written down beside its note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    Exited(i32),
    Signalled(i32),
    /// It could not be run, and why.
    NotRun(String),
}

/// The ending, and whose it is.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    of: Identity,
    ended: Kept,
    /// The end of what it printed; an older golive wrote none down.
    #[serde(default)]
    printed: String,
}

/// How a command ended that was kept.
#[derive(Debug)]
pub struct Ending {
    pub how: Kept,
    /// The end of both outputs, as they came; not scrubbed, but for private keys.
    pub printed: String,
}

fn beside(note: &Path) -> PathBuf {
    note.with_extension("ended")
}

/// How the command of this note ended, where that was written down.
pub fn ended(note: &Path, identity: &Identity) -> Option<Ending> {
    let record: Record = serde_json::from_slice(&std::fs::read(beside(note)).ok()?).ok()?;
    (record.of == *identity).then_some(Ending { how: record.ended, printed: record.printed })
}

/// Nothing is known any more of what ran under this note.
pub fn forget(note: &Path) {
    // What is not there needs no removing, and what stays names a process that is gone.
    let _ = std::fs::remove_file(note);
    let _ = std::fs::remove_file(beside(note));
}

/// Where what is printed goes on to.
pub trait Sink: io::Write + Send + 'static {}
impl<T: io::Write + Send + 'static> Sink for T {}

/// The process itself. The words after its own are the note, the act, and the command. The exit status is the command's.
/// None: it is not asked for.
pub fn run(words: &[OsString], (out, err): (impl Sink, impl Sink)) -> Option<io::Result<i32>> {
    let [word, note, act, program, rest @ ..] = words else { return None };
    if word != WORD {
        return None;
    }
    let command = (program.as_os_str(), rest);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Some(runtime.and_then(|runtime| {
        runtime.block_on(keep(Path::new(note), &act.to_string_lossy(), command, (out, err)))
    }))
}

async fn keep(
    note: &Path,
    act: &str,
    (program, rest): (&OsStr, &[OsString]),
    (to_out, to_err): (impl Sink, impl Sink),
) -> io::Result<i32> {
    // The whole group is told to end: the command does, and how is written down.
    let _deaf = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()]
            .map(signal)
            .into_iter()
            .collect::<io::Result<Vec<_>>>()?
    };
    let own = Identity::of(std::process::id().cast_signed())
        .ok_or_else(|| io::Error::other("this process can't be found"))?;
    Note { identity: own.clone(), since: Some(Clock::System.read().wall), act: Some(act.to_owned()) }
        .write(note)?;
    let spawned = tokio::process::Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            let why = format!("{} could not be run: {error}", program.display());
            write_down(note, &Record { of: own, ended: Kept::NotRun(why), printed: String::new() })?;
            return Ok(NOT_RUN);
        }
    };
    let printed = Arc::new(Mutex::new(Printed::default()));
    let out = child
        .stdout
        .take()
        .map(|from| tokio::spawn(pass_on(from, to_out, Cutter::new(true), printed.clone())));
    let err = child
        .stderr
        .take()
        .map(|from| tokio::spawn(pass_on(from, to_err, Cutter::new(false), printed.clone())));
    let status = child.wait().await?;
    // Who left the command's group may hold its output open still.
    for passed in [out, err].into_iter().flatten() {
        let _ = lingering(&Clock::System, passed).await;
    }
    let ended = kept(status);
    // Where it can't be written down, whoever waits for this process still learns it from its own end.
    let printed = printed.lock().unwrap_or_else(PoisonError::into_inner).tail.clone();
    let _ = write_down(note, &Record { of: own, ended: ended.clone(), printed });
    Ok(match ended {
        Kept::Exited(status) => status,
        Kept::Signalled(signal) => BY_SIGNAL + signal,
        Kept::NotRun(_) => NOT_RUN,
    })
}

fn kept(status: ExitStatus) -> Kept {
    match (status.code(), status.signal()) {
        (Some(code), _) => Kept::Exited(code),
        (None, signal) => Kept::Signalled(signal.unwrap_or_default()),
    }
}

/// Whole, or not at all, and for nobody else to read.
fn write_down(note: &Path, record: &Record) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = beside(note);
    let new = path.with_extension("new");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    io::Write::write_all(&mut file, &serde_json::to_vec(record)?)?;
    std::fs::rename(new, path)
}

/// Hands on what is printed, as long as somebody takes it, and keeps the end of it.
async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl io::Write,
    mut lines: Cutter,
    printed: Arc<Mutex<Printed>>,
) {
    let keep = |pieces: Vec<_>| {
        let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in &pieces {
            printed.take(piece, &mut |_: &str| ());
        }
    };
    let mut chunk = vec![0; CHUNK];
    let mut heard = true;
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        heard = heard && to.write_all(&chunk[..count]).and_then(|()| to.flush()).is_ok();
        keep(lines.cut(&chunk[..count]));
    }
    keep(lines.rest().into_iter().collect());
}
