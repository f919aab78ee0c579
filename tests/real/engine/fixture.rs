//! An engine over a directory of its own, with a plan that each test shapes.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use golive::{
    clock::Clock,
    domain::{
        effect::{Candidate, Effect, EffectId, LaneStep, Outcome, Report, Reported, Seen, Target, Work},
        name::{CheckName, Digest, EnvironmentName, UnitId, Version},
        plan::{
            Adopted, Artifact, Balancer, Capacity, Check, CheckKind, Deadlines, Driver, Environment,
            EnvironmentKind, Host, HttpCheck, Plan, PlanB, PollRules, Pool, SecondGoLive, Separation,
            Template, TrafficKind, VersionPolicy,
        },
        time::Span,
    },
    engine::{Engine, EngineDirs, Live},
};
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc};

/// Nothing here takes longer unless it is broken.
pub const LONG: std::time::Duration = std::time::Duration::from_mins(1);

pub fn template(text: &str) -> Template {
    Template::new(text).unwrap()
}

pub fn templates(words: &[&str]) -> Vec<Template> {
    words.iter().map(|word| template(word)).collect()
}

pub fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

/// A plan for `web-01` and so on in `production`, whose address and port are given.
pub fn plan(driver: Driver, balancer: Balancer, source: &str, ports: &[u16]) -> Plan {
    let environment = EnvironmentName::new("production").unwrap();
    let hosts = ports
        .iter()
        .enumerate()
        .map(|(at, port)| {
            let name = format!("web-{:02}", at + 1);
            Host {
                unit: unit(&name),
                name: name.parse().unwrap(),
                address: "127.0.0.1".into(),
                port: Some(*port),
                region: None,
                labels: BTreeMap::new(),
                spare: false,
            }
        })
        .collect();
    let pool = Pool {
        id: "web".parse().unwrap(),
        component: "shop".parse().unwrap(),
        cloud: None,
        colour: None,
        hosts,
    };
    let production = Environment {
        name: environment.clone(),
        kind: EnvironmentKind::Production,
        traffic: TrafficKind::Real,
        driver,
        balancer,
        capacity: Capacity::default(),
        deadlines: Deadlines::default(),
        clouds: Vec::new(),
        pools: vec![pool],
        window: None,
        heartbeat: None,
        repair: None,
        scale: None,
    };
    Plan {
        project: "shop".parse().unwrap(),
        versions: VersionPolicy::Mixed,
        second: SecondGoLive::Refused,
        home: None,
        separation: Separation::None,
        share_group: false,
        people: BTreeMap::new(),
        notify: Vec::new(),
        ca: None,
        artifact: Artifact { source: template(source) },
        components: BTreeMap::new(),
        environments: BTreeMap::from([(environment, production)]),
        checks: BTreeMap::new(),
        alarms: Vec::new(),
        stages: Vec::new(),
        freezes: Vec::new(),
        traffic: BTreeMap::new(),
        drills: BTreeMap::new(),
        zone: None,
        poll: PollRules {
            drills: BTreeMap::new(),
            before: "production".parse().unwrap(),
            seats: Vec::new(),
            quorum: None,
            votes_expire: Span::hours(24),
            go_expires: Span::hours(24),
            by_voice: true,
        },
        strictness: golive::domain::plan::Strictness::default(),
        plan_b: PlanB::default(),
        items: Vec::new(),
    }
}

pub fn local(start: &[&str]) -> Driver {
    Driver::Local {
        dir: template("run"),
        start: templates(start),
        env: BTreeMap::new(),
        keep: 3,
        stop_timeout: Span::secs(2),
    }
}

pub fn check(name: &str, kind: CheckKind) -> Check {
    Check {
        name: name.parse().unwrap(),
        kind,
        timeout: Span::secs(2),
        retries: 0,
        interval: Span::millis(50),
        runbook: None,
    }
}

pub fn http(url: &str) -> HttpCheck {
    HttpCheck {
        url: template(url),
        method: "GET".into(),
        headers: BTreeMap::new(),
        status: (200, 299),
        latency: None,
        contains: None,
        json: None,
        version_pointer: None,
    }
}

pub fn with(mut plan: Plan, check: Check) -> Plan {
    plan.checks.insert(check.name.clone(), check);
    plan
}

/// An engine at work below a temporary directory; what it started is ended with the test.
pub struct Bench {
    pub engine: Engine,
    pub dir: TempDir,
    reports: mpsc::Receiver<Report>,
    attempt: u32,
}

