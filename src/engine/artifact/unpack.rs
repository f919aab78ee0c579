//! Unpacks a tar.gz that may be hostile: nothing is written outside the target, through a link, or without
//! bound; no devices; modes are reduced to executable or not.

use std::{
    fs,
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use tokio_util::sync::CancellationToken;

use super::{
    error::ArtifactError,
    manifest::{MOST_BYTES, MOST_FILES, safe_link, write_file},
};

/// Links are made after all files, so that no file can be written through one.
#[derive(Default)]
struct Later {
    soft: Vec<(PathBuf, PathBuf)>,
    hard: Vec<(PathBuf, PathBuf)>,
}

pub fn unpack(archive: &Path, into: &Path, cancel: &CancellationToken) -> Result<(), ArtifactError> {
    let at = |error| ArtifactError::io(archive, error);
    let file = fs::File::open(archive).map_err(at)?;
    // The bound holds for what is read, so that a bomb ends early whatever its headers say.
    let bounded = flate2::read::MultiGzDecoder::new(io::BufReader::new(file)).take(MOST_BYTES + 1);
    let mut tar = tar::Archive::new(bounded);
    let mut later = Later::default();
    let (mut files, mut bytes) = (0, 0);
    for entry in tar.entries().map_err(at)? {
        let mut entry = entry.map_err(at)?;
        let name = entry.path().map_err(at)?.into_owned();
        let Some(relative) = safe_path(&name)? else { continue };
        files += 1;
        bytes += entry.size();
        if files > MOST_FILES {
            return Err(ArtifactError::TooMany(MOST_FILES));
        }
        if bytes > MOST_BYTES {
            return Err(ArtifactError::TooLarge(MOST_BYTES >> 30));
        }
        let refuse = |why| ArtifactError::Unsafe { name: name.to_string_lossy().into_owned(), why };
        let link = || {
            entry
                .link_name()
                .map_err(at)?
                .map(std::borrow::Cow::into_owned)
                .ok_or_else(|| refuse("is a link to nothing"))
        };
        let kind = entry.header().entry_type();
        let target = into.join(&relative);
        if kind.is_dir() {
            fs::create_dir_all(&target).map_err(|error| ArtifactError::io(&target, error))?;
        } else if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            let executable = entry.header().mode().map_err(at)? & 0o111 != 0;
            parents(&target)?;
            if target.symlink_metadata().is_ok() {
                return Err(refuse("is there twice"));
            }
            write_file(&mut entry, archive, &target, executable, cancel)?;
        } else if kind.is_symlink() {
            let to = link()?;
            safe_link(&relative, &to)?;
            later.soft.push((relative, to));
        } else if kind.is_hard_link() {
            let to = safe_path(&link()?)?.ok_or_else(|| refuse("is a link to nothing"))?;
            later.hard.push((relative, to));
        } else if !kind.is_pax_global_extensions() {
            return Err(refuse("is neither file, directory nor link"));
        }
    }
    later.make(into)
}

impl Later {
    fn make(self, into: &Path) -> Result<(), ArtifactError> {
        for (at, to) in self.hard {
            let (target, source) = (into.join(&at), into.join(to));
            let plain = source.symlink_metadata().is_ok_and(|meta| meta.is_file());
            if !plain {
                return Err(ArtifactError::Unsafe {
                    name: at.to_string_lossy().into_owned(),
                    why: "is a link to a file that the archive does not hold",
                });
            }
            parents(&target)?;
            fs::hard_link(&source, &target).map_err(|error| ArtifactError::io(&target, error))?;
        }
        for (at, to) in &self.soft {
            // An earlier link must not be a parent of this one.
            if self.soft.iter().any(|(other, _)| other != at && at.starts_with(other)) {
                return Err(ArtifactError::Unsafe {
                    name: at.to_string_lossy().into_owned(),
                    why: "lies behind a link",
                });
            }
            let target = into.join(at);
            parents(&target)?;
            std::os::unix::fs::symlink(to, &target).map_err(|error| ArtifactError::io(&target, error))?;
        }
        Ok(())
    }
}

fn parents(target: &Path) -> Result<(), ArtifactError> {
    let Some(dir) = target.parent() else { return Ok(()) };
    fs::create_dir_all(dir).map_err(|error| ArtifactError::io(dir, error))
}

/// The path below the target; none for the target itself.
fn safe_path(name: &Path) -> Result<Option<PathBuf>, ArtifactError> {
    let refuse = |why| ArtifactError::Unsafe { name: name.to_string_lossy().into_owned(), why };
    if name.to_str().is_none_or(|text| text.chars().any(char::is_control)) {
        return Err(refuse("has a name that is not printable UTF-8"));
    }
    let mut path = PathBuf::new();
    for part in name.components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir => return Err(refuse("leads out of its directory")),
            Component::RootDir | Component::Prefix(_) => return Err(refuse("is an absolute path")),
        }
    }
    Ok((!path.as_os_str().is_empty()).then_some(path))
}
