//! What runs once in a go-live, over real servers: two batches, a kill in the middle of it, and the way back.

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use golive::clock::Clock;

use super::{load::Load, site::Site};

/// It writes that it begins, waits as long as the file `slow` is there, and writes that it is done.
const SCRIPT: &str = r#"#!/bin/sh
echo "$GOLIVE_WAY $1 $GOLIVE_STAGE $GOLIVE_VERSION begins" >> once.log
while [ -e slow ]; do sleep 0.1; done
[ -e broken ] && { echo "no such table: orders"; exit 3; }
echo "$GOLIVE_WAY $1 done" >> once.log
"#;

fn site() -> Site {
    let site = Site::new();
    let script = site.bench.project().join("once.sh");
    fs::write(&script, SCRIPT).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let stage = "bake = \"1s\"\nstrategy = { kind = \"rolling\", batches = [2] }\nonce = [\
                 { name = \"migrate\", run = [\"./once.sh\", \"migrate\"], back = [\"./once.sh\", \"migrate\"] }, \
                 { name = \"announce\", run = [\"./once.sh\", \"announce\"], when = \"after\" }]";
    site.replace_in_plan("deadlines = {", "capacity = { max_parallel = 2, min_healthy = 1 }\ndeadlines = {");
    site.replace_in_plan("bake = \"1s\"", stage);
    site.replace_in_plan("promote = \"automatic\"", "promote = \"human\"");
    site
}

