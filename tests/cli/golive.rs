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

    /// With a plan of two local hosts, two versions that run and one that does not.
    pub fn with_project() -> Self {
        let place = Self::new();
        // A service says that it is there, and ends with the directory it was tested in. One that ends at once never
        // says so: however long it takes to end, nothing took it for well meanwhile.
        let runs = |version| {
            let dir = place.dir();
            let dir = dir.display();
            format!(
                "#!/bin/sh\ntouch \"${{0%/current/bin/shop}}/is-up-{version}\"\nwhile [ -e {dir}/golive.toml ]; do sleep 0.2; done\n"
            )
        };
        let ends = "#!/bin/sh\nexit 1\n".to_owned();
        for (version, text) in [("2.4.1", runs("2.4.1")), ("2.5.0", runs("2.5.0")), ("2.6.0", ends)] {
            place.file(&format!("dist/shop-{version}/VERSION"), version);
            place.program(&format!("dist/shop-{version}/bin/shop"), &text);
        }
        place.program(
            "bin/alive",
            "#!/bin/sh\nread -r version < \"run/$1/current/VERSION\"\nexec test -e \"run/$1/is-up-${version%%,*}\"\n",
        );
        place.file(
            "golive.toml",
            &r#"
[project]
name = "shop"
checklists = ["RELEASE.md"]
separation = "none"

[people]
dana = { login = "LOGIN", roles = ["decider", "engineering", "operations", "deployer"] }
sam = { roles = ["security"] }

[artifact]
source = "dist/shop-{version}"

[environments.production]
hosts = [{ name = "web-1", address = "127.0.0.1", port = 8081 }, { name = "web-2", address = "127.0.0.1", port = 8082 }]
driver = { kind = "local", dir = "run", start = ["{dir}/current/bin/shop"] }
deadlines = { min_healthy_time = "100ms", healthy_deadline = "2m", progress_deadline = "3m" }

[checks.alive]
exec = ["bin/alive", "{name}"]
interval = "200ms"

[[stages]]
name = "production"
environment = "production"

[poll]
seats = [{ role = "engineering" }]
"#
            .replace("LOGIN", &login()),
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

    pub fn program(&self, path: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.file(path, text);
        std::fs::set_permissions(self.dir().join(path), std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A shell script with `$GOLIVE` in it.
    pub fn script(&self, text: &str) -> Ran {
        let mut shell = self.command(&[]);
        let environment: Vec<_> =
            shell.get_envs().map(|(key, value)| (key.to_owned(), value.map(ToOwned::to_owned))).collect();
        shell = Command::new("sh");
        shell.args(["-c", text]).current_dir(self.dir()).env_clear().stdin(std::process::Stdio::null());
        for (key, value) in environment {
            shell.env(key, value.unwrap_or_default());
        }
        Ran::of(&shell.env("GOLIVE", env!("CARGO_BIN_EXE_golive")).output().unwrap())
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

/// A conductor that was started ends with its place, by its own pid.
impl Drop for Place {
    fn drop(&mut self) {
        let projects = self.root.path().join(".local/share/golive/projects");
        for project in std::fs::read_dir(projects).into_iter().flatten().flatten() {
            let Ok(lock) = std::fs::read(project.path().join("conductor.lock")) else { continue };
            let Ok(door) = serde_json::from_slice::<golive::wire::Door>(&lock) else { continue };
            let Some(pid) = rustix::process::Pid::from_raw(door.pid.cast_signed()) else { continue };
            if std::os::unix::net::UnixStream::connect(&door.socket).is_ok() {
                rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
            }
        }
    }
}

/// The login as the conductor learns it.
fn login() -> String {
    let said = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
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
