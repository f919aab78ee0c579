//! All hosts stopped before one is deployed, against real servers under load.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use golive::clock::Clock;

use super::{
    load::ask,
    site::{HOSTS, Site},
};

/// When it was asked, and what answered.
type Answer = (u64, Option<String>);

/// Asks all the time, and keeps what came back and when (monotonic microseconds).
struct Answers {
    stop: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<Answer>>>,
    thread: JoinHandle<()>,
}

impl Answers {
    fn on(port: u16) -> Self {
        let (stop, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (stops, keeps) = (stop.clone(), seen.clone());
        let thread = std::thread::spawn(move || {
            while !stops.load(Ordering::Relaxed) {
                let at = Clock::System.read().monotonic;
                let answer = ask(port, "/").ok();
                keeps.lock().unwrap().push((at, answer));
                std::thread::park_timeout(Duration::from_millis(4));
            }
        });
        Self { stop, seen, thread }
    }

    /// Which versions answered, one after another; how many requests failed, and the time from the first to the last
    /// that did.
    fn end(self) -> (Vec<String>, usize, Duration) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        let mut versions: Vec<String> = seen.iter().filter_map(|(_, answer)| answer.clone()).collect();
        versions.dedup();
        let failed: Vec<u64> =
            seen.iter().filter(|(_, answer)| answer.is_none()).map(|(at, _)| *at).collect();
        let span = failed.last().zip(failed.first()).map_or(0, |(last, first)| last - first);
        (versions, failed.len(), Duration::from_micros(span))
    }
}

fn exclusive() -> Site {
    let site = Site::new();
    site.replace_in_plan("checklists = ", "versions = \"exclusive\"\nchecklists = ");
    site.replace_in_plan("bake = \"1s\"", "bake = \"1s\"\nstrategy = { kind = \"stop-all\" }");
    site.release("2.4.0", "db-5432");
    let bench = &site.bench;
    bench.to_go("2.4.0");
    // Nothing is there yet: nobody is stopped.
    let plan = bench.says("raj", &["rollout", "plan"]);
    assert!(plan.contains("none: a first deploy") && !plan.contains("DOWNTIME"), "{plan}");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);
    site
}

