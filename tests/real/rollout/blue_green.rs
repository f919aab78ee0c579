//! Two colours of real servers behind a real HAProxy, under load: no request fails, forward or back.

use super::{load::Load, site::Site};

/// Two hosts are blue and two green; the release before is live on all of them.
fn two_colours(soak: &str) -> Site {
    let site = Site::new();
    site.replace_in_plan("hosts = [{ name = \"web-01\"", "colours.blue = { hosts = [{ name = \"web-01\"");
    site.replace_in_plan("{ name = \"web-03\"", "] }\ncolours.green = { hosts = [{ name = \"web-03\"");
    site.replace_in_plan(", ]\ndriver", " ] }\ndriver");
    site.replace_in_plan(
        "[checks.smoke]",
        "[checks.orders]\nhttp = \"http://{host}:{port}/order\"\n[checks.smoke]",
    );
    let strategy =
        format!("strategy = {{ kind = \"blue-green\", validate = [\"orders\"], soak = \"{soak}\" }}");
    site.replace_in_plan("bake = \"1s\"", &format!("bake = \"1s\"\n{strategy}"));
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    let first = bench.says("raj", &["rollout", "plan"]);
    assert!(first.contains("none: a first deploy") && !first.contains("out of traffic"), "{first}");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);
    site
}

fn side<'a>(status: &'a serde_json::Value, colour: &str) -> &'a serde_json::Value {
    let sides = status["stages"][0]["sides"].as_array().unwrap();
    sides.iter().find(|side| side["colour"] == colour).unwrap()
}

fn runs(status: &serde_json::Value) -> Vec<&str> {
    (0..4).filter_map(|at| status["hosts"][at]["runs"].as_str()).collect()
}

/// [O51] One colour after the other, each out of traffic while it is changed: not one request fails.
#[test]
fn both_colours_are_changed_under_load_and_no_request_fails() {
    let site = two_colours("1s");
    let bench = &site.bench;
    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    for words in [
        "blue: bring the release to 2 hosts: web-01, web-02",
        "blue: out of traffic, 4 - 2 = 2 serve alone, minimum 2",
        "validate orders",
        "green: change without traffic, 2 at once",
        "green: back into traffic",
        "lowest on the way 2",
    ] {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert_eq!(runs(&status), ["2.5.0"; 4]);
    for colour in ["blue", "green"] {
        assert_eq!(side(&status, colour)["in_pool"], 2, "{status}");
    }
}

/// [O49] Every order of this release fails, and its side is asked for one before anybody else asks: nobody is served by
/// it, and it goes back without traffic.
#[test]
fn a_release_that_fails_its_test_end_to_end_serves_nobody() {
    let site = two_colours("1s");
    let bench = &site.bench;
    site.release("2.6.0", "db-5432");
    bench.to_go("2.6.0");
    let load = Load::asks(site.front, "/order");
    bench.says("raj", &["start"]);
    let status = bench.until("a failed validation", |status| {
        status["needs_human"].as_array().is_some_and(|it| !it.is_empty())
    });
    let why = status["needs_human"][0].as_str().unwrap();
    assert!(why.contains("orders") && why.contains("500"), "{why}");
    assert_eq!(side(&status, "blue")["in_pool"], 0, "{status}");
    assert_eq!(runs(&status), ["2.6.0", "2.6.0", "2.4.0", "2.4.0"]);
    assert_eq!(status["stages"][0]["rollback"]["switch"]["hosts"], 0, "{status}");
    bench.says("raj", &["rollback"]);
    let status = bench.until("rolled back", |status| status["phase"] == "rolled back");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert_eq!(runs(&status), ["2.4.0"; 4]);
}

/// While green is as it was, it serves all again at once, and blue is changed back without traffic.
#[test]
fn the_way_back_is_a_switch_and_no_request_fails_in_it() {
    let site = two_colours("1h");
    let bench = &site.bench;
    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let status = bench.until("the soak", |status| {
        status["stages"][0]["step"]["what"].as_str().is_some_and(|what| what.starts_with("soak"))
    });
    assert_eq!(runs(&status), ["2.5.0", "2.5.0", "2.4.0", "2.4.0"]);
    assert_eq!(
        (side(&status, "blue")["share"].as_u64(), side(&status, "green")["in_pool"].as_u64()),
        (Some(50), Some(2))
    );
    let switch = &status["stages"][0]["rollback"]["switch"];
    assert_eq!((switch["to"].as_str(), switch["hosts"].as_u64()), (Some("green"), Some(2)), "{switch}");
    bench.says("raj", &["rollback"]);
    let status = bench.until("rolled back", |status| status["phase"] == "rolled back");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert_eq!(runs(&status), ["2.4.0"; 4]);
    let record = bench.says("dana", &["report"]);
    assert!(
        record.contains("switched back: production is served by the side that was not changed alone"),
        "{record}"
    );
    assert!(
        !record.contains("drain of web-03") && !record.contains("drain of web-04"),
        "green was touched: {record}"
    );
}
