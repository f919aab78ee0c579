//! What a conductor is told when it starts, and how its life can end.

use std::{io, path::PathBuf, time::Duration};

use super::{
    fold::Unread,
    socket::{Share, SocketError},
};
use crate::{config::ProjectPaths, journal::JournalError};

/// Where a project's conductor finds and writes everything.
#[derive(Clone, Debug)]
pub struct Setup {
    pub paths: ProjectPaths,
    /// The directory of golive.toml.
    pub dir: PathBuf,
    /// The user's own checklists.
    pub user_config: Option<PathBuf>,
    pub share: Share,
    /// The machine's name, as sessions record it.
    pub machine: String,
    /// Ends by itself after this long with no client and nothing under way; none: never.
    pub idle: Option<Duration>,
}

/// Idle and unattended for this long, a conductor ends.
pub const IDLE: Duration = Duration::from_hours(1);

/// Why a conductor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Another one runs: clients find it.
    AnotherRuns,
    /// It was told to.
    Stopped,
    Idle,
    /// Another one has taken its streams over.
    Fenced,
}

#[derive(Debug, thiserror::Error)]
pub enum ConductorError {
    #[error("the lock file {}: {source}", path.display())]
    Lock { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the project's record: {0}")]
    Project(Unread),
    #[error("start the conductor: {0}")]
    Io(#[from] io::Error),
}