/// [K47] [K48] Requests fail only while it is DOWN, and for no longer than is measured; no two versions ever answer side
/// by side; the next time it is known how long it takes.
#[test]
fn requests_fail_only_in_the_downtime_that_is_named_and_measured_and_versions_are_not_mixed() {
    let site = exclusive();
    let bench = &site.bench;
    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    for words in
        ["DOWNTIME", "how long is unknown", "stop every host: DOWNTIME", "prove that every host is stopped"]
    {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    let answers = Answers::on(site.front);
    bench.says("raj", &["start"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    let (versions, failed, span) = answers.end();
    assert_eq!(versions, ["shop 2.4.0\n", "shop 2.5.0\n"], "versions were mixed");
    let downtime = &status["downtime"][0];
    assert_eq!(downtime["down"], false, "{downtime}");
    let measured = Duration::from_millis(downtime["lasted_ms"].as_u64().unwrap());
    assert!(failed > 0, "with all hosts stopped requests fail");
    // The last one may have been asked just before a host was back.
    assert!(span <= measured + Duration::from_millis(250), "{span:?} failed, {measured:?} measured");
    let report = bench.says("dana", &["report"]);
    for words in ["DOWNTIME, planned: ", "DOWNTIME of production began", "DOWNTIME of production ended after"]
    {
        assert!(report.contains(words), "{words}: {report}");
    }
    bench.says("dana", &["close"]);

    site.release("2.6.0", "db-5432");
    bench.to_go("2.6.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    assert!(plan.contains("about ") && plan.contains("(from 2 sessions)"), "{plan}");
}

/// [K48] A bad release: the way back stops all again before the old version is started, though a conductor is killed in
/// the middle of it.
#[test]
fn the_way_back_stops_all_again_and_a_killed_conductor_mixes_nothing() {
    let site = exclusive();
    let bench = &site.bench;
    // Only the first host reaches the new database.
    site.release("2.5.0", "db-5433");
    bench.to_go("2.5.0");
    let answers = Answers::on(site.front);
    bench.says("raj", &["start"]);
    // The first host serves, which ends the downtime, and the others need somebody.
    bench.until("a stop and its downtime over", |status| {
        status["needs_human"].as_array().is_some_and(|all| all.len() >= 3)
            && status["downtime"][0]["down"] == false
    });
    bench.says("raj", &["rollback"]);
    let pid = rustix::process::Pid::from_raw(bench.conductor().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let again = (0..20).map(|_| bench.run(&["conductor", "restart"])).find(|run| run.status.success());
    assert!(again.is_some(), "no conductor could be started again");
    let status = bench.until("a rollback", |status| status["phase"] == "rolled back");
    let (versions, ..) = answers.end();
    assert_eq!(versions, ["shop 2.4.0\n", "shop 2.5.0\n", "shop 2.4.0\n"], "versions were mixed");
    assert!((0..4).all(|at| status["hosts"][at]["runs"] == "2.4.0"), "{status}");
    assert!(
        status["downtime"][0]["total_ms"].as_u64() > status["downtime"][0]["lasted_ms"].as_u64(),
        "down twice"
    );
}

/// A process that golive did not start, and that answers as the one that it replaced would.
struct Stranger {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Stranger {
    /// What runs on this host is killed, and it takes its port.
    fn instead_of(site: &Site, at: usize) -> Self {
        let note = site.bench.path("hosts").join(HOSTS[at]).join("service.json");
        let note: serde_json::Value = serde_json::from_str(&fs::read_to_string(note).unwrap()).unwrap();
        let pid = note["process"]["pid"].as_i64().unwrap();
        assert!(Command::new("kill").args(["-9", "--", &format!("-{pid}")]).status().unwrap().success());
        let begun = Clock::System.read().monotonic;
        let listener = loop {
            match TcpListener::bind(("127.0.0.1", site.ports[at])) {
                Ok(listener) => break listener,
                Err(error) => assert!(Clock::System.read().monotonic - begun < 10_000_000, "{error}"),
            }
        };
        listener.set_nonblocking(true).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stops = stop.clone();
        let thread = std::thread::spawn(move || {
            while !stops.load(Ordering::Relaxed) {
                let Ok((mut stream, _)) = listener.accept() else {
                    std::thread::park_timeout(Duration::from_millis(4));
                    continue;
                };
                // Whoever asked may have gone.
                drop(stream.set_nonblocking(false));
                drop(stream.set_read_timeout(Some(Duration::from_secs(1))));
                drop(stream.read(&mut [0; 4096]));
                let body = r#"{"version":"0.0.2"}"#;
                let length = body.len();
                let answer =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
                drop(stream.write_all(answer.as_bytes()));
            }
        });
        Self { stop, thread }
    }

    fn ends(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

/// [K47] A process that golive did not start answers on a host: a stop-all is refused with its place, the way back says in
/// a shell what it would run beside, and counts that host as stopped only once it is gone.
#[test]
fn a_process_of_somebody_else_keeps_a_stop_all_from_its_start_and_its_way_back_says_it() {
    let site = exclusive();
    site.replace_in_plan("promote = \"automatic\"", "promote = \"human\"");
    let bench = &site.bench;
    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    let stranger = Stranger::instead_of(&site, 2);
    let unwell = |status: &serde_json::Value, words: &str| status.to_string().contains(words);
    bench.until("it is seen", |status| unwell(status, "something else answers there: 0.0.2"));
    let refused = bench.refused("raj", &["start"]);
    for words in
        ["something answers at web-03: 0.0.2", "golive did not start it", "ending it by hand on web-03"]
    {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    stranger.ends();
    bench.until("it is gone", |status| !unwell(status, "something else answers there"));
    bench.says("raj", &["start"]);
    bench.until("ready", |status| status["stages"][0]["state"] == "ready");

    let stranger = Stranger::instead_of(&site, 2);
    bench.until("it is seen", |status| unwell(status, "something else answers there: 0.0.2"));
    let run = bench.run(&["--as", "raj", "rollback"]);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let mixes = "rolling back starts 2.4.0 beside 0.0.2 at web-03, which golive did not start";
    assert!(said.contains(mixes), "{said}");
    let asks = |status: &serde_json::Value| {
        let first = status["needs_human"][0].as_str().unwrap_or_default();
        first.contains("web-03") && first.contains("something answers")
    };
    bench.until("it is not counted as stopped", asks);
    stranger.ends();
    bench.says("raj", &["rollout", "try", "web-03"]);
    let status = bench.until("rolled back", |status| status["phase"] == "rolled back");
    assert!((0..4).all(|at| status["hosts"][at]["runs"] == "2.4.0"), "{status}");
}
