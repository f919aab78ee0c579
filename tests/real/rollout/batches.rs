//! A rollout in batches against real servers.

use std::fs;

use super::{load::Load, site::Site};

/// One host first, then the rest, of which half may fail: the line goes on past the one whose self-test does not
/// pass, which stays out of traffic, and no request fails.
#[test]
fn a_batch_goes_on_without_the_host_that_may_fail_and_no_request_does() {
    let site = Site::new();
    site.replace_in_plan("deadlines = {", "capacity = { max_parallel = 2, min_healthy = 1 }\ndeadlines = {");
    let strategy = r#"strategy = { kind = "rolling", batches = [1, "100%"], failures = "50%" }"#;
    site.replace_in_plan("bake = \"1s\"", &format!("bake = \"1s\"\n{strategy}"));
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);

    site.release("2.5.0", "db-5432");
    fs::remove_file(bench.path("hosts").join("web-03").join("db-5432")).unwrap();
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    assert!(plan.contains("1 host: web-01; 1 at once, none may fail, lowest 3"), "{plan}");
    assert!(plan.contains("3 hosts: web-02, web-03, web-04; 2 at once, 1 may fail, lowest 2"), "{plan}");
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    // One of its hosts was let pass: that the release is well without it is a person's word.
    bench.until("ready", |status| status["stages"][0]["state"] == "ready");
    let promoted = bench.run(&["--as", "raj", "promote"]);
    assert_eq!(promoted.status.code(), Some(4), "PARTIAL is no success");
    let status = bench.until("verified", |status| status["phase"] == "verified");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    let host = |at: usize, what: &str| status["hosts"][at][what].clone();
    assert_eq!(
        (host(0, "runs"), host(1, "runs"), host(3, "runs")),
        ("2.5.0".into(), "2.5.0".into(), "2.5.0".into())
    );
    assert_eq!(
        (status["hosts"][2]["lane"]["state"].clone(), host(2, "pool")),
        ("failed".into(), "out".into())
    );
    let record = bench.says("dana", &["report"]);
    assert!(record.contains("went on without web-03: 1 of 3 failed, 1 may"), "{record}");
}
