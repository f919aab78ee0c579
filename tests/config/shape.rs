//! The schema for editors, and the long forms of everything that the examples do not use.

use golive::{
    config::{checklist_schema, schema},
    domain::{
        plan::{Amount, Balancer, CheckKind, Driver, Notifier, Scope, Select, Separation, Verb},
        time::Span,
    },
};
use proptest::prelude::*;

use super::project::Project;

const EVERYTHING: &str = r#"
[project]
name = "shop"
separation = "none"
share = "group"
notify = [{ exec = ["bin/page", "{person}", "{text}"], timeout = "3s" }, { webhook = "env:HOOK" }]
checklists = []

[people]
dana = { roles = ["decider", "deployer", "engineering"], login = "dsmith", contact = "555" }

[artifact]
source = "https://repo.example/{version}"

[defaults]
balancer = "none"
deadlines = { min_healthy_time = "1s", healthy_deadline = "20m" , progress_deadline = "40m" }

[environments.a]
kind = "uat"
hosts = [{ name = "a-[1:2]", port = 90 }, "a-3"]
deadlines = { min_healthy_time = "2s" }
[environments.a.driver]
kind = "exec"
dir = "/srv/{name}"
[environments.a.driver.verbs]
observe = ["bin/page"]
install = { argv = ["bin/page", "{dir}", "{version}"], timeout = "9s", env = { A = "{host}" }, repeatable = true }
start = ["bin/page", "{host}"]
self-test = ["bin/page"]

[environments.b]
hosts = [{ name = "b-1", address = "10.0.0.1", port = 80, region = "r" }, { name = "b-2", address = "10.0.0.2" }]
driver = { kind = "local", dir = "run", start = ["x"], env = { K = "env:K" }, keep = 9, stop_timeout = "1m" }
balancer = { kind = "exec", drain = ["d", "{host}"], ready = ["r", "{host}"], observe = ["o", "{host}"], timeout = "7s" }

[checks.alive]
http = "https://{host}/x"
method = "post"
headers = { Accept = "application/json" }
status = "200-204"
latency = "300ms"
contains = "ok"
json = { pointer = "/n", equals = 3 }
timeout = "1s"
retries = 2
interval = "30s"
runbook = "https://wiki/x"

[checks.port]
tcp = "{host}:5432"

[checks.smoke]
exec = ["bin/page", "{environment}"]
dir = "ci"
env = { A = "b" }

[[stages]]
name = "a"
environment = "a"
select = { count = "50%" }
validations = ["port", "smoke"]

[[stages]]
name = "b"
environment = "b"
select = { region = "r", hosts = ["b-1"] }

[poll]
before = "b"
quorum = 1
votes_expire = "1h"
go_expires = "30m"
by_voice = false
seats = [{ role = "engineering", required = false, veto = true, differs_from = ["author"], relies_on = ["steps"] }]
"#;

#[test]
fn every_long_form_is_read() {
    let loaded =
        Project::of_the_examples().read(EVERYTHING).unwrap_or_else(|p| panic!("{}", p.render(false)));
    let plan = &loaded.plan;
    assert!(plan.share_group && plan.separation == Separation::None && plan.items.is_empty());
    assert_eq!(plan.people["dana"].login, "dsmith");
    assert!(matches!(&plan.notify[0], Notifier::Exec { timeout, .. } if *timeout == Span::secs(3)));
    assert!(matches!(&plan.notify[1], Notifier::Webhook { url, .. } if url == "env:HOOK"));
    let a = &plan.environments["a"];
    assert_eq!(
        a.hosts().map(|h| (h.name.as_str(), h.port)).collect::<Vec<_>>(),
        [("a-1", Some(90)), ("a-2", Some(90)), ("a-3", None)]
    );
    assert_eq!(
        (a.deadlines.min_healthy_time, a.deadlines.progress_deadline),
        (Span::secs(2), Span::minutes(40))
    );
    let Driver::Exec { verbs, dir } = &a.driver else { panic!("{:?}", a.driver) };
    assert!(dir.is_some() && verbs.len() == 4);
    assert!(
        verbs[&Verb::Install].repeatable
            && verbs[&Verb::Observe].repeatable
            && !verbs[&Verb::Start].repeatable
    );
    assert_eq!((verbs[&Verb::Install].timeout, verbs[&Verb::Start].timeout), (Span::secs(9), Span::secs(60)));
    let b = &plan.environments["b"];
    assert!(
        matches!(&b.driver, Driver::Local { keep: 9, stop_timeout, .. } if *stop_timeout == Span::minutes(1))
    );
    assert!(matches!(&b.balancer, Balancer::Exec { timeout, .. } if *timeout == Span::secs(7)));
    let alive = &plan.checks["alive"];
    let CheckKind::Http(http) = &alive.kind else { panic!("{alive:?}") };
    assert_eq!(
        (http.method.as_str(), http.status, http.latency),
        ("POST", (200, 204), Some(Span::millis(300)))
    );
    assert_eq!(http.json, Some(("/n".into(), "3".into())));
    assert_eq!((alive.retries, alive.interval), (2, Span::secs(30)));
    assert_eq!(
        (plan.checks["port"].scope(), plan.checks["smoke"].scope()),
        (Scope::Hosts, Scope::Environment)
    );
    assert_eq!((plan.checks["port"].timeout, plan.checks["smoke"].timeout), (Span::secs(2), Span::secs(60)));
    assert!(matches!(plan.stages[0].select, Select::Some { amount: Some(Amount::Percent(5000)), .. }));
    let poll = &plan.poll;
    assert_eq!(
        (poll.quorum, poll.votes_expire, poll.go_expires, poll.by_voice),
        (Some(1), Span::hours(1), Span::minutes(30), false)
    );
    assert!(!poll.seats[0].required && poll.seats[0].veto);
    let blockers: Vec<_> = loaded.blockers().collect();
    assert!(blockers.is_empty(), "{blockers:?}");
}

