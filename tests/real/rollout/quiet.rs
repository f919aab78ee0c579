//! An environment without traffic behind a real HAProxy: one request is an alarm.

use super::{load::ask, site::Site};

/// [R12] Nobody but tests asks the hosts of alpha, and those ask them directly; one request through its balancer stops
/// the promotion, with the figure, until a person has lifted it.
#[test]
fn a_request_into_alpha_is_an_alarm_and_stays_one_until_somebody_lifts_it() {
    let site = Site::new();
    site.replace_in_plan(
        "[environments.production]",
        "[environments.alpha]\nkind = \"test\"\ntraffic = \"none\"",
    );
    site.replace_in_plan("environment = \"production\"", "environment = \"alpha\"");
    site.replace_in_plan(
        &format!("http = \"http://127.0.0.1:{}/\"", site.front),
        &format!("http = \"http://127.0.0.1:{}/\"", site.ports[0]),
    );
    site.replace_in_plan("promote = \"automatic\"", "promote = \"human\"");
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    let check = bench.says("dana", &["check"]);
    assert!(check.contains("every request that its balancer sends to a host is an alarm"), "{check}");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    let pipeline = |what: &str| {
        bench.until(what, |_| bench.says("raj", &["rollout", "pipeline"]).contains(what));
    };
    // Drained, changed, tested and taken back by all checks there are: none of that is traffic.
    bench.until("it waits for its promotion", |status| {
        status["stages"][0]["state"] == "ready" || !status["needs_human"].as_array().is_none_or(Vec::is_empty)
    });
    pipeline("traffic: 0 requests seen, as it should be");
    let body = ask(site.front, "/").unwrap();
    assert!(body.contains("shop 2.4.0"), "{body}");
    let status =
        bench.until("the alarm", |status| !status["needs_human"].as_array().is_none_or(Vec::is_empty));
    let why = status["needs_human"][0].as_str().unwrap();
    assert!(why.contains("alpha has no traffic: 1 request seen, most of them on web-0"), "{why}");
    let refused = bench.run(&["--as", "raj", "promote"]);
    let err = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && err.contains("1 request seen"), "{err}");
    // The alarm stands in the record, whoever conducts.
    bench.says("raj", &["conductor", "restart"]);
    let again = bench.run(&["--as", "raj", "promote"]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("1 request seen"));
    bench.says("raj", &["rollout", "lift-alarm", "alpha", "--reason", "a look by hand from the office"]);
    bench
        .until("nothing needs a human", |status| status["needs_human"].as_array().is_some_and(Vec::is_empty));
    pipeline("traffic: 0 requests seen, as it should be");
    bench.says("raj", &["promote"]);
    bench.until("verified", |status| status["phase"] == "verified");
}
