//! The embedded fleet with its real processes.

use std::{fs, path::PathBuf, process::Stdio};

use golive::{
    cli::ByEngine,
    demo::{
        balancer,
        fleet::{Fleet, Options},
        traffic::Stats,
    },
};

use crate::demo_ground::{fleet, processes_of, program, until};

async fn ask(fleet: &Fleet, line: &str) -> String {
    balancer::ask(&fleet.layout().balancer_socket(), line).await.unwrap()
}

/// A column of `show stat` for a server.
async fn stat(fleet: &Fleet, server: &str, column: &str) -> String {
    let text = ask(fleet, "show stat").await;
    let cells = |line: &str| line.trim_start_matches("# ").split(',').map(String::from).collect::<Vec<_>>();
    let at = cells(text.lines().next().unwrap()).iter().position(|name| name == column).unwrap();
    text.lines().map(cells).find(|cells| cells[1] == server).unwrap()[at].clone()
}

async fn served(fleet: &Fleet, more: u64) -> Stats {
    let before = fleet.traffic().unwrap();
    until("traffic flows", async || fleet.traffic().is_ok_and(|now| now.sent >= before.sent + more)).await;
    fleet.traffic().unwrap()
}

/// Twelve real hosts start behind the balancer, traffic flows, and one host is drained, stopped for good
/// and missed by nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drained_host_can_be_taken_away_without_a_failed_request() {
    let fleet = fleet(12, &[]).await;
    let dir = fleet.layout().dir().to_owned();
    served(&fleet, 40).await;
    assert_eq!(ask(&fleet, "set server shop/host-05 state drain").await, "\n");
    until("host-05 has no requests left", async || stat(&fleet, "host-05", "scur").await == "0").await;
    assert_eq!(stat(&fleet, "host-05", "status").await, "DRAIN");
    let total = stat(&fleet, "host-05", "stot").await;
    let host: Vec<_> =
        processes_of(&dir).into_iter().filter(|(_, line)| line.contains("--name host-05")).collect();
    assert_eq!(host.len(), 1, "{host:?}");
    let pid = rustix::process::Pid::from_raw(host[0].0.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    until("host-05 has ended", async || processes_of(&dir).iter().all(|(pid, _)| *pid != host[0].0)).await;
    until("its checks fail", async || stat(&fleet, "host-05", "status").await == "DOWN").await;
    let stats = served(&fleet, 80).await;
    assert_eq!(stat(&fleet, "host-05", "stot").await, total);
    assert_eq!((stats.failed, stats.reasons.len()), (0, 0), "{:?}", stats.last_failures);
    assert_eq!(stats.versions.keys().collect::<Vec<_>>(), ["2.4.1"]);
    let log = fs::read_to_string(dir.join("hosts/host-05/output.log")).unwrap();
    assert!(log.contains("self-test: 14 of 14") && log.trim_end().ends_with("ended"), "{log}");
    fleet.end().await.unwrap();
    assert!(!dir.exists());
    until("every process has ended", async || processes_of(&dir).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_fail_are_counted_with_their_reason_and_host() {
    let fleet = fleet(2, &[]).await;
    served(&fleet, 10).await;
    let hosts = processes_of(fleet.layout().dir());
    let (pid, _) = hosts.iter().find(|(_, line)| line.contains("--name host-02")).unwrap();
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    until("its checks fail", async || stat(&fleet, "host-02", "status").await == "DOWN").await;
    // What was under way is counted by now; from here on only the other host is asked.
    let then = served(&fleet, 20).await;
    assert!(then.failed > 0);
    // 502 is a request that was under way when the host was killed.
    assert_eq!(then.reasons.values().sum::<u64>(), then.failed);
    assert!(then.reasons.keys().all(|why| ["status 502", "status 503"].contains(&why.as_str())));
    assert!(then.last_failures.iter().all(|failure| failure.host.as_deref() == Some("host-02")));
    let later = served(&fleet, 40).await;
    assert_eq!(later.failed, then.failed);
    assert!(later.sent >= later.ok + later.failed && later.ok > then.ok);
    fleet.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the owner that the next test starts and kills"]
async fn owner_that_will_be_killed() {
    let dir = std::env::var_os("GOLIVE_TEST_DEMO_DIR").expect("the directory is given");
    let options = Options {
        hosts: 3,
        faults: vec![],
        dir: Some(PathBuf::from(&dir)),
        ..Options::new(program(), "tester".into())
    };
    let _fleet = Fleet::start(options, &ByEngine).await.unwrap();
    fs::write(PathBuf::from(dir).with_extension("up"), "").unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_killed_owner_takes_every_process_and_the_directory_with_it() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("demo");
    let mut owner = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "demo_fleet::owner_that_will_be_killed", "--ignored"])
        .env("GOLIVE_TEST_DEMO_DIR", &dir)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    until("the fleet is up", async || dir.with_extension("up").exists()).await;
    // Balancer, traffic, three hosts, and for each host who writes its output down.
    assert_eq!(processes_of(&dir).len(), 8, "{:?}", processes_of(&dir));
    owner.kill().await.unwrap();
    until("every process has ended", async || processes_of(&dir).is_empty()).await;
    until("the directory is gone", async || !dir.exists()).await;
}

#[tokio::test]
async fn a_fleet_that_cannot_be_is_refused_and_leaves_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("demo");
    let options = |hosts, fault: &str| Options {
        hosts,
        faults: vec![fault.parse().unwrap()],
        dir: Some(dir.clone()),
        ..Options::new(program(), "tester".into())
    };
    for (options, said) in [
        (options(201, "hang"), "1 to 200 hosts"),
        (options(3, "hang@host-4"), "host-1 to host-3"),
        (Options { program: "/nowhere/golive".into(), ..options(3, "hang") }, "/nowhere/golive"),
        (Options { program: "/bin/false".into(), ..options(3, "hang") }, "balancer ended"),
    ] {
        let error = Fleet::start(options, &ByEngine).await.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
        assert!(!dir.exists(), "{said}");
    }
}

/// The largest fleet there may be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "two hundred processes; run by hand"]
async fn two_hundred_hosts_start_and_serve_without_a_failed_request() {
    let fleet = fleet(200, &[]).await;
    let dir = fleet.layout().dir().to_owned();
    assert_eq!(processes_of(&dir).len(), 402);
    let stats = served(&fleet, 200).await;
    assert_eq!((stats.failed, stats.reasons), (0, [].into()));
    fleet.end().await.unwrap();
    assert!(!dir.exists());
    until("every process has ended", async || processes_of(&dir).is_empty()).await;
}
