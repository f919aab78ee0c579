//! A new version while one is under way, against real servers under load: the earlier goes back first, and three
//! versions never serve together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{load::ask, site::Site};

#[test]
fn a_superseded_version_is_gone_before_the_next_one_serves_and_no_request_fails() {
    let site = Site::new();
    site.replace_in_plan("checklists = ", "second = \"superseding\"\nchecklists = ");
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);

    // On the first host its self-test passes, on the second it does not: both are touched, one serves it.
    site.release("2.5.0", "db-5433");
    site.release("2.7.0", "db-5432");
    bench.to_go("2.5.0");
    let (stop, port) = (Arc::new(AtomicBool::new(false)), site.front);
    let stops = stop.clone();
    let asking = std::thread::spawn(move || {
        let mut answers = Vec::new();
        while !stops.load(Ordering::Relaxed) {
            answers.push(ask(port, "/"));
            std::thread::park_timeout(Duration::from_millis(4));
        }
        answers
    });
    bench.says("raj", &["start"]);
    bench.until("the line is stopped", |status| !status["needs_human"].as_array().is_none_or(Vec::is_empty));
    let versions = bench.says("raj", &["rollout", "versions"]);
    assert!(versions.contains("R ROLL BACK: 2.4.0 on 2 hosts: web-02, web-01"), "{versions}");

    bench.to_go("2.7.0");
    let sessions = bench.says("dana", &["sessions"]);
    assert!(sessions.contains("superseded"), "{sessions}");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["version"] == "2.7.0" && status["phase"] == "verified");
    stop.store(true, Ordering::Relaxed);
    let answers = asking.join().unwrap();
    let failed: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(failed.is_empty(), "{failed:?} of {}", answers.len());
    let at = |version: &str| {
        let says = |answer: &Result<String, String>| answer.as_ref().is_ok_and(|body| body.contains(version));
        (answers.iter().position(says), answers.iter().rposition(says))
    };
    let (first, last) = (at("2.7.0").0, at("2.5.0").1);
    assert!(last.is_some() && last < first, "2.5.0 last answered as {last:?}, 2.7.0 first as {first:?}");
    bench.says("dana", &["close"]);
}
