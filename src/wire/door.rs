//! Where a project's conductor is to be found: the lock file says who holds it and where its socket is. The
//! lock itself is the kernel's, and gone with the process; what the file says may be of one that is dead, or of
//! another directory of which this one is a copy: whoever connects is told which [`Home`] it reached.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// Bytes of the file: what is said, and blanks.
const LENGTH: usize = 512;
/// More than this was never written there.
const LONGEST: usize = 1 << 16;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    pub pid: u32,
    pub socket: PathBuf,
    pub build: String,
}

/// The directory that a conductor serves. A copy of it is another one; moved, or reached by another path, it is the
/// same.
#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
pub struct Home {
    pub path: PathBuf,
    pub device: u64,
    pub inode: u64,
}

impl PartialEq for Home {
    fn eq(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

impl Home {
    pub fn of(path: &Path) -> io::Result<Self> {
        let found = path.metadata()?;
        Ok(Self { path: path.to_owned(), device: found.dev(), inode: found.ino() })
    }
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

    /// Writes it into the lock file, by whoever holds the lock. The file keeps its length, and so its space: on a full
    /// disk there is none to be had.
    pub fn write(&self, lock: &File) -> io::Result<()> {
        let mut text = serde_json::to_vec(self)?;
        if text.len() < LENGTH {
            text.resize(LENGTH, b' ');
        }
        if lock.metadata()?.len() != text.len() as u64 {
            lock.set_len(text.len() as u64)?;
        }
        lock.write_all_at(&text, 0)
    }

    /// Blanks what is written there: nobody is to be found.
    pub fn blank(lock: &File) -> io::Result<()> {
        let length = lock.metadata()?.len() as usize;
        lock.write_all_at(&vec![b' '; length.min(LONGEST)], 0)
    }
}
