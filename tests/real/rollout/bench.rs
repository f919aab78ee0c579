//! A project directory and the `golive` binary, with everything golive writes below one temporary directory.

use golive::clock::{Clock, block_for};
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

pub struct Bench {
    dir: tempfile::TempDir,
    project: PathBuf,
}

impl Bench {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { project: dir.path().join("project"), dir }
    }

    /// Over a project that stands elsewhere.
    pub fn over(project: PathBuf) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), project }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn project(&self) -> &Path {
        &self.project
    }

    /// The conductor's process, where one runs.
    pub fn conductor(&self) -> Option<i32> {
        let output = self.run(&["conductor", "status", "--json"]);
        let status: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
        status["conductor"]["pid"].as_i64().map(|pid| pid as i32)
    }

    /// Runs one command and gives its end, whatever it is.
    pub fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_golive"))
            .arg("-C")
            .arg(self.project())
            .args(words)
            .env("GOLIVE_DATA_DIR", self.path("data"))
            .env("HOME", self.dir.path())
            .env_remove("XDG_RUNTIME_DIR")
            .output()
            .unwrap()
    }

    /// Runs one command as a person; it must end with 0.
    #[track_caller]
    pub fn says(&self, person: &str, words: &[&str]) -> String {
        let output = self.run(&[&["--as", person], words].concat());
        let (out, err) = text(&output);
        assert!(output.status.success(), "golive {words:?} as {person}: {}\n{out}{err}", output.status);
        out
    }

    /// Runs one command as a person, which is refused: with these words.
    #[track_caller]
    pub fn refused(&self, person: &str, words: &[&str]) -> String {
        let output = self.run(&[&["--as", person], words].concat());
        let (out, err) = text(&output);
        assert!(!output.status.success(), "golive {words:?} as {person} was not refused\n{out}{err}");
        err
    }

    /// From opening to GO, of a plan with one item and the seats of two people.
    #[track_caller]
    pub fn to_go(&self, version: &str) {
        self.says("dana", &["open", version, "--at", "23:59"]);
        self.says("raj", &["item", "tick", "support-is-told"]);
        self.says("dana", &["vote", "go"]);
        self.says("raj", &["vote", "go"]);
        self.until("every host is observed", |status| {
            status["hosts"].as_array().is_some_and(|hosts| hosts.iter().all(|host| host["observed"] == true))
        });
        self.says("dana", &["declare", "go", "--reason", "all is ready"]);
    }

    pub fn status(&self) -> serde_json::Value {
        let output = self.run(&["status", "--json"]);
        let (out, err) = text(&output);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
    }

    /// Asks for the status until `holds`; two minutes at most. Whoever is asked about needs the processors too.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let begun = Clock::System.read().monotonic;
        loop {
            let status = self.status();
            if holds(&status) {
                return status;
            }
            let waited = Clock::System.read().monotonic - begun;
            assert!(waited < 120_000_000, "waited in vain for: {what}\n{status:#}");
            block_for(Duration::from_millis(50));
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // A test that failed in the middle leaves something under way, and then it does not end when asked; and
        // the project may be gone before: the lock names the process.
        for pid in conductors(&self.path("data")) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        end_services(&self.path("hosts"));
    }
}

/// The processes of the conductors that were started under a data directory, and still have their lock.
fn conductors(data: &Path) -> Vec<rustix::process::Pid> {
    let projects = std::fs::read_dir(data.join("projects")).into_iter().flatten().flatten();
    let doors =
        projects.filter_map(|project| golive::wire::Door::read(&project.path().join("conductor.lock")).ok());
    let alive = doors.flatten().filter(|door| std::os::unix::net::UnixStream::connect(&door.socket).is_ok());
    alive.filter_map(|door| rustix::process::Pid::from_raw(door.pid.cast_signed())).collect()
}

/// The processes of the deployed hosts outlive the conductor; the test ends them by their own pid.
fn end_services(hosts: &Path) {
    for host in std::fs::read_dir(hosts).into_iter().flatten().flatten() {
        let file = host.path().join("service.json");
        let pid = std::fs::read_to_string(file)
            .ok()
            .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
            .and_then(|value| value["process"]["pid"].as_i64());
        if let Some(pid) = pid {
            let _ = Command::new("kill").args(["-9", "--", &format!("-{pid}")]).status();
        }
    }
}

fn text(output: &Output) -> (String, String) {
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}
