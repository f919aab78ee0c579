//! The plans of the simulated projects: a fleet of any size, with what a test wants to vary.

use std::collections::BTreeMap;

use golive::domain::{
    checklist::{Fact, ItemKind, ItemSpec, Owner, Severity},
    effect::Candidate,
    name::*,
    plan::*,
    time::Span,
};

/// What a simulated project looks like.
#[derive(Clone, Debug)]
pub struct Shape {
    pub hosts: u32,
    pub capacity: Capacity,
    pub deadlines: Deadlines,
    pub balanced: bool,
    /// Whether an interrupted verb may be run again; false: a human is asked.
    pub repeatable: bool,
    pub validations: bool,
    pub bake: Span,
    /// A stage in an environment of its own before the poll.
    pub beta: bool,
    /// A first stage of one host in production.
    pub one_box: bool,
    pub promote: Promote,
    pub notify: bool,
    /// Whether the driver can lock its environment at the deploy target.
    pub locked: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            hosts: 12,
            capacity: Capacity::default(),
            deadlines: Deadlines::default(),
            balanced: true,
            repeatable: true,
            validations: true,
            bake: Span::minutes(10),
            beta: false,
            one_box: false,
            promote: Promote::Human,
            notify: true,
            locked: true,
        }
    }
}

pub const PRODUCTION: &str = "production";

pub fn candidate(version: &str) -> Candidate {
    Candidate { version: Version::new(version).unwrap(), digest: Digest::of(version.as_bytes()) }
}

pub fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

pub fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

pub fn check(name: &str) -> CheckName {
    CheckName::new(name).unwrap()
}

pub fn item(name: &str) -> ItemId {
    ItemId::new(name).unwrap()
}

fn template(text: &str) -> Template {
    Template::new(text).unwrap()
}

fn people() -> BTreeMap<PersonName, Person> {
    let of = |name: &str, roles: &[&str]| {
        let name = PersonName::new(name).unwrap();
        let login = name.to_string();
        let roles = roles.iter().map(|role| RoleName::new(role).unwrap()).collect();
        (name.clone(), Person { name, roles, login, contact: None })
    };
    [
        of("dana", &["decider", "engineering"]),
        of("raj", &["operations", "deployer"]),
        of("sam", &["security"]),
    ]
    .into()
}

fn seat(role: &str) -> Seat {
    Seat {
        role: RoleName::new(role).unwrap(),
        eligible: Vec::new(),
        deputy: None,
        required: true,
        veto: false,
        differs_from: Vec::new(),
        relies_on: Vec::new(),
    }
}

fn driver(repeatable: bool, locked: bool) -> Driver {
    let verb = |verb: Verb| {
        let verb_of = ExecVerb {
            argv: vec![template("deploy"), template("{host}")],
            timeout: Span::minutes(1),
            env: BTreeMap::new(),
            repeatable,
        };
        (verb, verb_of)
    };
    let verbs = [Verb::Observe, Verb::Fetch, Verb::Stop, Verb::Install, Verb::Start, Verb::SelfTest];
    let locks: &[Verb] = if locked { &[Verb::Lock, Verb::Unlock] } else { &[] };
    Driver::Exec { verbs: verbs.iter().chain(locks).map(|each| verb(*each)).collect(), dir: None }
}

fn place(name: &str, prefix: &str, hosts: u32, shape: &Shape) -> (EnvironmentName, Environment) {
    let host = |n: u32| {
        let name = format!("{prefix}-{n:02}");
        Host {
            unit: unit(&name),
            name: HostName::new(&name).unwrap(),
            address: name.clone(),
            port: Some(8080),
            region: None,
        }
    };
    let haproxy = Balancer::Haproxy {
        socket: "/run/haproxy.sock".into(),
        backend: "shop".into(),
        drain_timeout: Span::secs(30),
    };
    let environment = Environment {
        name: environment(name),
        kind: if name == PRODUCTION { EnvironmentKind::Production } else { EnvironmentKind::Development },
        traffic: TrafficKind::Real,
        driver: driver(shape.repeatable, shape.locked),
        balancer: if shape.balanced { haproxy } else { Balancer::None },
        capacity: if name == PRODUCTION { shape.capacity } else { Capacity::default() },
        deadlines: shape.deadlines,
        clouds: Vec::new(),
        pools: vec![Pool {
            id: PoolId::new(name).unwrap(),
            component: ComponentName::new("web").unwrap(),
            cloud: None,
            hosts: (1..=hosts).map(host).collect(),
        }],
        window: None,
    };
    (environment.name.clone(), environment)
}

