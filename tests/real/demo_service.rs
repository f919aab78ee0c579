//! One host of the demo as a real process, good and bad.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use golive::{
    clock::Clock,
    demo::{Owner, Release},
};
use tokio::process::Child;

use crate::demo_ground::{free_port, program, until};

/// host-05 with a release, in a demo of its own.
struct Host {
    port: u16,
    child: Child,
    log: PathBuf,
    client: reqwest::Client,
    // The demo ends when this is dropped; then its directory is removed.
    owner: Option<Owner>,
    demo: PathBuf,
    _dir: tempfile::TempDir,
}

impl Host {
    fn start(faults: &[&str]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let demo = dir.path().join("demo");
        fs::create_dir(&demo).unwrap();
        let owner = Owner::of(&demo).unwrap();
        let release = Release {
            version: "2.6.0".parse().unwrap(),
            faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        };
        fs::write(demo.join("release.toml"), toml::to_string(&release).unwrap()).unwrap();
        let log = dir.path().join("output.log");
        let port = free_port();
        let child = tokio::process::Command::new(program())
            .args(["demo-host", "--name", "host-05", "--port", &port.to_string()])
            .args(["--release".as_ref(), demo.as_os_str(), "--demo".as_ref(), demo.as_os_str()])
            .stdin(Stdio::null())
            .stdout(fs::File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { port, child, log, client, owner: Some(owner), demo, _dir: dir }
    }

    async fn get(&self, path: &str) -> reqwest::Result<(u16, String)> {
        let answer = self.client.get(format!("http://127.0.0.1:{}{path}", self.port)).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// Once it answers at all.
    async fn answer(&self, path: &str) -> (u16, String) {
        let mut answer = None;
        until("the host answers", async || {
            answer = self.get(path).await.ok();
            answer.is_some()
        })
        .await;
        answer.unwrap()
    }

    fn term(&self) {
        let pid = rustix::process::Pid::from_raw(self.child.id().unwrap().cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    async fn ended(&mut self) -> ExitStatus {
        let ended = Clock::System.limit(Duration::from_secs(20), self.child.wait()).await;
        ended.expect("the process ends").unwrap()
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

#[tokio::test]
async fn a_good_host_is_alive_only_after_its_self_test_and_says_its_version() {
    let mut host = Host::start(&[]);
    let (status, early) = host.answer("/is_alive").await;
    assert_eq!(status, 503);
    assert!(early.contains(r#""alive":false"#) && early.contains(r#""version":"2.6.0""#), "{early}");
    assert_eq!(host.answer("/selftest").await, (200, "14 of 14\n".into()));
    let (status, alive) = host.answer("/is_alive").await;
    assert!(status == 200 && alive.contains(r#""alive":true"#), "{alive}");
    assert_eq!(host.answer("/health").await.0, 200);
    assert_eq!(host.answer("/").await, (200, "shop 2.6.0 on host-05\n".into()));
    let version: serde_json::Value = serde_json::from_str(&host.answer("/version").await.1).unwrap();
    assert_eq!(version["version"], "2.6.0");
    let metrics = host.answer("/metrics").await.1;
    assert!(metrics.contains("http_requests_total{code=\"200\"} 1\n"), "{metrics}");
    host.term();
    assert!(host.ended().await.success());
    let log = host.log();
    assert!(log.contains("self-test: 14 of 14") && log.contains("GET / 200"), "{log}");
}

#[tokio::test]
async fn a_failing_self_test_names_the_dependency_and_the_host_is_never_alive() {
    let host = Host::start(&["selftest@host-5"]);
    let (status, report) = host.answer("/selftest").await;
    assert_eq!(status, 503);
    assert!(report.starts_with("12 of 14\npayments: connection refused 10.0.3.7:5433"), "{report}");
    assert_eq!(host.answer("/is_alive").await.0, 503);
    assert!(host.log().contains("ERROR self-test payments"));
}

#[tokio::test]
async fn a_fault_of_another_host_is_not_this_ones() {
    let host = Host::start(&["selftest@host-6"]);
    assert_eq!(host.answer("/selftest").await.0, 200);
}

#[tokio::test]
async fn term_lets_an_open_request_finish() {
    let mut host = Host::start(&["latency"]);
    host.answer("/selftest").await;
    let (answer, ()) = tokio::join!(host.get("/"), async {
        until("the request is being worked on", async || {
            host.get("/metrics").await.is_ok_and(|(_, text)| text.contains("requests_in_flight 1\n"))
        })
        .await;
        host.term();
    });
    assert_eq!(answer.unwrap().0, 200);
    assert!(host.ended().await.success());
}

#[tokio::test]
async fn a_crashing_host_ends_by_itself_and_says_why() {
    let mut host = Host::start(&["crash"]);
    assert_eq!(host.ended().await.code(), Some(1));
    assert!(host.log().contains("ERROR fatal"), "{}", host.log());
    assert!(!host.log().contains("14 of 14"));
}

#[tokio::test]
async fn a_hanging_host_takes_the_connection_and_never_answers() {
    let host = Host::start(&["hang"]);
    until("it takes connections", async || {
        tokio::net::TcpStream::connect(("127.0.0.1", host.port)).await.is_ok()
    })
    .await;
    until("its self-test has passed", async || host.log().contains("14 of 14")).await;
    let request = host.client.get(format!("http://127.0.0.1:{}/is_alive", host.port));
    assert!(request.timeout(Duration::from_millis(300)).send().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_slow_host_is_not_there_yet_and_obeys_term_all_the_same() {
    let mut host = Host::start(&["slow-start"]);
    until("it has started", async || host.log().contains("starts")).await;
    assert!(host.get("/is_alive").await.unwrap_err().is_connect());
    host.term();
    assert!(host.ended().await.success());
}

#[tokio::test]
async fn errors_are_one_in_ten_and_counted() {
    let host = Host::start(&["errors"]);
    host.answer("/selftest").await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(host.answer("/").await.0);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 500).count(), 2);
    assert!(host.answer("/metrics").await.1.contains("http_requests_total{code=\"500\"} 2\n"));
}

#[tokio::test]
async fn a_host_ends_with_its_demo_and_none_starts_without_one() {
    let mut host = Host::start(&["hang"]);
    until("it has started", async || host.log().contains("starts")).await;
    let dir = host.demo.clone();
    let owner = host.owner.take().unwrap();
    tokio::task::spawn_blocking(move || owner.end().unwrap()).await.unwrap();
    assert!(host.ended().await.success());
    assert!(!dir.exists());
    let late = orphan(&dir).await;
    assert_eq!(late.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&late.stderr).contains("no demo that runs"), "{late:?}");
}

async fn orphan(demo: &Path) -> std::process::Output {
    tokio::process::Command::new(program())
        .args(["demo-host", "--name", "host-05", "--port", "1", "--release", "/nowhere", "--demo"])
        .arg(demo)
        .output()
        .await
        .unwrap()
}
