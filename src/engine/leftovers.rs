//! Commands under way, written down, so that one that outlived a killed conductor is found by the next, and
//! ended before anything else is done to its target.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{
    command::{GRACE, end_identity},
    process::Identity,
    unit::file_name,
};
use crate::{clock::Clock, domain::effect::Target};

#[derive(Debug)]
pub struct Leftovers {
    dir: PathBuf,
    own: Mutex<HashMap<PathBuf, Identity>>,
    /// The notes that were there before this conductor: only it writes any from then on.
    before: HashSet<PathBuf>,
}

/// What is written down of a command under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note {
    #[serde(flatten)]
    pub identity: Identity,
    /// UTC, microseconds since 1970, when it began; none: an older golive began it.
    #[serde(default)]
    pub since: Option<i64>,
    /// The act that it is, where how it ends is written down as well.
    #[serde(default)]
    pub act: Option<String>,
}

/// Removes the note when the command has ended.
pub struct Noted<'a> {
    leftovers: &'a Leftovers,
    path: PathBuf,
    /// It goes on where its conductor ends, and is looked for by its note: whoever waited for its end takes that away.
    kept: bool,
}

impl Leftovers {
    pub fn new(dir: PathBuf) -> Self {
        let notes = std::fs::read_dir(&dir).into_iter().flatten().flatten();
        let before = notes.map(|note| note.path()).collect();
        Self { dir, own: Mutex::default(), before }
    }

    pub fn path(&self, target: &Target) -> PathBuf {
        self.dir.join(format!("{}.json", file_name(&target.to_string())))
    }

    /// Writes a command down until what is returned is dropped.
    pub fn note(&self, target: &Target, identity: &Identity) -> Noted<'_> {
        let path = self.path(target);
        let note = Note { identity: identity.clone(), since: None, act: None };
        if let Err(error) = note.write(&path) {
            // The command runs on: without the note only the finding of leftovers is lost.
            tracing::warn!(%target, %error, "a command under way could not be noted");
        }
        self.noted(target, identity, false)
    }

    /// A command that writes itself down is this conductor's until what is returned is dropped.
    pub fn own(&self, target: &Target, identity: &Identity) -> Noted<'_> {
        self.noted(target, identity, true)
    }

    fn noted(&self, target: &Target, identity: &Identity, kept: bool) -> Noted<'_> {
        let path = self.path(target);
        self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), identity.clone());
        Noted { leftovers: self, path, kept }
    }

    /// Whether no earlier conductor left anything behind.
    pub fn none(&self) -> bool {
        self.before.is_empty()
    }

    /// The command of an earlier conductor that still runs for this target.
    pub fn of(&self, target: &Target) -> Option<Identity> {
        // Asked for every host in every round of a watch: mostly there is nothing to look for.
        if self.before.is_empty() {
            return None;
        }
        let path = Some(self.path(target)).filter(|path| self.before.contains(path))?;
        let identity = Note::read(&path)?.identity;
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&path);
        (!own && identity.group_runs()).then_some(identity)
    }

    /// What an earlier conductor wrote down of a command for this target, whether it still runs or not.
    pub fn left(&self, target: &Target) -> Option<Note> {
        let path = self.path(target);
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&path);
        Note::read(&path).filter(|_| !own)
    }

    /// Ends it, before anything else is done to the target.
    pub async fn end(&self, clock: &Clock, target: &Target) {
        if let Some(identity) = self.of(target) {
            tracing::warn!(%target, pid = identity.pid, "ending a command that outlived its conductor");
            end_identity(clock, &identity, GRACE).await;
        }
    }
}

impl Note {
    fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    pub fn write(&self, path: &Path) -> io::Result<()> {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        // A conductor that is killed meanwhile leaves a whole note, or none.
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, serde_json::to_vec(self)?)?;
        std::fs::rename(fresh, path)
    }
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.leftovers.own.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.path);
        if !self.kept {
            // Left behind, it names a process that is gone, and does no harm.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
