//! Every mistake of a file is reported at once, each with its line, its column and what to do.

use super::project::Project;

/// A plan without a mistake, to put one into.
pub const GOOD: &str = r#"
[project]
name = "shop"
checklists = ["basic"]

[people]
dana = { roles = ["decider", "engineering"] }
raj = { roles = ["operations", "deployer"] }

[artifact]
source = "dist/shop-{version}.tar.gz"

[environments.production]
hosts = ["web-01", "web-02", "web-03"]
driver = { kind = "local", dir = "run", start = ["{dir}/current/bin/shop"] }

[checks.alive]
http = "http://{host}:8080/health"

[[stages]]
name = "production"
environment = "production"

[poll]
seats = [{ role = "engineering" }, { role = "operations" }]
"#;

/// What is wrong with the good plan after `from` became `to`: `line what: help`.
pub fn changed(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "{from}");
    of(&GOOD.replacen(from, to, 1))
}

pub fn of(text: &str) -> Vec<String> {
    match Project::of_the_examples().read(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.list.iter().map(|p| format!("{} {}: {}", p.line, p.what, p.help)).collect(),
    }
}

#[test]
fn the_good_plan_is_good() {
    assert_eq!(of(GOOD), [] as [&str; 0]);
}

#[test]
fn all_mistakes_of_a_file_are_reported_at_once() {
    let problems = Project::of_the_examples().read(include_str!("fixtures/mistakes.toml")).unwrap_err();
    let found: Vec<String> =
        problems.list.iter().map(|p| format!("{}:{}:{} {}", p.file, p.line, p.column, p.what)).collect();
    let expected = [
        "golive.toml:3:1 `project` has no key `versionz`",
        "golive.toml:4:15 there is no checklist \"basik\"",
        "golive.toml:5:11 bin/pager can't be read: there is no such file",
        "golive.toml:7:2 nobody has the role \"deployer\": nobody could start the rollout",
        "golive.toml:8:56 `people.dana.contact` is a number, and must be a text",
        "golive.toml:12:10 `artifact.source`: {verison} is not a placeholder",
        "golive.toml:15:26 \"web-[5:1]\" counts down: 5 is more than 1",
        "golive.toml:16:19 `environments.production.driver.kind` can't be \"locale\"",
        "golive.toml:17:28 production can't keep its capacity while a host is changed: 10 hosts, \
         min_healthy 95 % of them is 9.5, rounded up 10: 10 - 10 = 0 may be out",
        "golive.toml:18:34 in production healthy_deadline (20 min) must be shorter than progress_deadline \
         (10 min), or a host that takes its time stops the line",
        "golive.toml:22:11 \"2 secs\" is not a length of time",
        "golive.toml:23:29 `checks.alive.headers.Authorization` looks like a secret",
        "golive.toml:27:15 there is no environment \"productoin\"",
        "golive.toml:28:16 there is no check \"smoke\"",
        "golive.toml:29:8 `stages[0].bake` is a number, and must be a text",
        "golive.toml:32:10 there is no stage \"prod\"",
        "golive.toml:33:19 nobody has the role \"enginering\"",
        "golive.toml:33:67 there is no person \"lee\"",
        "golive.toml:33:76 `poll.seats[2]` has no `role`",
    ];
    assert_eq!(found, expected);
    assert!(problems.list.iter().all(|problem| !problem.help.is_empty()), "each says what to do");
    let help = |line| problems.list.iter().find(|p| p.line == line).map(|p| p.help.as_str());
    assert_eq!(help(3), Some("did you mean `versions`?"));
    assert_eq!(help(16), Some("did you mean `local`?"));
    assert_eq!(help(27), Some("did you mean \"production\"?"));
    assert_eq!(help(17), Some("use min_healthy = \"90%\" or 9 at the most"));
}

