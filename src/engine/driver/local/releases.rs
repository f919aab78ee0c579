//! The releases kept below a unit's directory, and the link that says which one is installed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;

use crate::{
    domain::effect::Candidate,
    engine::{
        artifact::{ArtifactError, Manifest},
        unit::file_name,
    },
};

/// Temporary directories start with this and are swept away before the next fetch.
pub const SCRATCH: &str = ".fetch-";

/// What is known of a kept release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub candidate: Candidate,
    pub manifest: Manifest,
}

/// The part of a note that says whose it is; the rest, which may be long, is skipped.
#[derive(Deserialize)]
struct Name {
    candidate: Candidate,
}

/// The releases of one unit.
#[derive(Clone, Debug)]
pub struct Releases {
    dir: PathBuf,
}

type Result<T> = std::result::Result<T, ArtifactError>;

impl Releases {
    pub fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.join("releases")
    }

    pub fn name(candidate: &Candidate) -> String {
        format!("{}-{}", file_name(candidate.version.as_str()), candidate.digest.short())
    }

    pub fn tree(&self, candidate: &Candidate) -> PathBuf {
        self.root().join(Self::name(candidate))
    }

    fn note(&self, name: &str) -> PathBuf {
        self.root().join(format!("{name}.json"))
    }

    pub fn current(&self) -> PathBuf {
        self.dir.join("current")
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let path = self.note(name);
        match fs::read(&path) {
            // A note that can't be read is no note: the release is fetched again.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ArtifactError::io(&path, error)),
        }
    }

    /// What `current` points to.
    pub fn installed(&self) -> Result<Option<Candidate>> {
        let current = self.current();
        match fs::read_link(&current) {
            Ok(target) => {
                let name =
                    target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                Ok(self.read::<Name>(&name)?.map(|kept| kept.candidate))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ArtifactError::io(&current, error)),
        }
    }

    /// Whether the release is here, whole and unchanged.
    pub fn verify(&self, candidate: &Candidate, cancel: &CancellationToken) -> Result<bool> {
        match self.read::<Kept>(&Self::name(candidate))? {
            Some(kept) if kept.candidate == *candidate => kept.manifest.holds(&self.tree(candidate), cancel),
            _ => Ok(false),
        }
    }

    /// Puts a fetched tree in its place. The note is written first: a release without its tree is fetched again,
    /// a tree without its note would not be known.
    pub fn put(&self, candidate: &Candidate, manifest: Manifest, tree: &Path) -> Result<()> {
        let name = Self::name(candidate);
        let kept = Kept { candidate: candidate.clone(), manifest };
        write_whole(&self.note(&name), &kept)?;
        let target = self.tree(candidate);
        if target.symlink_metadata().is_ok() {
            let away = self.root().join(format!("{SCRATCH}old-{name}"));
            fs::rename(&target, away).map_err(|error| ArtifactError::io(&target, error))?;
        }
        fs::rename(tree, &target).map_err(|error| ArtifactError::io(&target, error))
    }

    /// Points `current` to the release, by one rename.
    pub fn install(&self, candidate: &Candidate) -> Result<()> {
        let (current, next) = (self.current(), self.dir.join(".current-next"));
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ArtifactError::io(&next, error));
            }
            _ => {}
        }
        std::os::unix::fs::symlink(Path::new("releases").join(Self::name(candidate)), &next)
            .map_err(|error| ArtifactError::io(&next, error))?;
        fs::rename(&next, &current).map_err(|error| ArtifactError::io(&current, error))
    }

    /// Removes what an interrupted fetch left.
    pub fn sweep(&self) -> Result<()> {
        let root = self.root();
        for entry in fs::read_dir(&root).map_err(|error| ArtifactError::io(&root, error))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(SCRATCH) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Deletes the oldest releases beyond `count`; never one of `spared`, nor what is installed. Returns how
    /// many went.
    pub fn prune(&self, count: u32, spared: &[&Candidate]) -> Result<usize> {
        let root = self.root();
        let installed = self.installed()?;
        let mut notes: Vec<(SystemTime, String)> = fs::read_dir(&root)
            .map_err(|error| ArtifactError::io(&root, error))?
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().to_string_lossy().strip_suffix(".json")?.to_owned();
                Some((entry.metadata().ok()?.modified().ok()?, name))
            })
            .collect();
        notes.sort();
        let mut gone = 0;
        for (_, name) in notes.iter().rev().skip(count as usize) {
            let stays = spared.iter().copied().chain(&installed).any(|kept| Self::name(kept) == *name);
            if !stays {
                remove(&self.note(name))?;
                remove(&root.join(name))?;
                gone += 1;
            }
        }
        Ok(gone)
    }
}

fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ArtifactError::io(path, error)),
        _ => Ok(()),
    }
}

/// Writes a file whole or not at all.
pub fn write_whole(path: &Path, value: &impl Serialize) -> Result<()> {
    use io::Write as _;
    let fail = |error: io::Error| ArtifactError::io(path, error);
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(SCRATCH).tempfile_in(dir).map_err(fail)?;
    serde_json::to_writer(&mut file, value).map_err(|error| fail(error.into()))?;
    file.flush().and_then(|()| file.as_file().sync_all()).map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}
