//! One conductor a project: the lock file. The kernel lets go of the lock however its holder dies, so that a
//! stale one does not exist. The file is never removed: two could then hold a lock on two files of one name.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::wire::Door;

/// Held as long as this lives.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes the lock; none if another process has it.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => {
                // What a dead one left would send clients to its socket.
                Door::blank(&file)?;
                Ok(Some(Self(file)))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Says that there is no socket any more.
    pub fn withdraw(&self) -> io::Result<()> {
        Door::blank(&self.0)
    }

    /// Says where the socket is, once it is bound.
    pub fn announce(&self, door: &Door) -> io::Result<()> {
        door.write(&self.0)
    }
}
