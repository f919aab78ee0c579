//! How the demo's processes end with the demo, however it ends, and how its directory goes with the last one.
//!
//! The owner holds `demo.lock` exclusively as long as it lives; every other process waits for it in a thread
//! of its own. The kernel frees the lock at any death of the owner, so that nothing needs to be told. Every
//! other process shares `alive.lock`; whoever gets it alone once the demo is over was the last, and removes the
//! directory. (The owner does not share it: the kernel lets go of a dead process' locks in no promised order.)
//! Must not decide how a process ends: it says that the demo is gone, and only a process that has not ended
//! `GRACE` later is killed.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::sync::watch;

use crate::clock;

const DEMO: &str = "demo.lock";
const ALIVE: &str = "alive.lock";

/// From the demo's end to the end of a process that does not end by itself.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub enum TetherError {
    #[error("{} is no demo that runs: {source}", .dir.display())]
    Over { dir: PathBuf, source: io::Error },
    #[error("{} belongs to another demo that runs; end that one first", .0.display())]
    Taken(PathBuf),
    #[error("{} can't be used as the demo's directory: {source}", .dir.display())]
    Directory { dir: PathBuf, source: io::Error },
    #[error("{} still holds processes {}s after the demo's end", .dir.display(), .waited.as_secs())]
    StillAlive { dir: PathBuf, waited: Duration },
}

/// The one process that a demo lives and dies with.
#[derive(Debug)]
pub struct Owner {
    dir: PathBuf,
    demo: File,
    alive: File,
    ended: bool,
}

impl Owner {
    /// Makes this process the owner of a demo in `dir`, which must be empty.
    pub fn of(dir: &Path) -> Result<Self, TetherError> {
        let failed = |source| TetherError::Directory { dir: dir.into(), source };
        let mut entries = fs::read_dir(dir).map_err(failed)?;
        if dir.join(DEMO).exists() {
            return Err(TetherError::Taken(dir.into()));
        }
        if entries.next().is_some() {
            return Err(failed(io::Error::other("it is not empty")));
        }
        let alive = File::create_new(dir.join(ALIVE)).map_err(failed)?;
        let demo = File::create_new(dir.join(DEMO)).map_err(failed)?;
        demo.lock().map_err(failed)?;
        Ok(Self { dir: dir.into(), demo, alive, ended: false })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Lets go, waits until every process of the demo has ended, and removes the directory. Blocks.
    pub fn end(mut self) -> Result<(), TetherError> {
        self.let_go()
    }

    fn let_go(&mut self) -> Result<(), TetherError> {
        const STEP: Duration = Duration::from_millis(10);
        if std::mem::replace(&mut self.ended, true) {
            return Ok(());
        }
        let failed = |source| TetherError::Directory { dir: self.dir.clone(), source };
        self.demo.unlock().map_err(failed)?;
        let limit = GRACE * 2;
        let mut waited = Duration::ZERO;
        loop {
            match leave(&self.alive, &self.dir) {
                Ok(true) => return Ok(()),
                Ok(false) if waited >= limit => {
                    return Err(TetherError::StillAlive { dir: self.dir.clone(), waited });
                }
                Ok(false) => clock::block_for(STEP),
                Err(source) => return Err(failed(source)),
            }
            waited += STEP;
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if let Err(error) = self.let_go() {
            tracing::warn!("the demo's end: {error}");
        }
    }
}

/// Ties this process to the demo in a directory.
#[derive(Debug)]
pub struct Tether {
    dir: PathBuf,
    alive: File,
    demo: File,
    gone: watch::Receiver<bool>,
}

impl Tether {
    /// Refused when no demo runs there any more.
    pub fn hold(dir: &Path) -> Result<Self, TetherError> {
        let over = |source| TetherError::Over { dir: dir.into(), source };
        let alive = File::open(dir.join(ALIVE)).map_err(over)?;
        alive.lock_shared().map_err(over)?;
        let open = || File::open(dir.join(DEMO)).map_err(over);
        let (tell, gone) = watch::channel(false);
        let waiting =
            Waiting { demo: open()?, alive: alive.try_clone().map_err(over)?, dir: dir.into(), tell };
        std::thread::Builder::new().name("tether".into()).spawn(move || waiting.wait()).map_err(over)?;
        Ok(Self { dir: dir.into(), alive, demo: open()?, gone })
    }

    /// Waits until the demo has ended.
    pub fn gone(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut gone = self.gone.clone();
        async move {
            // An error says that the waiting thread is gone, and with it all knowledge of the owner.
            let _ = gone.wait_for(|gone| *gone).await;
        }
    }
}

impl Drop for Tether {
    fn drop(&mut self) {
        // First gone, then asked: whoever comes after us finds us gone, or we find that the demo is over.
        let left = self.alive.unlock().and_then(|()| match self.demo.try_lock_shared() {
            Ok(()) => leave(&self.alive, &self.dir),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        });
        if let Err(error) = left {
            tracing::warn!("leaving {}: {error}", self.dir.display());
        }
    }
}

struct Waiting {
    demo: File,
    alive: File,
    dir: PathBuf,
    tell: watch::Sender<bool>,
}

impl Waiting {
    fn wait(self) {
        if let Err(error) = self.demo.lock_shared() {
            // Without the lock nobody can say whether the demo lives; ending is the safe side.
            tracing::warn!("waiting for the demo's lock: {error}");
        }
        self.tell.send_replace(true);
        clock::block_for(GRACE);
        let left = self.alive.unlock().and_then(|()| leave(&self.alive, &self.dir));
        if let Err(error) = left {
            tracing::warn!("leaving {}: {error}", self.dir.display());
        }
        let killed = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        if let Err(error) = killed {
            tracing::warn!("this process could not be ended: {error}");
        }
    }
}

/// Removes the directory if nobody else shares `alive` any more; says whether it is gone.
fn leave(alive: &File, dir: &Path) -> io::Result<bool> {
    match alive.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // A file that was made meanwhile is found by trying again.
    for _ in 0..20 {
        match fs::remove_dir_all(dir) {
            Ok(()) => return Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                clock::block_for(Duration::from_millis(10));
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("files keep appearing in it"))
}
