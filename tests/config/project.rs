//! A project's directory to read plans in.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use golive::config::{Loaded, Problems, read_text};

pub struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// With every file that the two example plans name.
    pub fn of_the_examples() -> Self {
        let project = Self::new();
        project.file(
            "RELEASE.md",
            "# Release\n\n## Before\n- [ ] changelog written @dana (T-2d)\n- [ ] status page drafted\n",
        );
        for program in ["bin/page", "ci/integration", "ci/load", "ci/smoke"] {
            project.program(program);
        }
        project
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn file(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn program(&self, name: &str) {
        self.file(name, "#!/bin/sh\nexit 0\n");
        fs::set_permissions(self.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Reads a plan as if it were this project's, without the configuration of whoever runs the test.
    pub fn read(&self, text: &str) -> Result<Loaded, Problems> {
        read_text(text, self.path(), None)
    }
}