impl Bench {
    /// `shape` gets the directory in which the plan lies.
    pub fn new(shape: impl FnOnce(&std::path::Path) -> Plan) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let plan = shape(dir.path());
        let (engine, reports) = engine(dir.path(), plan, Clock::System);
        Self { engine, dir, reports, attempt: 0 }
    }

    pub fn with_clock(clock: Clock, plan: Plan) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (engine, reports) = engine(dir.path(), plan, clock);
        Self { engine, dir, reports, attempt: 0 }
    }

    /// As if the conductor had been killed and another had come up: a new engine over the same files.
    pub fn reopen(&mut self, plan: Plan) {
        (self.engine, self.reports) = engine(self.dir.path(), plan, Clock::System);
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// The artifact as a directory `dist/VERSION` that holds an executable `run` with this script.
    pub fn release(&self, version: &str, script: &str) -> Candidate {
        let dist = self.path(&format!("dist/{version}"));
        fs::create_dir_all(&dist).unwrap();
        let run = dist.join("run");
        fs::write(&run, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).unwrap();
        let text = format!("{} x run\n", Digest::of(&fs::read(&run).unwrap()));
        Candidate::new(Version::new(version).unwrap(), Digest::of(text.as_bytes()))
    }

    /// Starts a piece of work for a target.
    pub fn begin(&mut self, target: Target, work: Work) -> EffectId {
        self.attempt += 1;
        let id = EffectId { target, attempt: self.attempt, step: 1 };
        self.engine.start(Effect { id: id.clone(), work }, 1);
        id
    }

    pub fn begin_step(&mut self, name: &str, step: LaneStep, want: &Candidate) -> EffectId {
        let work = Work::Step { unit: unit(name), step, want: want.clone(), keep: vec![want.clone()] };
        self.begin(Target::Unit(unit(name)), work)
    }

    pub async fn report(&mut self) -> Report {
        Clock::System.limit(LONG, self.reports.recv()).await.expect("a report in time").expect("an engine")
    }

    /// No report waits.
    pub fn quiet(&mut self) -> bool {
        self.reports.try_recv().is_err()
    }

    /// Waits for the end of this effect; what a watch says meanwhile is dropped.
    pub async fn end_of(&mut self, id: &EffectId) -> Outcome {
        loop {
            let report = self.report().await;
            if let Reported::Ended(outcome) = report.what
                && report.effect == *id
            {
                return outcome;
            }
        }
    }

    pub async fn step(&mut self, name: &str, step: LaneStep, want: &Candidate) -> Outcome {
        let id = self.begin_step(name, step, want);
        self.end_of(&id).await
    }

    /// The steps must all be done.
    pub async fn steps(&mut self, name: &str, steps: &[LaneStep], want: &Candidate) {
        for step in steps {
            let outcome = self.step(name, *step, want).await;
            assert!(matches!(outcome, Outcome::Done { .. }), "{}: {outcome:?}", step.word());
        }
    }

    pub async fn probe(&mut self, name: &str, want: &Candidate) -> Seen {
        let work = Work::Probe { unit: unit(name), want: want.clone() };
        let id = self.begin(Target::Unit(unit(name)), work);
        match self.end_of(&id).await {
            Outcome::Seen(seen) => seen,
            other => panic!("{other:?}"),
        }
    }

    pub async fn check(&mut self, name: &str) -> Outcome {
        let id = self.begin_check(name);
        self.end_of(&id).await
    }

    pub fn begin_check(&mut self, name: &str) -> EffectId {
        let (check, environment) =
            (CheckName::new(name).unwrap(), EnvironmentName::new("production").unwrap());
        let version = Version::new("2.5.0").unwrap();
        let unit = Some(unit("web-01"));
        let target =
            Target::Check { check: check.clone(), environment: environment.clone(), unit: unit.clone() };
        self.begin(target, Work::Check { check, environment, unit, version, since: None })
    }

    pub fn begin_watch(&mut self, keeps: Option<&Candidate>) -> EffectId {
        let environment = EnvironmentName::new("production").unwrap();
        let work = Work::Watch {
            environment: environment.clone(),
            keeps: keeps.cloned(),
            interval: Span::millis(50),
        };
        self.begin(Target::Watch(environment), work)
    }

    /// The next thing that a watch says of this unit for which `right` holds.
    pub async fn seen(&mut self, name: &str, right: impl Fn(&Seen) -> bool) -> Seen {
        loop {
            if let Reported::Unit { unit, seen } = self.report().await.what
                && unit.as_str() == name
                && right(&seen)
            {
                return seen;
            }
        }
    }

    /// The process id that is written down for the unit.
    pub fn pid(&self, name: &str) -> i32 {
        let text = fs::read_to_string(self.path(&format!("run/{name}/service.json"))).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value["process"]["pid"].as_i64().unwrap().try_into().unwrap()
    }
}

impl Drop for Bench {
    /// Ends the processes that were started below the directory, by the ids that were written down.
    fn drop(&mut self) {
        let Ok(units) = fs::read_dir(self.path("run")) else { return };
        for unit in units.flatten() {
            let text = fs::read_to_string(unit.path().join("service.json")).unwrap_or_default();
            let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            if let Some(pid) = value["process"]["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok())
                && value["mark"].as_str().is_some_and(|mark| !mark.is_empty())
                && let Some(pid) = rustix::process::Pid::from_raw(pid)
            {
                let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
            }
        }
    }
}

pub fn engine(dir: &std::path::Path, plan: Plan, clock: Clock) -> (Engine, mpsc::Receiver<Report>) {
    let (send, reports) = mpsc::channel(64);
    let dirs = EngineDirs {
        golive: env!("CARGO_BIN_EXE_golive").into(),
        ..EngineDirs::new(dir.into(), dir.join("state"))
    };
    let adopted = Arc::new(Adopted::new(plan, String::new()));
    (Engine::new(adopted, clock, dirs, send), reports)
}

pub fn runs(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

/// Waits until it holds; the condition is looked at, nothing is slept through.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waited = Clock::System.limit(LONG, async {
        while !holds() {
            Clock::System.sleep(std::time::Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_some(), "in vain: {what}");
}

/// The next live value for which `pick` has something.
pub async fn live<T>(from: &mut broadcast::Receiver<Live>, pick: impl Fn(&Live) -> Option<T>) -> T {
    loop {
        let live = Clock::System.limit(LONG, from.recv()).await.expect("a live value in time").unwrap();
        if let Some(found) = pick(&live) {
            return found;
        }
    }
}

pub fn done(outcome: Outcome) -> (String, BTreeMap<String, String>) {
    match outcome {
        Outcome::Done { note, facts } => (note, facts),
        other => panic!("not done: {other:?}"),
    }
}

pub fn failed(outcome: Outcome) -> (String, String) {
    match outcome {
        Outcome::Failed { why, evidence } => (why, evidence.unwrap_or_default()),
        other => panic!("not failed: {other:?}"),
    }
}