fn checks() -> BTreeMap<CheckName, Check> {
    let exec = |name: &str, argv: &[&str]| {
        let kind = CheckKind::Exec {
            argv: argv.iter().map(|arg| template(arg)).collect(),
            dir: None,
            env: BTreeMap::new(),
        };
        let name = check(name);
        let (timeout, interval) = (Span::minutes(1), Span::secs(10));
        (name.clone(), Check { name, kind, timeout, retries: 0, interval, runbook: None })
    };
    let tcp = {
        let kind = CheckKind::Tcp { address: template("db:5432") };
        let name = check("database");
        let (timeout, interval) = (Span::secs(5), Span::minutes(1));
        (name.clone(), Check { name, kind, timeout, retries: 0, interval, runbook: None })
    };
    [exec("smoke", &["ci/smoke"]), exec("reachable", &["ci/reach", "{host}"]), tcp].into()
}

fn items() -> Vec<ItemSpec> {
    let spec = |id: &str, kind: ItemKind, post_live: bool| ItemSpec {
        id: item(id),
        title: id.into(),
        why: "because it went wrong once".into(),
        group: "Basics".into(),
        kind,
        tier: Tier::CRITICAL,
        severity: Severity::Required,
        owner: Owner::Nobody,
        due: None,
        post_live,
    };
    vec![
        spec("basic/announced", ItemKind::Hand { evidence: false }, false),
        spec("basic/on-call", ItemKind::Question, false),
        spec("basic/database", ItemKind::Check { check: check("database") }, false),
        spec("basic/hosts", ItemKind::Fact { fact: Fact::HostsObserved }, false),
        spec("basic/looked", ItemKind::Hand { evidence: false }, true),
    ]
}

pub fn plan(shape: &Shape) -> Plan {
    let production = StageName::new(PRODUCTION).unwrap();
    let stage = |name: &str, of: &str, select: Select| Stage {
        name: StageName::new(name).unwrap(),
        environment: environment(of),
        select,
        strategy: Strategy::default(),
        validations: if shape.validations { vec![check("smoke"), check("reachable")] } else { Vec::new() },
        bake: shape.bake,
        promote: shape.promote,
    };
    let mut environments = BTreeMap::from([place(PRODUCTION, "web", shape.hosts, shape)]);
    let mut stages = Vec::new();
    if shape.beta {
        environments.extend([place("beta", "beta", 2, shape)]);
        stages.push(stage("beta", "beta", Select::All));
    }
    if shape.one_box {
        let one = Select::Some { amount: Some(Amount::Count(1)), region: None, hosts: Vec::new() };
        stages.push(stage("1-box", PRODUCTION, one));
        stages.push(stage(PRODUCTION, PRODUCTION, Select::Rest));
    } else {
        stages.push(stage(PRODUCTION, PRODUCTION, Select::All));
    }
    let before = if shape.one_box { StageName::new("1-box").unwrap() } else { production };
    let notify = Notifier::Exec { argv: vec![template("page"), template("{text}")], timeout: Span::secs(10) };
    Plan {
        project: ProjectName::new("shop").unwrap(),
        versions: VersionPolicy::Mixed,
        home: None,
        separation: Separation::Required,
        share_group: false,
        people: people(),
        ca: None,
        notify: if shape.notify { vec![notify] } else { Vec::new() },
        artifact: Artifact { source: template("dist/shop-{version}.tar.gz") },
        components: BTreeMap::new(),
        environments,
        checks: checks(),
        alarms: Vec::new(),
        stages,
        poll: PollRules {
            before,
            seats: vec![seat("engineering"), seat("operations")],
            quorum: None,
            votes_expire: Span::hours(24),
            go_expires: Span::hours(4),
            by_voice: true,
        },
        plan_b: PlanB { decides: Some(PersonName::new("dana").unwrap()), ..PlanB::default() },
        items: items(),
    }
}
