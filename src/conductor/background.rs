//! The conductor as a process of its own, behind everybody's terminals: it leaves the session of whoever started
//! it, logs to a file, and ends on SIGTERM.

use std::{fs::File, io, path::Path, sync::Mutex};

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{
    log::LogFile,
    run::run,
    setup::{ConductorError, Ended, Setup},
};
use crate::clock::Clock;

/// Sets what is logged: `info` unless said otherwise, in the words of tracing's filter.
pub const LOG: &str = "GOLIVE_LOG";

/// Runs until the conductor ends. Until clients can connect, errors go to stderr, where whoever started it reads
/// them; afterwards stderr is the log.
pub fn background(setup: Setup) -> Result<Ended, ConductorError> {
    // Refused only to the leader of a process group: started from a shell by hand, it stays in that session.
    if let Err(error) = rustix::process::setsid()
        && error != rustix::io::Errno::PERM
    {
        return Err(io::Error::from(error).into());
    }
    let path = setup.paths.logs().join("conductor.log");
    log_to(&path)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(async {
        let mut terminated = signal(SignalKind::terminate())?;
        let mut interrupted = signal(SignalKind::interrupt())?;
        // Terminals come and go; it stays.
        let _hung_up = signal(SignalKind::hangup())?;
        let end = async move {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
        };
        let ready = |door: &crate::wire::Door| {
            tracing::info!(pid = door.pid, build = %door.build, socket = %door.socket.display(), "ready");
            if let Err(error) = let_go_of_the_terminal(&path) {
                tracing::warn!(%error, "the terminal is still held");
            }
        };
        Box::pin(run(setup, Clock::System, ready, end)).await
    });
    match &ended {
        Ok(ended) => tracing::info!(?ended, "ended"),
        Err(error) => tracing::error!(%error, "ended"),
    }
    // Effects under way end with it; what they did is probed by the next one.
    runtime.shutdown_background();
    ended
}

fn log_to(path: &Path) -> io::Result<()> {
    // Without room for a log it goes on: HOLD and ROLL BACK matter more.
    let file: Box<dyn io::Write + Send> = match LogFile::open(path) {
        Ok(file) => Box::new(file),
        Err(error) if no_room(&error) => Box::new(io::sink()),
        Err(error) => return Err(error),
    };
    let file = Mutex::new(file);
    let filter = EnvFilter::try_from_env(LOG).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_writer(file)
        .with_ansi(false)
        .with_env_filter(filter)
        .try_init()
        .map_err(io::Error::other)
}

fn no_room(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge | ReadOnlyFilesystem)
}

fn let_go_of_the_terminal(log: &Path) -> io::Result<()> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    // A panic's last words.
    rustix::stdio::dup2_stderr(File::options().append(true).open(log)?)?;
    Ok(())
}
