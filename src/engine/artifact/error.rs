//! What goes wrong with artifacts and release directories.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{domain::name::Digest, engine::ending::Trouble};

#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    #[error("there is no artifact at {0}: build it, or correct artifact.source")]
    Missing(String),
    #[error("{place} has sha256 {}, not the adopted {}: nothing was changed", found.short(), wanted.short())]
    WrongDigest { place: String, found: Digest, wanted: Digest },
    #[error("{place} has sha256 {}, but {place}.sha256 says {}", found.short(), said.short())]
    WrongSum { place: String, found: Digest, said: Digest },
    #[error("{0}.sha256 holds no sha256")]
    BadSum(String),
    #[error("{0} is neither a file nor a directory")]
    OddKind(String),
    #[error("{name:?} in the archive {why}: the archive was refused")]
    Unsafe { name: String, why: &'static str },
    #[error("the artifact is larger than {0} GiB: it was refused")]
    TooLarge(u64),
    #[error("the artifact holds more than {0} files: it was refused")]
    TooMany(u64),
    #[error("{place} answered {status}{}", remedy(*status))]
    Status { place: String, status: u16 },
    #[error("{place} could not be fetched: {why}")]
    Unreachable { place: String, why: String },
    #[error("no space left for {}: free some and try again", .0.display())]
    NoSpace(PathBuf),
    #[error("no permission to write {}: check its owner and mode", .0.display())]
    Denied(PathBuf),
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{0} is not kept here or was changed: fetch it first")]
    NotKept(String),
    #[error("cancelled")]
    Cancelled,
}

impl ArtifactError {
    /// Names the path that an error is about, and what to do where that is known.
    pub fn io(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace(path),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Denied(path),
            _ => Self::Io { path, error },
        }
    }
}

/// What to do about a status.
const fn remedy(status: u16) -> &'static str {
    match status {
        401 | 403 | 407 => {
            ": golive sends no password; let this machine read it, or fetch it to a path before"
        }
        404 | 410 => ": publish this version there, or correct artifact.source",
        500..=599 => ": the repository is in trouble; try again when it is well",
        _ => "",
    }
}

impl From<ArtifactError> for Trouble {
    fn from(error: ArtifactError) -> Self {
        match error {
            ArtifactError::Cancelled => Trouble::Cancelled,
            error => Trouble::failed(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_missing_permission_say_what_to_do() {
        let text = |kind| ArtifactError::io(Path::new("/srv/shop"), io::Error::from(kind)).to_string();
        assert_eq!(text(io::ErrorKind::StorageFull), "no space left for /srv/shop: free some and try again");
        let denied = "no permission to write /srv/shop: check its owner and mode";
        assert_eq!(text(io::ErrorKind::PermissionDenied), denied);
        assert_eq!(text(io::ErrorKind::ReadOnlyFilesystem), denied);
    }
}
