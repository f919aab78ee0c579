//! Which project a command is about: its directory, its name even where its plan is broken, and its files.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::{
    config::{self, Loaded, Paths, ProjectPaths},
    domain::name::ProjectName,
};

pub struct Project {
    pub dir: PathBuf,
    pub name: ProjectName,
    pub files: ProjectPaths,
    /// The user's own configuration: checklists, themes, keys.
    pub user: PathBuf,
}

impl Project {
    /// The project of `-C DIR`, else the nearest one from the working directory upwards.
    pub fn find(given: Option<&Path>, data_dir: Option<&Path>) -> Result<Self, Failure> {
        let dir = directory(given)?;
        let Some(name) = config::project::name(&dir) else {
            let plan = dir.join(config::FILE);
            return Err(match config::load(&dir, None) {
                // Where even the name is lost, what keeps the file from being read is what helps.
                Err(problems) if problems.list.len() == 1 => Failure::from(problems),
                _ => Failure::usage(
                    format!("{}: it names no project", plan.display()),
                    "golive check says what is wrong with it",
                ),
            });
        };
        let paths = Paths::new(data_dir)?;
        let files = paths.project(&name, &dir)?;
        Ok(Self { user: paths.user_config().to_path_buf(), dir, name, files })
    }

    pub fn load(&self) -> Result<Loaded, Failure> {
        Ok(config::load(&self.dir, Some(&self.user))?)
    }
}

/// The project's directory, where there is one.
pub fn directory(given: Option<&Path>) -> Result<PathBuf, Failure> {
    let start = working_directory(given)?;
    config::project::find(&start).ok_or_else(|| {
        Failure::usage(
            format!("there is no golive.toml in {} or above it", start.display()),
            "golive init writes one; -C DIR names another directory; golive demo shows it all without one",
        )
    })
}

/// `-C DIR`, else where the command was called.
pub fn working_directory(given: Option<&Path>) -> Result<PathBuf, Failure> {
    let dir = given.unwrap_or(Path::new("."));
    let dir = std::path::absolute(dir).map_err(|error| Failure::file(dir, &error))?;
    if dir.is_dir() {
        Ok(dir)
    } else {
        Err(Failure::usage(format!("{} is no directory", dir.display()), "-C takes the project's directory"))
    }
}
