//! Who writes a lock: which journal, which machine, which process. And whether whoever wrote one still lives.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{domain::lock::Life, engine::process::Identity};

/// As it stands in a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// A number drawn once for each journal: later epochs and sessions of the same one take its locks over.
    pub journal: String,
    /// What tells machines apart.
    pub machine: String,
    /// Process ids mean nothing in another namespace (a container).
    pub space: String,
    pub process: Identity,
}

impl Writer {
    /// This process. `state` is where the engine keeps its files, beside the journal.
    pub fn us(state: &Path) -> io::Result<Self> {
        let process = Identity::of(std::process::id().cast_signed())
            .ok_or_else(|| io::Error::other("this process can't be identified"))?;
        Ok(Self { journal: journal(state)?, machine: machine(), space: space(), process })
    }

    /// Whether the other is of the same journal, here.
    pub fn is_of_our_journal(&self, other: &Writer) -> bool {
        self.journal == other.journal && self.machine == other.machine
    }

    /// Whether the process that wrote it still lives, as far as this one can tell.
    pub fn life(&self, other: &Writer) -> Life {
        let (ours, theirs) = (boot(&self.process.started), boot(&other.process.started));
        let same_boot = ours.is_some() && ours == theirs;
        if !same_boot && self.machine != other.machine {
            return Life::Unproven { why: "it was taken on another machine".into() };
        }
        if ours.is_some() && !same_boot {
            return Life::Gone { why: "its machine has been started anew since".into() };
        }
        if self.space != other.space {
            return Life::Unproven { why: "it was taken in another container".into() };
        }
        if other.process.runs() {
            return Life::Runs;
        }
        Life::Gone { why: format!("its process, {}, has ended", other.process.pid) }
    }
}

/// The boot that the start time of a process counts from, where the system says so.
fn boot(started: &str) -> Option<&str> {
    started.split_once('/').map(|(boot, _)| boot).filter(|boot| !boot.is_empty())
}

/// Drawn once, and kept beside the journal.
fn journal(state: &Path) -> io::Result<String> {
    let path = state.join("lock-id");
    loop {
        match fs::read_to_string(&path) {
            Ok(text) if !text.is_empty() => return Ok(text),
            Ok(_) => return Err(io::Error::other(format!("{} is empty: remove it", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        fs::create_dir_all(state)?;
        let mut drawn = [0_u8; 16];
        File::open("/dev/urandom")?.read_exact(&mut drawn)?;
        let text = format!("{:032x}", u128::from_be_bytes(drawn));
        let fresh = state.join(format!("lock-id.{}", std::process::id()));
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // Whole, and only if nobody was faster.
        let linked = fs::hard_link(&fresh, &path);
        fs::remove_file(&fresh)?;
        match linked {
            Ok(()) => return Ok(text),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn machine() -> String {
    let id = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{name} {}", id.trim()).trim_end().to_owned()
}

#[cfg(target_os = "linux")]
fn space() -> String {
    fs::read_link("/proc/self/ns/pid").map(|link| link.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn space() -> String {
    String::new()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn other(change: impl FnOnce(&mut Writer)) -> Life {
        let dir = tempfile::tempdir().unwrap();
        let us = Writer::us(dir.path()).unwrap();
        let mut other = us.clone();
        change(&mut other);
        us.life(&other)
    }

    #[test]
    fn a_holder_is_gone_only_where_that_is_proven() {
        assert_eq!(other(|_| {}), Life::Runs);
        let reused = |other: &mut Writer| {
            let (boot, _) = other.process.started.split_once('/').unwrap();
            other.process.started = format!("{boot}/1");
        };
        assert!(matches!(other(reused), Life::Gone { why } if why.contains("has ended")));
        let rebooted = |other: &mut Writer| other.process.started = "another-boot/77".into();
        assert!(matches!(other(rebooted), Life::Gone { why } if why.contains("started anew")));
        let contained = |other: &mut Writer| other.space = "pid:[1]".into();
        assert!(matches!(other(contained), Life::Unproven { why } if why.contains("container")));
        let elsewhere = |other: &mut Writer| {
            other.machine = "deploy-2 77".into();
            other.process.started = "another-boot/77".into();
        };
        assert!(matches!(other(elsewhere), Life::Unproven { why } if why.contains("another machine")));
    }

    #[test]
    fn the_number_of_a_journal_is_drawn_once() {
        let dir = tempfile::tempdir().unwrap();
        let first = Writer::us(dir.path()).unwrap();
        let again = Writer::us(dir.path()).unwrap();
        assert!(first.is_of_our_journal(&again));
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(!first.is_of_our_journal(&Writer::us(elsewhere.path()).unwrap()));
    }
}