fn log(site: &Site) -> Vec<String> {
    let text = fs::read_to_string(site.bench.project().join("once.log")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn runs(site: &Site, version: &str) -> usize {
    let status = site.bench.status();
    status["hosts"].as_array().unwrap().iter().filter(|host| host["runs"] == version).count()
}

/// Killed while it runs it is asked about, and neither run again nor passed over; over two batches it ran once; and what
/// takes it back runs when every host is back, of which no request is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_runs_once_whatever_is_killed_and_is_taken_back_last() {
    let site = site();
    let bench = &site.bench;
    let slow = bench.project().join("slow");
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("ready", |status| status["stages"][0]["state"] == "ready");
    bench.says("raj", &["promote"]);
    bench.says("dana", &["close"]);
    let first = ["forward migrate production 2.4.0 begins", "forward migrate done"];
    assert_eq!(log(&site)[..2], first, "a first deploy runs it as well");
    fs::remove_file(bench.project().join("once.log")).unwrap();

    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    assert!(plan.contains("migrate: once, before any host: ./once.sh migrate, at most 5 min"), "{plan}");
    assert!(plan.contains("announce: once, when all hosts are done"), "{plan}");
    assert!(plan.contains("nothing takes it back"), "{plan}");
    fs::write(&slow, "").unwrap();
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let begins = "forward migrate production 2.5.0 begins";
    bench.until("it has begun", |_| !log(&site).is_empty());
    let pid = bench.conductor().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let again = (0..20).map(|_| bench.run(&["conductor", "restart"])).find(|run| run.status.success());
    assert!(again.is_some(), "no conductor could be started again");
    // It runs on, and is seen: nobody vouches for it, and it is not ended by mistake.
    let still = |status: &serde_json::Value| {
        status["once"][0]
            .as_str()
            .is_some_and(|it| it.starts_with("migrate of production still runs (process "))
    };
    let status = bench.until("it still runs", still);
    assert!(status["needs_human"].as_array().unwrap().is_empty(), "{status:#}");
    let vouch = ["rollout", "mark-done", "--once", "migrate", "--reason", "I looked", "--confirm", "migrate"];
    let refused = bench.refused("raj", &vouch);
    let pid = refused.split("migrate still runs (process ").nth(1).and_then(|it| it.split(',').next());
    let pid: i32 = pid.unwrap_or_else(|| panic!("{refused}")).parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    assert!(rustix::process::test_kill_process_group(pid).is_ok(), "it is the one that runs");
    let refused = bench.refused("raj", &["rollout", "try", "--once", "migrate"]);
    assert!(refused.contains("trying it again ends it first"), "{refused}");
    assert_eq!((log(&site), runs(&site, "2.5.0")), (vec![begins.to_owned()], 0), "nothing goes on by itself");

    // Its own end counts, though no conductor had begun it: it fails.
    fs::write(bench.project().join("broken"), "").unwrap();
    fs::remove_file(&slow).unwrap();
    let failed =
        "migrate of production failed: exit status 3, while no conductor watched it: no such table: orders";
    bench.until("failed, as it said itself", |status| status["needs_human"][0] == failed);

    // Tried again it fails, with its status and its last words; once more it is done, and the hosts follow.
    bench.says("raj", &["rollout", "try", "--once", "migrate"]);
    let failed = "migrate of production failed: exit status 3: no such table: orders";
    bench.until("failed", |status| status["needs_human"][0] == failed);
    fs::remove_file(bench.project().join("broken")).unwrap();
    bench.says("raj", &["rollout", "try", "--once", "migrate"]);
    bench.until("ready", |status| status["stages"][0]["state"] == "ready");
    let done = log(&site).iter().filter(|line| line.ends_with("migrate done")).count();
    assert_eq!((done, runs(&site, "2.5.0")), (1, 4), "once over two batches: {:?}", log(&site));
    assert_eq!(log(&site).last().unwrap(), "forward announce done");

    bench.says("raj", &["rollback"]);
    let status = bench.until("rolled back", |status| status["phase"] == "rolled back");
    let (asked, lost) = load.end();
    assert_eq!(lost, Vec::<String>::new(), "of {asked} requests");
    assert_eq!(log(&site).last().unwrap(), "back migrate done");
    assert_eq!(log(&site).iter().filter(|line| line.starts_with("back ")).count(), 2, "{:?}", log(&site));
    assert_eq!(
        status["once"],
        serde_json::json!([
            "migrate of production was taken back",
            "announce of production is done, and nothing takes it back"
        ])
    );
    let record = bench.says("dana", &["report"]);
    assert!(record.contains("began to take back migrate of production"), "{record}");
}

/// A conductor that ends in order leaves a migration running, and the next one waits for it; and where the process that
/// keeps it is killed, it is waited for all the same: it never runs beside itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_outlives_a_restart_and_its_keeper() {
    let site = site();
    let bench = &site.bench;
    let slow = bench.project().join("slow");
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    fs::write(&slow, "").unwrap();
    bench.says("raj", &["start"]);
    let begun = || drop(bench.until("it has begun", |_| !log(&site).is_empty()));
    begun();
    bench.says("raj", &["conductor", "restart"]);
    let says = |status: &serde_json::Value, words: &str| {
        status["once"][0].as_str().is_some_and(|it| it.starts_with(words))
    };
    bench.until("it still runs", |status| says(status, "migrate of production still runs (process "));
    fs::remove_file(&slow).unwrap();
    bench.until("ready", |status| status["stages"][0]["state"] == "ready");
    let first = ["forward migrate production 2.4.0 begins", "forward migrate done"];
    assert_eq!(log(&site)[..2], first, "it ran to its end, once");
    bench.says("raj", &["promote"]);
    bench.says("dana", &["close"]);
    fs::remove_file(bench.project().join("once.log")).unwrap();

    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    fs::write(&slow, "").unwrap();
    bench.says("raj", &["start"]);
    begun();
    let keeper = |name: &str| {
        let stat = fs::read_to_string(format!("/proc/{name}/cmdline")).unwrap_or_default();
        let data = bench.path("data");
        let ours = stat.contains("keep-command") && stat.contains(data.to_str().unwrap());
        name.parse::<i32>().ok().filter(|_| ours).and_then(rustix::process::Pid::from_raw)
    };
    let mut all = fs::read_dir("/proc").unwrap().flatten();
    let keeper = all.find_map(|it| keeper(it.file_name().to_str()?)).expect("a keeper");
    rustix::process::kill_process(keeper, rustix::process::Signal::KILL).unwrap();
    Clock::System.sleep(Duration::from_secs(1)).await;
    let status = bench.status();
    assert!(says(&status, "migrate of production is under way"), "{:#}", status["once"]);
    let vouch = ["rollout", "mark-done", "--once", "migrate", "--reason", "I looked", "--confirm", "migrate"];
    bench.refused("raj", &vouch);
    fs::remove_file(&slow).unwrap();
    let asks = |status: &serde_json::Value| {
        let first = status["needs_human"][0].as_str().unwrap_or_default();
        first.contains("migrate of production")
            && first.contains("keep-command) was ended by signal 9: it ran on")
    };
    bench.until("it has ended, and how is not known", asks);
    let both = ["forward migrate production 2.5.0 begins", "forward migrate done"];
    assert_eq!(log(&site), both, "nothing ran beside it");
}
