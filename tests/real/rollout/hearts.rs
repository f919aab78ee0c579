//! Heartbeats of real servers: a process that is really killed closes its port, misses its beats, and is dead until it
//! answers again.

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    process::Command,
    sync::{Arc, Mutex},
};

use super::{
    drill::{Ended, drilled},
    site::Site,
};

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
    // All of it: a worker that is left would answer still.
    let group = format!("-{}", pid.trim());
    assert!(Command::new("kill").args(["-9", "--", &group]).status().unwrap().success());
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

/// A script that starts a server again, and says that it did so where it can't.
const REPAIR: &str = r#"date +%s.%N >> "$DIR/repairs-$GOLIVE_HOST"
[ -f "$DIR/broken" ] && { echo "started it"; exit 0; }
GOLIVE_VERB=start exec sh "$DIR/ops.sh"
"#;

/// Four real servers whose hosts golive repairs, and replaces where that did not help, by itself.
fn repaired(then: &str) -> Site {
    let site = drilled();
    let bench = &site.bench;
    let script = bench.path("repair.sh");
    let dir = script.parent().unwrap().to_str().unwrap().to_owned();
    fs::write(&script, REPAIR.replace("$DIR", &dir)).unwrap();
    let keys = format!(
        "\nheartbeat = {{ every = \"2s\", missed = 2 }}\nrepair = {{ run = [\"sh\", \"{}\"], timeout = \"3s\", cool_down = \"5s\"{then} }}\ndeadlines = ",
        script.display()
    );
    site.replace_in_plan("\ndeadlines = ", &keys);
    site.release("2.5.0", "db-5432");
    bench.says("dana", &["open", "2.5.0", "--at", "23:59"]);
    bench.until("every host is observed", |status| {
        status["hosts"].as_array().is_some_and(|hosts| hosts.iter().all(|host| host["observed"] == true))
    });
    site
}

/// The whole of it, workers too: it leads a group of its own.
fn killed(site: &Site, host: &str) {
    let pid = fs::read_to_string(site.bench.path("hosts").join(host).join("nginx.pid")).unwrap();
    let group = format!("-{}", pid.trim());
    assert!(Command::new("kill").args(["-9", "--", &group]).status().unwrap().success());
}

fn repairs(site: &Site, host: &str) -> Vec<f64> {
    let text = fs::read_to_string(site.bench.path(&format!("repairs-{host}"))).unwrap_or_default();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

/// [O14] A server that is really killed is late, dead, and started again by the team's own script: once, by golive itself.
#[test]
fn a_server_that_is_really_killed_is_repaired_by_a_script() {
    let site = repaired("");
    let _ended = Ended(&site);
    let bench = &site.bench;
    killed(&site, "web-02");
    let state = |status: &serde_json::Value, state: &str| status["hosts"][1]["heartbeat"]["state"] == state;
    bench.until("late", |status| state(status, "late"));
    let status = bench.until("repaired", |status| status["repairs"][0]["alive"] == true);
    assert!(state(&status, "alive"), "{status:#}");
    assert_eq!(repairs(&site, "web-02").len(), 1);
    let told = String::from_utf8(bench.run(&["repair"]).stdout).unwrap();
    assert!(told.contains("web-02 1 of 3") && told.contains("alive"), "{told}");
    let record = String::from_utf8(bench.run(&["record", "show"]).stdout).unwrap();
    assert!(record.contains("began automatic repair 1 of web-02, which is dead"), "{record}");
    // Suspended, nothing is done.
    bench.says("raj", &["repair", "suspend", "production", "--reason", "the rack is being moved"]);
    killed(&site, "web-03");
    let status = bench.until("dead", |status| status["hosts"][2]["heartbeat"]["state"] == "dead");
    assert!(
        status["looked_after"].to_string().contains("SUSPENDED by raj: the rack is being moved"),
        "{status:#}"
    );
    assert_eq!(repairs(&site, "web-03").len(), 0);
    bench.says("raj", &["repair", "resume", "production"]);
    bench.until("repaired", |status| status["hosts"][2]["heartbeat"]["state"] == "alive");
    assert_eq!(repairs(&site, "web-03").len(), 1);
}

/// [O15] A script that says it did and did not: after so many, each after the cool-down, the machine is replaced by a new one.
#[test]
fn a_server_that_repairs_do_not_help_is_really_replaced() {
    let site = repaired(", attempts = 2, then = \"replace\"");
    let _ended = Ended(&site);
    let bench = &site.bench;
    fs::write(bench.path("broken"), "").unwrap();
    killed(&site, "web-02");
    bench.until("it is a new machine", |status| {
        let made = fs::read_to_string(bench.path("machines-web-02")).unwrap_or_default();
        !made.is_empty() && status["hosts"][1]["heartbeat"]["state"] == "alive"
    });
    let at = repairs(&site, "web-02");
    assert!(at.len() == 2 && at[1] - at[0] >= 4.9, "{at:?}");
    let record = String::from_utf8(bench.run(&["record", "show"]).stdout).unwrap();
    assert!(
        record.contains("flagged web-02 for replacement: rule repair of production: 2 repairs did not help"),
        "{record}"
    );
    let made = |host: &str| fs::read_to_string(bench.path(&format!("machines-{host}"))).unwrap_or_default();
    assert!(made("web-01").is_empty() && made("web-03").is_empty());
}
