//! Somebody makes a host ready in a real HAProxy while it is being deployed to: it is taken out again beside that.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
};

use golive::clock::Clock;

use super::{load::Load, site::Site};

/// Asks HAProxy's own socket.
fn haproxy(site: &Site, command: &str) -> String {
    let mut socket = UnixStream::connect(site.socket()).unwrap();
    socket.write_all(format!("{command}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

/// Whether HAProxy holds the server back because it was told to: drained, or in maintenance.
fn taken_out(site: &Site, server: &str) -> bool {
    let states = haproxy(site, "show servers state shop");
    let line = states.lines().find(|line| line.split(' ').nth(3) == Some(server)).unwrap();
    let admin: u32 = line.split(' ').nth(6).unwrap().parse().unwrap();
    admin != 0
}

/// [W22] Nothing listens on the host that is put back. It is taken out again within a look and a bit, its lane goes on,
/// the record says so, and no request fails.
#[test]
fn a_host_made_ready_by_hand_while_it_is_deployed_to_is_out_again_within_a_look() {
    let mut site = Site::new();
    site.end_proxy();
    site.retries = 3;
    site.start_proxy();
    // It starts once the gate is gone.
    site.replace_in_plan(
        r#"start = ["nginx", "-p", "{dir}/current/", "-c", "conf/nginx.conf"]"#,
        r#"start = ["sh", "-c", "while [ -e {dir}/gate ]; do sleep 0.1; done; exec nginx -p {dir}/current/ -c conf/nginx.conf"]"#,
    );
    let bench = &site.bench;
    for version in ["2.4.0", "2.5.0"] {
        site.release(version, "db-5432");
    }
    site.bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);

    site.bench.to_go("2.5.0");
    let gate = bench.path("hosts").join("web-01/gate");
    std::fs::write(&gate, "").unwrap();
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    bench.until("web-01 starts", |status| status["hosts"][0]["lane"]["step"] == "self-test");
    assert!(taken_out(&site, "web-01"));
    for times in 1..=2 {
        let answer = haproxy(&site, "set server shop/web-01 state ready");
        assert_eq!(answer.trim(), "", "it is accepted");
        assert!(!taken_out(&site, "web-01"));
        let begun = Clock::System.read().monotonic;
        while !taken_out(&site, "web-01") {
            let waited = Clock::System.read().monotonic - begun;
            assert!(waited < 10_000_000, "still in the pool:\n{}", haproxy(&site, "show servers state shop"));
        }
        let took = Clock::System.read().monotonic - begun;
        // A look comes every two seconds; a busy machine may be late with it.
        assert!(took < 6_000_000, "{took} µs");
        bench.until("it is on record", |_| {
            let record = bench.run(&["record", "export"]);
            String::from_utf8_lossy(&record.stdout).matches("rollout.put-back").count() == times
        });
        // What took it out has ended before it is put back once more.
        bench.until("nothing is wrong", |status| status["unwell"].as_array().is_none_or(Vec::is_empty));
    }
    let status = bench.status();
    assert_eq!(status["hosts"][0]["lane"]["step"], "self-test", "its lane goes on: {status:#}");
    assert!(status["needs_human"].as_array().is_none_or(Vec::is_empty), "{status:#}");
    std::fs::remove_file(gate).unwrap();
    let status = bench.until("verified", |status| status["phase"] == "verified");
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    for host in status["hosts"].as_array().unwrap() {
        assert_eq!(host["runs"], "2.5.0", "{status:#}");
    }
    bench.says("dana", &["close"]);
}
