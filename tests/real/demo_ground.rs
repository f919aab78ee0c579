//! What the tests of the demo stand on: a fleet in a temporary directory, and waiting for a condition.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use futures::future::BoxFuture;
use golive::{
    clock::Clock,
    demo::fleet::{Fleet, Installer, Options, Site},
};

/// Unpacks the release and starts it, as simply as can be.
pub struct Plain;

impl Installer for Plain {
    fn install<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move { install(site).map_err(|error| error.to_string()) })
    }
}

fn install(site: &Site) -> std::io::Result<()> {
    let bytes = fs::read(&site.artifact)?;
    let name = format!("{}-{}", site.candidate.version, site.candidate.digest.short());
    let releases = site.dir.join("releases");
    fs::create_dir_all(&releases)?;
    tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice())).unpack(&releases)?;
    fs::rename(releases.join(format!("shop-{}", site.candidate.version)), releases.join(&name))?;
    std::os::unix::fs::symlink(Path::new("releases").join(&name), site.dir.join("current"))?;
    let out = fs::File::create(site.dir.join("output.log"))?;
    let mut child = tokio::process::Command::new(&site.start[0])
        .args(&site.start[1..])
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .process_group(0)
        .spawn()?;
    tokio::spawn(async move { child.wait().await });
    Ok(())
}

pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_golive"))
}

/// A fleet of `hosts` in a directory of its own, which is gone when the fleet has ended.
pub async fn fleet(hosts: u16, faults: &[&str]) -> Fleet {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let options = Options { hosts, faults, ..Options::new(program(), "tester".into()) };
    Fleet::start(options, &Plain).await.unwrap()
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
