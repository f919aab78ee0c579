//! The lock at the deploy target: two engines that share no journal, over the same deploy root.

use std::{collections::BTreeMap, fs, path::Path};

use golive::{
    clock::Clock,
    domain::{
        effect::{Effect, EffectId, Outcome, Report, Reported, Target, Work},
        lock::{Claim, Found, Holder, Life},
        name::{Digest, EnvironmentName},
        plan::{Adopted, Balancer, Driver, ExecVerb, Plan, Verb},
        time::{Span, WallTime},
    },
    engine::{Engine, EngineDirs},
};
use tokio::sync::mpsc;

use super::fixture::{LONG, local, plan, templates};

/// An engine with a journal of its own.
struct Conductor {
    engine: Engine,
    reports: mpsc::Receiver<Report>,
    epoch: u32,
    step: u32,
}

fn production() -> EnvironmentName {
    EnvironmentName::new("production").unwrap()
}

fn claim(session: &str, person: &str) -> Claim {
    Claim {
        project: "shop".parse().unwrap(),
        session: session.parse().unwrap(),
        version: "2.5.0".parse().unwrap(),
        person: Some(person.parse().unwrap()),
        machine: "deploy-1".into(),
        since: WallTime(Clock::System.read().wall),
    }
}

impl Conductor {
    fn new(base: &Path, journal: &str, plan: Plan, epoch: u32) -> Self {
        let (send, reports) = mpsc::channel(64);
        let dirs = EngineDirs::new(base.into(), base.join(journal));
        let engine = Engine::new(Adopted::new(plan, String::new()).into(), Clock::System, dirs, send);
        Self { engine, reports, epoch, step: 0 }
    }

    /// What stands there then, and how it ended.
    async fn act(&mut self, work: Work) -> (Option<Found>, Outcome) {
        self.step += 1;
        let id = EffectId { target: Target::Lock(production()), attempt: 1, step: self.step };
        self.engine.start(Effect { id: id.clone(), work }, self.epoch);
        let mut found = None;
        loop {
            let report = Clock::System.limit(LONG, self.reports.recv()).await.unwrap().unwrap();
            match report.what {
                Reported::Lock { found: seen, .. } => found = Some(seen),
                Reported::Ended(outcome) if report.effect == id => return (found, outcome),
                _ => {}
            }
        }
    }

    async fn take(&mut self, session: &str, breaks: Option<Digest>) -> (Option<Found>, Outcome) {
        let claim = Box::new(claim(session, "dana"));
        self.act(Work::Lock { environment: production(), claim, breaks }).await
    }

    async fn release(&mut self, session: &str) -> (Option<Found>, Outcome) {
        self.act(Work::Unlock { environment: production(), claim: Box::new(claim(session, "dana")) }).await
    }
}

fn holder(found: Option<Found>) -> Holder {
    match found {
        Some(Found::Taken(holder)) => holder,
        other => panic!("{other:?}"),
    }
}

fn local_plan() -> Plan {
    plan(local(&["{dir}/current/run"]), Balancer::None, "dist/{version}", &[8081, 8082])
}

/// Makes the lock one of a process that is no more, as its `writer` says.
fn leave(file: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let mut lock: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    change(&mut lock);
    fs::write(file, lock.to_string()).unwrap();
}

