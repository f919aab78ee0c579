//! The conductor's socket: who may connect, and what to do with one that was left behind.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

use super::lock::Lock;

/// Who may connect. What they may do is decided by their login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    Owner,
    /// The group of the directory in which the socket lies.
    Group,
}

#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    #[error("{} is there and is no socket: move it away", .0.display())]
    InTheWay(PathBuf),
    #[error("the socket {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// Binds the socket. Whoever holds the lock is the only conductor, so a socket that lies there is a dead one's.
pub fn bind(path: &Path, share: Share, _holds: &Lock) -> Result<UnixListener, SocketError> {
    let error = |source| SocketError::Io { path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_socket() => fs::remove_file(path).map_err(error)?,
        Ok(_) => return Err(SocketError::InTheWay(path.to_owned())),
        Err(why) if why.kind() == io::ErrorKind::NotFound => {}
        Err(why) => return Err(error(why)),
    }
    let listener = UnixListener::bind(path).map_err(error)?;
    let mode = match share {
        Share::Owner => 0o600,
        Share::Group => {
            // Before the group may use it: the directory's group is not always ours.
            let dir = path.parent().unwrap_or(path);
            let group = fs::metadata(dir).map_err(error)?.gid();
            chown(path, None, Some(group)).map_err(error)?;
            0o660
        }
    };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(error)?;
    Ok(listener)
}
