//! A small project and a desk at which people say things: decides, applies, and lets the rules follow. Nothing is
//! carried out; what was observed is said by the test.

use std::{collections::BTreeMap, sync::Arc};

use crate::plan_parts::{self, host, people, shop, template};
pub use crate::plan_parts::{candidate, item, role, seat, who};
use golive::domain::{
    actor::{Actor, Via, Who},
    checklist::{Fact, ItemKind, ItemSpec, Owner, Severity},
    command::{Asked, Command},
    course::{Mode, OpenRequest, open_at, strictness::AskedProfile},
    decide::decide,
    effect::{Health, PoolState, Seen},
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

/// Three hosts behind a balancer, two seats, four items.
pub fn plan() -> Plan {
    let production = StageName::new("production").unwrap();
    let driver = Driver::Local {
        dir: template("run"),
        start: vec![template("shop")],
        env: BTreeMap::default(),
        keep: 5,
        stop_timeout: Span::secs(10),
    };
    let hosts = ["web-01", "web-02", "web-03"].map(|name| host(name, 80)).into();
    let environment = plan_parts::production("production", "shop", driver, hosts);
    let people = people(&[
        ("dana", &["decider", "engineering"]),
        ("raj", &["operations", "deployer"]),
        ("sam", &["security"]),
        ("ana", &["security"]),
        ("lee", &["engineering"]),
    ]);
    let stage = Stage {
        name: production.clone(),
        environment: environment.name.clone(),
        select: Select::All,
        strategy: Strategy::default(),
        validations: vec![],
        bake: Span::minutes(10),
        budget: None,
        promote: Promote::Human,
        after: None,
        off_peak: false,
        once: vec![],
    };
    Plan {
        items: vec![
            spec("support-told", ItemKind::Hand { evidence: false }, Severity::Required),
            spec("load-test", ItemKind::Hand { evidence: true }, Severity::Required),
            spec("on-call", ItemKind::Question, Severity::Required),
            spec("plan-b", ItemKind::Fact { fact: Fact::PlanBDecided }, Severity::Required),
        ],
        ..shop(people, [(environment.name.clone(), environment)].into(), vec![stage], production)
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
        // What the project's own profile leaves out is said with a reason.
        let profile = request.adopted.plan.strictness.own;
        let asked = AskedProfile { profile, reason: "a page of text".into() };
        let asked = (profile != Profile::Strict).then_some(asked);
        let event = open_at(project, request, asked.as_ref(), &actor).unwrap();
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
        self.see(&Seen {
            health,
            runs: Some(Version::new(version).unwrap()),
            installed: Some(candidate(version)),
            pool: PoolState::In,
            kept: Some(true),
            why: None,
            ended: None,
            checked_in: None,
            stranger: None,
        });
    }

    /// The same is seen of every host.
    pub fn see(&mut self, seen: &Seen) {
        let stages = self.session.plan().stages.len();
        let units: Vec<_> = (0..stages).flat_map(|stage| self.session.plan().units_of(stage)).collect();
        for unit in units {
            let seen = seen.clone();
            self.take(Event::Rollout(RolloutEvent::UnitSeen { unit, seen }), Actor::ENGINE);
        }
        self.follow();
    }
}
