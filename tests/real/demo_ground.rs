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
