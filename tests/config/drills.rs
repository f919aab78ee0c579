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
    let DrillKind::Replace { hosts } = &drill.kind;
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
