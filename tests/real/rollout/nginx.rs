//! The main job against real servers.

use std::fs;

use super::{
    load::{Load, ask},
    site::{HOSTS, Site},
};

fn versions(status: &serde_json::Value) -> Vec<String> {
    let hosts = status["hosts"].as_array().unwrap();
    hosts.iter().map(|host| host["runs"].as_str().unwrap_or("-").to_owned()).collect()
}

fn is(phase: &str) -> impl Fn(&serde_json::Value) -> bool + '_ {
    move |status| status["phase"] == phase
}

/// First deploy, verified and closed.
fn first(site: &Site) {
    site.release("2.4.0", "db-5432");
    site.bench.to_go("2.4.0");
    let bench = &site.bench;
    let preview = bench.says("raj", &["rollout", "plan"]);
    assert!(preview.contains("no previous version"), "{preview}");
    bench.says("raj", &["start"]);
    bench.until("verified", is("verified"));
    bench.says("dana", &["close"]);
}

/// [W30] The first deploy says that there is nothing to go back to; then 2.4 → 2.5 rolls host by host with no failed
/// request; then a bad 2.6 fails its self-test on the second host, the line stops, and the rollback brings
/// everything back with no failed request.
#[test]
fn a_good_release_rolls_and_a_bad_one_is_rolled_back_without_a_failed_request() {
    let site = Site::new();
    let bench = &site.bench;
    first(&site);
    assert_eq!(ask(site.front, "/").unwrap(), "shop 2.4.0\n");

    site.release("2.5.0", "db-5432");
    site.bench.to_go("2.5.0");
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let status = bench.until("verified", is("verified"));
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert!(asked > 100, "steady load: {asked}");
    assert_eq!(versions(&status), ["2.5.0"; 4]);
    bench.says("dana", &["close"]);

    site.release("2.6.0", "db-5433");
    site.bench.to_go("2.6.0");
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let status = bench.until("somebody is needed", |status| {
        status["needs_human"].as_array().is_some_and(|n| !n.is_empty())
    });
    let said = status["needs_human"].to_string();
    assert!(said.contains("web-02") && said.contains("self-test"), "{said}");
    assert_eq!(versions(&status)[2..], ["2.5.0", "2.5.0"], "the line has stopped");
    bench.says("raj", &["rollback"]);
    let status = bench.until("rolled back", is("rolled back"));
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert_eq!(versions(&status), ["2.5.0"; 4]);
    bench.says("dana", &["close"]);
    let verified = bench.run(&["record", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// [W30] An artifact that is missing for the way back is said before anyone needs it.
#[test]
fn a_release_missing_for_rollback_is_said_beforehand() {
    let site = Site::new();
    first(&site);
    site.release("2.5.0", "db-5432");
    for host in &HOSTS[2..] {
        let releases = site.bench.path("hosts").join(host).join("releases");
        for file in fs::read_dir(releases).unwrap().flatten() {
            let page = file.path().join("conf/nginx.conf");
            if page.exists() {
                fs::write(page, "tampered").unwrap();
            }
        }
    }
    site.bench.to_go("2.5.0");
    let said = site.bench.says("raj", &["rollout", "plan"]);
    assert!(said.contains("kept on 2 of 4"), "{said}");
}

/// A real process that ends while its host settles is a failure now, not at the deadline in ten minutes; the line
/// stops, and the last words say how it ended.
#[test]
fn a_host_whose_process_dies_while_it_settles_stops_the_line_at_once() {
    let site = Site::new();
    site.replace_in_plan(
        r#"min_healthy_time = "500ms", healthy_deadline = "30s", progress_deadline = "60s""#,
        r#"min_healthy_time = "5m", healthy_deadline = "10m", progress_deadline = "20m""#,
    );
    site.release("2.4.0", "db-5432");
    site.bench.to_go("2.4.0");
    let bench = &site.bench;
    bench.says("raj", &["start"]);
    bench.until("web-01 settles", |status| status["hosts"][0]["lane"]["state"] == "settling");
    let service = fs::read_to_string(bench.path("hosts").join("web-01/service.json")).unwrap();
    let service: serde_json::Value = serde_json::from_str(&service).unwrap();
    let pid = service["process"]["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
    let pid = pid.and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process_group(pid, rustix::process::Signal::KILL).unwrap();
    let status = bench.until("somebody is needed", |status| {
        status["needs_human"].as_array().is_some_and(|n| !n.is_empty())
    });
    let said = status["needs_human"].to_string();
    assert!(said.contains("web-01") && said.contains("signal 9"), "{said}");
    assert_eq!(status["hosts"][1]["runs"], serde_json::Value::Null, "the line has stopped: {status:#}");
}

#[test]
fn with_the_balancer_gone_no_host_is_touched() {
    let mut site = Site::new();
    first(&site);
    site.release("2.5.0", "db-5432");
    site.bench.to_go("2.5.0");
    site.end_proxy();
    let before: Vec<String> = site.ports.iter().map(|port| ask(*port, "/").unwrap()).collect();
    let bench = &site.bench;
    let started = bench.run(&["--as", "raj", "start"]);
    if started.status.success() {
        bench.until("somebody is needed", |status| {
            status["needs_human"].as_array().is_some_and(|n| !n.is_empty())
        });
    }
    let after: Vec<String> = site.ports.iter().map(|port| ask(*port, "/").unwrap()).collect();
    assert_eq!(before, after);
    site.start_proxy();
}
