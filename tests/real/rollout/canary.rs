//! A canary against real servers.

use super::{load::Load, site::Site};

/// A quarter of the hosts, a pause, half of them, and the rest once a person says so: no request fails, the new version
/// serves just as many hosts as its share while it waits, and nobody can shorten a pause.
#[test]
fn a_canary_goes_from_share_to_share_and_no_request_fails() {
    let site = Site::new();
    site.replace_in_plan("deadlines = {", "capacity = { max_parallel = 2, min_healthy = 2 }\ndeadlines = {");
    let steps = r#"[{ weight = 25 }, { pause = "3s" }, { validate = ["smoke"] }, { weight = "50%" }, { pause = "human" }]"#;
    let strategy = format!(r#"strategy = {{ kind = "canary", steps = {steps} }}"#);
    site.replace_in_plan("bake = \"1s\"", &format!("bake = \"1s\"\n{strategy}"));
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("a pause", |status| status["next"] == "continue");
    bench.says("raj", &["continue"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);

    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    for words in
        ["25 %: 1 host: web-01", "pause 3 s", "validate smoke", "50 %: 1 host: web-02", "100 %: 2 hosts"]
    {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let status = bench.until("a pause", |status| status["next"] == "continue");
    let runs: Vec<&str> = (0..4).filter_map(|at| status["hosts"][at]["runs"].as_str()).collect();
    assert_eq!(runs, ["2.5.0", "2.5.0", "2.4.0", "2.4.0"]);
    bench.says("raj", &["continue"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert!((0..4).all(|at| status["hosts"][at]["runs"] == "2.5.0"), "{status}");
    let report = bench.says("dana", &["report"]);
    for words in [
        "step 2 of 6 of production: pause 3 s",
        "step 3 of 6 of production: validate smoke",
        "100 % (batch 3)",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
}
