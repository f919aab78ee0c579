//! What stands where in the demo's one directory.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

/// The demo's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout(PathBuf);

impl Layout {
    pub fn new(dir: &Path) -> Self {
        Self(dir.into())
    }

    pub fn dir(&self) -> &Path {
        &self.0
    }

    /// Where the team's files are: golive.toml, its checklist, its artifacts.
    pub fn project(&self) -> PathBuf {
        self.0.join("project")
    }

    pub fn plan(&self) -> PathBuf {
        self.project().join("golive.toml")
    }

    pub fn artifacts(&self) -> PathBuf {
        self.project().join("dist")
    }

    /// Below it, one directory a host.
    pub fn hosts(&self) -> PathBuf {
        self.0.join("hosts")
    }

    /// Where golive itself writes: `--data-dir`.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    pub fn balancer_config(&self) -> PathBuf {
        self.0.join("balancer.json")
    }

    pub fn balancer_ready(&self) -> PathBuf {
        self.0.join("balancer.ready")
    }

    /// HAProxy's runtime commands.
    pub fn balancer_socket(&self) -> PathBuf {
        self.0.join("balancer.sock")
    }

    /// What the store says once it serves, where agents change the hosts.
    pub fn store_ready(&self) -> PathBuf {
        self.0.join("store.ready")
    }

    pub fn traffic_stats(&self) -> PathBuf {
        self.0.join("traffic.json")
    }

    pub fn traffic_socket(&self) -> PathBuf {
        self.0.join("traffic.sock")
    }

    /// What one of the demo's own processes wrote.
    pub fn log(&self, process: &str) -> PathBuf {
        self.0.join(format!("{process}.log"))
    }

    /// Writes a file whole or not at all. Only one process writes each of them.
    pub fn write_json(&self, path: &Path, value: &impl Serialize) -> io::Result<()> {
        let next = path.with_extension("next");
        fs::write(&next, serde_json::to_vec(value)?)?;
        fs::rename(next, path)
    }
}
