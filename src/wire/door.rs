//! Where a project's conductor is to be found: the lock file says who holds it and where its socket is. The
//! lock itself is the kernel's, and gone with the process; what the file says may be of one that is dead.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    pub pid: u32,
    pub socket: PathBuf,
    pub build: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the lock file {}: {source}", path.display())]
pub struct DoorError {
    pub path: PathBuf,
    pub source: io::Error,
}

impl Door {
    /// What the lock file says; none if nothing is written there, or not all of it yet.
    pub fn read(lock: &Path) -> Result<Option<Self>, DoorError> {
        match fs::read(lock) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DoorError { path: lock.to_owned(), source }),
        }
    }

    /// Writes it into the lock file, by whoever holds the lock.
    pub fn write(&self, lock: &File) -> io::Result<()> {
        let text = serde_json::to_vec(self)?;
        lock.set_len(0)?;
        lock.write_all_at(&text, 0)?;
        let mut lock = lock;
        lock.flush()
    }
}
