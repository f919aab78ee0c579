//! The plans of the simulated projects: a fleet of any size, with what a test wants to vary.

use std::collections::BTreeMap;

pub use super::{parts::Parts, test_bed::TestBed};
pub use crate::plan_parts::{candidate, item};
use crate::plan_parts::{host, people, production, shop, template};
use golive::domain::{
    checklist::{Fact, ItemKind, ItemSpec, Owner, Severity},
    name::*,
    plan::*,
    time::Span,
};

/// What a simulated project looks like.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what a test varies is independent of all else")]
pub struct Shape {
    pub hosts: u32,
    /// So many more of production stand by, and come in while a canary is on its way.
    pub spares: u32,
    pub capacity: Capacity,
    pub deadlines: Deadlines,
    pub balanced: bool,
    /// Whether an interrupted verb may be run again; false: a human is asked.
    pub repeatable: bool,
    pub validations: bool,
    pub bake: Span,
    /// How long each of its stages may take.
    pub budget: Option<Span>,
    /// A stage in an environment of its own before the poll.
    pub beta: bool,
    /// How production takes its hosts.
    pub strategy: Strategy,
    /// Over how many clouds the hosts are spread where the strategy takes clouds; the first is primary.
    pub clouds: u32,
    /// Over how many regions the hosts are spread, in turn.
    pub regions: u32,
    /// A first stage of one host in production.
    pub one_box: bool,
    /// How that first stage takes its hosts, where it is more than one.
    pub test_bed: TestBed,
    /// Whether the first stage of one host is compared with the rest.
    pub compared: bool,
    pub promote: Promote,
    pub notify: bool,
    /// Whether the driver can lock its environment at the deploy target.
    pub locked: bool,
    /// When production's stages may start.
    pub window: Option<Window>,
    /// Whether agents change production's hosts, and whether each has a key of its own.
    pub agents: Option<bool>,
    /// Whether a second go-live supersedes the one under way.
    pub superseding: bool,
    /// Whether it waits for the end of that instead.
    pub queued: bool,
    /// Whether the stage before production should get no requests.
    pub quiet: bool,
    /// Whether hosts can be replaced, and a drill does so.
    pub upkeep: bool,
    /// What runs once: before the hosts of production, and after them; whether a rollback takes each back.
    pub once: Option<[bool; 2]>,
    /// Stages beside each other; it has a beta then.
    pub branches: Option<super::branches::Branches>,
    /// A second part that is deployed with it; none: it is one.
    pub parts: Option<Parts>,
    /// The project's own profile; none: it asks for all, and declares no other.
    pub profile: Option<Profile>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            hosts: 12,
            spares: 0,
            capacity: Capacity::default(),
            deadlines: Deadlines::default(),
            balanced: true,
            repeatable: true,
            validations: true,
            bake: Span::minutes(10),
            budget: None,
            beta: false,
            strategy: Strategy::default(),
            clouds: 2,
            regions: 1,
            one_box: false,
            test_bed: TestBed::default(),
            compared: false,
            promote: Promote::Human,
            notify: true,
            locked: true,
            window: None,
            agents: None,
            superseding: false,
            queued: false,
            quiet: false,
            profile: None,
            upkeep: false,
            once: None,
            parts: None,
            branches: None,
        }
    }
}

pub const PRODUCTION: &str = "production";

pub fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

pub fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

