//! Finds the project's conductor, and starts one where none runs. Two that start one at once end up with the
//! same: the one that loses the race for the lock leaves, and both connect to the winner.

use std::{
    ffi::OsString,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::net::UnixStream;

use super::error::ClientError;
use crate::{
    clock::Clock,
    wire::{Door, Home},
};

/// Given up after this long.
const PATIENCE: Duration = Duration::from_secs(10);
/// A conductor that left since another was faster is started again if that one is gone too; this often.
const STARTS: u32 = 3;
/// How much of a failed start's last words is shown.
const LAST_WORDS: u64 = 4096;

/// How to find a conductor.
#[derive(Clone, Debug)]
pub enum Way {
    /// By the project's lock file, or where it says nothing by the sockets that a conductor may have; started if need
    /// be.
    Own { lock: PathBuf, sockets: Vec<PathBuf>, launch: Option<Launch> },
    /// By a socket that somebody shares: theirs to start.
    Shared(PathBuf),
}

/// The command that starts a conductor in the background.
#[derive(Clone, Debug)]
pub struct Launch {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// The project's directory.
    pub dir: PathBuf,
    /// Where it logs: named where it says nothing else.
    pub log: PathBuf,
}

/// A connection to the conductor.
pub async fn reach(way: &Way, clock: &Clock) -> Result<UnixStream, ClientError> {
    find(way, &[], clock).await.map(|(_, stream)| stream)
}

/// The same with its socket, but none of these: behind them is another directory's.
pub async fn find(way: &Way, not: &[PathBuf], clock: &Clock) -> Result<(PathBuf, UnixStream), ClientError> {
    match way {
        Way::Shared(path) => match UnixStream::connect(path).await {
            Ok(stream) => Ok((path.clone(), stream)),
            Err(error) if nobody(&error) => Err(ClientError::NobodyShares(path.clone())),
            Err(source) => Err(ClientError::Socket { path: path.clone(), source }),
        },
        Way::Own { lock, sockets, launch: None } => {
            connect(lock, sockets, not).await?.ok_or(ClientError::NotRunning)
        }
        Way::Own { lock, sockets, launch: Some(launch) } => {
            let started = clock.limit(PATIENCE, start(lock, sockets, not, launch, clock)).await;
            started.unwrap_or_else(|| Err(ClientError::Silent(PATIENCE.as_secs(), launch.log.clone())))
        }
    }
}

/// The directory whose conductor is looked for; none: whoever shares the socket is right.
pub fn home(way: &Way) -> Option<Home> {
    match way {
        Way::Shared(_) => None,
        Way::Own { lock, .. } => Home::of(lock.parent()?).ok(),
    }
}

/// None: nobody listens. Whoever wrote the lock file may be dead, or just starting.
async fn connect(
    lock: &Path,
    sockets: &[PathBuf],
    not: &[PathBuf],
) -> Result<Option<(PathBuf, UnixStream)>, ClientError> {
    let named = Door::read(lock)?.map(|door| door.socket);
    // What is named may have been moved with its directory.
    for place in named.iter().chain(sockets).filter(|place| !not.contains(place)) {
        match UnixStream::connect(place).await {
            Ok(stream) => return Ok(Some((place.clone(), stream))),
            Err(error) if nobody(&error) => {}
            Err(source) => return Err(ClientError::Socket { path: place.clone(), source }),
        }
    }
    Ok(None)
}

/// Nobody listens there. Reset: it ended between its last breath and our first.
fn nobody(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, NotFound};
    matches!(error.kind(), NotFound | ConnectionRefused | ConnectionReset | BrokenPipe)
}

async fn start(
    lock: &Path,
    sockets: &[PathBuf],
    not: &[PathBuf],
    launch: &Launch,
    clock: &Clock,
) -> Result<(PathBuf, UnixStream), ClientError> {
    let mut child = None;
    let mut starts = 0;
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(found) = connect(lock, sockets, not).await? {
            return Ok(found);
        }
        if !runs(child.as_mut())? && starts < STARTS {
            starts += 1;
            child = Some(spawn(launch)?);
        }
        clock.sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(5));
    }
}

fn spawn(launch: &Launch) -> Result<Child, ClientError> {
    Command::new(&launch.program)
        .args(&launch.arguments)
        .current_dir(&launch.dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| ClientError::Start { program: launch.program.clone(), source })
}

/// Whether a started conductor is still there. One that ended well has left the field to another.
fn runs(child: Option<&mut Child>) -> Result<bool, ClientError> {
    let Some(child) = child else { return Ok(false) };
    match child.try_wait() {
        Ok(None) => Ok(true),
        Ok(Some(status)) if status.success() => Ok(false),
        Ok(Some(status)) => {
            let mut words = String::new();
            let said = child.stderr.take().map(|stderr| stderr.take(LAST_WORDS).read_to_string(&mut words));
            let words = words.trim();
            let silent = words.is_empty() || !matches!(said, Some(Ok(_)));
            let said = if silent { format!("it ended with {status}") } else { words.to_owned() };
            Err(ClientError::Failed { said, status: status.code() })
        }
        Err(error) => Err(ClientError::Failed { said: error.to_string(), status: None }),
    }
}
