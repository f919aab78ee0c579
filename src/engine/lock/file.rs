//! The lock file in a deploy root. It is written whole beside its place and linked or renamed into it, so that
//! a crash leaves the old one or the new one. Changes are made one at a time: whoever makes one holds the kernel's
//! lock on the directory meanwhile, which no death leaves behind.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::identity::Writer;
use crate::{
    domain::{
        lock::{Claim, Holder, Life},
        name::{Digest, EnvironmentName},
    },
    engine::unit::file_name,
};

/// A lock is a few hundred bytes; what is longer was not written by us.
const LONGEST: u64 = 64 * 1024;

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub claim: Claim,
    pub epoch: u32,
    pub writer: Writer,
}

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("the lock {} can't be {what}: {source}", path.display())]
    Io { path: PathBuf, what: &'static str, source: io::Error },
    #[error("{} is no lock that this golive can read ({why}): look who wrote it, and remove it", path.display())]
    Strange { path: PathBuf, why: String },
    /// Somebody else changes it just now.
    #[error("the lock {} is just being changed by somebody else", .0.display())]
    Busy(PathBuf),
}

/// The lock of one environment in one deploy root.
#[derive(Clone, Debug)]
pub struct LockFile {
    root: PathBuf,
    path: PathBuf,
}

/// What stands there, and its exact bytes' digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub written: Written,
    pub digest: Digest,
}

impl Standing {
    pub fn holder(&self, us: &Writer) -> Holder {
        let own = us.is_of_our_journal(&self.written.writer);
        let life = if own && self.written.writer.process == us.process {
            Life::Runs
        } else {
            us.life(&self.written.writer)
        };
        let digest = self.digest.clone();
        Holder { claim: self.written.claim.clone(), epoch: self.written.epoch, own, life, digest }
    }
}

impl LockFile {
    pub fn of(root: &Path, environment: &EnvironmentName) -> Self {
        let name = format!(".golive-lock.{}", file_name(environment.as_str()));
        Self { root: root.to_owned(), path: root.join(name) }
    }

    fn error(&self, what: &'static str) -> impl Fn(io::Error) -> FileError + '_ {
        move |source| FileError::Io { path: self.path.clone(), what, source }
    }

    pub fn read(&self) -> Result<Option<Standing>, FileError> {
        let text = match fs::metadata(&self.path) {
            Ok(meta) if meta.len() <= LONGEST => fs::read(&self.path),
            Ok(_) => return Err(self.strange("it is too long")),
            Err(error) => Err(error),
        };
        match text {
            Ok(bytes) => {
                let written = serde_json::from_slice(&bytes).map_err(|why| self.strange(&why.to_string()))?;
                Ok(Some(Standing { written, digest: Digest::of(&bytes) }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error("read")(error)),
        }
    }

    fn strange(&self, why: &str) -> FileError {
        FileError::Strange { path: self.path.clone(), why: why.to_owned() }
    }

    /// The right to change it; nobody else does until the guard is dropped.
    pub fn guard(&self) -> Result<Guard<'_>, FileError> {
        fs::create_dir_all(&self.root).map_err(self.error("written"))?;
        let dir = File::open(&self.root).map_err(self.error("written"))?;
        match dir.try_lock() {
            Ok(()) => Ok(Guard { file: self, dir }),
            Err(TryLockError::WouldBlock) => Err(FileError::Busy(self.path.clone())),
            Err(TryLockError::Error(error)) => Err(self.error("written")(error)),
        }
    }
}

#[derive(Debug)]
pub struct Guard<'a> {
    file: &'a LockFile,
    dir: File,
}

impl Guard<'_> {
    pub fn read(&self) -> Result<Option<Standing>, FileError> {
        self.file.read()
    }

    /// Puts the lock there, in the place of the one that stands there if `over`; else only where none stands.
    pub fn write(&self, written: &Written, over: bool) -> Result<(), FileError> {
        let error = self.file.error("written");
        let text = serde_json::to_vec(written).map_err(|why| error(why.into()))?;
        let fresh = self.file.path.with_extension(format!("{}.new", std::process::id()));
        let put = || -> io::Result<()> {
            let mut file =
                File::options().write(true).create(true).truncate(true).mode(0o644).open(&fresh)?;
            file.write_all(&text)?;
            file.sync_all()?;
            if over {
                fs::rename(&fresh, &self.file.path)?;
            } else {
                // Fails where one stands, however it came there.
                let linked = fs::hard_link(&fresh, &self.file.path);
                fs::remove_file(&fresh)?;
                linked?;
            }
            self.dir.sync_all()
        };
        put().map_err(error)
    }

    pub fn remove(&self) -> Result<(), FileError> {
        let error = self.file.error("released");
        fs::remove_file(&self.file.path).and_then(|()| self.dir.sync_all()).map_err(error)
    }
}
