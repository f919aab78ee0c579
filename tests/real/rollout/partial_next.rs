//! The go-live after a PARTIAL one, against real servers: a host is down from its beginning, and none is to spare.

use std::fs;

use super::site::Site;

/// The host that does not serve goes first, since it costs no capacity; left out, whoever looks reads which host lacks and
/// what brings it; and another capacity, adopted, lets the line go on.
#[test]
fn after_a_partial_go_live_the_line_never_waits_in_silence() {
    let site = Site::new();
    let strategy = r#"strategy = { kind = "rolling", batches = [1] }"#;
    site.replace_in_plan("bake = \"1s\"", &format!("bake = \"1s\"\n{strategy}"));
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);

    // The machine of web-04 loses its database: it fails its self-test whatever is deployed there.
    fs::remove_file(bench.path("hosts").join("web-04").join("db-5432")).unwrap();
    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    bench.says("raj", &["start"]);
    let calls = |status: &serde_json::Value| status["needs_human"].to_string();
    bench.until("web-04 failed", |status| calls(status).contains("web-04"));
    bench.says("raj", &["rollout", "exclude", "web-04", "--reason", "its disk", "--confirm", "web-04"]);
    bench.until("verified", |status| status["phase"] == "verified");
    assert_eq!(bench.run(&["--as", "dana", "close"]).status.code(), Some(4), "PARTIAL is no success");

    site.release("2.7.0", "db-5432");
    bench.to_go("2.7.0");
    bench.says("raj", &["start"]);
    let status = bench.until("web-04 failed again", |status| calls(status).contains("web-04"));
    let runs = |at: usize| status["hosts"][at]["runs"].clone();
    assert_eq!((runs(0), runs(1), runs(2)), ("2.5.0".into(), "2.5.0".into(), "2.5.0".into()));
    let record = bench.says("dana", &["report"]);
    assert!(record.contains("took web-04 first, in place of web-01"), "{record}");
    let versions = bench.says("raj", &["rollout", "versions"]);
    assert!(versions.contains("web-01") && versions.contains("2.5.0   2.7.0"), "{versions}");

    bench.says("raj", &["rollout", "exclude", "web-04", "--reason", "its disk", "--confirm", "web-04"]);
    let words = "waits for capacity: capacity 3 of 4, minimum 3; web-04 is left out";
    bench.until("it says what it waits for", |status| status["unwell"].to_string().contains(words));
    let status = bench.says("raj", &["status"]);
    let lift = "web-04 serving again, or another capacity in the plan (golive plan adopt)";
    assert!(status.contains(words) && status.contains(lift), "{status}");
    assert!(status.contains(&format!("next     capacity: {lift}")), "{status}");
    assert!(bench.refused("dana", &["continue"]).contains(lift));

    site.replace_in_plan("deadlines = {", "capacity = { max_unavailable = 2 }\ndeadlines = {");
    bench.says("dana", &["plan", "adopt"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    let runs = |at: usize| status["hosts"][at]["runs"].clone();
    assert_eq!((runs(0), runs(1), runs(2)), ("2.7.0".into(), "2.7.0".into(), "2.7.0".into()));
}
