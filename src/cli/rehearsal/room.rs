//! The directory of one rehearsal: a project and a data directory of its own, among the files of the project that is
//! rehearsed. The record stays there to be read; of older rehearsals the last few are kept.

use std::{fs, path::PathBuf};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    cli::{arguments::Everywhere, context::Context, failure::Failure, out::Out, project::Project},
    clock::Clock,
    domain::name::SessionId,
};

/// Rehearsals whose records are kept.
const KEPT: usize = 5;
const PREFIX: &str = "rehearsal-";

pub struct Room {
    pub id: SessionId,
    dir: PathBuf,
}

impl Room {
    /// Makes it, and takes the oldest ones away.
    pub fn make(project: &Project, context: &Context) -> Result<Self, Failure> {
        let all = project.files.home().join("rehearsals");
        let failed = |path: &std::path::Path| {
            let path = path.to_path_buf();
            move |error: std::io::Error| Failure::file(&path, &error)
        };
        fs::create_dir_all(&all).map_err(failed(&all))?;
        let at = Timestamp::from_microsecond(context.wall().0)
            .map_err(|error| Failure::internal(error.to_string()))?;
        let stamp = at.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S").to_string();
        let (id, dir) = (1..100)
            .map(|nth| if nth == 1 { format!("{PREFIX}{stamp}") } else { format!("{PREFIX}{stamp}-{nth}") })
            .map(|id| (id.clone(), all.join(id)))
            .find(|(_, dir)| fs::create_dir(dir).is_ok())
            .ok_or_else(|| Failure::internal(format!("{} takes no new directory", all.display())))?;
        let room =
            Self { id: SessionId::new(&id).map_err(|error| Failure::internal(error.to_string()))?, dir };
        for dir in [room.project(), room.data()] {
            fs::create_dir_all(&dir).map_err(failed(&dir))?;
        }
        let mut others: Vec<PathBuf> = fs::read_dir(&all)
            .map_err(failed(&all))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX)))
            .collect();
        others.sort();
        for old in others.iter().rev().skip(KEPT) {
            if let Err(error) = fs::remove_dir_all(old) {
                context.out.mutter(&format!("golive: {} is left: {error}\n", old.display()));
            }
        }
        Ok(room)
    }

    pub fn project(&self) -> PathBuf {
        self.dir.join("project")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// What stands where a plan would: enough to be found by, and no plan that could be adopted.
    pub fn write(&self, source: &str) -> Result<(), Failure> {
        let path = self.project().join(crate::config::FILE);
        fs::write(&path, source).map_err(|error| Failure::file(&path, &error))
    }

    /// What every command is given that is about this rehearsal.
    pub fn context(&self, out: Out, clock: Clock) -> Context {
        let everywhere = Everywhere {
            project: Some(self.project()),
            data_dir: Some(self.data()),
            ..Everywhere::default()
        };
        Context { everywhere, out, clock }
    }

    /// The words by which its record is read.
    pub fn words(&self) -> String {
        format!("golive -C {} --data-dir {}", self.project().display(), self.data().display())
    }
}
