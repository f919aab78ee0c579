//! The conductor's socket: where it lies, who may connect, and what to do with one that was left behind.

use std::{
    env, fs, io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

use super::lock::Lock;
use crate::domain::name::Digest;

/// Longer paths do not fit into a socket's address (108 bytes on Linux, 104 on macOS, a zero at the end).
const LONGEST: usize = 100;

/// Who may connect. What they may do is decided by their login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    Owner,
    /// The group of the directory in which the socket lies.
    Group,
}

#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    #[error("the socket's directory {} must be yours alone (mode 0700, your user)", .0.display())]
    NotPrivate(PathBuf),
    #[error("the socket's path {} is longer than {LONGEST} bytes: set GOLIVE_SOCKET to a shorter one", .0.display())]
    TooLong(PathBuf),
    #[error("{} is there and is no socket: move it away", .0.display())]
    InTheWay(PathBuf),
    #[error("the socket {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// Where the socket goes: where it is wanted, or for a path that is too long into a private directory of this
/// user. Clients learn it from the lock file.
pub fn place(wanted: &Path) -> Result<PathBuf, SocketError> {
    if wanted.as_os_str().len() <= LONGEST {
        return Ok(wanted.to_owned());
    }
    let name = format!("golive-{}.sock", Digest::of(wanted.as_os_str().as_bytes()).short());
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute());
    let dir = match runtime {
        Some(dir) if dir.is_dir() => dir,
        _ => {
            let uid = rustix::process::getuid().as_raw();
            let dir = env::temp_dir().join(format!("golive-{uid}"));
            match fs::DirBuilder::new().mode(0o700).create(&dir) {
                Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(SocketError::Io { path: dir, source });
                }
                _ => dir,
            }
        }
    };
    private(&dir)?;
    let path = dir.join(name);
    if path.as_os_str().len() > LONGEST { Err(SocketError::TooLong(path)) } else { Ok(path) }
}

/// A directory of everybody's, or one that somebody else made under the expected name, is not used.
fn private(dir: &Path) -> Result<(), SocketError> {
    let meta =
        fs::symlink_metadata(dir).map_err(|source| SocketError::Io { path: dir.to_owned(), source })?;
    let own = meta.uid() == rustix::process::getuid().as_raw();
    if meta.is_dir() && own && meta.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(SocketError::NotPrivate(dir.to_owned()))
    }
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
        Share::Group => 0o660,
    };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(error)?;
    Ok(listener)
}
