//! kill -9 of the conductor in the middle of real rollouts over the embedded fleet. Each time the next command
//! finds the record, probes what was in flight, and goes on.
//!
//! `GOLIVE_KILLS` says how often (20 unless said otherwise), `GOLIVE_SEED` when.

#![expect(clippy::print_stdout, reason = "the seed is what a failure is repeated with")]

use std::{collections::BTreeMap, time::Duration};

use golive::{clock::Clock, demo::fleet::Fleet};

use super::bench::Bench;
use crate::demo_ground::fleet;

const HOSTS: u16 = 6;

/// xorshift64: enough to pick instants, and the same again from the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The demo's plan, with one item and the seats of two people.
pub fn simple_plan(fleet: &Fleet) {
    let plan = fleet.plan_toml();
    let (head, rest) = plan.split_once("[poll]").unwrap();
    let (_, tail) = rest.split_once("[plan_b]").unwrap();
    let poll = "[poll]\nseats = [{ role = \"engineering\" }, { role = \"operations\" }]\n\n[plan_b]";
    let head = head.replace(r#"checklists = ["basic", "RELEASE.md"]"#, r#"checklists = ["ONE.md"]"#);
    let project = fleet.layout().project();
    std::fs::write(project.join("golive.toml"), format!("{head}{poll}{tail}")).unwrap();
    std::fs::write(project.join("ONE.md"), "# Before\n- [ ] support is told @operations\n").unwrap();
}

/// From opening to the start; nothing was done before, or everything was closed.
fn start(bench: &Bench, version: &str) {
    bench.to_go(version);
    bench.says("raj", &["start"]);
}

/// How often each host's process was started, as its own log says.
pub fn starts(fleet: &Fleet) -> BTreeMap<String, usize> {
    let hosts = std::fs::read_dir(fleet.layout().hosts()).unwrap().flatten();
    hosts
        .map(|host| {
            let log = std::fs::read_to_string(host.path().join("output.log")).unwrap_or_default();
            let count = log.lines().filter(|line| line.contains(" starts, port ")).count();
            (host.file_name().to_string_lossy().into_owned(), count)
        })
        .collect()
}

/// A host that was changed was started once for the way there and once for the way back; the others not at all.
/// (One that was turned round before it was started anew has only the way back.)
fn once_there_and_back(before: &BTreeMap<String, usize>, after: &BTreeMap<String, usize>, seed: u64) {
    for (host, after) in after {
        let more = after - before[host];
        assert!(more <= 2, "seed {seed}: {host} was started {more} times for one way there and back");
    }
}

/// One rollout with at most `kills` kills, to its end; how often it was killed.
async fn one_rollout(bench: &Bench, clock: &Clock, dice: &mut Dice, kills: u64, end: &str) -> u64 {
    let mut killed = 0;
    let mut turned = end != "rolled back";
    start(bench, "2.5.0");
    loop {
        clock.sleep(Duration::from_millis(50 + dice.roll(1500))).await;
        let status = bench.status();
        assert_eq!(status["needs_human"].as_array().map_or(0, Vec::len), 0, "{status:#}");
        if status["phase"] == end {
            for host in status["hosts"].as_array().unwrap() {
                assert_eq!(host["pool"], "in", "nobody is forgotten out of rotation: {host}");
            }
            return killed;
        }
        let touched = status["hosts"].as_array().unwrap().iter().any(|host| host["runs"] == "2.5.0");
        if touched && !turned {
            bench.says("raj", &["rollback"]);
            turned = true;
        }
        if killed < kills && kill_conductor(bench) {
            killed += 1;
            // The next conductor takes the session up; which command starts it does not matter.
            // (One that is just dying may still reset the connection.)
            let again =
                (0..20).map(|_| bench.run(&["conductor", "restart"])).find(|run| run.status.success());
            assert!(again.is_some(), "no conductor could be started again");
            println!("kill {killed} in phase {}, {}", status["phase"], status["stages"][0]["state"]);
        }
    }
}

fn kill_conductor(bench: &Bench) -> bool {
    let pid = bench.conductor().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL).is_ok())
}

/// The conductor is killed at random instants of real rollouts, there and back; each ends as it should, no
/// host is forgotten out of rotation, and no request fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conductor_killed_at_any_instant_resumes_to_a_right_end() {
    let seed = from_env("GOLIVE_SEED").unwrap_or(u64::from(std::process::id()) * 7919 + 1);
    let kills = from_env("GOLIVE_KILLS").unwrap_or(20);
    println!("seed {seed}: again with GOLIVE_SEED={seed}");
    let mut dice = Dice(seed | 1);
    let clock = Clock::System;
    let fleet = fleet(HOSTS, &[]).await;
    simple_plan(&fleet);
    let bench = Bench::over(fleet.layout().project());
    let (mut killed, mut rounds) = (0, 0);
    // There and back, until it was killed often enough; then there, to stay.
    while killed < kills {
        rounds += 1;
        let before = starts(&fleet);
        killed += one_rollout(&bench, &clock, &mut dice, (kills - killed).min(5), "rolled back").await;
        assert!(bench.status()["hosts"].as_array().unwrap().iter().all(|host| host["runs"] == "2.4.1"));
        once_there_and_back(&before, &starts(&fleet), seed);
        bench.says("dana", &["close"]);
    }
    let before = starts(&fleet);
    one_rollout(&bench, &clock, &mut dice, 2, "verified").await;
    for (host, after) in starts(&fleet) {
        assert_eq!(after - before[&host], 1, "seed {seed}: {host} was started once");
    }
    bench.says("dana", &["close"]);
    let traffic = fleet.traffic().unwrap();
    assert_eq!(traffic.failed, 0, "seed {seed}: {:?}", traffic.last_failures);
    let verified = bench.run(&["record", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    println!("{killed} kills, {rounds} rollouts and back, {} requests, 0 failed", traffic.sent);
    fleet.end().await.unwrap();
}