#[test]
fn the_rendering_shows_the_line_and_never_a_secret() {
    let problems = Project::of_the_examples().read(include_str!("fixtures/mistakes.toml")).unwrap_err();
    let plain = problems.render(false);
    assert!(plain.contains("golive.toml:3:1"), "{plain}");
    assert!(plain.contains("3 | versionz = \"mixed\"") && plain.contains("^^^^^^^^"), "{plain}");
    assert!(plain.contains("help: did you mean `versions`?"), "{plain}");
    assert!(plain.trim_end().ends_with("19 problems"), "{plain}");
    assert!(!plain.contains('\u{1b}'), "plain is plain");
    assert!(problems.render(true).contains('\u{1b}'));
    for text in [plain, problems.render(true), problems.to_string(), format!("{:?}", problems.list)] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_file_that_is_not_toml_says_where() {
    let found = of("[project]\nname = \"shop\n\n[people\n");
    assert!(found.len() >= 2, "{found:?}");
    assert!(found[0].starts_with("2 "), "{found:?}");
    assert_eq!(changed("name = \"shop\"", "name = \"shop\"\nname = \"shop\"").len(), 1);
}

#[test]
fn a_directory_without_a_plan_says_what_to_do() {
    let project = Project::new();
    let problems = golive::config::load(project.path(), None).unwrap_err();
    let text = problems.to_string();
    assert!(text.contains("there is no golive.toml here") && text.contains("golive init"), "{text}");
    assert!(problems.render(false).contains("golive.toml"));
}

#[test]
fn the_file_of_a_directory_is_read_with_its_checklists() {
    let project = Project::of_the_examples();
    project.file("golive.toml", GOOD);
    let loaded = golive::config::load(project.path(), None).unwrap();
    assert_eq!(loaded.source, GOOD);
    assert_eq!(loaded.plan.items.len(), 12, "the dozen of basic");
}

#[test]
fn wrong_keys_types_and_words_are_named_with_what_was_meant() {
    let one = |from: &str, to: &str, expected: &str| assert_eq!(changed(from, to), [expected]);
    one("source = ", "sauce = 1\nsource = ", "11 `artifact` has no key `sauce`: did you mean `source`?");
    one("[poll]", "[pool]\n[poll]", "24 `pool` is not a key of a plan: did you mean `poll`?");
    one(
        "environment = \"production\"",
        "environment = \"production\"\npromote = \"automatik\"",
        "23 `stages[0].promote` can't be \"automatik\": did you mean `automatic`?",
    );
    one(
        "environment = \"production\"",
        "environment = \"production\"\nstrategy = \"rollin\"",
        "23 \"rollin\" is not a strategy: did you mean `rolling`?",
    );
    one(
        "environment = \"production\"",
        "environment = \"production\"\nselect = 3",
        "23 `stages[0].select` is a number, and must be a text or a table: which hosts: \"all\", \"rest\", or a table",
    );
    one(
        "hosts = [\"web-01\", \"web-02\", \"web-03\"]",
        "hosts = [\"web-01\", \"web-02\", { name = \"web-03\", port = 70000 }]",
        "14 `environments.production.hosts[2].port` is 70000: use 1 to 65535",
    );
    one(
        "[checks.alive]",
        "[components]\nshop = { tier = 4 }\n[checks.alive]",
        "18 `components.shop.tier` is 4: use 1 to 3",
    );
    one(
        "[artifact]\nsource = \"dist/shop-{version}.tar.gz\"",
        "",
        "1 `artifact` is missing: add it: where the artifact comes from: `source = \"dist/shop-{version}.tar.gz\"`",
    );
}

#[test]
fn keys_that_would_mean_nothing_are_refused() {
    let found = changed(
        "http = \"http://{host}:8080/health\"",
        "tcp = \"{host}:8080\"\nversion_pointer = \"/v\"\nenv = { A = \"b\" }",
    );
    assert_eq!(
        found,
        [
            "19 `version_pointer` means nothing to a check by tcp: it belongs to http; take it out",
            "20 `env` means nothing to a check by tcp: it belongs to exec; take it out",
        ]
    );
    let found = changed("\"run\", start", "\"run\", unit = \"x\", start");
    assert_eq!(
        found,
        [
            "15 `environments.production.driver` has no key `unit`: use one of: dir, env, keep, kind, start, stop_timeout"
        ]
    );
}

#[test]
fn placeholders_that_stand_for_nothing_are_refused() {
    let found = changed("http://{host}:8080/health", "http://{host}:{prot}/{person}");
    assert_eq!(found, ["18 `checks.alive.http`: {prot} is not a placeholder: did you mean {port}?"]);
    let found = changed("http://{host}:8080/health", "http://{host}:8080/{person}");
    assert_eq!(
        found,
        [
            "18 {person} stands for nothing in `checks.alive.http`: use {host} {name} {port} {version} {environment} {component} {since}"
        ]
    );
    let found = changed("dist/shop-{version}", "dist/{host}/shop-{version}");
    assert_eq!(found, ["11 {host} stands for nothing in `artifact.source`: use {version}"]);
}

#[test]
fn inline_secrets_are_refused_wherever_they_stand() {
    let secret = |from: &str, to: &str, instead: &str| {
        let found = changed(from, to);
        assert!(found.len() == 1 && found[0].contains("looks like a secret"), "{found:?}");
        assert!(found[0].contains(instead), "{found:?}");
        assert!(!found[0].contains("hunter2"), "{found:?}");
    };
    let url = "http://{host}:8080/health";
    let start = "start = [\"{dir}/current/bin/shop\"]";
    let header = "send it as a header";
    let reference = "as \"env:NAME\"";
    secret(url, "http://ops:hunter2@{host}:8080/health", header);
    secret(url, "http://{host}:8080/health?token=hunter2", header);
    secret("[checks.alive]", "[checks.alive]\nheaders = { X-Api-Key = \"hunter2\" }", reference);
    secret(
        start,
        "start = [\"{dir}/current/bin/shop\", \"--password=hunter2\"]",
        "from a file or its environment",
    );
    secret(start, "start = [\"{dir}/current/bin/shop\"], env = { DB_PASSWORD = \"hunter2\" }", reference);
    let hook = "notify = [{ webhook = \"https://hooks.slack.com/services/T0/B0/hunter2\" }]\n[people]";
    secret("[people]", hook, reference);
    secret("dist/shop-{version}.tar.gz", "https://ops:hunter2@repo/{version}", "needs no password");
    let header = |value: &str| {
        changed("[checks.alive]", &format!("[checks.alive]\nheaders = {{ Authorization = {value:?} }}"))
    };
    assert_eq!(header("env:SHOP_AUTH"), [] as [&str; 0]);
    assert!(header("env:")[0].contains("names no environment variable"));
    assert!(header("env:A B")[0].contains("names no environment variable"));
    let argument = changed(start, "start = [\"{dir}/current/bin/shop\", \"env:TOKEN\"]");
    assert!(argument.len() == 1 && argument[0].contains("would be passed on as it is"), "{argument:?}");
}

#[test]
fn a_secret_is_not_shown_by_the_other_problems_of_its_line_either() {
    let start = "start = [\"{dir}/current/bin/shop\"]";
    for (from, to) in [
        (start, "start = [\"{dir}/current/bin/shop\"], env = { TOKEN = \"{hunter2\" }"),
        (start, "start = [\"{dir}/current/bin/shop\", \"--token=hunter2}\"]"),
        ("http://{host}:8080/health", "ftp://ops:hunter2@{prot}/"),
        ("[people]", "notify = [{ webhook = \"ftp://ops:hunter2@host/\", nope = 1 }]\n[people]"),
        ("[checks.alive]", "[checks.alive]\nheaders = { Cookie = \"hunter2\", \"bad name\" = \"x\" }"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        let problems = Project::new().read(&text).unwrap_err();
        for shown in [problems.render(false), problems.render(true), problems.to_string()] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        assert!(problems.to_string().contains("looks like a secret"), "{problems}");
    }
}

#[test]
fn a_reference_to_the_environment_is_kept_as_text() {
    let text =
        GOOD.replace("[checks.alive]", "[checks.alive]\nheaders = { Authorization = \"env:SHOP_AUTH\" }");
    let loaded = Project::new().read(&text).unwrap();
    let json = serde_json::to_string(&loaded.plan).unwrap();
    assert!(json.contains("env:SHOP_AUTH"));
}

#[test]
fn programs_of_the_project_must_be_there_and_executable() {
    let project = Project::new();
    project.file("ci/plain", "text");
    let with = |program: &str| {
        let text =
            GOOD.replace("[checks.alive]", &format!("[checks.smoke]\nexec = {program}\n[checks.alive]"));
        let result = project.read(&text);
        result.err().map(|problems| problems.list[0].what.clone())
    };
    assert_eq!(with("[\"ci/gone\"]").as_deref(), Some("ci/gone can't be read: there is no such file"));
    assert_eq!(with("[\"ci/plain\"]").as_deref(), Some("ci/plain is not executable"));
    assert_eq!(with("[\"echo hello\"]").as_deref(), Some("\"echo hello\" is a shell line, not a program"));
    assert_eq!(
        with("[\"ci/smoke --fast\"]").as_deref(),
        Some("\"ci/smoke --fast\" is a shell line, not a program")
    );
    assert_eq!(with("[]").as_deref(), Some("`checks.smoke.exec` names no program"));
    assert_eq!(with("[\"echo\", \"hello\"]"), None, "from PATH");
    assert_eq!(with("[\"/opt/elsewhere/smoke\"]"), None, "elsewhere");
}

#[test]
fn a_service_is_started_in_its_release_so_its_program_is_not_looked_for_in_the_project() {
    assert_eq!(changed("{dir}/current/bin/shop", "bin/shop"), [] as [&str; 0]);
}

#[test]
fn one_mistake_does_not_bring_others_along() {
    assert_eq!(changed("roles = [\"decider\", \"engineering\"]", "roles = \"decider\"").len(), 1);
    assert_eq!(
        changed("[checks.alive]", "[checks.smoke]\ntimeout = 3\nexec = [\"true\"]\n[checks.alive]").len(),
        1
    );
    assert_eq!(
        changed("name = \"production\"\n", "nam = \"production\"\n").len(),
        2,
        "no name, and an unknown key"
    );
    assert_eq!(changed("hosts = [\"web-01\", \"web-02\", \"web-03\"]", "hosts = [\"web 01\"]").len(), 1);
    assert_eq!(
        changed("driver = { kind = \"local\", dir = \"run\", ", "driver = { kind = \"local\", ").len(),
        1
    );
    assert_eq!(
        changed("driver = {", "balancer = { kind = \"haproxy\", socket = \"/s\" }\ndriver = {").len(),
        1
    );
}
