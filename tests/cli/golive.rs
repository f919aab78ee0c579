//! The binary in a place of its own: nothing of the tester's home is read or written.

use std::{
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

pub struct Place {
    root: TempDir,
}

/// How a run ended.
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("project")).unwrap();
        Self { root }
    }

    /// With a plan of two local hosts, and a version to deploy.
    pub fn with_project() -> Self {
        let place = Self::new();
        place.file("dist/shop-2.5.0/bin/shop", "#!/bin/sh\nexec sleep 600\n");
        place.file(
            "golive.toml",
            r#"
[project]
name = "shop"
checklists = ["RELEASE.md"]
separation = "none"

[people]
dana = { roles = ["decider", "engineering", "operations", "deployer"] }

[artifact]
source = "dist/shop-{version}"

[environments.production]
hosts = [{ name = "web-1", address = "127.0.0.1", port = 8081 }, { name = "web-2", address = "127.0.0.1", port = 8082 }]
driver = { kind = "local", dir = "run", start = ["{dir}/current/bin/shop"] }

[[stages]]
name = "production"
environment = "production"

[poll]
seats = [{ role = "engineering" }]
"#,
        );
        place.file("RELEASE.md", "# Release\n\n- [ ] the support desk knows @dana\n");
        place
    }

    pub fn dir(&self) -> std::path::PathBuf {
        self.root.path().join("project")
    }

    pub fn file(&self, path: &str, text: &str) {
        let path = self.dir().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.dir().join(path)).unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_golive"));
        command
            .args(arguments)
            .current_dir(self.dir())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.root.path())
            .env("TMPDIR", self.root.path())
            .env("USER", "dana")
            .env("TZ", "UTC")
            .stdin(std::process::Stdio::null());
        command
    }

    pub fn golive(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }
}

impl Ran {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            status: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// Ends the test with everything that was said, unless it ended so.
    #[track_caller]
    pub fn ended(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The one object on stdout.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}:\n{}", self.out))
    }
}
