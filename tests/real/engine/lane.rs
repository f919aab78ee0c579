//! Steps of a lane that ask the service: self-test, alive; and what cancels, queues and replaces.

use std::{collections::BTreeMap, fs, sync::Arc, time::Duration};

use golive::{
    clock::Clock,
    domain::{
        effect::{Candidate, Health, LaneStep, Outcome, PoolState, Target, Work},
        name::Digest,
        plan::{Adopted, Balancer, Check, CheckKind, Driver, ExecVerb, Plan, Verb},
        time::Span,
    },
    engine::Live,
};

use super::{
    fixture::{Bench, check, done, failed, http, live, local, plan, templates, until, with},
    web::{Reply, Web, free_port, reply},
};

fn want() -> Candidate {
    Candidate::new("2.5.0".parse().unwrap(), Digest::of(b"x"))
}

/// A service that is not the driver's: only what its checks say counts.
fn outside(port: u16, checks: Vec<Check>) -> Plan {
    let driver = Driver::Exec { verbs: BTreeMap::new(), dir: None };
    checks.into_iter().fold(plan(driver, Balancer::None, "dist/{version}", &[port]), with)
}

fn alive(pointer: Option<&str>) -> Check {
    let mut asked = http("http://{host}:{port}/is_alive");
    asked.version_pointer = pointer.map(Into::into);
    check("alive", CheckKind::Http(asked))
}

fn self_test() -> Check {
    let timeout = Span::millis(700);
    Check { timeout, ..check("self-test", CheckKind::Http(http("http://{host}:{port}/selftest"))) }
}

/// [W18] A self-test that passes, fails, takes too long or is not declared ends in four ways.
#[tokio::test]
async fn a_self_test_passes_fails_runs_out_of_time_or_is_not_declared() {
    let web = Web::new(reply("200 OK", "14 of 14")).await;
    let mut bench = Bench::new(|_| outside(web.port, vec![self_test()]));
    let (note, _) = done(bench.step("web-01", LaneStep::SelfTest, &want()).await);
    assert!(note.starts_with("200 in "), "{note}");
    assert_eq!(web.requests().len(), 1, "a self-test may be dear: it is asked for once");

    web.answer(reply("500 Failed", "12 of 14\npayments: connection refused"));
    let (why, evidence) = failed(bench.step("web-01", LaneStep::SelfTest, &want()).await);
    assert_eq!(why, "12 of 14 · payments: connection refused (answered 500, wanted 200 to 299)");
    assert!(evidence.contains("12 of 14\npayments: connection refused"), "{evidence}");

    web.answer(Reply { after: Duration::from_secs(5), ..reply("200 OK", "") });
    let (why, _) = failed(bench.step("web-01", LaneStep::SelfTest, &want()).await);
    assert_eq!(why, "no answer within 700 ms");

    let mut undeclared = Bench::new(|_| outside(web.port, vec![]));
    assert_eq!(done(undeclared.step("web-01", LaneStep::SelfTest, &want()).await).0, "not declared");
}

#[tokio::test]
async fn a_self_test_waits_until_the_service_listens() {
    let port = free_port().await;
    let mut bench = Bench::new(|_| outside(port, vec![self_test()]));
    let mut heard = bench.engine.live();
    let id = bench.begin_step("web-01", LaneStep::SelfTest, &want());
    let waits = live(&mut heard, |live| match live {
        Live::Progress { text, .. } if text.starts_with("not up yet: connection refused") => Some(()),
        _ => None,
    });
    waits.await;
    bench.engine.cancel(&id);
    assert_eq!(bench.end_of(&id).await, Outcome::Cancelled);
}

