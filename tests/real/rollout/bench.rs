//! A project directory and the `golive` binary, with everything golive writes below one temporary directory.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

pub struct Bench {
    pub dir: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn project(&self) -> PathBuf {
        self.path("project")
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

    /// Runs one command as a person; it must end with this exit status.
    #[track_caller]
    pub fn refused(&self, person: &str, words: &[&str], status: i32) -> String {
        let output = self.run(&[&["--as", person], words].concat());
        let (out, err) = text(&output);
        assert_eq!(output.status.code(), Some(status), "golive {words:?} as {person}\n{out}{err}");
        out + &err
    }

    pub fn status(&self) -> serde_json::Value {
        let output = self.run(&["status", "--json"]);
        let (out, err) = text(&output);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
    }

    /// Asks for the status until `holds`; half a minute at most.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        #[expect(clippy::disallowed_methods, reason = "a test against real processes has a real limit")]
        let begun = Instant::now();
        loop {
            let status = self.status();
            if holds(&status) {
                return status;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain for: {what}\n{status:#}");
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.run(&["conductor", "stop", "--force"]);
        end_services(&self.path("hosts"));
    }
}

/// The processes of the deployed hosts outlive the conductor; the test ends them by their own pid.
fn end_services(hosts: &Path) {
    for host in std::fs::read_dir(hosts).into_iter().flatten().flatten() {
        let file = host.path().join("service.json");
        let pid = std::fs::read_to_string(file)
            .ok()
            .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
            .and_then(|value| value.get("pid").and_then(serde_json::Value::as_i64));
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
