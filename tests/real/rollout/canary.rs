//! A canary against real servers.

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    time::Duration,
};

use golive::clock::{Clock, block_for};

use super::{
    load::{Load, ask},
    site::Site,
};

/// How many of a hundred requests the first so many hosts serve while at least 400 are asked, by HAProxy's own counts.
fn served(site: &Site, hosts: usize) -> u64 {
    let before = requests(site);
    for _ in 0..400 {
        ask(site.front, "/").unwrap();
    }
    let now: Vec<u64> = requests(site).iter().zip(&before).map(|(now, before)| now - before).collect();
    let (part, all): (u64, u64) = (now[..hosts].iter().sum(), now.iter().sum());
    (100 * part + all / 2) / all
}

/// The requests that each host got since HAProxy began.
fn requests(site: &Site) -> Vec<u64> {
    let mut socket = UnixStream::connect(site.socket()).unwrap();
    socket.write_all(b"show stat\n").unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let at = header.iter().position(|name| *name == "stot").unwrap();
    let servers = text.lines().filter(|line| line.starts_with("shop,web-"));
    servers.map(|line| line.split(',').nth(at).unwrap().parse().unwrap()).collect()
}

/// The weights that HAProxy has; none: it does not answer, as while it starts.
fn weights_now(site: &Site) -> Option<Vec<String>> {
    let mut socket = UnixStream::connect(site.socket()).ok()?;
    socket.write_all(b"show servers state shop\n").ok()?;
    let mut text = String::new();
    socket.read_to_string(&mut text).ok()?;
    let header = text.lines().find_map(|line| line.strip_prefix("# "))?;
    let at = header.split_whitespace().position(|name| name == "srv_uweight")?;
    let servers = text.lines().filter(|line| line.contains(" shop "));
    servers.map(|line| line.split_whitespace().nth(at).map(str::to_owned)).collect()
}

/// The weights that HAProxy has.
#[track_caller]
fn weights(site: &Site) -> Vec<String> {
    weights_now(site).expect("HAProxy answers")
}

/// Says one thing to HAProxy, as whoever operates it.
fn operate(site: &Site, words: &str) {
    let mut socket = UnixStream::connect(site.socket()).unwrap();
    socket.write_all(format!("{words}\n").as_bytes()).unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).unwrap();
    assert_eq!(text.trim(), "", "{words}");
}

/// HAProxy holds these weights, within half a minute.
#[track_caller]
fn holds(site: &Site, told: &[String]) {
    let begun = Clock::System.read().monotonic;
    loop {
        let held = weights_now(site);
        if held.as_deref() == Some(told) {
            return;
        }
        block_for(Duration::from_millis(50));
        let waited = Clock::System.read().monotonic - begun;
        assert!(waited < 30_000_000, "{held:?} instead of {told:?}: {:#}", site.bench.status());
    }
}

/// HAProxy has other weights than it was told, since somebody set them by hand, or since it was killed and started anew:
/// it is told again within a few looks, `status` says so, nobody is called, and the release goes on.
#[test]
fn weights_that_haproxy_has_lost_are_told_again() {
    let mut site = Site::new();
    site.replace_in_plan("deadlines = {", "capacity = { max_parallel = 2, min_healthy = 2 }\ndeadlines = {");
    let strategy = r#"strategy = { kind = "canary", steps = [{ weight = 10 }, { pause = "human" }] }"#;
    site.replace_in_plan("bake = \"1s\"", &format!("bake = \"1s\"\n{strategy}"));
    site.release("2.4.0", "db-5432");
    site.bench.to_go("2.4.0");
    site.bench.says("raj", &["start"]);
    site.bench.until("verified", |status| status["phase"] == "verified");
    site.bench.says("dana", &["close"]);
    site.release("2.5.0", "db-5432");
    site.bench.to_go("2.5.0");
    site.bench.says("raj", &["start"]);
    site.bench.until("a pause", |status| status["next"] == "continue");
    let told = weights(&site);
    assert!(told.iter().any(|weight| weight != "100"), "{told:?}");

    // In one go, so that no look comes between two of them.
    let servers = ["web-01", "web-02", "web-03", "web-04"];
    operate(&site, &servers.map(|server| format!("set server shop/{server} weight 100")).join("; "));
    let lost = |status: &serde_json::Value| status["stages"][0]["step"]["lost"].clone();
    let status = site.bench.until("lost, and told again", |status| lost(status)["told_again"] == true);
    assert_eq!((&lost(&status)["times"], &lost(&status)["gave"]), (&1.into(), &2500.into()), "{status:#}");
    assert_eq!(weights(&site), told);
    let said = site.bench.says("raj", &["status"]);
    assert!(said.contains("ago (it gave 25.00 %): told again, and it holds"), "{said}");

    site.end_proxy();
    site.start_proxy();
    holds(&site, &told);
    let well = |status: &serde_json::Value| {
        status["needs_human"].as_array().unwrap().is_empty() && status["next"] == "continue"
    };
    site.bench.until("nobody is called", well);
    site.bench.says("raj", &["continue"]);
    site.bench.until("verified", |status| status["phase"] == "verified");
    assert_eq!(weights(&site), ["100"; 4], "not as configured");
}

