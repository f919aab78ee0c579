//! Where things live: one directory a project, its journal, lock, logs and socket. `--data-dir` or
//! `GOLIVE_DATA_DIR` moves everything that golive writes; the default follows XDG.
//!
//! Directories that golive makes are its owner's alone, and are checked to be before they are trusted.

use std::{
    env,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use super::lists::slug;
use crate::domain::name::{Digest, ProjectName};

/// Names the directory that everything is written to.
pub const DATA_DIR: &str = "GOLIVE_DATA_DIR";
/// Names the conductor's socket, for a directory that is shared with a group.
pub const SOCKET: &str = "GOLIVE_SOCKET";

/// The longest socket path that every system takes (Linux has room for 107 bytes, macOS for 103).
const LONGEST_SOCKET: usize = 100;

#[derive(Debug, thiserror::Error)]
pub enum PathError {
    #[error("no home directory is known: set HOME, or name a directory with --data-dir")]
    NoHome,
    #[error("{} can't be made or read: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} can't be a directory of its own here (a link or a file is in the way): use another --data-dir", path.display())]
    NotADirectory { path: PathBuf },
    #[error("{} belongs to user {owner}, not to you: use another --data-dir", path.display())]
    Foreign { path: PathBuf, owner: u32 },
    #[error("{} is longer than {LONGEST_SOCKET} bytes, and a socket's path can't be: name a shorter one", path.display())]
    LongSocket { path: PathBuf },
}

/// The directories of this user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    data: PathBuf,
    config: PathBuf,
    /// Where sockets go that have no room in the data directory.
    runtime: Option<PathBuf>,
    /// Where they go where there is no such directory.
    temporary: PathBuf,
    /// Overrides the socket.
    socket: Option<PathBuf>,
}

impl Paths {
    /// From `--data-dir`, else from the environment: `GOLIVE_DATA_DIR`, XDG, HOME.
    pub fn new(data_dir: Option<&Path>) -> Result<Self, PathError> {
        let absolute = |path: PathBuf| {
            std::path::absolute(&path).map_err(|source| PathError::Io { path: path.clone(), source })
        };
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let moved = data_dir.map(Path::to_path_buf).or_else(|| set(DATA_DIR));
        let (data, config) = if let Some(data) = moved {
            let data = absolute(data)?;
            let config = data.join("config");
            (data, config)
        } else {
            let home = directories::ProjectDirs::from("", "", "golive").ok_or(PathError::NoHome)?;
            (home.data_dir().to_path_buf(), home.config_dir().to_path_buf())
        };
        let socket = set(SOCKET).map(absolute).transpose()?;
        // The specification demands an absolute path; another one is to be ignored.
        let runtime = set("XDG_RUNTIME_DIR").filter(|path| path.is_absolute());
        Ok(Self { data, config, runtime, temporary: env::temp_dir(), socket })
    }

    /// Everything below one directory, whatever the environment says: for the demo and for tests.
    pub fn below(root: &Path) -> Self {
        Self {
            data: root.join("data"),
            config: root.join("config"),
            runtime: None,
            temporary: root.join("tmp"),
            socket: None,
        }
    }

    /// What everything that golive writes lies below, but perhaps a socket.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The user's own themes, keys and checklists.
    pub fn user_config(&self) -> &Path {
        &self.config
    }

    /// Makes the project's directory where it is missing. Two directories with projects of one name are two
    /// projects; one directory reached by two paths is one.
    pub fn project(&self, name: &ProjectName, dir: &Path) -> Result<ProjectPaths, PathError> {
        let real =
            fs::canonicalize(dir).map_err(|source| PathError::Io { path: dir.to_path_buf(), source })?;
        let digest = Digest::of(real.as_os_str().as_encoded_bytes());
        let id = format!("{}-{}", slug(name.as_str()), digest.short());
        let home = self.data.join("projects").join(&id);
        private(&home)?;
        let logs = home.join("logs");
        private(&logs)?;
        let (socket, away) = self.sockets(&home)?;
        Ok(ProjectPaths { home, logs, socket, away, runtime: self.runtime.clone() })
    }

