//! The local driver over real processes.

use std::{fs, process::Command};

use golive::{
    domain::{
        effect::{Candidate, Health, LaneStep, Outcome},
        plan::{Balancer, Driver, Plan},
    },
    engine::Live,
};

use super::fixture::{Bench, done, failed, live, local, plan, runs, until};

/// Runs until it is ended.
const SERVICE: &str = "echo serving on $2; exec sleep 1000";
const UP: [LaneStep; 5] =
    [LaneStep::Fetch, LaneStep::Install, LaneStep::Start, LaneStep::SelfTest, LaneStep::Alive];

fn shop() -> Plan {
    let start = ["{dir}/current/run", "--port", "{port}"];
    plan(local(&start), Balancer::None, "dist/{version}", &[8081])
}

fn bench() -> Bench {
    Bench::new(|_| shop())
}

fn log(bench: &Bench) -> String {
    fs::read_to_string(bench.path("run/web-01/output.log")).unwrap_or_default()
}

fn releases(bench: &Bench) -> Vec<String> {
    let entries = fs::read_dir(bench.path("run/web-01/releases")).unwrap().flatten();
    let mut names: Vec<_> =
        entries.filter(|e| e.path().is_dir()).map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_release_is_fetched_installed_started_and_replaced_by_the_next() {
    let mut bench = bench();
    let old = bench.release("2.4.1", SERVICE);
    bench.steps("web-01", &UP, &old).await;
    let first = bench.pid("web-01");
    until("it serves", || log(&bench).contains("serving on 8081")).await;
    let seen = bench.probe("web-01", &old).await;
    assert_eq!((seen.health, seen.installed), (Health::Healthy, Some(old.clone())));

    let new = bench.release("2.5.0", "echo new; exec sleep 1000");
    bench.steps("web-01", &[LaneStep::Fetch], &new).await;
    assert!(runs(first), "fetching touches nothing that runs");
    let (why, _) = failed(bench.step("web-01", LaneStep::Start, &new).await);
    assert!(why.contains("still runs 2.4.1: stop it first"), "{why}");
    bench.steps("web-01", &[LaneStep::Stop], &new).await;
    assert!(!runs(first));
    bench.steps("web-01", &UP[1..], &new).await;
    let seen = bench.probe("web-01", &new).await;
    assert_eq!(seen.runs.unwrap(), new.version);
    let current = fs::read_link(bench.path("run/web-01/current")).unwrap();
    assert_eq!(current.to_str().unwrap(), format!("releases/2.5.0-{}", new.digest.short()));
}

#[tokio::test]
async fn every_step_taken_twice_finds_that_there_is_nothing_to_do() {
    let mut bench = bench();
    let want = bench.release("2.5.0", SERVICE);
    bench.steps("web-01", &UP, &want).await;
    let pid = bench.pid("web-01");
    for (step, note) in [
        (LaneStep::Fetch, "is kept already"),
        (LaneStep::Install, "is installed already"),
        (LaneStep::Start, "runs already"),
    ] {
        let (said, _) = done(bench.step("web-01", step, &want).await);
        assert!(said.contains(note), "{said}");
    }
    assert_eq!(bench.pid("web-01"), pid);
    bench.steps("web-01", &[LaneStep::Stop], &want).await;
    assert_eq!(done(bench.step("web-01", LaneStep::Stop, &want).await).0, "was not running");
}

#[tokio::test]
async fn a_process_outlives_its_conductor_and_is_known_to_the_next() {
    let mut bench = bench();
    let want = bench.release("2.5.0", SERVICE);
    bench.steps("web-01", &UP, &want).await;
    let pid = bench.pid("web-01");
    bench.reopen(shop());
    assert_eq!(bench.probe("web-01", &want).await.health, Health::Healthy);
    bench.steps("web-01", &[LaneStep::Stop], &want).await;
    assert!(!runs(pid));
}

#[tokio::test]
async fn a_process_whose_id_was_not_written_down_in_time_is_found_all_the_same() {
    let mut bench = bench();
    let want = bench.release("2.5.0", SERVICE);
    bench.steps("web-01", &UP, &want).await;
    let pid = bench.pid("web-01");
    // As a conductor leaves it that is killed between making the process and noting its id.
    let note = bench.path("run/web-01/service.json");
    let mut value: serde_json::Value = serde_json::from_slice(&fs::read(&note).unwrap()).unwrap();
    value["process"] = serde_json::Value::Null;
    fs::write(&note, value.to_string()).unwrap();
    bench.reopen(shop());
    let (said, facts) = done(bench.step("web-01", LaneStep::Start, &want).await);
    assert_eq!((said.as_str(), facts["pid"].as_str()), ("runs already", pid.to_string().as_str()));
    bench.steps("web-01", &[LaneStep::Stop], &want).await;
    assert!(!runs(pid));
}

#[tokio::test]
async fn who_ignores_term_is_killed_after_the_timeout_with_all_children() {
    let mut bench = bench();
    let script = "trap '' TERM; sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & echo $! > child; \
                  echo ready; while :; do sleep 0.1; done";
    let want = bench.release("2.5.0", script);
    bench.steps("web-01", &UP, &want).await;
    until("the trap is set", || log(&bench).contains("ready")).await;
    let child = bench.path("run/web-01/current/child");
    let child: i32 = fs::read_to_string(child).unwrap().trim().parse().unwrap();
    assert!(runs(child));
    let (said, facts) = done(bench.step("web-01", LaneStep::Stop, &want).await);
    assert_eq!(
        (said.as_str(), facts["killed"].as_str()),
        ("killed: it did not end within 2 s of TERM", "yes")
    );
    assert!(!runs(child));
}

#[tokio::test]
async fn a_process_id_that_passed_to_somebody_else_is_not_signalled() {
    let mut bench = bench();
    let want = bench.release("2.5.0", SERVICE);
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install, LaneStep::Start], &want).await;
    bench.steps("web-01", &[LaneStep::Stop], &want).await;
    let mut stranger = Command::new("sleep");
    let mut stranger =
        std::os::unix::process::CommandExt::process_group(stranger.arg("1000"), 0).spawn().unwrap();
    let note = serde_json::json!({
        "candidate": want, "mark": "none", "process": {"pid": stranger.id(), "started": "another boot/1"}
    });
    fs::write(bench.path("run/web-01/service.json"), note.to_string()).unwrap();
    assert_eq!(done(bench.step("web-01", LaneStep::Stop, &want).await).0, "had ended already");
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger runs on");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn a_process_that_ends_fails_the_step_with_its_last_words() {
    let mut bench = bench();
    let want = bench.release("2.5.0", "echo cannot reach payments; exit 3");
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install], &want).await;
    let mut outcome = bench.step("web-01", LaneStep::Start, &want).await;
    // It may take a moment to end; until then it runs, and nothing else is declared that would tell.
    while let Outcome::Done { .. } = outcome {
        outcome = bench.step("web-01", LaneStep::Alive, &want).await;
    }
    let (why, evidence) = failed(outcome);
    assert!(why.contains("ended") && evidence.contains("cannot reach payments"), "{why}: {evidence}");
    assert_eq!(bench.probe("web-01", &want).await.health, Health::Sick);
}

