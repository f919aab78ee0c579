//! Commands of the team's: bounded in time and ended as a group.

use std::{collections::BTreeMap, fs, time::Duration};

use golive::{
    clock::Clock,
    domain::{
        effect::{Candidate, LaneStep, Outcome, Reported, Target},
        name::{ComponentName, Digest},
        plan::{Balancer, Check, CheckKind, Component, Driver, ExecVerb, FailureMode, Own, Plan, Tier, Verb},
        time::Span,
    },
    engine::Live,
};

use super::fixture::{Bench, check, done, failed, live, plan, runs, template, templates, unit, until, with};

/// Starts a child that outlives it, writes the child's id down, and never ends by itself.
const HANGS: &str = "sleep 1000 & echo $! > child; echo waiting; wait; sleep 1000";

fn exec(verbs: &[(Verb, &str)]) -> Driver {
    let verb = |script: &str| ExecVerb {
        argv: templates(&["sh", "-c", script]),
        timeout: Span::secs(10),
        env: BTreeMap::new(),
        repeatable: true,
    };
    Driver::Exec { verbs: verbs.iter().map(|(name, script)| (*name, verb(script))).collect(), dir: None }
}

fn hanging(timeout: Span) -> Bench {
    let argv = templates(&["sh", "-c", HANGS]);
    let hangs = check("probe", CheckKind::Exec { argv, dir: None, env: BTreeMap::new() });
    Bench::new(|_| with(plan(exec(&[]), Balancer::None, "dist", &[1]), Check { timeout, ..hangs }))
}

fn child(bench: &Bench) -> Option<i32> {
    fs::read_to_string(bench.path("child")).ok()?.trim().parse().ok()
}

#[tokio::test]
async fn a_command_out_of_time_is_ended_with_its_children() {
    let mut bench = hanging(Span::secs(2));
    match bench.check("probe").await {
        Outcome::Inconclusive { why } => assert_eq!(why, "was not done within 2 s, so it decided nothing"),
        other => panic!("{other:?}"),
    }
    let child = child(&bench).unwrap();
    until("the child ends", || !runs(child)).await;
}

#[tokio::test]
async fn a_cancelled_command_is_ended_with_its_children_and_reported_once() {
    let mut bench = hanging(Span::secs(60));
    let id = bench.begin_check("probe");
    until("the child runs", || child(&bench).is_some_and(runs)).await;
    bench.engine.cancel(&id);
    bench.engine.cancel(&id);
    assert_eq!(bench.end_of(&id).await, Outcome::Cancelled);
    let child = child(&bench).unwrap();
    until("the child ends", || !runs(child)).await;
    assert!(bench.quiet());
}

/// What it leaves running keeps its output open, and writes for ever.
#[tokio::test]
async fn a_command_that_has_ended_is_done_whatever_it_left_running_writes() {
    let left = "(while :; do echo noise; sleep 0.1; done) & echo $! > child; exit 0";
    let mut bench = Bench::new(|_| plan(exec(&[(Verb::Stop, left)]), Balancer::None, "dist/{version}", &[1]));
    let want = bench.release("2.5.0", "true");
    let ended = bench.step("web-01", LaneStep::Stop, &want).await;
    let child = child(&bench).and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(child, rustix::process::Signal::KILL).unwrap();
    done(ended);
}

/// A component's own driver may name variables that don't sound secret: what they hold is as little shown.
#[tokio::test]
async fn what_a_components_own_driver_is_told_by_a_variable_is_not_shown() {
    let stop = ExecVerb {
        argv: templates(&["sh", "-c", "echo it is $PLACE"]),
        timeout: Span::secs(10),
        env: BTreeMap::from([("PLACE".to_owned(), template("env:PATH"))]),
        repeatable: true,
    };
    let own = Own {
        driver: Some(Driver::Exec { verbs: BTreeMap::from([(Verb::Stop, stop)]), dir: None }),
        ..Own::default()
    };
    let component = |name: &str, own: Own| {
        let name: ComponentName = name.parse().unwrap();
        let (owner, depends, external) = (None, Vec::new(), false);
        let (tier, failure) = (Tier::CRITICAL, FailureMode::default());
        (name.clone(), Component { name, tier, owner, failure, depends, external, own })
    };
    let components = [component("shop", own), component("worker", Own::default())];
    let mut bench = Bench::new(|_| Plan {
        components: BTreeMap::from(components),
        ..plan(exec(&[]), Balancer::None, "dist/{version}", &[1])
    });
    let want = bench.release("2.5.0", "true");
    let (note, _) = done(bench.step("web-01", LaneStep::Stop, &want).await);
    let path = std::env::var("PATH").unwrap();
    assert!(note.starts_with("it is ") && !note.contains(&path), "{note}");
}

