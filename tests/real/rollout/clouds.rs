//! Two clouds of real servers behind a real HAProxy: what stands by gets no request, the switch loses none, and it is
//! done when HAProxy's own counters say so.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
};

use serde_json::Value;

use super::{load::Load, site::Site};

/// Web-01 and web-02 are primary, web-03 and web-04 stand by; the release before is live on all of them.
pub(super) fn two_clouds(strategy: &str) -> Site {
    let site = Site::new();
    site.replace_in_plan(
        "hosts = [{ name = \"web-01\"",
        "clouds.a = { role = \"primary\", hosts = [{ name = \"web-01\"",
    );
    site.replace_in_plan(
        "{ name = \"web-03\"",
        "] }\nclouds.b = { role = \"secondary\", hosts = [{ name = \"web-03\"",
    );
    site.replace_in_plan(", ]\ndriver", " ] }\ndriver");
    site.replace_in_plan(
        "[checks.smoke]",
        "[checks.orders]\nhttp = \"http://{host}:{port}/order\"\n[checks.smoke]",
    );
    let strategy = format!("strategy = {{ kind = \"zero-downtime\", verify = [\"orders\"], {strategy} }}");
    site.replace_in_plan("bake = \"1s\"", &format!("bake = \"1s\"\n{strategy}"));
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);
    site
}

