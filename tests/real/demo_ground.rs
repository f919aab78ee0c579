//! What the tests of the demo stand on: a fleet in a temporary directory, and waiting for a condition.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use golive::{
    cli::ByEngine,
    clock::Clock,
    demo::fleet::{Fleet, Options},
};

pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_golive"))
}

/// A fleet of `hosts` in a directory of its own, which is gone when the fleet has ended.
pub async fn fleet(hosts: u16, faults: &[&str]) -> Fleet {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let options = Options { hosts, faults, ..Options::new(program(), "tester".into()) };
    Fleet::start(options, &ByEngine).await.unwrap()
}

/// Waits until `done` says so, at most 30 s; `what` is the condition in words.
pub async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let clock = Clock::System;
    let waiting = async {
        while !done().await {
            clock.sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(clock.limit(Duration::from_secs(30), waiting).await.is_some(), "not within 30 s: {what}");
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The processes whose command line names `dir`; what waits to be reaped has none.
pub fn processes_of(dir: &Path) -> Vec<(u32, String)> {
    let dir = dir.to_string_lossy().into_owned();
    let ids = fs::read_dir("/proc").unwrap().flatten();
    ids.filter_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let line = String::from_utf8_lossy(&fs::read(entry.path().join("cmdline")).ok()?).replace('\0', " ");
        (pid != std::process::id() && line.contains(&dir)).then_some((pid, line))
    })
    .collect()
}

/// What a demo that is started as a program finds: empty directories of the test's own.
pub struct Ground {
    temporary: PathBuf,
    home: PathBuf,
    dir: tempfile::TempDir,
}

impl Ground {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (temporary, home) = (dir.path().join("t"), dir.path().join("home"));
        fs::create_dir(&temporary).unwrap();
        fs::create_dir(&home).unwrap();
        Self { temporary, home, dir }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Every variable that says where files belong.
    pub fn variables(&self) -> [(&'static str, &Path); 7] {
        let home = self.home.as_path();
        [
            ("TMPDIR", &self.temporary),
            ("HOME", home),
            ("XDG_RUNTIME_DIR", home),
            ("XDG_DATA_HOME", home),
            ("XDG_CONFIG_HOME", home),
            ("XDG_STATE_HOME", home),
            ("GOLIVE_DATA_DIR", home),
        ]
    }

    pub fn processes(&self) -> Vec<(u32, String)> {
        processes_of(&self.temporary)
    }

    #[track_caller]
    pub fn assert_all_parts_run(&self) {
        let running = self.processes();
        for part in ["demo-balancer", "demo-traffic", "demo-conductor", "demo-host"] {
            assert!(running.iter().any(|(_, line)| line.contains(part)), "{part}: {running:?}");
        }
    }

    /// Nothing is left: no process, no file, nothing outside the demo's own directory.
    pub async fn assert_nothing_is_left(&self) {
        self.assert_nothing_runs().await;
        assert_eq!(entries(&self.home), Vec::<PathBuf>::new());
    }

    /// No process is left, nor the directory that they had.
    pub async fn assert_nothing_runs(&self) {
        until("every process has ended", async || self.processes().is_empty()).await;
        until("the directory is gone", async || entries(&self.temporary).is_empty()).await;
    }
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}
