//! What a plan with drills must say.

use golive::domain::{
    name::DrillName,
    plan::{DrillKind, Verb},
    time::Span,
};

use super::{mistakes::of, project::Project};

pub(super) const GOOD: &str = r#"
[project]
name = "shop"
zone = "Europe/Berlin"
checklists = ["basic"]

[people]
dana = { roles = ["decider", "engineering"] }
raj = { roles = ["operations", "deployer"] }

[artifact]
source = "dist/shop-{version}.tar.gz"

[environments.production]
hosts = ["web-01", "web-02", "web-03"]
driver = { kind = "exec", verbs = { start = ["true"], observe = ["true"], replace = ["true", "{host}"] } }

[checks.alive]
http = "http://{host}:8080/health"

[checks.front]
http = "https://shop.example/"

[checks.pager]
exec = ["true", "{since}"]

[[stages]]
name = "production"
environment = "production"

[drills.replace-web]
kind = "replace"
environment = "production"
hosts = ["web-02", "web-03"]
probe = "front"
availability = "99.9%"
latency = "500ms"
tools = ["pager"]

[poll]
seats = [{ role = "engineering" }, { role = "operations" }]
drills = { replace-web = "100d" }
"#;

fn with(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "{from}");
    of(&GOOD.replacen(from, to, 1))
}

#[test]
fn a_drill_is_read_with_what_it_leaves_out() {
    assert_eq!(of(GOOD), [] as [&str; 0]);
    let plan = Project::of_the_examples().read(GOOD).unwrap().plan;
    let drill = &plan.drills[&DrillName::new("replace-web").unwrap()];
    let DrillKind::Replace { hosts } = &drill.kind else { panic!("{:?}", drill.kind) };
    assert_eq!(
        hosts.iter().map(golive::domain::name::UnitId::as_str).collect::<Vec<_>>(),
        ["web-02", "web-03"]
    );
    assert_eq!((drill.availability, drill.latency), (9_990, Span::millis(500)));
    assert_eq!((drill.interval, drill.receipts), (Span::secs(1), Span::minutes(5)));
    assert_eq!(plan.poll.drills.values().copied().collect::<Vec<_>>(), [Span::days(100)]);
    assert_eq!(plan.zone(), "Europe/Berlin");
    let verbs = match &plan.environments.values().next().unwrap().driver {
        golive::domain::plan::Driver::Exec { verbs, .. } => verbs,
        other => panic!("{other:?}"),
    };
    assert!(!verbs[&Verb::Replace].repeatable, "a machine is not made twice by itself");
}

/// Each with its place, and what to do.
#[test]
fn a_drill_that_could_show_nothing_is_wrong() {
    let one = |from: &str, to: &str, words: &str| {
        let found = with(from, to);
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
    };
    one("\"99.9%\"", "\"often\"", "36 \"often\" is not a share of the answers");
    one("kind = \"replace\"", "kind = \"replac\"", "did you mean `replace`?");
    one(", replace = [\"true\", \"{host}\"]", "", "declares no way to replace a host");
    one("\"web-02\", \"web-03\"]\nprobe", "\"web-02\", \"web-09\"]\nprobe", "production has no host web-09");
    one("hosts = [\"web-02\", \"web-03\"]\n", "", "drill replace-web takes no host");
    one("probe = \"front\"", "probe = \"alive\"", "alive is not asked as a user asks");
    one("probe = \"front\"", "probe = \"frond\"", "did you mean \"front\"?");
    one("shop.example/\"", "shop.example/\"\nretries = 2", "front is tried again where it fails");
    one("tools = [\"pager\"]", "tools = []", "names no monitoring tool");
    one(
        "\"true\", \"{since}\"",
        "\"true\"",
        "pager does not ask its tool for an alarm since the drill began",
    );
    one("{ replace-web =", "{ replace-wep =", "did you mean \"replace-web\"?");
    one("Europe/Berlin", "Europe/Berlim", "is not a time zone");
    one("latency = \"500ms\"\n", "", "`drills.replace-web` has no `latency`");
}

