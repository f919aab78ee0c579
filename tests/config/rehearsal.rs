//! What stands in for a team's plan names nothing of the team's, breaks no rule, and says what it plays otherwise.

use std::collections::BTreeMap;

use golive::domain::{
    name::{EnvironmentName, PersonName},
    plan::{Balancer, Driver, Plan, Template, rules},
    rehearsal::{Place, Played, StandIns, TooFew, fewer, staged_hosts, stand_in},
    time::Span,
};

use super::project::Project;

const SMALL: &str = include_str!("fixtures/plan-small.toml");

fn template(text: &str) -> Template {
    Template::new(text).unwrap()
}

fn played(plan: &Plan) -> Played {
    let place = |environment: &golive::domain::plan::Environment| Place {
        driver: Driver::Local {
            dir: template("/stand/in"),
            start: vec![template("/stand/in/start")],
            env: BTreeMap::new(),
            keep: 3,
            stop_timeout: Span::secs(3),
        },
        balancer: (environment.balancer != Balancer::None).then(|| Balancer::Haproxy {
            socket: "/stand/in/socket".into(),
            backend: "stand-ins".into(),
            drain_timeout: Span::secs(1),
        }),
        ports: environment.hosts().map(|host| host.unit.clone()).zip(20_000..).collect(),
    };
    let staged = |name: &EnvironmentName| plan.stages.iter().any(|stage| stage.environment == *name);
    let places = plan.environments.values().filter(|it| staged(&it.name));
    let with = StandIns {
        places: places.map(|environment| (environment.name.clone(), place(environment))).collect(),
        artifact: template("/stand/in/{version}"),
        front: vec![template("/stand/in/front")],
        alive: (template("http://{host}:{port}/is_alive"), "/version".into()),
        self_test: template("http://{host}:{port}/selftest"),
        other: template("http://{host}:{port}/"),
        person: PersonName::new("kim").unwrap(),
        login: "kim".into(),
        longest: Span::secs(5),
    };
    stand_in(plan, &with)
}

/// A host's name stays, as a name; every other text of the team's that could be reached, run or asked is gone.
#[test]
fn a_rehearsal_reaches_nothing_of_the_teams() {
    let text = r#"
[project]
name = "shop"
home = "deploy-host.example"
notify = [{ exec = ["/opt/team/notify", "{text}"] }, { webhook = "https://team.example/hook" }]
second = "superseding"

[people]
dana = { roles = ["decider", "engineering", "deployer"], login = "dana-login", contact = "dana@team.example" }

[artifact]
source = "https://team.example/shop-{version}.tar.gz"

[environments.production]
driver = { kind = "exec", dir = "/opt/team", verbs = { install = ["/opt/team/install", "{name}"], start = ["/opt/team/start"], stop = ["/opt/team/stop"], self-test = ["/opt/team/test"] } }
balancer = { kind = "exec", drain = ["/opt/team/drain"], ready = ["/opt/team/ready"], observe = ["/opt/team/pool"] }
capacity = { max_parallel = 1, min_healthy = 2 }
hosts = [{ name = "web-1", address = "web-1.team.example", port = 80 }, { name = "web-2", address = "web-2.team.example", port = 80 }, { name = "web-3", address = "web-3.team.example", port = 80 }]

[checks]
alive = { http = "https://{host}/alive" }
smoke = { exec = ["/opt/team/smoke"], runbook = "https://team.example/runbook" }
orders = { http = "https://shop.team.example/orders", headers = { token = "env:TEAM_TOKEN" } }
port = { tcp = "{host}:{port}" }
shelf = { exec = ["/opt/team/shelf"] }

[[stages]]
name = "1-box"
environment = "production"
select = { count = 1 }
validations = ["smoke", "port", "comparison"]
promote = "human"
bake = "20m"

[[stages]]
name = "production"
environment = "production"
select = "rest"
validations = ["orders"]

[poll]
before = "1-box"
seats = [{ role = "engineering" }]

[plan_b]
decides = "dana"
informs = ["press desk of the team.example"]
"#;
    let project = Project::new();
    let loaded = project.read(text).unwrap_or_else(|p| panic!("{}", p.render(false)));
    let Played { plan, otherwise } = played(&loaded.plan);
    let all = serde_json::to_string(&plan).unwrap();
    for theirs in ["team", "dana", "TEAM_TOKEN", "deploy-host", "comparison", "exec\":{\"verbs"] {
        assert!(!all.contains(theirs), "{theirs} is left: {all}");
    }
    assert_eq!(rules::check(&plan), [], "and it is a plan that can be opened");
    assert!(rules::remarks(&plan).iter().all(|remark| !remark.blocks_open));
    assert_eq!(plan.stages.len(), 2);
    assert_eq!((plan.stages[0].bake, plan.stages[0].promote), (Span::secs(5), loaded.plan.stages[0].promote));
    assert!(plan.check("self-test").is_some(), "the driver's own test is a step of each host");
    let said = otherwise.join("\n");
    for words in [
        "production: processes on this machine in the place of its hosts, behind a balancer that answers as HAProxy does",
        "the checklist",
        "the poll (1 seats); kim starts",
        "not played: notices and alarms",
        "asked of the stand-ins, and of nothing else: alive, port",
        "played as one request that has to be served: orders, smoke",
        "not played, since no stage asks for them: shelf",
        "not played: comparison",
        "each cut to 5 s: 1-box bake 20 min",
    ] {
        assert!(said.contains(words), "{words} is not said:\n{said}");
    }
}