    /// Where the socket goes, and where else it could where there is no room for it. Of the latter nothing is made.
    fn sockets(&self, home: &Path) -> Result<(PathBuf, Vec<PathBuf>), PathError> {
        let fits = |path: &Path| path.as_os_str().len() <= LONGEST_SOCKET;
        let fitting = |path: PathBuf| {
            if fits(&path) { Ok(path) } else { Err(PathError::LongSocket { path }) }
        };
        if let Some(socket) = &self.socket {
            return Ok((fitting(socket.clone())?, Vec::new()));
        }
        // The digest tells projects apart in fewer bytes than their names.
        let short = Digest::of(home.as_os_str().as_encoded_bytes());
        let file = format!("{}.sock", short.short());
        let user = rustix::process::geteuid().as_raw();
        let runtime = self.runtime.as_ref().map(|runtime| runtime.join("golive"));
        let temporary = self.temporary.join(format!("golive-{user}"));
        let away: Vec<PathBuf> = runtime.into_iter().chain([temporary]).map(|dir| dir.join(&file)).collect();
        let near = home.join("conductor.sock");
        if fits(&near) {
            return Ok((near, away.into_iter().filter(|path| fits(path)).collect()));
        }
        let mut failed = PathError::LongSocket { path: near };
        for (at, path) in away.iter().enumerate() {
            let made = fitting(path.clone()).and_then(|path| private(path.parent().unwrap_or(home)));
            match made {
                Ok(()) => {
                    let rest = away[at + 1..].iter().filter(|path| fits(path)).cloned().collect();
                    return Ok((path.clone(), rest));
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }
}

/// What a project's conductor writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectPaths {
    home: PathBuf,
    logs: PathBuf,
    socket: PathBuf,
    away: Vec<PathBuf>,
    runtime: Option<PathBuf>,
}

impl ProjectPaths {
    pub fn home(&self) -> &Path {
        &self.home
    }
    pub fn journal(&self) -> PathBuf {
        self.home.join("journal.db")
    }
    /// Whether sessions were led here, whatever has become of the journal since.
    pub fn was_used(&self) -> bool {
        self.mark().exists()
    }
    /// Notes that a session was led here: an empty file beside the journal.
    pub fn note_used(&self) -> io::Result<()> {
        fs::OpenOptions::new().create(true).append(true).open(self.mark()).map(drop)
    }
    fn mark(&self) -> PathBuf {
        self.home.join("journal.used")
    }
    /// What the engine keeps beside the record.
    pub fn engine(&self) -> PathBuf {
        self.home.join("engine")
    }
    /// Held by the conductor that runs; names its socket.
    pub fn lock(&self) -> PathBuf {
        self.home.join("conductor.lock")
    }
    pub fn socket(&self) -> &Path {
        &self.socket
    }
    /// Where the socket is to be bound where there is no room for it, the first that can be; its directory is to be
    /// made [`private`] first.
    pub fn sockets_away(&self) -> &[PathBuf] {
        &self.away
    }
    /// Where a conductor may be found that could not say where it is: only places that are this user's alone.
    pub fn sockets(&self) -> Vec<PathBuf> {
        let ours = |path: &&PathBuf| path.parent().is_some_and(|dir| dir.exists() && private(dir).is_ok());
        [self.socket.clone()].into_iter().chain(self.away.iter().filter(ours).cloned()).collect()
    }
    /// Rotated files: the conductor's own, and the output of commands and processes.
    pub fn logs(&self) -> &Path {
        &self.logs
    }
    /// Where a second fallback file may go for the time when the journal can't be written.
    pub fn elsewhere(&self) -> Vec<&Path> {
        self.runtime.iter().map(PathBuf::as_path).collect()
    }
}

/// Makes a directory that is its owner's alone, and checks that it is. One that is ours but open to others is
/// closed; one that is somebody else's, or a link, is not used.
pub fn private(dir: &Path) -> Result<(), PathError> {
    let io = |source| PathError::Io { path: dir.to_path_buf(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            PathError::NotADirectory { path: dir.to_path_buf() }
        }
        _ => io(error),
    })?;
    let found = fs::symlink_metadata(dir).map_err(io)?;
    if !found.is_dir() {
        return Err(PathError::NotADirectory { path: dir.to_path_buf() });
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(PathError::Foreign { path: dir.to_path_buf(), owner: found.uid() });
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(io)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> ProjectName {
        ProjectName::new("Shop & Co").unwrap()
    }

    #[test]
    fn a_project_is_its_name_and_its_real_directory() {
        let root = tempfile::tempdir().unwrap();
        let paths = Paths::below(root.path());
        let (a, b, link) = (root.path().join("a"), root.path().join("b"), root.path().join("link"));
        fs::create_dir_all(&a).unwrap();
        fs::create_dir_all(&b).unwrap();
        std::os::unix::fs::symlink(&a, &link).unwrap();
        let first = paths.project(&shop(), &a).unwrap();
        assert_eq!(first, paths.project(&shop(), &link).unwrap());
        assert_ne!(first.home(), paths.project(&shop(), &b).unwrap().home());
        let name = first.home().file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("shop-co-"), "{name}");
        assert!(first.journal().starts_with(root.path().join("data")));
    }

    #[test]
    fn directories_are_the_owners_alone_even_where_they_were_open() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("x/y");
        private(&dir).unwrap();
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        private(&dir).unwrap();
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_link_or_a_file_is_not_taken_for_a_private_directory() {
        let root = tempfile::tempdir().unwrap();
        let (dir, link, file) = (root.path().join("d"), root.path().join("l"), root.path().join("f"));
        fs::create_dir(&dir).unwrap();
        std::os::unix::fs::symlink(&dir, &link).unwrap();
        fs::write(&file, "").unwrap();
        assert!(matches!(private(&link), Err(PathError::NotADirectory { .. })));
        assert!(matches!(private(&file), Err(PathError::NotADirectory { .. })));
    }

    #[test]
    fn a_socket_path_that_is_too_long_moves_to_a_private_directory() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("d".repeat(120));
        let mut paths = Paths::below(&deep);
        let short = tempfile::tempdir_in("/tmp").unwrap();
        paths.temporary = short.path().to_path_buf();
        let project = paths.project(&shop(), root.path()).unwrap();
        assert!(project.socket().starts_with(short.path()), "{}", project.socket().display());
        assert!(project.socket().as_os_str().len() <= LONGEST_SOCKET);
        let dir = project.socket().parent().unwrap();
        assert_eq!(fs::metadata(dir).unwrap().mode() & 0o777, 0o700);
        assert!(project.journal().starts_with(&deep), "only the socket moves");
        paths.runtime = Some(short.path().join("run"));
        assert!(
            paths
                .project(&shop(), root.path())
                .unwrap()
                .socket()
                .starts_with(short.path().join("run/golive"))
        );
    }
}