#[test]
fn the_schema_describes_every_key_and_has_no_null() {
    for (schema, root) in [(schema(), "project"), (checklist_schema(), "items")] {
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        assert!(schema["properties"][root].is_object());
        let text = schema.to_string();
        assert!(!text.contains("null"), "{text}");
        let mut undescribed = Vec::new();
        describe(schema, "", &mut undescribed);
        assert_eq!(undescribed, [] as [&str; 0]);
    }
    let required: Vec<String> = serde_json::from_value(schema()["required"].clone()).unwrap();
    assert_eq!(required, ["project", "people", "artifact", "environments", "stages", "poll"]);
}

/// Keys of one to three words that say themselves what they are.
const PLAIN: [&str; 4] = ["kind", "stop", "install", "start"];

fn describe(schema: &serde_json::Value, path: &str, undescribed: &mut Vec<String>) {
    match schema {
        serde_json::Value::Object(map) => {
            if let Some(properties) = map.get("properties").and_then(|p| p.as_object()) {
                for (key, property) in properties {
                    if property.get("description").is_none() && !PLAIN.contains(&key.as_str()) {
                        undescribed.push(format!("{path}.{key}"));
                    }
                }
            }
            for (key, below) in map {
                describe(below, &format!("{path}/{key}"), undescribed);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| describe(item, path, undescribed)),
        _ => {}
    }
}

thread_local! {
    /// One directory for all cases.
    static PROJECT: Project = Project::of_the_examples();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is done to a line of a plan, it is read or refused with a place inside the file, never a panic;
    /// and what the schema lets through, the shape can hold.
    #[test]
    fn a_damaged_plan_is_read_or_refused_inside_the_file(
        line in 0usize..100,
        with in prop_oneof![
            Just(String::new()), Just("= 3".into()), Just("x = 1".into()), Just("name = [1, {}]".into()),
            Just("hosts = {}".into()), Just("[stages]".into()), Just("[[poll]]".into()), Just("kind = 1".into()),
            Just("driver = \"ssh\"".into()), Just("checks = []".into()), "\\PC{0,30}",
            "[a-z_]{1,9} = (\"[a-z{}0-9]{0,9}\"|[0-9]{1,4}|true|\\[\\]|\\{ \\})",
        ],
    ) {
        let mut lines: Vec<&str> = EVERYTHING.lines().collect();
        let at = line % lines.len();
        lines[at] = &with;
        let text = lines.join("\n");
        if let Err(problems) = PROJECT.with(|project| project.read(&text)) {
            prop_assert!(!problems.list.is_empty());
            for problem in &problems.list {
                prop_assert!((problem.line as usize) <= lines.len() + 1, "{}", problem);
                prop_assert!(!problem.what.contains("invalid type") && !problem.what.contains("unknown field"), "{problem}");
            }
            prop_assert!(!problems.render(false).is_empty());
        }
    }
}
