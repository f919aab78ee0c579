//! Drills with real servers: a cloud, then a region of nginx behind a real HAProxy is out of traffic for a while and comes
//! back, while users ask in front of them. What leaves is watched by HAProxy's own counters.

use std::{cell::RefCell, fs, process::Command};

use serde_json::Value;

use super::{
    clouds::{served, two_clouds},
    load::Load,
    site::Site,
};

/// A drill of this kind; its monitoring tool is a file that an alarm is written to.
fn with_drill(site: &Site, kind: &str) {
    let alarms = site.bench.path("alarms");
    let drill = format!(
        r#"
[checks.front]
http = "http://127.0.0.1:{}/"
[checks.pager]
exec = ["bash", "-c", "[[ $(tail -n 1 {}) > $0 ]]", "{{since}}"]

[drills.away]
{kind}
environment = "production"
lasts = "8s"
probe = "front"
interval = "250ms"
availability = "100%"
latency = "2s"
tools = ["pager"]
receipts = "60s"

[[stages]]"#,
        site.front,
        alarms.display(),
    );
    site.replace_in_plan("\n[[stages]]", &drill);
}

fn opened(site: &Site) {
    site.release("2.5.0", "db-5432");
    site.bench.says("dana", &["open", "2.5.0", "--at", "23:59"]);
    site.bench.until("every host is observed", |status| {
        status["hosts"].as_array().is_some_and(|hosts| hosts.iter().all(|host| host["observed"] == true))
    });
}

fn drill(site: &Site) -> Value {
    let out = site.bench.run(&["drill", "status", "away", "--json"]).stdout;
    serde_json::from_slice(&out).unwrap()
}

/// Until it is over, with users in front; what HAProxy gave to each host while it was out, and the attempt.
fn attempted(site: &Site, start: &[&str]) -> (Vec<u64>, Value) {
    let bench = &site.bench;
    let load = Load::on(site.front);
    bench.says("raj", start);
    let out = |status: &Value| {
        let words = status["looked_after"].to_string();
        words.contains("is out of traffic for 8 s")
    };
    bench.until("it is out", out);
    let before = served(site);
    // As its monitoring would.
    let now = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().unwrap().stdout;
    fs::write(bench.path("alarms"), now).unwrap();
    let (after, latest) = (RefCell::new(before.clone()), RefCell::new(before.clone()));
    bench.until("it is over", |status| {
        // What was counted before it was still out.
        let counted = std::mem::replace(&mut *latest.borrow_mut(), served(site));
        if out(status) {
            *after.borrow_mut() = counted;
        }
        assert_eq!(status["needs_human"].as_array().map(Vec::len), Some(0), "{status:#}");
        drill(site)["running"].is_null()
    });
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    let after = after.into_inner();
    let meanwhile = after.iter().zip(&before).map(|(after, before)| after - before).collect();
    let seen = drill(site);
    let attempt = seen["cases"][0]["attempts"][0].clone();
    assert_eq!(attempt["passed"], true, "{seen:#}");
    (meanwhile, attempt)
}

/// [O23] Under load: the other cloud is primary for a while, no request fails, and all is as before.
#[test]
fn a_cloud_is_secondary_for_a_while_under_load_and_no_request_fails() {
    let site = two_clouds("within = \"60s\"");
    with_drill(&site, "kind = \"secondary\"");
    opened(&site);
    let status = site.bench.status();
    let serves = |status: &Value| {
        (0..4).map(|at| status["hosts"][at]["pool"].as_str() == Some("in")).collect::<Vec<_>>()
    };
    let before = serves(&status);
    assert_eq!(before.iter().filter(|it| **it).count(), 2, "{status:#}");
    let (meanwhile, attempt) = attempted(&site, &["drill", "start", "away"]);
    for (host, requests) in meanwhile.iter().enumerate() {
        assert_eq!(before[host], *requests == 0, "web-0{}: {meanwhile:?}", host + 1);
    }
    assert_eq!(serves(&site.bench.status()), before);
    let shows = attempt["findings"][0]["shows"].as_str().unwrap();
    assert!(shows.contains("0 of the last") && shows.contains("primary meanwhile"), "{shows}");
    let record = site.bench.says("dana", &["report"]);
    assert!(record.contains("is out of traffic: 0 of"), "{record}");
}

/// [O24] The same with a region, in whose hours without much traffic it is not: refused, and begun with a reason.
#[test]
fn a_region_is_offline_for_a_while_under_load_and_no_request_fails() {
    let site = Site::new();
    site.replace_in_plan("{ name = \"web-03\"", "{ region = \"eu-2\", name = \"web-03\"");
    site.replace_in_plan("{ name = \"web-04\"", "{ region = \"eu-2\", name = \"web-04\"");
    site.replace_in_plan("\ndeadlines = ", "\ncapacity = { min_healthy = 2 }\ndeadlines = ");
    with_drill(&site, "kind = \"offline\"\nregion = \"eu-2\"");
    site.release("2.4.0", "db-5432");
    site.bench.to_go("2.4.0");
    site.bench.says("raj", &["start"]);
    site.bench.until("verified", |status| status["phase"] == "verified");
    site.bench.says("dana", &["close"]);
    opened(&site);
    let refused = site.bench.run(&["--as", "raj", "drill", "start", "away"]);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && words.contains("there is no traffic map that would say it"),
        "{words}"
    );
    let start = ["drill", "start", "away", "--outside-window", "the map is measured next week"];
    let (meanwhile, attempt) = attempted(&site, &start);
    assert!(meanwhile[0] > 0 && meanwhile[1] > 0 && meanwhile[2..] == [0, 0], "{meanwhile:?}");
    let shows = attempt["findings"][0]["shows"].as_str().unwrap();
    assert!(shows.starts_with("region eu-2 out for"), "{shows}");
    let record = site.bench.says("dana", &["report"]);
    assert!(
        record.contains("outside its hours") && record.contains("the map is measured next week"),
        "{record}"
    );
}