/// Two clouds of two hosts that all serve, of which one may be spared.
fn clouds() -> String {
    let hosts = "hosts = [\"web-01\", \"web-02\", \"web-03\"]";
    let clouds = "clouds.a = { role = \"primary\", hosts = [\"web-01\", \"web-02\"], region = \"eu-1\" }\n\
                  clouds.b = { role = \"primary\", hosts = [\"web-03\", \"web-04\"], region = \"eu-2\" }\n\
                  capacity = { min_healthy = 2 }\n\
                  balancer = { kind = \"haproxy\", socket = \"/run/haproxy.sock\", backend = \"shop\" }";
    let drill = "hosts = [\"web-02\", \"web-03\"]\nprobe";
    assert!(GOOD.contains(hosts) && GOOD.contains(drill));
    GOOD.replacen(hosts, clouds, 1).replacen("kind = \"replace\"", "kind = \"secondary\"", 1).replacen(
        drill,
        "cloud = \"b\"\nprobe",
        1,
    )
}

#[test]
fn a_drill_takes_a_cloud_or_a_region_out_of_traffic() {
    let found = of(&clouds());
    assert_eq!(found, [] as [&str; 0]);
    let of_plan = |text: &str| {
        let plan = Project::of_the_examples().read(text).unwrap().plan;
        let drill = plan.drills[&DrillName::new("replace-web").unwrap()].clone();
        let hosts = drill.kind.hosts(&plan.environments[&drill.environment], None);
        (drill.kind.to_string(), hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(of_plan(&clouds()), ("secondary cloud b for 5 min".into(), "web-03 web-04".into()));
    let offline = clouds().replacen("\"secondary\"", "\"offline\"", 1);
    let region = offline.replacen("cloud = \"b\"", "region = \"eu-1\"\nlasts = \"10m\"", 1);
    assert_eq!(of_plan(&region), ("offline region eu-1 for 10 min".into(), "web-01 web-02".into()));
    assert_eq!(of(&region), [] as [&str; 0]);
}

#[test]
fn a_data_centre_that_can_not_be_spared_is_wrong() {
    let one = |from: &str, to: &str, words: &str| {
        let text = clouds();
        assert!(text.contains(from), "{from}");
        let found = of(&text.replacen(from, to, 1));
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
    };
    one("cloud = \"b\"\nprobe", "cloud = \"c\"\nprobe", "no host of production is of cloud c");
    one("cloud = \"b\"\nprobe", "probe", "names no cloud, and none of production is primary");
    one("cloud = \"b\"\nprobe", "cloud = \"b\"\nregion = \"eu-1\"\nprobe", "region says nothing to a drill");
    one(
        "min_healthy = 2",
        "min_healthy = 3",
        "cloud b is 2 of the 4 hosts of production, and its capacity lets 1",
    );
    one("balancer = {", "#balancer = {", "production has no balancer that would take its hosts out");
    one(
        "\"secondary\"\nenvironment",
        "\"replace\"\nenvironment",
        "cloud says nothing to a drill of this kind",
    );
}

#[test]
fn a_heartbeat_is_declared_for_all_or_one_environment() {
    let beat = |text: &str| {
        let plan = Project::of_the_examples().read(text).unwrap().plan;
        let beat = plan.environments.values().next().unwrap().heartbeat.unwrap();
        (beat.every, beat.missed)
    };
    let own = |written: &str| {
        GOOD.replacen("\n[checks.alive]", &format!("heartbeat = {written}\n\n[checks.alive]"), 1)
    };
    assert_eq!(beat(&own("{}")), (Span::secs(10), 3));
    let general = "[defaults]\nheartbeat = { every = \"30s\", missed = 5 }\n\n[environments.production]";
    let general = |text: &str| text.replacen("[environments.production]", general, 1);
    assert_eq!(beat(&general(GOOD)), (Span::secs(30), 5));
    assert_eq!(beat(&general(&own("{ missed = 2 }"))), (Span::secs(10), 2), "its own, and not a mixture");
    let one = |written: &str, words: &str| {
        let found = of(&own(written));
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
    };
    one("{ missed = 0 }", "heartbeat.missed` is 0: use 1 to");
    one("{ every = \"1s\" }", "1 s is shorter than the 2 s between two looks at a host");
    let blind =
        own("{}").replacen("observe = [\"true\"], ", "", 1).replacen("[checks.alive]", "[checks.alife]", 1);
    let blind = of(&blind);
    assert!(
        blind.iter().any(|it| it.contains("nothing says whether a host of production is alive")),
        "{blind:#?}"
    );
}

#[test]
fn repairs_are_declared_beside_a_heartbeat() {
    let with = |written: &str| {
        let keys = format!("heartbeat = {{}}\nrepair = {written}\n\n[checks.alive]");
        GOOD.replacen("\n[checks.alive]", &keys, 1)
    };
    let repair = |written: &str| {
        let plan = Project::of_the_examples().read(&with(written)).unwrap().plan;
        plan.environments.values().next().unwrap().repair.clone().unwrap()
    };
    let read = repair("{ run = [\"true\", \"{host}\"] }");
    assert_eq!((read.timeout, read.cool_down), (Span::secs(60), Span::minutes(5)));
    assert_eq!(
        (read.attempts, read.at_once, read.replace),
        (3, 1, None),
        "nothing is replaced unless it is written"
    );
    let read =
        repair("{ run = [\"true\"], then = \"replace\", replace_at_once = 2, attempts = 1, at_once = 4 }");
    assert_eq!((read.attempts, read.at_once, read.replace), (1, 4, Some(2)));
    assert_eq!(repair("{ run = [\"true\"], then = \"replace\" }").replace, Some(1));
    let one = |written: &str, words: &str| {
        let found = of(&with(written));
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
    };
    one("{ cool_down = \"5m\" }", "run");
    one(
        "{ run = [\"true\"], cool_down = \"50s\" }",
        "50 s from one repair to the next is no longer than the 1 min of one",
    );
    one(
        "{ run = [\"true\"], timeout = \"5s\", cool_down = \"20s\" }",
        "a cool-down of 20 s is over before a host that is still dead is seen to be: 30 s",
    );
    one("{ run = [\"true\"], replace_at_once = 2 }", "nothing is replaced: `then` is not \"replace\"");
    let no_way = with("{ run = [\"true\"], then = \"replace\" }").replacen(
        ", replace = [\"true\", \"{host}\"]",
        "",
        1,
    );
    let found = of(&no_way);
    assert!(
        found.iter().any(|it| it.contains("hosts of production can't be replaced by golive")),
        "{found:#?}"
    );
    let alone = with("{ run = [\"true\"] }").replacen("heartbeat = {}\n", "", 1);
    let found = of(&alone);
    let words = "without a heartbeat no host of production is ever dead, and none is repaired";
    assert!(found.len() == 1 && found[0].contains(words), "{found:#?}");
}

#[test]
fn how_an_environment_is_scaled_has_bounds_and_says_to_how_many() {
    let with =
        |written: &str| GOOD.replacen("\n[checks.alive]", &format!("scale = {written}\n\n[checks.alive]"), 1);
    let all = |rest: &str| {
        format!("{{ min = 2, max = 8, current = [\"true\"], to = [\"true\", \"{{count}}\"]{rest} }}")
    };
    let plan = Project::of_the_examples().read(&with(&all(""))).unwrap().plan;
    let scale = plan.environments.values().next().unwrap().scale.clone().unwrap();
    assert_eq!((scale.min, scale.max, scale.step), (2, 8, 1));
    assert_eq!((scale.timeout, scale.within), (Span::secs(60), Span::minutes(10)));
    let one = |written: &str, words: &str| {
        let found = of(&with(written));
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
    };
    one(&all("").replace("min = 2", "min = 9"), "the minimum is 9, and the maximum 8");
    one(&all("").replace(", \"{count}\"", ""), "it does not say to how many");
    one(&all("").replace("{count}", "{host}"), "{host} stands for nothing");
    one(
        &all("").replace("min = 2", "min = 1"),
        "a minimum of 1 is below the 2 of 3 hosts that capacity asks for",
    );
    one(&all(", step = 0"), "step");
    one("{ min = 2, max = 8, to = [\"true\", \"{count}\"] }", "current");
}
