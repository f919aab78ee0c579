//! The files that a plan is made of, and whether they were written since they were looked at last.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::config;

/// When the plan's files were last written.
#[derive(Default)]
pub struct Files {
    paths: Vec<PathBuf>,
    seen: Vec<Option<SystemTime>>,
}

impl Files {
    /// Whether any was written since this was asked last.
    pub fn changed(&mut self, dir: &Path) -> bool {
        if self.paths.is_empty() {
            self.paths = vec![dir.join(config::FILE)];
        }
        let times: Vec<_> =
            self.paths.iter().map(|path| path.metadata().and_then(|it| it.modified()).ok()).collect();
        let changed = times != self.seen;
        self.seen = times;
        changed
    }

    /// Looks at these from now on.
    pub fn watch(&mut self, paths: impl Iterator<Item = PathBuf>) {
        let paths: Vec<_> = paths.collect();
        if paths != self.paths {
            self.paths = paths;
            self.seen.clear();
        }
    }
}
