//! A small project and a desk at which people say things: decides, applies, and lets the rules follow. Nothing is
//! carried out; what was observed is said by the test.

use std::{collections::BTreeMap, sync::Arc};

use golive::domain::{
    actor::{Actor, Via, Who},
    checklist::{Fact, ItemKind, ItemSpec, Owner, Severity},
    command::{Asked, Command},
    course::{Mode, OpenRequest, open},
    decide::decide,
    effect::{Candidate, Health, PoolState, Seen},
    event::{Event, Stamped},
    name::*,
    plan::*,
    project::Project,
    refusal::Refusal,
    rollout::RolloutEvent,
    session::Session,
    time::{Now, SessionTime, Span, WallTime},
};

/// 2026-03-02 12:00 UTC.
pub const NOON: WallTime = WallTime(1_772_452_800_000_000);

pub struct Desk {
    pub session: Session,
    pub now: Now,
    pub record: Vec<Stamped>,
}

pub fn person(name: &str) -> Actor {
    Actor { who: Who::Person(PersonName::new(name).unwrap()), via: Via::Uid(1000) }
}

pub fn candidate(version: &str) -> Candidate {
    Candidate { version: Version::new(version).unwrap(), digest: Digest::of(version.as_bytes()) }
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

pub fn spec(id: &str, kind: ItemKind, severity: Severity) -> ItemSpec {
    ItemSpec {
        id: item(id),
        title: id.replace('-', " "),
        why: "since it matters".into(),
        group: "Pre-production".into(),
        kind,
        tier: Tier::CRITICAL,
        severity,
        owner: Owner::Role(role("operations")),
        due: Some(Span::days(2)),
        post_live: false,
    }
}

fn people() -> BTreeMap<PersonName, Person> {
    let of = |name: &str, roles: &[&str]| {
        let roles = roles.iter().map(|r| role(r)).collect();
        (who(name), Person { name: who(name), roles, login: name.into(), contact: None })
    };
    [
        of("dana", &["decider", "engineering"]),
        of("raj", &["operations", "deployer"]),
        of("sam", &["security"]),
        of("ana", &["security"]),
        of("lee", &["engineering"]),
    ]
    .into()
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

/// Three hosts behind a balancer, two seats, four items.
pub fn plan() -> Plan {
    let production = EnvironmentName::new("production").unwrap();
    let stage = StageName::new("production").unwrap();
    let host = |name: &str| Host {
        unit: UnitId::new(name).unwrap(),
        name: HostName::new(name).unwrap(),
        address: name.into(),
        port: Some(80),
        region: None,
    };
    let environment = Environment {
        name: production.clone(),
        kind: EnvironmentKind::Production,
        traffic: TrafficKind::Real,
        driver: Driver::Local {
            dir: Template::new("run").unwrap(),
            start: vec![Template::new("shop").unwrap()],
            env: BTreeMap::default(),
            keep: 5,
            stop_timeout: Span::secs(10),
        },
        balancer: Balancer::Haproxy {
            socket: "/run/haproxy.sock".into(),
            backend: "shop".into(),
            drain_timeout: Span::secs(30),
        },
        capacity: Capacity::default(),
        deadlines: Deadlines::default(),
        clouds: vec![],
        pools: vec![Pool {
            id: PoolId::new("production").unwrap(),
            component: ComponentName::new("shop").unwrap(),
            cloud: None,
            hosts: ["web-01", "web-02", "web-03"].map(host).into(),
        }],
        window: None,
    };
    Plan {
        project: ProjectName::new("shop").unwrap(),
        versions: VersionPolicy::Mixed,
        home: None,
        separation: Separation::Required,
        share_group: false,
        people: people(),
        notify: vec![],
        ca: None,
        artifact: Artifact { source: Template::new("dist/shop-{version}.tar.gz").unwrap() },
        components: BTreeMap::default(),
        environments: [(production.clone(), environment)].into(),
        checks: BTreeMap::default(),
        alarms: vec![],
        stages: vec![Stage {
            name: stage.clone(),
            environment: production,
            select: Select::All,
            strategy: Strategy::default(),
            validations: vec![],
            bake: Span::minutes(10),
            promote: Promote::Human,
        }],
        poll: PollRules {
            before: stage,
            seats: vec![seat("engineering"), seat("operations")],
            quorum: None,
            votes_expire: Span::hours(24),
            go_expires: Span::hours(4),
            by_voice: true,
        },
        plan_b: PlanB { decides: Some(who("dana")), ..PlanB::default() },
        items: vec![
            spec("support-told", ItemKind::Hand { evidence: false }, Severity::Required),
            spec("load-test", ItemKind::Hand { evidence: true }, Severity::Required),
            spec("on-call", ItemKind::Question, Severity::Required),
            spec("plan-b", ItemKind::Fact { fact: Fact::PlanBDecided }, Severity::Required),
        ],
    }
}

impl Desk {
    pub fn new(plan: Plan) -> Self {
        Self::opened(plan, &Project::default(), None)
    }

    pub fn opened(plan: Plan, project: &Project, author: Option<PersonName>) -> Self {
        let now = Now { wall: NOON, session: SessionTime(0) };
        let request = OpenRequest {
            id: SessionId::new("1").unwrap(),
            candidate: candidate("2.5.0"),
            go_live: NOON.plus(Span::days(3)),
            adopted: Arc::new(Adopted::new(plan, "the file".into())),
            mode: Mode::Live,
            author,
            machine: "deploy-1".into(),
        };
        let actor = person("dana");
        let event = open(project, request, &actor).unwrap();
        let first = Stamped { seq: 1, now, epoch: 1, actor, event };
        let mut desk = Self { session: Session::begin(&first).unwrap(), now, record: vec![first] };
        desk.follow();
        desk
    }

    fn take(&mut self, event: Event, actor: Actor) {
        let stamped = Stamped { seq: self.session.seq + 1, now: self.now, epoch: 1, actor, event };
        self.session.apply(&stamped);
        self.record.push(stamped);
    }

    fn follow(&mut self) {
        loop {
            let events = self.session.next(self.now);
            if events.is_empty() {
                return;
            }
            for event in events {
                self.take(event, Actor::RULES);
            }
        }
    }

    pub fn say(&mut self, name: &str, command: impl Into<Asked>) -> Result<(), Refusal> {
        let actor = person(name);
        for event in decide(&self.session, &command.into(), &actor, self.now)? {
            self.take(event, actor.clone());
        }
        self.follow();
        Ok(())
    }

    /// Says it and expects a refusal whose words hold all of `parts`.
    #[track_caller]
    pub fn refused(&mut self, name: &str, command: Command, parts: &[&str]) {
        let refusal = self.say(name, command).expect_err("this should have been refused");
        assert!(!refusal.lift.is_empty(), "a refusal says what lifts it: {refusal}");
        for part in parts {
            assert!(refusal.to_string().contains(part), "{part:?} is not in: {refusal}");
        }
    }

    pub fn later(&mut self, span: Span) {
        self.now.wall = self.now.wall.plus(span);
        self.now.session = self.now.session.plus(span);
        self.follow();
    }

    /// Every host is seen healthy, in the pool, running `version`, which is kept.
    pub fn observe(&mut self, version: &str) {
        self.observe_as(version, Health::Healthy);
    }

    pub fn observe_as(&mut self, version: &str, health: Health) {
        let stages = self.session.plan().stages.len();
        let units: Vec<_> = (0..stages).flat_map(|stage| self.session.plan().units_of(stage)).collect();
        for unit in units {
            let seen = Seen {
                health,
                runs: Some(Version::new(version).unwrap()),
                installed: Some(candidate(version)),
                pool: PoolState::In,
                kept: Some(true),
                why: None,
                ended: None,
            };
            self.take(Event::Rollout(RolloutEvent::UnitSeen { unit, seen }), Actor::ENGINE);
        }
        self.follow();
    }
}