pub fn check(name: &str) -> CheckName {
    CheckName::new(name).unwrap()
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

/// Agents look every minute.
pub fn converge(per_host: bool) -> Converge {
    let key = if per_host { "/{name}" } else { "" };
    Converge {
        store: DesiredStore::Http {
            url: template(&format!("http://store/desired/{{environment}}{key}")),
            revision: None,
            headers: BTreeMap::new(),
            timeout: Span::secs(10),
        },
        every: Span::minutes(1),
        tolerance: Span::secs(6),
        agents: Some(AgentReports::Http {
            url: template("http://store/agents/{name}"),
            headers: std::collections::BTreeMap::new(),
            timeout: Span::secs(10),
        }),
        nudge: None,
    }
}

pub(super) fn place(name: &str, prefix: &str, hosts: u32, shape: &Shape) -> (EnvironmentName, Environment) {
    let region = |n: u32| Some(format!("eu-{}", (n - 1) % shape.regions + 1));
    let spares = if name == PRODUCTION { shape.spares } else { 0 };
    let hosts = (1..=hosts + spares).map(|n| Host {
        region: region(n),
        spare: n > hosts,
        ..host(&format!("{prefix}-{n:02}"), 8080)
    });
    let hosts = hosts.collect();
    let mut place = production(name, "web", driver(shape.repeatable, shape.locked), hosts);
    place.deadlines = shape.deadlines;
    if name == PRODUCTION {
        place.capacity = shape.capacity;
        if let Some(per_host) = shape.agents {
            place.driver = Driver::Converge(Box::new(converge(per_host)));
            place.balancer = Balancer::None;
        }
        place.window.clone_from(&shape.window);
    } else {
        place.kind = EnvironmentKind::Development;
        place.traffic = if shape.quiet { TrafficKind::None } else { place.traffic };
    }
    if !shape.balanced {
        place.balancer = Balancer::None;
    }
    if name == PRODUCTION && matches!(shape.strategy, Strategy::ZeroDowntime(_)) {
        place.clouds = clouds(shape.clouds);
        place.pools = in_clouds(&place.pools.remove(0), shape.clouds);
    }
    if name == PRODUCTION && matches!(shape.strategy, Strategy::BlueGreen(_)) {
        place.pools = two_sides(place.pools.remove(0));
    }
    (place.name.clone(), place)
}

/// `a` is primary, the others stand by.
fn clouds(count: u32) -> Vec<Cloud> {
    let role = |n: usize| if n == 0 { CloudRole::Primary } else { CloudRole::Secondary };
    let names = ["a", "b", "c"].iter().take(count as usize).enumerate();
    names.map(|(n, name)| Cloud { name: cloud(name), role: role(n), region: None }).collect()
}

pub fn cloud(name: &str) -> CloudName {
    CloudName::new(name).unwrap()
}

/// As many hosts to each, the last ones to the last.
fn in_clouds(pool: &Pool, count: u32) -> Vec<Pool> {
    let each = (pool.hosts.len() / count as usize).max(1);
    let of = |(n, cloud): (usize, Cloud)| Pool {
        id: PoolId::new(&format!("{PRODUCTION}/{}", cloud.name)).unwrap(),
        component: pool.component.clone(),
        cloud: Some(cloud.name),
        colour: None,
        hosts: match n + 1 {
            last if last == count as usize => pool.hosts[n * each..].to_vec(),
            _ => pool.hosts[n * each..(n + 1) * each].to_vec(),
        },
    };
    clouds(count).into_iter().enumerate().map(of).collect()
}

/// The first half is blue, the other one green.
fn two_sides(mut pool: Pool) -> Vec<Pool> {
    let green = pool.hosts.split_off(pool.hosts.len() / 2);
    let colour = |name: &str, hosts: Vec<Host>| Pool {
        id: PoolId::new(&format!("{PRODUCTION}/{name}")).unwrap(),
        component: pool.component.clone(),
        cloud: None,
        colour: Some(ColourName::new(name).unwrap()),
        hosts,
    };
    vec![colour("blue", pool.hosts.clone()), colour("green", green)]
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
        let kind = CheckKind::Tcp { address: template("db:5432"), banner: None };
        let name = check("database");
        let (timeout, interval) = (Span::secs(5), Span::minutes(1));
        (name.clone(), Check { name, kind, timeout, retries: 0, interval, runbook: None })
    };
    let comparison = {
        let name = check("comparison");
        let (timeout, interval) = (Span::ZERO, Span::minutes(1));
        (
            name.clone(),
            Check { name, kind: CheckKind::Comparison, timeout, retries: 0, interval, runbook: None },
        )
    };
    [comparison, exec("smoke", &["ci/smoke"]), exec("reachable", &["ci/reach", "{host}"]), tcp].into()
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
    let last = StageName::new(PRODUCTION).unwrap();
    let stage = |name: &str, of: &str, select: Select| Stage {
        name: StageName::new(name).unwrap(),
        environment: environment(of),
        select,
        strategy: match name {
            PRODUCTION => shape.strategy.clone(),
            "1-box" => shape.test_bed.strategy(),
            _ => Strategy::default(),
        },
        validations: {
            let tests: &[&str] = if shape.validations { &["smoke", "reachable"] } else { &[] };
            let compared = (name == "1-box" && shape.compared).then_some("comparison");
            tests.iter().copied().chain(compared).map(check).collect()
        },
        bake: shape.bake,
        budget: shape.budget.filter(|budget| budget.0 > shape.bake.0 * shape.test_bed.bakes(shape)),
        promote: shape.promote,
        after: None,
        off_peak: false,
        once: match shape.once {
            Some(backs) if name == PRODUCTION => super::once::both(backs),
            _ => vec![],
        },
    };
    let mut environments = BTreeMap::from([place(PRODUCTION, "web", shape.hosts, shape)]);
    let mut stages = Vec::new();
    if shape.beta {
        environments.extend([place("beta", "beta", 2, shape)]);
        stages.push(stage("beta", "beta", Select::All));
    }
    if shape.one_box {
        stages.push(stage("1-box", PRODUCTION, shape.test_bed.select()));
        stages.push(stage(PRODUCTION, PRODUCTION, Select::Rest));
    } else {
        stages.push(stage(PRODUCTION, PRODUCTION, Select::All));
    }
    let before = if shape.one_box { StageName::new("1-box").unwrap() } else { last };
    let notify = Notifier::Exec { argv: vec![template("page"), template("{text}")], timeout: Span::secs(10) };
    let people = people(&[
        ("dana", &["decider", "engineering"]),
        ("raj", &["operations", "deployer"]),
        ("sam", &["security"]),
    ]);
    let mut plan = Plan {
        second: match (shape.superseding, shape.queued) {
            (true, _) => SecondGoLive::Superseding,
            (false, true) => SecondGoLive::Queued,
            (false, false) => SecondGoLive::Refused,
        },
        notify: if shape.notify { vec![notify] } else { Vec::new() },
        checks: checks(),
        items: items(),
        ..shop(people, environments, stages, before)
    };
    if let Some(every) = shape.test_bed.off_peak {
        super::test_bed::with_traffic(&mut plan, shape, every);
    }
    if shape.upkeep {
        super::upkeep::any(&mut plan);
    }
    if let Some(parts) = &shape.parts {
        super::parts::arrange(&mut plan, parts);
    }
    if let Some(branches) = &shape.branches {
        super::branches::arrange(&mut plan, branches, shape);
    }
    if let Some(profile) = shape.profile {
        super::profiles::declare(&mut plan, profile);
    }
    plan
}