/// A tenth of the requests, by the weights of HAProxy, a pause, half of them, and the rest once a person says so: no
/// request fails, what is served is what was asked for, and HAProxy's weights are as configured in the end.
#[test]
fn a_canary_goes_from_share_to_share_and_no_request_fails() {
    let site = Site::new();
    site.replace_in_plan("deadlines = {", "capacity = { max_parallel = 2, min_healthy = 2 }\ndeadlines = {");
    let steps = r#"[{ weight = 10 }, { pause = "human" }, { pause = "3s" }, { validate = ["smoke"] }, { weight = "50%" }, { pause = "human" }]"#;
    let strategy = format!(r#"strategy = {{ kind = "canary", steps = {steps} }}"#);
    site.replace_in_plan("bake = \"1s\"", &format!("bake = \"1s\"\n{strategy}"));
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    // With nothing beside it there is nothing to share with.
    let first = bench.says("raj", &["rollout", "plan"]);
    assert!(first.contains("none: a first deploy") && !first.contains("pause"), "{first}");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);

    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    for words in
        ["10 %: 1 host: web-01", "pause 3 s", "validate smoke", "50 %: 1 host: web-02", "100 %: 2 hosts"]
    {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let paused = bench.until("the first pause", |status| status["next"] == "continue");
    assert_eq!(paused["stages"][0]["step"]["at"], 2, "{paused:#}");
    let share = served(&site, 1);
    assert!((8..=12).contains(&share), "{share} of 100 served by the new version");
    let counted =
        bench.until("counted requests", |status| status["stages"][0]["step"]["served"]["of"].is_u64());
    let told = &counted["stages"][0]["step"]["served"];
    assert_eq!(told["off"], false, "{told}");
    bench.says("raj", &["continue"]);
    bench.until("the next share", |status| status["stages"][0]["step"]["at"].as_u64() > Some(4));
    let status = bench.until("a pause", |status| status["next"] == "continue");
    let share = served(&site, 2);
    assert!((46..=54).contains(&share), "{share} of 100 served by the new version");
    let runs: Vec<&str> = (0..4).filter_map(|at| status["hosts"][at]["runs"].as_str()).collect();
    assert_eq!(runs, ["2.5.0", "2.5.0", "2.4.0", "2.4.0"]);
    bench.says("raj", &["continue"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert!((0..4).all(|at| status["hosts"][at]["runs"] == "2.5.0"), "{status}");
    let weights: BTreeSet<String> = weights(&site).into_iter().collect();
    assert_eq!(weights, BTreeSet::from(["100".to_owned()]), "not as configured");
    let report = bench.says("dana", &["report"]);
    assert!(report.contains("set the shares of production: 10 % for 1 of 4 hosts"), "{report}");
    for words in [
        "step 3 of 7 of production: pause 3 s",
        "step 4 of 7 of production: validate smoke",
        "100 % (batch 3)",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
}