fn haproxy(site: &Site, command: &str) -> String {
    let mut socket = UnixStream::connect(site.socket()).unwrap();
    socket.write_all(format!("{command}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

/// How many sessions HAProxy has given to each host, by its own count.
pub(super) fn served(site: &Site) -> Vec<u64> {
    let all = haproxy(site, "show stat");
    let of = |host: &str| {
        let line = all.lines().find(|line| line.starts_with(&format!("shop,{host},"))).unwrap();
        line.split(',').nth(7).unwrap().parse().unwrap()
    };
    super::site::HOSTS.map(of).to_vec()
}

fn cloud<'a>(status: &'a Value, name: &str) -> &'a Value {
    let sides = status["stages"][0]["sides"].as_array().unwrap();
    sides.iter().find(|side| side["cloud"] == name).unwrap()
}

fn roles(status: &Value) -> [&str; 2] {
    ["a", "b"].map(|name| cloud(status, name)["role"].as_str().unwrap())
}

fn runs(status: &Value) -> Vec<&str> {
    (0..4).filter_map(|at| status["hosts"][at]["runs"].as_str()).collect()
}

fn at(status: &Value, what: &str) -> bool {
    status["stages"][0]["step"]["what"].as_str().is_some_and(|is| is.contains(what))
}

/// [O39] Under load: nothing is lost, what stands by gets nothing before the switch, and the shift is counted. The next
/// go-live begins with the cloud that stands by then.
#[test]
fn the_switch_under_load_loses_no_request_and_is_counted() {
    let site = two_clouds("pause = { before = [\"switch\"] }");
    let bench = &site.bench;
    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    for words in [
        "b: change without traffic, 2 hosts, 2 at once: web-03, web-04",
        "validate orders",
        "pause until somebody continues",
        "switch: b into traffic; a serves as well until all of it does",
        "switch: a out of traffic; refused unless all of b is well, minimum 2",
        "switch: done when traffic is seen at b and none at a",
        "a: change without traffic, 2 hosts, 2 at once: web-01, web-02; it stands by",
        "lowest on the way 2",
    ] {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    let before = served(&site);
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let status = bench.until("the pause", |status| at(status, "pause"));
    assert_eq!(runs(&status), ["2.4.0", "2.4.0", "2.5.0", "2.5.0"]);
    assert_eq!(roles(&status), ["primary", "secondary"]);
    let now = served(&site);
    assert_eq!(now[2..], before[2..], "what stands by was served nothing");
    assert!(now[0] > before[0] && now[1] > before[1], "{now:?}");
    bench.says("raj", &["continue"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert_eq!(runs(&status), ["2.5.0"; 4]);
    assert_eq!(roles(&status), ["secondary", "primary"]);
    assert_eq!(
        (cloud(&status, "a")["in_pool"].as_u64(), cloud(&status, "b")["share"].as_u64()),
        (Some(0), Some(100))
    );
    let record = bench.says("dana", &["report"]);
    assert!(record.contains("saw production served by cloud b instead of a"), "{record}");
    assert!(record.contains("there and none elsewhere"), "{record}");
    bench.says("dana", &["close"]);
    site.release("2.7.0", "db-5432");
    bench.to_go("2.7.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    assert!(plan.contains("switch: b out of traffic; refused unless all of a is well"), "{plan}");
}

/// A release of which every order fails: it takes over from nobody, and the primary is as it was.
#[test]
fn what_fails_its_test_gets_no_request() {
    let site = two_clouds("within = \"30s\"");
    let bench = &site.bench;
    site.release("2.6.0", "db-5432");
    bench.to_go("2.6.0");
    let before = served(&site);
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let status = bench.until("its test fails", |status| {
        status["needs_human"].as_array().is_some_and(|all| !all.is_empty())
    });
    assert!(status["needs_human"][0].as_str().unwrap().contains("orders"), "{status}");
    assert_eq!(runs(&status), ["2.4.0", "2.4.0", "2.6.0", "2.6.0"]);
    assert_eq!(served(&site)[2..], before[2..], "nobody was served by it");
    bench.says("raj", &["rollback"]);
    let status = bench.until("rolled back", |status| status["phase"] == "rolled back");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert_eq!(runs(&status), ["2.4.0"; 4]);
    assert_eq!(served(&site)[2..], before[2..], "nor on its way back");
    assert_eq!(roles(&status), ["primary", "secondary"]);
}

/// Nobody asks anything: that the balancer was told so is no shift. Put back by hand meanwhile, the old primary is taken
/// out again; then requests come, and it goes on.
#[test]
fn without_a_shift_that_was_seen_the_step_stays_open_and_says_so() {
    let site = two_clouds("within = \"3s\"");
    let bench = &site.bench;
    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    bench.says("raj", &["start"]);
    let status = bench.until("somebody is called", |status| {
        status["needs_human"].as_array().is_some_and(|all| !all.is_empty())
    });
    let words = status["needs_human"][0].as_str().unwrap();
    assert!(words.contains("traffic has not shifted for 3 s"), "{words}");
    assert_eq!(roles(&status), ["primary", "secondary"], "a is primary until it was seen");
    assert_eq!(runs(&status), ["2.4.0", "2.4.0", "2.5.0", "2.5.0"], "and is as it was");
    haproxy(&site, "set server shop/web-01 state ready");
    bench.until("it is taken out again", |_| {
        let record = bench.run(&["record", "export"]);
        String::from_utf8_lossy(&record.stdout).contains("rollout.put-back")
    });
    let load = Load::on(site.front);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert_eq!((runs(&status), roles(&status)), (vec!["2.5.0"; 4], ["secondary", "primary"]));
}

/// After the switch, before the old primary is changed, the way back is to switch to it; and HAProxy started anew while a
/// cloud stands by leaves it serving no longer than a look.
#[test]
fn the_way_back_is_a_switch_and_what_stands_by_stays_out_of_a_balancer_that_forgot() {
    let mut site = two_clouds("pause = { before = [\"switch\"], after = [\"switch\"] }");
    site.release("2.5.0", "db-5432");
    site.bench.to_go("2.5.0");
    site.bench.says("raj", &["start"]);
    site.bench.until("the first pause", |status| at(status, "pause"));
    // It knows nothing of who was taken out.
    site.end_proxy();
    site.start_proxy();
    site.bench.until("b is taken out again", |status| {
        cloud(status, "b")["in_pool"] == 0 && cloud(status, "a")["in_pool"] == 2 && {
            let record = site.bench.run(&["record", "export"]);
            String::from_utf8_lossy(&record.stdout).matches("rollout.put-back").count() >= 2
        }
    });
    let bench = &site.bench;
    let load = Load::on(site.front);
    bench.until("nothing is in the way", |status| {
        status["unwell"].as_array().is_none_or(Vec::is_empty)
            && bench.run(&["--as", "raj", "continue"]).status.success()
    });
    let status =
        bench.until("the second pause", |status| at(status, "pause") && roles(status)[1] == "primary");
    let switch = &status["stages"][0]["rollback"]["switch"];
    assert_eq!((switch["to"].as_str(), switch["hosts"].as_u64()), (Some("a"), Some(2)), "{switch}");
    bench.says("raj", &["rollback"]);
    let status = bench.until("rolled back", |status| status["phase"] == "rolled back");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert_eq!((runs(&status), roles(&status)), (vec!["2.4.0"; 4], ["primary", "secondary"]));
    let record = bench.says("dana", &["report"]);
    assert!(record.contains("saw production served by cloud a instead of b"), "{record}");
    assert!(!record.contains("install of web-01"), "a was not changed: {record}");
}
