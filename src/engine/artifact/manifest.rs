//! What a tree of files holds: the base of a directory's digest, and of verifying a kept release.

use std::{
    fmt::Write as _,
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::error::ArtifactError;
use crate::domain::name::Digest;

/// The most files that an artifact may hold.
pub const MOST_FILES: u64 = 200_000;
/// The most bytes that an artifact may hold, unpacked.
pub const MOST_BYTES: u64 = 8 << 30;

/// The files and links of a tree, sorted by path. Directories count only by what they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// Relative, with `/`.
    pub path: String,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    File { sha256: Digest, executable: bool },
    Link { to: String },
}

impl Manifest {
    /// Reads a tree. Links must stay inside it; anything but files, directories and links is refused.
    pub fn of(root: &Path, cancel: &CancellationToken) -> Result<Self, ArtifactError> {
        let mut lines = Vec::new();
        let mut bytes = 0;
        walk(root, &mut |path, meta| {
            if lines.len() as u64 >= MOST_FILES {
                return Err(ArtifactError::TooMany(MOST_FILES));
            }
            bytes += meta.len();
            if bytes > MOST_BYTES {
                return Err(ArtifactError::TooLarge(MOST_BYTES >> 30));
            }
            let relative = path.strip_prefix(root).unwrap_or(path);
            lines.push(Line {
                path: relative.to_string_lossy().into_owned(),
                kind: kind(path, relative, meta, cancel)?,
            });
            Ok(())
        })?;
        lines.sort();
        Ok(Self { lines })
    }

    /// `<sha256> <x or -> <path>` for a file, `link <path> -> <target>` for a link; each line ends with a newline.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            // Writing to a string cannot fail.
            let _ = match &line.kind {
                Kind::File { sha256, executable } => {
                    writeln!(text, "{sha256} {} {}", if *executable { 'x' } else { '-' }, line.path)
                }
                Kind::Link { to } => writeln!(text, "link {} -> {to}", line.path),
            };
        }
        text
    }

    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }

    /// Whether every file is still there and unchanged. What a service has added since does not matter.
    pub fn holds(&self, root: &Path, cancel: &CancellationToken) -> Result<bool, ArtifactError> {
        for line in &self.lines {
            let path = root.join(&line.path);
            let same = match fs::symlink_metadata(&path) {
                Ok(meta) => kind(&path, Path::new(&line.path), &meta, cancel)? == line.kind,
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                Err(error) => return Err(ArtifactError::io(&path, error)),
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(!self.lines.is_empty())
    }
}

fn kind(
    path: &Path,
    relative: &Path,
    meta: &fs::Metadata,
    cancel: &CancellationToken,
) -> Result<Kind, ArtifactError> {
    if meta.is_symlink() {
        let to = fs::read_link(path).map_err(|error| ArtifactError::io(path, error))?;
        safe_link(relative, &to)?;
        return Ok(Kind::Link { to: to.to_string_lossy().into_owned() });
    }
    let sha256 = hash_file(path, cancel)?;
    Ok(Kind::File { sha256, executable: meta.permissions().mode() & 0o111 != 0 })
}

/// Calls `each` for every file and link below `root`.
pub fn walk(
    root: &Path,
    each: &mut impl FnMut(&Path, &fs::Metadata) -> Result<(), ArtifactError>,
) -> Result<(), ArtifactError> {
    let mut left = vec![root.to_owned()];
    while let Some(dir) = left.pop() {
        for entry in fs::read_dir(&dir).map_err(|error| ArtifactError::io(&dir, error))? {
            let path = entry.map_err(|error| ArtifactError::io(&dir, error))?.path();
            let meta = fs::symlink_metadata(&path).map_err(|error| ArtifactError::io(&path, error))?;
            if path.to_str().is_none_or(|text| text.chars().any(char::is_control)) {
                return Err(ArtifactError::Unsafe {
                    name: path.to_string_lossy().into_owned(),
                    why: "has a name that is not printable UTF-8",
                });
            }
            if meta.is_dir() {
                left.push(path);
            } else if meta.is_file() || meta.is_symlink() {
                each(&path, &meta)?;
            } else {
                return Err(ArtifactError::OddKind(path.display().to_string()));
            }
        }
    }
    Ok(())
}

/// A link must be relative and stay in its tree. Going up is allowed only at the start of the target: after a
/// name, `..` may leave by way of another link.
pub fn safe_link(at: &Path, to: &Path) -> Result<(), ArtifactError> {
    let refuse = |why| ArtifactError::Unsafe { name: at.to_string_lossy().into_owned(), why };
    let mut depth = at.components().count().saturating_sub(1);
    let mut named = false;
    for part in to.components() {
        match part {
            Component::Normal(_) => named = true,
            Component::CurDir => {}
            Component::ParentDir if named => return Err(refuse("is a link that goes up after a name")),
            Component::ParentDir => {
                depth = depth.checked_sub(1).ok_or_else(|| refuse("is a link out of its directory"))?;
            }
            Component::RootDir | Component::Prefix(_) => return Err(refuse("is a link to an absolute path")),
        }
    }
    Ok(())
}

/// The sha256 of a file.
pub fn hash_file(path: &Path, cancel: &CancellationToken) -> Result<Digest, ArtifactError> {
    let mut file = fs::File::open(path).map_err(|error| ArtifactError::io(path, error))?;
    let mut hash = Sha256::new();
    copy(&mut file, path, cancel, &mut |chunk| {
        hash.update(chunk);
        Ok(())
    })?;
    Ok(Digest::from_bytes(hash.finalize()))
}

/// Hands over the content in pieces, and stops when cancelled.
pub fn copy(
    from: &mut impl io::Read,
    path: &Path,
    cancel: &CancellationToken,
    each: &mut impl FnMut(&[u8]) -> Result<(), ArtifactError>,
) -> Result<u64, ArtifactError> {
    let mut buffer = vec![0; 128 * 1024];
    let mut total = 0;
    loop {
        if cancel.is_cancelled() {
            return Err(ArtifactError::Cancelled);
        }
        match from.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => {
                total += count as u64;
                each(&buffer[..count])?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ArtifactError::io(path, error)),
        }
    }
}