#[tokio::test]
async fn a_unit_that_answers_with_the_old_version_is_not_alive() {
    let web = Web::new(reply("200 OK", r#"{"version": "2.4.1"}"#)).await;
    let mut bench = Bench::new(|_| outside(web.port, vec![alive(Some("/version"))]));
    let mut heard = bench.engine.live();
    let id = bench.begin_step("web-01", LaneStep::Alive, &want());
    let waits = live(&mut heard, |live| match live {
        Live::Progress { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(waits.await, "not alive yet: runs 2.4.1, not 2.5.0");
    web.answer(reply("200 OK", r#"{"version": "2.5.0"}"#));
    let (note, _) = done(bench.end_of(&id).await);
    assert!(note.ends_with("runs 2.5.0"), "{note}");
}

#[tokio::test]
async fn where_no_version_is_answered_the_started_release_counts() {
    let web = Web::new(reply("200 OK", "fine")).await;
    let start = ["{dir}/current/run"];
    let shape = |port| with(plan(local(&start), Balancer::None, "dist/{version}", &[port]), alive(None));
    let mut bench = Bench::new(|_| shape(web.port));
    let old = bench.release("2.4.1", "exec sleep 1000");
    let new = bench.release("2.5.0", "exec sleep 1001");
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install, LaneStep::Start], &old).await;
    let mut heard = bench.engine.live();
    let id = bench.begin_step("web-01", LaneStep::Alive, &new);
    let waits = live(&mut heard, |live| match live {
        Live::Progress { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert!(waits.await.starts_with("not alive yet: 2.4.1"));
    bench.engine.cancel(&id);
    assert_eq!(bench.end_of(&id).await, Outcome::Cancelled);
    let (note, _) = done(bench.step("web-01", LaneStep::Alive, &old).await);
    assert!(note.ends_with(&format!("started from 2.4.1 {}", old.digest.short())), "{note}");
}

#[tokio::test]
async fn without_a_balancer_requests_may_fail_and_it_says_so() {
    let mut bench = Bench::new(|_| outside(1, vec![]));
    assert_eq!(
        done(bench.step("web-01", LaneStep::Drain, &want()).await).0,
        "no balancer: requests may fail"
    );
    assert_eq!(done(bench.step("web-01", LaneStep::Rejoin, &want()).await).0, "no balancer");
    assert_eq!(bench.probe("web-01", &want()).await.pool, PoolState::None);
}

#[tokio::test]
async fn a_balancer_by_commands_is_read_back() {
    let observe = "test -f \"{name}.out\" && echo out || echo in";
    let sh = |script: &str| templates(&["sh", "-c", script]);
    let shape = |ready: &str| {
        let balancer = Balancer::Exec {
            drain: sh("touch {name}.out"),
            ready: sh(ready),
            observe: sh(observe),
            timeout: Span::secs(5),
        };
        Plan { environments: environments(balancer), ..outside(1, vec![]) }
    };
    let mut bench = Bench::new(|_| shape("rm {name}.out"));
    assert_eq!(done(bench.step("web-01", LaneStep::Drain, &want()).await).0, "out of the pool");
    assert_eq!(bench.probe("web-01", &want()).await.pool, PoolState::Out);
    bench.reopen(shape("true"));
    let (why, _) = failed(bench.step("web-01", LaneStep::Rejoin, &want()).await);
    assert_eq!(why, "the balancer's ready command succeeded, but the host is out afterwards");
    bench.reopen(shape("rm {name}.out"));
    assert_eq!(done(bench.step("web-01", LaneStep::Rejoin, &want()).await).0, "in the pool");
}

/// A change of the pool that outlives its conductor is found by the next one: it is written down while it is under way.
#[tokio::test]
async fn a_change_by_a_command_is_written_down_while_it_is_under_way() {
    let sh = |script: &str| templates(&["sh", "-c", script]);
    let balancer = Balancer::Exec {
        drain: sh("echo $$ > at; while :; do sleep 1; done"),
        ready: sh("true"),
        observe: sh("echo in"),
        timeout: Span::secs(60),
    };
    let mut bench = Bench::new(|_| Plan { environments: environments(balancer), ..outside(1, vec![]) });
    let id = bench.begin_step("web-01", LaneStep::Drain, &want());
    let at = bench.path("at");
    let pid = || fs::read_to_string(&at).ok()?.trim().parse::<i32>().ok();
    until("it drains", || pid().is_some()).await;
    let note = |bench: &Bench| {
        let notes = fs::read_dir(bench.path("state/commands")).into_iter().flatten().flatten();
        notes.filter_map(|note| fs::read_to_string(note.path()).ok()).collect::<String>()
    };
    until("it is noted", || note(&bench).contains(&format!("\"pid\":{}", pid().unwrap()))).await;
    bench.engine.cancel(&id);
    assert_eq!(bench.end_of(&id).await, Outcome::Cancelled);
    assert_eq!(note(&bench), "", "and crossed out when it has ended");
}

fn environments(
    balancer: Balancer,
) -> BTreeMap<golive::domain::name::EnvironmentName, golive::domain::plan::Environment> {
    let driver = Driver::Exec { verbs: BTreeMap::new(), dir: None };
    plan(driver, balancer, "dist/{version}", &[1]).environments
}

#[tokio::test]
async fn the_second_effect_of_a_unit_waits_for_the_end_of_the_first() {
    let verb = ExecVerb {
        argv: templates(&["sh", "-c", "echo begun >> log; sleep 1000"]),
        timeout: Span::secs(60),
        env: BTreeMap::new(),
        repeatable: true,
    };
    let start = ExecVerb { argv: templates(&["sh", "-c", "echo second >> log"]), ..verb.clone() };
    let verbs = BTreeMap::from([(Verb::Stop, verb), (Verb::Start, start)]);
    let driver = Driver::Exec { verbs, dir: None };
    let mut bench = Bench::new(|_| plan(driver, Balancer::None, "dist/{version}", &[1]));
    let log = bench.path("log");
    let log = || fs::read_to_string(&log).unwrap_or_default();
    let first = bench.begin_step("web-01", LaneStep::Stop, &want());
    until("the first has begun", || !log().is_empty()).await;
    let second = bench.begin_step("web-01", LaneStep::Start, &want());
    // The first is found by its id though a later effect of the same unit is queued.
    bench.engine.cancel(&first);
    assert_eq!(bench.end_of(&first).await, Outcome::Cancelled);
    done(bench.end_of(&second).await);
    assert_eq!(log(), "begun\nsecond\n");
}

#[tokio::test]
async fn a_watch_follows_the_plan_when_it_is_replaced_and_tells_each_unit_once() {
    let web = Web::new(reply("200 OK", r#"{"version": "2.4.1"}"#)).await;
    let shape = |ports: &[u16]| {
        let driver = Driver::Exec { verbs: BTreeMap::new(), dir: None };
        with(plan(driver, Balancer::None, "dist/{version}", ports), alive(Some("/version")))
    };
    let mut bench = Bench::new(|_| shape(&[web.port]));
    let watch = bench.begin_watch(None);
    let seen = bench.seen("web-01", |_| true).await;
    assert_eq!((seen.health, seen.runs.unwrap().as_str()), (Health::Healthy, "2.4.1"));
    bench.engine.replace_plan(Arc::new(Adopted::new(shape(&[web.port, web.port]), String::new())));
    bench.seen("web-02", |seen| seen.health == Health::Healthy).await;
    let asked = web.requests().len();
    until("three more rounds", || web.requests().len() >= asked + 6).await;
    assert!(bench.quiet(), "nothing changed, so nothing is told");
    web.answer(reply("503 Down", ""));
    let seen = bench.seen("web-01", |_| true).await;
    assert_eq!(
        (seen.health, seen.why.as_deref()),
        (Health::Sick, Some("alive: answered 503, wanted 200 to 299"))
    );
    bench.engine.cancel(&watch);
    assert_eq!(bench.end_of(&watch).await, Outcome::Cancelled);
}

#[tokio::test]
async fn a_look_that_a_step_has_overtaken_is_not_told() {
    let web = Web::new(reply("503 Starting", "")).await;
    let mut bench = Bench::new(|_| outside(web.port, vec![alive(None)]));
    let watch = bench.begin_watch(None);
    bench.seen("web-01", |seen| seen.health == Health::Sick).await;
    // The watch is kept waiting for an old answer while the step sees the new one.
    web.answer(Reply { after: Duration::from_millis(1200), ..reply("503 Starting", "old") });
    let asked = web.requests().len();
    until("the watch asks", || web.requests().len() > asked).await;
    web.answer(reply("200 OK", ""));
    done(bench.step("web-01", LaneStep::Alive, &want()).await);
    // What is told next was seen after the step.
    let seen = bench.seen("web-01", |_| true).await;
    assert_eq!(seen.health, Health::Healthy);
    bench.engine.cancel(&watch);
    assert_eq!(bench.end_of(&watch).await, Outcome::Cancelled);
}

#[tokio::test]
async fn a_host_that_hangs_holds_up_the_watch_over_no_other() {
    let (hangs, quick) = (Web::new(reply("200 OK", "")).await, Web::new(reply("200 OK", "")).await);
    hangs.answer(Reply { after: Duration::from_mins(1), ..reply("200 OK", "") });
    let slow = Check { timeout: Span::secs(30), ..alive(None) };
    let driver = Driver::Exec { verbs: BTreeMap::new(), dir: None };
    let mut bench =
        Bench::new(|_| with(plan(driver, Balancer::None, "dist/{version}", &[hangs.port, quick.port]), slow));
    let watch = bench.begin_watch(None);
    bench.seen("web-02", |seen| seen.health == Health::Healthy).await;
    quick.answer(reply("503 Down", ""));
    bench.seen("web-02", |seen| seen.health == Health::Sick).await;
    assert_eq!(hangs.requests().len(), 1, "one look at a time");
    bench.engine.cancel(&watch);
    assert_eq!(bench.end_of(&watch).await, Outcome::Cancelled);
}

#[tokio::test]
async fn what_is_not_in_the_plan_is_refused_by_name() {
    let mut bench = Bench::new(|_| outside(1, vec![]));
    let (why, _) = failed(bench.step("web-09", LaneStep::Stop, &want()).await);
    assert_eq!(why, "web-09 is not in the adopted plan");
    let environment: golive::domain::name::EnvironmentName = "moon".parse().unwrap();
    let work = Work::Watch { environment: environment.clone(), keeps: None, interval: Span::secs(1) };
    let id = bench.begin(Target::Watch(environment), work);
    assert_eq!(failed(bench.end_of(&id).await).0, "moon is not in the adopted plan");
    assert_eq!(failed(bench.check("nope").await).0, "nope is not in the adopted plan");
}

/// Deadlines of commands and checks run on the clock that the engine was given.
#[tokio::test]
async fn time_outs_run_on_the_clock_that_was_handed_in() {
    let (clock, fake) = Clock::fake();
    let web = Web::new(Reply { after: Duration::from_mins(10), ..reply("200 OK", "") }).await;
    let slow = Check { timeout: Span::hours(1), ..alive(None) };
    let mut bench = Bench::with_clock(clock, outside(web.port, vec![slow]));
    let id = bench.begin_check("alive");
    until("it was asked", || !web.requests().is_empty()).await;
    fake.advance(Duration::from_secs(3601));
    let (why, _) = failed(bench.end_of(&id).await);
    assert_eq!(why, "no answer within 1 h");
}