/// Notes that it was told to end, and does not.
const STUBBORN: &str = "trap 'echo . >> told' TERM; echo . >> up; while :; do sleep 1000 & wait $!; done";

/// The first host of a way back is free before the last of two hundred is told.
#[tokio::test]
async fn of_many_that_are_cancelled_a_few_are_told_at_a_time_and_who_does_not_end_holds_up_nobody_for_long() {
    let (clock, time) = Clock::fake();
    let driver = exec(&[(Verb::Stop, STUBBORN)]);
    let mut bench = Bench::with_clock(clock, plan(driver, Balancer::None, "dist/{version}", &[1; 12]));
    let want = bench.release("2.5.0", "true");
    let ids: Vec<_> =
        (1..=12).map(|n| bench.begin_step(&format!("web-{n:02}"), LaneStep::Stop, &want)).collect();
    let [up, told] = ["up", "told"].map(|name| bench.path(name));
    let lines = |path| fs::read_to_string(path).map_or(0, |text| text.lines().count());
    until("all run", || lines(&up) == 12).await;
    for id in &ids {
        bench.engine.cancel(id);
    }
    until("some are told", || lines(&told) >= 8).await;
    assert_eq!(lines(&told), 8);
    time.advance(Duration::from_millis(20));
    until("all are told", || lines(&told) == 12).await;
    let ends = async {
        for _ in &ids {
            assert_eq!(bench.report().await.what, Reported::Ended(Outcome::Cancelled));
        }
    };
    // Until patience with all of them is at its end.
    let time_goes_on = async {
        loop {
            time.advance(Duration::from_millis(100));
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = ends => {}
        () = time_goes_on => {}
    }
}

#[tokio::test]
async fn the_same_effect_started_twice_is_carried_out_once() {
    let driver = exec(&[(Verb::Stop, "echo once >> count")]);
    let mut bench = Bench::new(|_| plan(driver, Balancer::None, "dist/{version}", &[1]));
    let want = bench.release("2.5.0", "true");
    let id = bench.begin_step("web-01", LaneStep::Stop, &want);
    let work = golive::domain::effect::Work::Step {
        unit: unit("web-01"),
        step: LaneStep::Stop,
        want: want.clone(),
        keep: Vec::new(),
    };
    let again = golive::domain::effect::Effect { id: id.clone(), work };
    bench.engine.start(again.clone(), 1);
    done(bench.end_of(&id).await);
    bench.engine.start(again, 1);
    // Another effect of the target comes after everything that was started for it before.
    done(bench.step("web-01", LaneStep::Stop, &want).await);
    assert_eq!(fs::read_to_string(bench.path("count")).unwrap(), "once\nonce\n");
}

#[tokio::test]
async fn the_exec_driver_runs_the_verbs_and_checks_what_they_did() {
    let observe =
        r#"[ -f installed ] && printf '{{"version": "%s", "healthy": true}}' "$(cat installed)" || true"#;
    let install =
        r#"test -f "$GOLIVE_ARTIFACT/run" && echo "$GOLIVE_VERSION" > installed && echo put in place"#;
    let driver = exec(&[
        (Verb::Observe, observe),
        (Verb::Install, install),
        (Verb::Start, "echo up >> log; echo port {port}"),
        (Verb::SelfTest, "echo 3 of 3"),
    ]);
    let mut bench = Bench::new(|_| plan(driver, Balancer::None, "dist/{version}", &[8081]));
    let want = bench.release("2.5.0", "true");
    let mut heard = bench.engine.live();

    let (note, _) = done(bench.step("web-01", LaneStep::Fetch, &want).await);
    assert_eq!(note, "not declared; digest verified");
    assert_eq!(done(bench.step("web-01", LaneStep::Stop, &want).await).0, "not declared");
    assert_eq!(done(bench.step("web-01", LaneStep::Install, &want).await).0, "put in place");
    assert_eq!(done(bench.step("web-01", LaneStep::Start, &want).await).0, "port 8081");
    assert_eq!(done(bench.step("web-01", LaneStep::SelfTest, &want).await).0, "3 of 3");
    let line = live(&mut heard, |live| match live {
        Live::Output { target, step: Some(LaneStep::Start), line }
            if *target == Target::Unit(unit("web-01")) =>
        {
            Some(line.clone())
        }
        _ => None,
    });
    assert_eq!(line.await, "port 8081");
    let seen = bench.probe("web-01", &want).await;
    assert_eq!(seen.runs.unwrap().as_str(), "2.5.0");
}

#[tokio::test]
async fn an_install_that_installed_something_else_has_failed() {
    let driver = exec(&[(Verb::Observe, "echo 2.4.1"), (Verb::Install, "true")]);
    let mut bench = Bench::new(|_| plan(driver, Balancer::None, "dist/{version}", &[1]));
    let want = bench.release("2.5.0", "true");
    let (why, _) = failed(bench.step("web-01", LaneStep::Install, &want).await);
    assert_eq!(why, "install succeeded, but 2.4.1 is installed, not 2.5.0");
}

/// A command that does nothing and says that it was well makes no new machine.
#[tokio::test]
async fn a_host_that_holds_a_release_after_it_was_replaced_is_no_new_machine() {
    let want = Candidate::new("2.4.1".parse().unwrap(), Digest::of(b"x"));
    for (observe, outcome) in [
        ("echo 2.4.1", Err("replace succeeded, but 2.4.1 is still installed: it is no new machine")),
        (
            r#"echo '{{"running": true}}'"#,
            Err("replace succeeded, but the service still runs: it is no new machine"),
        ),
        ("true", Ok("nothing is installed on it")),
    ] {
        let driver = exec(&[(Verb::Observe, observe), (Verb::Replace, "true")]);
        let mut bench = Bench::new(|_| plan(driver, Balancer::None, "dist/{version}", &[1]));
        let ended = bench.step("web-01", LaneStep::Replace, &want).await;
        match outcome {
            Err(why) => assert_eq!(failed(ended).0, why),
            Ok(note) => assert!(done(ended).0.ends_with(note)),
        }
    }
}

#[tokio::test]
async fn an_artifact_that_changed_after_it_was_adopted_reaches_no_command() {
    let driver = exec(&[(Verb::Fetch, "touch fetched")]);
    let mut bench = Bench::new(|_| plan(driver, Balancer::None, "dist/{version}", &[1]));
    let want = bench.release("2.5.0", "true");
    bench.release("2.5.0", "echo changed");
    let (why, _) = failed(bench.step("web-01", LaneStep::Fetch, &want).await);
    assert!(why.contains("not the adopted"), "{why}");
    assert!(!bench.path("fetched").exists());
}

#[tokio::test]
async fn a_command_that_outlived_its_conductor_is_ended_before_the_next_step() {
    let driver = || exec(&[(Verb::Stop, HANGS), (Verb::Start, "echo started")]);
    let shape = |driver| plan(driver, Balancer::None, "dist/{version}", &[1]);
    let mut bench = Bench::new(|_| shape(driver()));
    let want = bench.release("2.5.0", "true");
    // The note that a killed conductor leaves, of a command that runs on.
    let mut orphan = std::process::Command::new("sleep");
    let mut orphan =
        std::os::unix::process::CommandExt::process_group(orphan.arg("1000"), 0).spawn().unwrap();
    let stat = fs::read_to_string(format!("/proc/{}/stat", orphan.id())).unwrap();
    let ticks = stat.rsplit(')').next().unwrap().split_whitespace().nth(19).unwrap().to_owned();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let note = serde_json::json!({"pid": orphan.id(), "started": format!("{}/{ticks}", boot.trim())});
    fs::create_dir_all(bench.path("state/commands")).unwrap();
    fs::write(bench.path("state/commands/web-01.json"), note.to_string()).unwrap();

    bench.reopen(shape(driver()));
    let seen = bench.probe("web-01", &want).await;
    assert!(seen.why.unwrap().contains("a command of an interrupted step still runs"));
    assert_eq!(done(bench.step("web-01", LaneStep::Start, &want).await).0, "started");
    assert!(!orphan.wait().unwrap().success());
}
