//! All hosts stopped before one is deployed, against real servers under load.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use golive::clock::Clock;

use super::{load::ask, site::Site};

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