/// Copies a tree, links as links.
pub fn copy_tree(from: &Path, to: &Path, cancel: &CancellationToken) -> Result<(), ArtifactError> {
    let (mut files, mut bytes) = (0, 0);
    walk(from, &mut |path, meta| {
        files += 1;
        bytes += meta.len();
        if files > MOST_FILES {
            return Err(ArtifactError::TooMany(MOST_FILES));
        }
        if bytes > MOST_BYTES {
            return Err(ArtifactError::TooLarge(MOST_BYTES >> 30));
        }
        let relative = path.strip_prefix(from).unwrap_or(path);
        let target: PathBuf = to.join(relative);
        if let Some(dir) = target.parent() {
            fs::create_dir_all(dir).map_err(|error| ArtifactError::io(dir, error))?;
        }
        if meta.is_symlink() {
            let link = fs::read_link(path).map_err(|error| ArtifactError::io(path, error))?;
            safe_link(relative, &link)?;
            return std::os::unix::fs::symlink(link, &target)
                .map_err(|error| ArtifactError::io(&target, error));
        }
        let mut source = fs::File::open(path).map_err(|error| ArtifactError::io(path, error))?;
        write_file(&mut source, path, &target, meta.permissions().mode() & 0o111 != 0, cancel)?;
        Ok(())
    })
}

/// Writes a new file with a plain mode: readable by all, executable or not, nothing more.
pub fn write_file(
    from: &mut impl io::Read,
    source: &Path,
    target: &Path,
    executable: bool,
    cancel: &CancellationToken,
) -> Result<u64, ArtifactError> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt};
    let fail = |error| ArtifactError::io(target, error);
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(target).map_err(fail)?;
    let count = copy(from, source, cancel, &mut |chunk| file.write_all(chunk).map_err(fail))?;
    let mode = if executable { 0o755 } else { 0o644 };
    file.set_permissions(fs::Permissions::from_mode(mode)).map_err(fail)?;
    Ok(count)
}