/// The small plan's driver is one that no build carries out yet: it can be rehearsed all the same.
#[test]
fn a_plan_that_can_only_be_checked_can_be_rehearsed() {
    let loaded = Project::of_the_examples().read(SMALL).unwrap();
    assert!(rules::remarks(&loaded.plan).iter().any(|remark| remark.blocks_open));
    let plan = played(&loaded.plan).plan;
    assert_eq!(rules::check(&plan), []);
    assert!(rules::remarks(&plan).iter().all(|remark| !remark.blocks_open));
}

/// The plan's own poll may ask for a drill: nobody is polled in a rehearsal, and no drill is held.
#[test]
fn a_plan_whose_poll_asks_for_a_drill_can_be_rehearsed() {
    let loaded = Project::of_the_examples().read(super::drills::GOOD).unwrap();
    assert_eq!(loaded.plan.poll.drills.len(), 1);
    assert_eq!(rules::check(&played(&loaded.plan).plan), []);
}

/// A laptop holds no hundreds of processes: fewer hosts, the same budget as far as it goes, and it is said.
#[test]
fn a_fleet_that_is_too_large_is_played_with_fewer_hosts() {
    let hosts: Vec<String> = (1..=300).map(|n| format!("\"web-{n:03}\"")).collect();
    let text = SMALL.replace(r#"["web-01", "web-02", "web-03"]"#, &format!("[{}]", hosts.join(", ")));
    assert_ne!(text, SMALL, "the fixture has three hosts");
    let loaded = Project::of_the_examples().read(&text).unwrap_or_else(|p| panic!("{}", p.render(false)));
    let (plan, words) = fewer(&loaded.plan, 40).unwrap();
    let kept = plan.environments["production"].hosts().count();
    assert_eq!((kept, words), (40, vec!["production: 40 of 300 hosts".to_owned()]));
    assert_eq!(rules::check(&plan), [], "its capacity can still be kept");
    let (same, words) = fewer(&loaded.plan, 300).unwrap();
    assert_eq!((same, words.len()), (loaded.plan, 0));
}

/// No more stand-ins than were allowed, whatever has to stay; what no stage changes takes none of them.
#[test]
fn no_more_hosts_are_played_than_were_allowed_or_it_is_refused() {
    let mut plan = Project::of_the_examples().read(SMALL).unwrap().plan;
    let production = plan.environments.values().next().unwrap().clone();
    let stage = plan.stages[0].clone();
    for n in 1..=12 {
        let mut other = production.clone();
        other.name = EnvironmentName::new(&format!("site-{n}")).unwrap();
        let mut at = stage.clone();
        at.environment = other.name.clone();
        if n <= 4 {
            plan.stages.push(at);
        }
        plan.environments.insert(other.name.clone(), other);
    }
    assert_eq!(staged_hosts(&plan), 15, "eight of the environments are changed by no stage");
    for at_most in 5..15 {
        let (fewer, words) = fewer(&plan, at_most).unwrap();
        assert!((5..=at_most as usize).contains(&staged_hosts(&fewer)), "{at_most}: {words:?}");
        assert!(words.iter().all(|line| !line.contains("site-12")), "nothing stands in for it: {words:?}");
    }
    assert_eq!(fewer(&plan, 4), Err(TooFew { at_most: 4, least: 5 }));
}
