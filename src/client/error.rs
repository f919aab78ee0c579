//! Why there is no conductor to talk to, in words that say what to do.

use std::{io, path::PathBuf};

use crate::wire::{DoorError, WireError};

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no conductor runs for this project: golive starts one")]
    NotRunning,
    #[error(
        "no conductor listens on {path}, which is shared: whoever owns the project starts it there, with \
         GOLIVE_SOCKET={path} golive conductor run; nobody else can", path = .0.display()
    )]
    NobodyShares(PathBuf),
    #[error("the socket {}: {source}: is the conductor running, and are you in its group?", path.display())]
    Socket { path: PathBuf, source: io::Error },
    #[error("start the conductor {}: {source}", program.display())]
    Start { program: PathBuf, source: io::Error },
    /// What it said, and the status it ended with.
    #[error("the conductor did not start: {said}")]
    Failed { said: String, status: Option<i32> },
    #[error("the conductor did not answer within {0} s: its log is {log}", log = .1.display())]
    Silent(u64, PathBuf),
    #[error(transparent)]
    Door(#[from] DoorError),
    #[error(transparent)]
    Wire(#[from] WireError),
    /// What it does goes on, and can't be followed by this build.
    #[error("{0}")]
    Unread(String),
    /// It was just ending: whoever asks again finds the next one, or none.
    #[error("the conductor went away before it said anything")]
    Gone,
    #[error("the conductor closed the connection: {0}")]
    Closed(String),
}
