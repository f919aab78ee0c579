//! What the readme and the guide show is what golive reads: every block of a plan in them, and every setting that
//! stands in a sentence, put into the readme's plan.

use toml::{Table, Value};

use super::project::Project;

const README: &str = include_str!("../../README.md");
const GUIDE: &str = include_str!("../../src/config/guide.md");

const STAGE: &str = "stages";
const PRODUCTION: &str = "environments.production";

/// Something that the guide shows.
struct Shown {
    /// How it begins there.
    begins: &'static str,
    /// The table of the readme's plan that it belongs into; the whole plan where this is empty.
    at: &'static str,
    /// What else the plan has to have for it.
    beside: &'static str,
}

const fn shown(begins: &'static str, at: &'static str, beside: &'static str) -> Shown {
    Shown { begins, at, beside }
}

fn all() -> Vec<Shown> {
    vec![
        shown(r#"strategy = { kind = "rolling""#, STAGE, REGIONS),
        shown(r#"strategy = { kind = "canary""#, STAGE, SMOKE),
        shown(r#"strategy = { kind = "blue-green""#, STAGE, SIDES),
        shown(r#"strategy = { kind = "zero-downtime""#, STAGE, CLOUDS),
        shown(r#"strategy = { kind = "stop-all" }"#, STAGE, r#"project.versions = "exclusive""#),
        shown(r#"driver = { kind = "converge""#, "", ""),
        shown("[components.web]", "", ""),
        shown("once = [", STAGE, ""),
        shown("capacity = { min_healthy = 0 }", PRODUCTION, ""),
        shown(r#"hosts = ["web-[01:10]""#, PRODUCTION, CANARY),
        shown("select = { count = 1 }", STAGE, ""),
        shown(r#"validations = ["comparison"]"#, STAGE, "[[stages]]\nselect = { count = 1 }"),
        shown("after = []", STAGE, ""),
        shown(r#"budget = "2h""#, STAGE, ""),
        shown("window = { days", PRODUCTION, ""),
        shown(r#"second = "queued""#, "project", ""),
        shown("heartbeat = {", PRODUCTION, ""),
        shown("repair = {", PRODUCTION, HEARTBEAT),
        shown("scale = {", PRODUCTION, ""),
    ]
}

/// The guide's hosts are named without ports.
const WITHOUT_PORTS: &str = r#"
checks.alive.http = "http://{host}/health"
[environments.production.driver]
start = ["{dir}/current/bin/shop"]"#;
const SMOKE: &str = r#"checks.smoke.exec = ["ci/smoke"]"#;
const HEARTBEAT: &str = r#"environments.production.heartbeat = { every = "10s", missed = 3 }"#;
const CANARY: &str = r#"
[[stages]]
strategy = { kind = "canary", steps = [{ weight = 10 }, { pause = "10m" }] }"#;
const REGIONS: &str = r#"
[environments.production]
hosts = [{ name = "web-01", region = "eu-1" }, { name = "web-02", region = "us-1" }]"#;
const SIDES: &str = r#"
checks.smoke.exec = ["ci/smoke"]
[environments.production]
hosts = ""
colours.blue = { hosts = ["web-[01:03]"] }
colours.green = { hosts = ["web-[04:06]"] }"#;
const CLOUDS: &str = r#"
checks.smoke.exec = ["ci/smoke"]
[environments.production]
hosts = ""
clouds.a = { role = "primary", hosts = ["a-[1:2]"] }
clouds.b = { role = "secondary", hosts = ["b-[1:2]"] }"#;

/// Settings that the guide names inside of a table which it does not show whole there.
const PARTS: [&str; 16] = [
    "min_healthy =",
    "window = \"off-peak\"",
    "colours.blue =",
    "clouds.a =",
    "clouds.b =",
    "all_at_once =",
    "nudge =",
    "when =",
    "after = [\"beta\"",
    "traffic =",
    "exec =",
    "same_as =",
    "may_differ =",
    "banner =",
    "kind =",
    "then =",
];

/// The blocks in the guide, which are the lines that stand four columns in.
fn blocks() -> Vec<String> {
    let mut found = vec![String::new()];
    for line in GUIDE.lines() {
        match (line.strip_prefix("    "), found.last_mut()) {
            (Some(code), Some(block)) => {
                block.push_str(code);
                block.push('\n');
            }
            (None, Some(block)) if line.is_empty() && !block.is_empty() => block.push('\n'),
            _ => found.push(String::new()),
        }
    }
    found.retain(|block| !block.trim().is_empty());
    found
}

/// The settings between backticks, which may go over the end of a line.
fn settings() -> Vec<String> {
    let spans = GUIDE.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " "));
    let named = |key: &str| key.chars().all(|c| c.is_ascii_lowercase() || "_.".contains(c));
    spans.filter(|span| span.split_once(" = ").is_some_and(|(key, _)| named(key))).collect()
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            // A driver or a strategy of another kind has other keys.
            (Some(Value::Table(into)), Value::Table(from)) if !from.contains_key("kind") => merge(into, from),
            (Some(Value::Array(stages)), Value::Array(from)) if key == STAGE => {
                let (Some(Value::Table(stage)), Some(Value::Table(from))) =
                    (stages.first_mut(), from.into_iter().next())
                else {
                    panic!("a stage is a table")
                };
                merge(stage, from);
            }
            (_, Value::String(nothing)) if nothing.is_empty() => {
                into.remove(&key);
            }
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn of_the_readme() -> Table {
    let (_, rest) = README.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0.parse().unwrap()
}

/// The readme's plan with what is shown in it.
fn with(text: &str, shown: &Shown) -> String {
    let mut plan = of_the_readme();
    merge(&mut plan, WITHOUT_PORTS.parse().unwrap());
    let mut text: Table = text.parse().unwrap_or_else(|error| panic!("{text}\n{error}"));
    // A strategy that stands below its driver is its stage's all the same.
    if shown.at.is_empty() {
        let mut production = Table::new();
        production.extend(["driver", "deadlines"].iter().filter_map(|key| text.remove_entry(*key)));
        let stage: Table = text.remove_entry("strategy").into_iter().collect();
        merge(
            &mut plan,
            [("environments".to_owned(), nested("production", production))].into_iter().collect(),
        );
        merge(&mut plan, [(STAGE.to_owned(), Value::Array(vec![Value::Table(stage)]))].into_iter().collect());
    }
    merge(&mut plan, shown.beside.parse().unwrap());
    let own = match shown.at {
        "" => text,
        STAGE => [(STAGE.to_owned(), Value::Array(vec![Value::Table(text)]))].into_iter().collect(),
        at => at
            .rsplit('.')
            .fold(text, |table, name| [(name.to_owned(), Value::Table(table))].into_iter().collect()),
    };
    merge(&mut plan, own);
    toml::to_string(&plan).unwrap()
}

fn nested(name: &str, table: Table) -> Value {
    Value::Table([(name.to_owned(), Value::Table(table))].into_iter().collect())
}

fn reads(plan: &str) {
    let project = Project::new();
    for program in
        ["ci/smoke", "ci/migrate", "ci/restart", "ci/count", "ci/scale", "ci/stop", "ci/install", "ci/start"]
    {
        project.program(program);
    }
    let loaded = project.read(plan).unwrap_or_else(|problems| panic!("{plan}\n{}", problems.render(false)));
    let blocked: Vec<&str> = loaded.blockers().map(|note| note.what.as_str()).collect();
    assert_eq!(blocked, [""; 0], "{plan}");
}

#[test]
fn the_plan_of_the_readme_can_be_opened() {
    reads(&toml::to_string(&of_the_readme()).unwrap());
}

#[test]
fn each_plan_that_the_guide_shows_can_be_opened() {
    for example in all() {
        let mut said = blocks().into_iter().chain(settings()).filter(|text| text.starts_with(example.begins));
        let text = said.next().unwrap_or_else(|| panic!("the guide does not show {}", example.begins));
        reads(&with(&text, &example));
    }
}

#[test]
fn the_guide_shows_nothing_that_no_test_reads() {
    let known: Vec<&str> = all().iter().map(|shown| shown.begins).chain(PARTS).collect();
    for text in blocks().into_iter().chain(settings()) {
        assert!(known.iter().any(|begins| text.starts_with(begins)), "nothing reads this: {text}");
    }
}