/// Another conductor's lock is refused with holder, version, since when and why; this conductor's own is
/// taken over by a later epoch, never by an earlier one; one that was left is taken over only when a person said so.
#[tokio::test]
async fn of_two_conductors_that_share_no_journal_one_has_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path();
    let mut first = Conductor::new(base, "one", local_plan(), 1);
    let mut second = Conductor::new(base, "two", local_plan(), 1);
    let file = base.join("run/.golive-lock.production");

    let (found, ended) = first.take("2.5.0", None).await;
    assert!(matches!(ended, Outcome::Done { .. }), "{ended:?}");
    let ours = holder(found);
    assert!(ours.own && ours.epoch == 1 && ours.life == Life::Runs);

    let (found, ended) = second.take("2.6.0", None).await;
    let theirs = holder(found);
    assert!(!theirs.own);
    let Outcome::Failed { why, .. } = ended else { panic!("{ended:?}") };
    for words in
        ["dana", "shop 2.5.0", "session 2.5.0", "deploy-1", "epoch 1", "taken 20", "its conductor runs"]
    {
        assert!(why.contains(words), "{words:?} is not in {why:?}");
    }
    // A word of a person is not enough while its process runs.
    let (_, ended) = second.take("2.6.0", Some(theirs.digest)).await;
    assert!(matches!(ended, Outcome::Failed { .. }), "{ended:?}");

    // The first conductor is started anew: a later epoch of the same journal, and then the earlier one, late.
    let mut again = Conductor::new(base, "one", local_plan(), 2);
    let (found, _) = again.take("2.5.0", None).await;
    let taken_over = holder(found);
    assert!(taken_over.own && taken_over.epoch == 2);
    assert_eq!(taken_over.claim.since, ours.claim.since, "it has been locked since then");
    let (_, ended) = first.take("2.5.0", None).await;
    assert!(matches!(ended, Outcome::Failed { .. }), "{ended:?}");

    // Its process dies: proven by process id and start time. It is taken over only when somebody gave it up.
    leave(&file, |lock| {
        let started = lock["writer"]["process"]["started"].as_str().unwrap();
        let boot = started.split_once('/').unwrap().0.to_owned();
        lock["writer"]["process"]["started"] = format!("{boot}/1").into();
    });
    let (found, ended) = second.take("2.6.0", None).await;
    let left = holder(found);
    assert!(matches!(&left.life, Life::Gone { why } if why.contains("has ended")), "{left:?}");
    assert!(matches!(ended, Outcome::Failed { why, .. } if why.contains("stale")));
    let (found, ended) = second.take("2.6.0", Some(left.digest)).await;
    assert!(matches!(ended, Outcome::Done { .. }), "{ended:?}");
    assert!(holder(found).own);

    // Only its holder releases it.
    let (found, _) = again.release("2.5.0").await;
    assert!(!holder(found).own && file.exists());
    let (found, _) = second.release("2.6.0").await;
    assert_eq!(found, Some(Found::Free));
    let left: Vec<_> = fs::read_dir(base.join("run")).unwrap().flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// What was written elsewhere can't be proven stale from here, and says so.
#[tokio::test]
async fn a_lock_of_another_machine_is_never_proven_stale() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Conductor::new(dir.path(), "one", local_plan(), 1);
    let mut second = Conductor::new(dir.path(), "two", local_plan(), 1);
    first.take("2.5.0", None).await;
    leave(&dir.path().join("run/.golive-lock.production"), |lock| {
        lock["writer"]["machine"] = "deploy-2 77".into();
        lock["writer"]["process"]["started"] = "another-boot/12".into();
    });
    let (found, _) = second.take("2.6.0", None).await;
    let holder = holder(found);
    assert!(matches!(&holder.life, Life::Unproven { why } if why.contains("another machine")), "{holder:?}");
    let now = holder.claim.since;
    let young = holder.breakable(now.plus(Span::minutes(59))).unwrap_err();
    assert!(young.contains("only 59 min old"), "{young}");
    let old = holder.breakable(now.plus(Span::hours(3))).unwrap();
    assert!(old.contains("by its age only, 3 h"), "{old}");
}

/// A watch tells how the lock stands, and when that changes: before anybody tries to start.
#[tokio::test]
async fn a_watch_sees_the_lock_of_another_conductor_come_and_go() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Conductor::new(dir.path(), "one", local_plan(), 1);
    let mut second = Conductor::new(dir.path(), "two", local_plan(), 1);
    let work = Work::Watch { environment: production(), keeps: None, interval: Span::millis(20) };
    let id = EffectId { target: Target::Watch(production()), attempt: 1, step: 1 };
    second.engine.start(Effect { id, work }, 1);
    let mut told = Vec::new();
    while told.len() < 3 {
        let report = Clock::System.limit(LONG, second.reports.recv()).await.unwrap().unwrap();
        let Reported::Lock { found, .. } = report.what else { continue };
        told.push(found);
        if told.len() == 1 {
            first.take("2.5.0", None).await;
        } else if told.len() == 2 {
            first.release("2.5.0").await;
        }
    }
    assert!(
        matches!(told.as_slice(), [Found::Free, Found::Taken(holder), Found::Free] if !holder.own),
        "{told:?}"
    );
}

