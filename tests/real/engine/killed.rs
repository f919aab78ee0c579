//! kill -9 of a process whose engine is at work.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use golive::{
    clock::{Clock, block_for},
    domain::{
        effect::{Candidate, Effect, EffectId, Health, LaneStep, Outcome, Reported, Target, Work},
        plan::{Balancer, Plan},
    },
};

use super::fixture::{Bench, engine, local, plan, unit};

const CHILD: &str = "GOLIVE_TEST_ENGINE";
const LANE: [LaneStep; 5] =
    [LaneStep::Fetch, LaneStep::Stop, LaneStep::Install, LaneStep::Start, LaneStep::Alive];

fn shop() -> Plan {
    plan(local(&["{dir}/current/run", "{port}"]), Balancer::None, "dist/{version}", &[8081])
}

/// What the child does: rolls from one release to the other and back without end, and says so.
#[test]
fn child_that_rolls_until_it_is_killed() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let dir = Path::new(&dir);
    let releases: [Candidate; 2] =
        serde_json::from_slice(&fs::read(dir.join("releases.json")).unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (engine, mut reports) = engine(dir, shop(), Clock::System);
        for (attempt, want) in (1..).zip(releases.iter().cycle()) {
            for (number, step) in (0..).zip(LANE) {
                let id = EffectId { target: Target::Unit(unit("web-01")), attempt, step: number };
                let work =
                    Work::Step { unit: unit("web-01"), step, want: want.clone(), keep: releases.to_vec() };
                engine.start(Effect { id, work }, 1);
                let ended = reports.recv().await.unwrap().what;
                assert!(matches!(ended, Reported::Ended(Outcome::Done { .. })), "{ended:?}");
                // Not `println`: the harness would keep it.
                writeln!(std::io::stdout(), "done {}", step.word()).unwrap();
            }
        }
    });
}

/// The processes that lead a group and were started below the directory, but for those that write output down.
fn services(dir: &Path) -> Vec<i32> {
    let dir = dir.to_string_lossy().into_owned();
    let pids = fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let group: i32 = stat.rsplit(')').next()?.split_whitespace().nth(2)?.parse().ok()?;
        let line = String::from_utf8_lossy(&fs::read(entry.path().join("cmdline")).ok()?).into_owned();
        (pid == group && line.contains(&dir) && !line.contains("capture-output")).then_some(pid)
    })
    .collect()
}

/// Killed again and again at whatever instant: the next engine knows what runs, no process is forgotten or
/// started twice, and the lane can be gone through again.
#[tokio::test]
async fn an_engine_killed_at_any_instant_leaves_nothing_that_the_next_does_not_know() {
    let mut bench = Bench::new(|_| shop());
    let script = "while :; do sleep 0.2; done";
    let releases = [bench.release("1", script), bench.release("2", &format!("# other\n{script}"))];
    fs::write(bench.path("releases.json"), serde_json::to_vec(&releases).unwrap()).unwrap();
    for round in 0..16_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "engine::killed::child_that_rolls_until_it_is_killed", "--nocapture"])
            .env(CHILD, bench.dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        // Another step each round, and another instant in it.
        for _ in 0..=round % 7 {
            assert!(said.any(|line| line.unwrap().starts_with("done ")));
        }
        block_for(Duration::from_micros(round * 1_300 % 9_000));
        child.kill().unwrap();
        child.wait().unwrap();

        bench.reopen(shop());
        let seen = bench.probe("web-01", &releases[0]).await;
        let running = services(bench.dir.path());
        assert_eq!(running.len(), usize::from(seen.health == Health::Healthy), "round {round}: {seen:?}");
        let want = &releases[usize::from(round % 2 == 0)];
        bench.steps("web-01", &LANE, want).await;
        assert_eq!(services(bench.dir.path()), [bench.pid("web-01")], "round {round}");
        let seen = bench.probe("web-01", want).await;
        assert_eq!((seen.installed.as_ref(), seen.runs.as_ref()), (Some(want), Some(&want.version)));
        let left = fs::read_dir(bench.path("run/web-01/releases")).unwrap().flatten();
        let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().starts_with('.')), "{left:?}");
    }
}
