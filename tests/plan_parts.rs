//! The parts of a plan that tests of the core have in common: one project, its people, hosts and poll. What a test is
//! about it writes itself, over these.

use std::collections::BTreeMap;

use golive::domain::{effect::Candidate, name::*, plan::*, time::Span};

pub fn candidate(version: &str) -> Candidate {
    Candidate::new(Version::new(version).unwrap(), Digest::of(version.as_bytes()))
}

pub fn item(id: &str) -> ItemId {
    ItemId::new(id).unwrap()
}

pub fn who(name: &str) -> PersonName {
    PersonName::new(name).unwrap()
}

pub fn role(name: &str) -> RoleName {
    RoleName::new(name).unwrap()
}

pub fn template(text: &str) -> Template {
    Template::new(text).unwrap()
}

/// People by name and roles, each with a login of the same name.
pub fn people(of: &[(&str, &[&str])]) -> BTreeMap<PersonName, Person> {
    of.iter()
        .map(|(name, roles)| {
            let roles = roles.iter().map(|of| role(of)).collect();
            (who(name), Person { name: who(name), roles, login: (*name).into(), contact: None })
        })
        .collect()
}

pub fn seat(of: &str) -> Seat {
    Seat {
        role: role(of),
        eligible: vec![],
        deputy: None,
        required: true,
        veto: false,
        differs_from: vec![],
        relies_on: vec![],
    }
}

pub fn host(name: &str, port: u16) -> Host {
    Host {
        unit: UnitId::new(name).unwrap(),
        name: HostName::new(name).unwrap(),
        address: name.into(),
        port: Some(port),
        region: None,
        labels: BTreeMap::new(),
        spare: false,
    }
}

/// Production with these hosts in one pool, behind a balancer, with the limits that a plan has by default.
pub fn production(name: &str, component: &str, driver: Driver, hosts: Vec<Host>) -> Environment {
    Environment {
        name: EnvironmentName::new(name).unwrap(),
        kind: EnvironmentKind::Production,
        traffic: TrafficKind::Real,
        driver,
        balancer: Balancer::Haproxy {
            socket: "/run/haproxy.sock".into(),
            backend: "shop".into(),
            drain_timeout: Span::secs(30),
        },
        capacity: Capacity::default(),
        deadlines: Deadlines::default(),
        clouds: vec![],
        pools: vec![Pool {
            id: PoolId::new(name).unwrap(),
            component: ComponentName::new(component).unwrap(),
            cloud: None,
            colour: None,
            hosts,
        }],
        window: None,
        heartbeat: None,
        repair: None,
        scale: None,
    }
}

/// The shop: nothing is checked and nothing asked for, two seats vote before the stage named.
pub fn shop(
    people: BTreeMap<PersonName, Person>,
    environments: BTreeMap<EnvironmentName, Environment>,
    stages: Vec<Stage>,
    before: StageName,
) -> Plan {
    Plan {
        project: ProjectName::new("shop").unwrap(),
        versions: VersionPolicy::Mixed,
        second: SecondGoLive::Refused,
        home: None,
        separation: Separation::Required,
        share_group: false,
        people,
        notify: vec![],
        ca: None,
        artifact: Artifact { source: template("dist/shop-{version}.tar.gz") },
        components: BTreeMap::default(),
        environments,
        checks: BTreeMap::default(),
        alarms: vec![],
        stages,
        freezes: vec![],
        traffic: BTreeMap::default(),
        drills: BTreeMap::new(),
        zone: None,
        poll: PollRules {
            drills: BTreeMap::new(),
            before,
            seats: vec![seat("engineering"), seat("operations")],
            quorum: None,
            votes_expire: Span::hours(24),
            go_expires: Span::hours(4),
            by_voice: true,
        },
        strictness: Strictness::default(),
        plan_b: PlanB { decides: Some(who("dana")), ..PlanB::default() },
        items: vec![],
    }
}