#[tokio::test]
async fn what_a_process_writes_is_heard_while_the_step_runs_and_secrets_are_not() {
    let mut bench = bench();
    let script = "while :; do echo password=hunter2 and more; sleep 0.05; done";
    let want = bench.release("2.5.0", script);
    let mut heard = bench.engine.live();
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install, LaneStep::Start], &want).await;
    // Nothing listens on the port, so that this step waits.
    let mut checked = shop();
    let alive = super::fixture::http("http://{host}:{port}/");
    let alive = super::fixture::check("alive", golive::domain::plan::CheckKind::Http(alive));
    checked.checks.insert(alive.name.clone(), alive);
    bench
        .engine
        .replace_plan(std::sync::Arc::new(golive::domain::plan::Adopted::new(checked, String::new())));
    let id = bench.begin_step("web-01", LaneStep::Alive, &want);
    let line = live(&mut heard, |live| match live {
        Live::Output { step: Some(LaneStep::Alive), line, .. } => Some(line.clone()),
        _ => None,
    });
    assert_eq!(line.await, "password=[masked] and more");
    bench.engine.cancel(&id);
    assert_eq!(bench.end_of(&id).await, Outcome::Cancelled);
}

#[tokio::test]
async fn old_releases_go_but_never_the_installed_or_a_kept_one() {
    let mut bench = Bench::new(|_| {
        let mut plan = shop();
        for environment in plan.environments.values_mut() {
            if let Driver::Local { keep, .. } = &mut environment.driver {
                *keep = 1;
            }
        }
        plan
    });
    let mut all: Vec<Candidate> = Vec::new();
    for version in ["1", "2", "3"] {
        let release = bench.release(version, SERVICE);
        bench.steps("web-01", &[LaneStep::Fetch], &release).await;
        all.push(release);
    }
    assert_eq!(releases(&bench).len(), 3);
    // The oldest is installed, and by being asked for also kept.
    bench.steps("web-01", &[LaneStep::Install], &all[0]).await;
    let names: Vec<String> = releases(&bench);
    assert_eq!(names.iter().map(|name| &name[..1]).collect::<Vec<_>>(), ["1", "3"]);
}

#[tokio::test]
async fn the_watch_says_whether_the_way_back_is_there() {
    let mut bench = bench();
    let old = bench.release("2.4.1", SERVICE);
    bench.steps("web-01", &[LaneStep::Fetch], &old).await;
    let watch = bench.begin_watch(Some(&old));
    let seen = bench.seen("web-01", |_| true).await;
    assert_eq!((seen.kept, seen.health), (Some(true), Health::Sick));
    fs::remove_dir_all(bench.path(&format!("run/web-01/releases/2.4.1-{}", old.digest.short()))).unwrap();
    bench.seen("web-01", |seen| seen.kept == Some(false)).await;
    bench.engine.cancel(&watch);
    assert_eq!(bench.end_of(&watch).await, Outcome::Cancelled);
}
