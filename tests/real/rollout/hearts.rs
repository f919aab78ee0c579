//! Heartbeats of real servers: a process that is really killed closes its port, misses its beats, and is dead until it
//! answers again.

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    process::Command,
    sync::{Arc, Mutex},
};

use super::site::Site;

/// [O13] The check "alive" by TCP: a closed port is a missed beat.
#[test]
fn a_server_that_is_really_killed_misses_its_beats_and_is_dead() {
    let site = Site::new();
    site.replace_in_plan(
        "http = \"http://{host}:{port}/is_alive\"\nversion_pointer = \"/version\"",
        "tcp = \"{host}:{port}\"",
    );
    site.replace_in_plan("\ndeadlines = ", "\nheartbeat = { every = \"2s\", missed = 3 }\ndeadlines = ");
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    assert_eq!(status["hosts"][1]["heartbeat"]["state"], "alive", "{status:#}");
    let pid = fs::read_to_string(bench.path("hosts").join("web-02/tmp/nginx.pid")).unwrap();
    assert!(Command::new("kill").args(["-9", pid.trim()]).status().unwrap().success());
    let state = |status: &serde_json::Value, state: &str| status["hosts"][1]["heartbeat"]["state"] == state;
    bench.until("late", |status| state(status, "late"));
    let status = bench.until("dead", |status| state(status, "dead"));
    assert!(status["hosts"][1]["heartbeat"]["missed"].as_u64() >= Some(3), "{status:#}");
    assert_eq!(status["hosts"][0]["heartbeat"]["state"], "alive");
    assert!(status["unwell"].to_string().contains("web-02 is DEAD, no beat for "), "{status:#}");
}

/// [O13] By what it says first, as an ssh server does: a port at which something else answers is a missed beat.
#[test]
fn a_server_that_says_something_else_first_misses_its_beats() {
    let site = Site::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let greeting = Arc::new(Mutex::new("SSH-2.0-OpenSSH_9.9\r\n"));
    let said = greeting.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever asked has heard enough, or has gone.
            drop((&stream).write_all(said.lock().unwrap().as_bytes()));
        }
    });
    site.replace_in_plan(
        "http = \"http://{host}:{port}/is_alive\"\nversion_pointer = \"/version\"",
        &format!("tcp = \"{{host}}:{port}\"\nbanner = \"SSH-2.0\""),
    );
    site.replace_in_plan("\ndeadlines = ", "\nheartbeat = { every = \"2s\", missed = 2 }\ndeadlines = ");
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    *greeting.lock().unwrap() = "220 mail.example ESMTP\r\n";
    let dead = |status: &serde_json::Value| status["hosts"][2]["heartbeat"]["state"] == "dead";
    let status = bench.until("dead", dead);
    let what = status["unwell"][0]["what"].as_str().unwrap();
    assert!(what.contains("220 mai") && what.contains("web-0"), "{what}");
}