/// Where each host has a directory of its own, each is locked, and an attempt that fails leaves none behind.
#[tokio::test]
async fn every_deploy_root_is_locked_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let own = || {
        let driver = match local(&["{dir}/current/run"]) {
            Driver::Local { start, env, keep, stop_timeout, .. } => {
                let dir = golive::domain::plan::Template::new("hosts/{name}").unwrap();
                Driver::Local { dir, start, env, keep, stop_timeout }
            }
            other => other,
        };
        plan(driver, Balancer::None, "dist/{version}", &[8081, 8082])
    };
    let mut first = Conductor::new(dir.path(), "one", own(), 1);
    let mut second = Conductor::new(dir.path(), "two", own(), 1);
    let lock = |host: &str| dir.path().join("hosts").join(host).join(".golive-lock.production");
    first.take("2.5.0", None).await;
    assert!(lock("web-01").exists() && lock("web-02").exists());
    fs::remove_file(lock("web-01")).unwrap();
    let (found, ended) = second.take("2.6.0", None).await;
    assert!(!holder(found).own);
    assert!(matches!(ended, Outcome::Failed { .. }), "{ended:?}");
    assert!(!lock("web-01").exists(), "nothing is left of the attempt");
    // Nor of one that can't be written everywhere.
    first.release("2.5.0").await;
    fs::remove_dir_all(dir.path().join("hosts/web-02")).unwrap();
    fs::write(dir.path().join("hosts/web-02"), "no directory").unwrap();
    let (_, ended) = second.take("2.6.0", None).await;
    assert!(matches!(ended, Outcome::Failed { .. }), "{ended:?}");
    assert!(!lock("web-01").exists(), "nothing is left of the attempt");
}

/// The exec driver locks by the team's own commands; what they print last is what is said.
#[tokio::test]
async fn a_team_locks_by_its_own_commands() {
    let dir = tempfile::tempdir().unwrap();
    let verb = |argv: &[&str]| ExecVerb {
        argv: templates(argv),
        timeout: Span::secs(10),
        env: BTreeMap::new(),
        repeatable: false,
    };
    let takes =
        r#"mkdir "$0" || exec sh -c "echo held by $0; exit 3"; echo "$GOLIVE_PROJECT $GOLIVE_SESSION""#;
    let driver = || Driver::Exec {
        verbs: BTreeMap::from([
            (Verb::Lock, verb(&["sh", "-c", takes, "lock-{environment}"])),
            (Verb::Unlock, verb(&["rmdir", "lock-{environment}"])),
        ]),
        dir: None,
    };
    let make = || plan(driver(), Balancer::None, "dist/{version}", &[8081]);
    let mut first = Conductor::new(dir.path(), "one", make(), 1);
    let mut second = Conductor::new(dir.path(), "two", make(), 1);
    let (found, ended) = first.take("2.5.0", None).await;
    assert!(matches!(&ended, Outcome::Done { note, .. } if note == "shop 2.5.0"), "{ended:?}");
    assert!(holder(found).own);
    let (found, ended) = second.take("2.6.0", None).await;
    assert_eq!(found, None);
    assert!(
        matches!(&ended, Outcome::Failed { why, .. } if why.contains("held by lock-production")),
        "{ended:?}"
    );
    let (found, _) = first.release("2.5.0").await;
    assert_eq!(found, Some(Found::Free));
    let (found, _) = second.take("2.6.0", None).await;
    assert!(holder(found).own);
}
