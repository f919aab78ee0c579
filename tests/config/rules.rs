//! The rules across the plan, from the text that breaks them to the message.

use super::{
    mistakes::{GOOD, changed, of},
    project::Project,
};

const HOSTS: &str = "hosts = [\"web-01\", \"web-02\", \"web-03\"]";
const STAGE: &str = "environment = \"production\"";

fn one(from: &str, to: &str, expected: &str) {
    let found = changed(from, to);
    assert!(found.len() == 1 && found[0].contains(expected), "wanted {expected:?} and got {found:#?}");
}

fn notes(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "{from}");
    let loaded = Project::of_the_examples().read(&GOOD.replacen(from, to, 1));
    loaded.unwrap_or_else(|p| panic!("{p}")).notes.iter().map(|note| note.what.clone()).collect()
}

#[test]
fn a_budget_that_no_host_could_ever_leave_is_refused_with_the_sum() {
    let capacity = |capacity: &str, expected: &str| {
        one(HOSTS, &format!("hosts = [\"web-[01:10]\"]\ncapacity = {capacity}"), expected);
    };
    capacity(
        "{ min_healthy = \"95%\" }",
        "10 hosts, min_healthy 95 % of them is 9.5, rounded up 10: 10 - 10 = 0 may be out: use min_healthy = \"90%\" or 9 at the most",
    );
    capacity("{ min_healthy = \"90.01%\" }", "9.001, rounded up 10");
    capacity(
        "{ min_healthy = 10 }",
        "min_healthy is 10: 10 - 10 = 0 may be out: use min_healthy = 9 at the most",
    );
    capacity("{ min_healthy = 12 }", "min_healthy is 12");
    capacity("{ max_unavailable = 0 }", "max_unavailable = 0: no host of production may ever be out");
    capacity("{ max_parallel = 0 }", "max_parallel = 0: no host of production could ever be updated");
    capacity("{ max_parallel = 10 }", "all 10 hosts of production would be down at once");
    let all = "all 10 hosts of production may be down at once, and no min_healthy is declared";
    capacity("{ max_parallel = 4, max_unavailable = \"100%\" }", all);
    capacity("{ max_parallel = 10, max_unavailable = 10 }", all);
    capacity("{ min_healthy = \"lots\" }", "neither a number of hosts nor a share");
    let fine = |capacity: &str| {
        let found = changed(HOSTS, &format!("hosts = [\"web-[01:10]\"]\ncapacity = {capacity}"));
        assert_eq!(found, [] as [&str; 0]);
    };
    fine("{ min_healthy = \"90%\" }");
    fine("{ min_healthy = 0, max_parallel = 10 }");
    fine("{ max_unavailable = \"10%\" }");
    fine("{ min_healthy = 0, max_parallel = 10, max_unavailable = \"100%\" }");
    for none in ["0", "\"0%\""] {
        let said = notes(HOSTS, &format!("{HOSTS}\ncapacity = {{ min_healthy = {none} }}"));
        assert!(
            said.iter().any(|it| it.contains("all 3 hosts of production may be down at once")),
            "{none}: {said:?}"
        );
    }
}

#[test]
fn the_sum_of_a_default_points_at_the_defaults() {
    let text = GOOD.replace(
        "[environments.production]",
        "[defaults]\ncapacity = { min_healthy = 3 }\n[environments.production]",
    );
    let found = of(&text);
    assert!(found.len() == 1 && found[0].starts_with("14 "), "{found:?}");
}

#[test]
fn a_pool_of_one_host_goes_down_and_says_so_unless_it_must_not() {
    let said = notes(HOSTS, "hosts = [\"web-01\"]");
    assert!(
        said.iter().any(|what| what == "production has one host: it is down while that is changed"),
        "{said:?}"
    );
    one(HOSTS, "hosts = [\"web-01\"]\ncapacity = { min_healthy = 1 }", "use min_healthy = 0");
}

#[test]
fn more_lanes_than_the_budget_has_room_for_is_said() {
    let said = notes(HOSTS, "hosts = [\"web-[01:10]\"]\ncapacity = { max_parallel = 5, min_healthy = 8 }");
    assert!(
        said.iter().any(|what| what.contains("max_parallel is 5, but only 2 of 10 may be out")),
        "{said:?}"
    );
}

#[test]
fn batches_keep_the_budget() {
    let batches =
        |batches: &str| format!("{HOSTS}\ncapacity = {{ max_parallel = 2, min_healthy = 1 }}\n# {batches}");
    let text = |b: &str| {
        GOOD.replace(HOSTS, &batches(b))
            .replace(STAGE, &format!("{STAGE}\nstrategy = {{ kind = \"rolling\", batches = {b} }}"))
    };
    assert_eq!(of(&text("[1, 2]")), [] as [&str; 0]);
    let found = of(&text("[1, 3]"));
    assert!(found.len() == 1 && found[0].contains("batch 2 of production takes 3 hosts at once, but of 3 hosts in production only 2 may be out: 3 - 1 = 2"), "{found:?}");
    assert_eq!(of(&text("[1, \"100%\"]")), [] as [&str; 0], "a share is taken as the budget allows");
    let found = of(&text("[0]"));
    assert!(found.len() == 1 && found[0].contains("takes no host"), "{found:?}");
}

#[test]
fn deadlines_must_grow() {
    one(
        HOSTS,
        &format!("{HOSTS}\ndeadlines = {{ min_healthy_time = \"6m\" }}"),
        "min_healthy_time (6 min) must be shorter than healthy_deadline (5 min)",
    );
    one(
        HOSTS,
        &format!("{HOSTS}\ndeadlines = {{ progress_deadline = \"5m\" }}"),
        "healthy_deadline (5 min) must be shorter than progress_deadline (5 min)",
    );
    one(
        HOSTS,
        &format!(
            "{HOSTS}\nbalancer = {{ kind = \"haproxy\", socket = \"/s\", backend = \"b\", drain_timeout = \"5m\" }}"
        ),
        "draining a host of production may take 5 min",
    );
}

#[test]
fn names_must_stand_for_something() {
    one(
        STAGE,
        &format!("{STAGE}\nvalidations = [\"aliv\"]"),
        "there is no check \"aliv\": did you mean \"alive\"?",
    );
    one(STAGE, "environment = \"prod\"", "there is no environment \"prod\"");
    one(
        STAGE,
        &format!("{STAGE}\nselect = {{ hosts = [\"web-01\", \"web-09\"] }}"),
        "there is no host \"web-09\"",
    );
    one(STAGE, &format!("{STAGE}\nselect = {{ region = \"eu-1\" }}"), "there is no region \"eu-1\"");
    one(
        "[poll]",
        "[plan_b]\ndecides = \"dan\"\n[poll]",
        "there is no person \"dan\": did you mean \"dana\"?",
    );
    one(
        "[poll]",
        "[plan_b]\npoint_of_no_return = \"produktion\"\n[poll]",
        "there is no stage \"produktion\": did you mean \"production\"?",
    );
    one("[poll]", "[poll]\nbefore = \"prodution\"", "did you mean \"production\"?");
    one(
        "{ role = \"operations\" }",
        "{ role = \"operators\" }",
        "nobody has the role \"operators\": did you mean \"operations\"?",
    );
    one(
        "{ role = \"operations\" }",
        "{ role = \"operations\", eligible = [\"rai\"] }",
        "did you mean \"raj\"?",
    );
    one(
        "{ role = \"operations\" }",
        "{ role = \"operations\", relies_on = [\"artefacts\"] }",
        "did you mean \"artifacts\"?",
    );
    one(
        "[poll]",
        "[components]\nshop = { depends = [\"payment\"] }\npayments = { external = true, owner = \"raj\" }\n[poll]",
        "did you mean \"payments\"?",
    );
    one("dist/shop-{version}.tar.gz", "dist/shop.tar.gz", "every version would be the same one");
}

#[test]
fn roles_that_a_go_live_needs_must_be_somebodys() {
    one("\"decider\", ", "", "nobody has the role \"decider\": nobody could declare the decision");
    one(", \"deployer\"", "", "nobody has the role \"deployer\": nobody could start the rollout");
    one("raj = { roles", "raj = { login = \"dana\", roles", "have the same login \"dana\"");
}

#[test]
fn every_seat_needs_a_person_of_its_own() {
    one(
        "{ role = \"operations\" }",
        "{ role = \"operations\", differs_from = [\"deployer\"] }",
        "nobody can take the seat operations",
    );
    one(
        "raj = { roles = [\"operations\", \"deployer\"] }",
        "raj = { roles = [\"deployer\"] }\nlee = { roles = [\"support\"] }",
        "nobody has the role \"operations\"",
    );
    let text = GOOD.replace(
        "\"decider\", \"engineering\"",
        "\"decider\", \"engineering\", \"operations\", \"deployer\"",
    );
    let text = text.replace("raj = { roles = [\"operations\", \"deployer\"] }\n", "");
    let found = of(&text);
    assert!(
        found.len() == 1
            && found[0].contains("need 2 different people")
            && found[0].contains("dana can't fill them"),
        "{found:?}"
    );
    assert_eq!(of(&text.replace("checklists", "separation = \"none\"\nchecklists")), [] as [&str; 0]);
    // An assignment is found although the first choice of one seat is the only one of another.
    let text = GOOD
        .replace("\"decider\", \"engineering\"]", "\"decider\", \"engineering\", \"operations\"]")
        .replace(
            "raj = { roles = [\"operations\", \"deployer\"] }",
            "raj = { roles = [\"deployer\", \"engineering\"] }",
        );
    assert_eq!(of(&text), [] as [&str; 0], "raj takes engineering, so that dana can take operations");
    one(
        "seats = [{ role = \"engineering\" }, { role = \"operations\" }]",
        "seats = []",
        "silence never approves",
    );
    one("[poll]", "[poll]\nquorum = 3", "a quorum of 3 can't be reached with 2 seats");
    one("{ role = \"operations\" }", "{ role = \"engineering\" }", "two seats are both engineering");
}

#[test]
fn selections_are_neither_empty_nor_double() {
    let second = |select: &str| {
        format!(
            "{STAGE}\nselect = {{ count = 1 }}\n[[stages]]\nname = \"second\"\nenvironment = \"production\"\n{select}"
        )
    };
    one(STAGE, &second(""), "production and second both select web-01: use select = \"rest\"");
    one(STAGE, &second("select = { hosts = [\"web-[01:02]\"] }"), "both select web-01");
    assert_eq!(changed(STAGE, &second("select = \"rest\"")), [] as [&str; 0]);
    assert_eq!(changed(STAGE, &second("select = { hosts = [\"web-02\"] }")), [] as [&str; 0]);
    one(STAGE, &format!("{STAGE}\nselect = {{ count = 4 }}"), "production selects 4 hosts, but only 3 match");
    one(STAGE, &format!("{STAGE}\nselect = {{ count = 0 }}"), "a count of 0 selects no host");
    one(STAGE, &format!("{STAGE}\nselect = {{ }}"), "the selection says nothing");
    one(
        STAGE,
        &format!("{STAGE}\n[[stages]]\nname = \"second\"\nenvironment = \"production\"\nselect = \"rest\""),
        "second selects the rest of production, but the stages before took all 3 hosts",
    );
    one(HOSTS, "hosts = []", "production has no hosts");
    let said = notes(STAGE, &format!("{STAGE}\nselect = {{ count = 1 }}"));
    assert!(
        said.iter().any(|what| what.contains("2 of 3 hosts of production are selected by no stage")),
        "{said:?}"
    );
}

#[test]
fn a_host_is_one_thing_in_one_place() {
    one(HOSTS, "hosts = [\"web-[01:03]\", \"web-02\"]", "web-02 is twice in production");
    one(
        "[checks.alive]",
        "[environments.beta]\nhosts = [\"web-03\"]\ndriver = { kind = \"ssh\", dir = \"/srv\", unit = \"x\" }\n[checks.alive]",
        "web-03 is in beta and in production",
    );
    one(
        HOSTS,
        "hosts = [{ name = \"a\", address = \"10.0.0.1\", port = 80 }, { name = \"b\", address = \"10.0.0.1\", port = 80 }]",
        "a and b are both 10.0.0.1:80",
    );
    one(
        "http://{host}:8080/health",
        "http://{host}:{port}/health",
        "check alive uses {port}, but web-01 in production has none",
    );
    one(
        "current/bin/shop\"]",
        "current/bin/shop\", \"{port}\"]",
        "the driver of production uses {port}, but web-01 has none",
    );
    let found = changed(
        STAGE,
        &format!(
            "{STAGE}\nselect = {{ count = 1 }}\n[[stages]]\nname = \"production\"\n{STAGE}\nselect = \"rest\""
        ),
    );
    assert_eq!(found, ["25 two stages are both called production: name them apart"]);
}

#[test]
fn a_check_of_the_lane_that_names_no_host_is_refused_since_one_would_answer_for_all() {
    one(
        "http://{host}:8080/health",
        "https://shop.example/health",
        "check alive asks the same for each host of production",
    );
    one(
        "[checks.alive]",
        "[checks.self-test]\nexec = [\"true\"]\n[checks.alive]",
        "check self-test asks the same",
    );
    let single = GOOD
        .replace(HOSTS, "hosts = [\"web-01\"]")
        .replace("http://{host}:8080/health", "http://shop/health");
    assert_eq!(of(&single), [] as [&str; 0]);
    let said = notes("[checks.alive]", "[checks.alive]\ntimeout = \"2m\"\nretries = 2");
    assert!(said.iter().any(|what| what.starts_with("alive may take 6 min, but in production")), "{said:?}");
}

#[test]
fn components_do_not_depend_on_each_other_in_a_circle() {
    let components = "[components]\na = { depends = [\"b\"] }\nb = { depends = [\"c\"], external = true }\nc = { depends = [\"a\"], external = true }\nd = { depends = [\"a\"], external = true }\n[poll]";
    one("[poll]", components, "components depend on each other in a circle: a -> b -> c -> a");
    one("[poll]", "[components]\na = { depends = [\"a\"] }\n[poll]", "in a circle: a -> a");
    one("[poll]", "[components]\na = { external = true }\n[poll]", "there is nothing to deploy");
}

/// [S1] One version at a time means that no strategy may run two side by side.
#[test]
fn exclusive_versions_refuse_every_strategy_that_mixes_them() {
    let exclusive = |strategy: &str| {
        GOOD.replace("checklists", "versions = \"exclusive\"\nchecklists")
            .replace(STAGE, &format!("{STAGE}\nstrategy = {{ kind = \"{strategy}\" }}"))
    };
    for strategy in ["rolling", "canary", "blue-green", "zero-downtime", "converge"] {
        let found = of(&exclusive(strategy));
        assert!(
            found.len() == 1 && found[0].contains("runs two versions side by side"),
            "{strategy}: {found:?}"
        );
        assert!(found[0].starts_with("24 "), "{found:?}");
    }
    assert_eq!(of(&exclusive("stop-all")), [] as [&str; 0]);
    let kept = exclusive("stop-all").replace(HOSTS, &format!("{HOSTS}\ncapacity = {{ min_healthy = 1 }}"));
    assert!(of(&kept)[0].contains("stops 3 hosts at once, which leaves 0 of 3"), "{:?}", of(&kept));
}

#[test]
fn production_is_never_changed_before_the_poll() {
    let text = GOOD.replace(STAGE, &format!("{STAGE}\nselect = {{ count = 1 }}\n[[stages]]\nname = \"all\"\nenvironment = \"production\"\nselect = \"rest\""));
    assert_eq!(of(&text), [] as [&str; 0]);
    let found = of(&text.replace("[poll]", "[poll]\nbefore = \"all\""));
    assert!(
        found.len() == 1 && found[0].contains("production changes production before the poll"),
        "{found:?}"
    );
}

#[test]
fn the_poll_stands_before_the_first_production_stage_unless_said_otherwise() {
    let text = GOOD.replace(
        "[[stages]]",
        "[environments.beta]\nkind = \"development\"\nhosts = [\"b-1\"]\ndriver = { kind = \"ssh\", dir = \"/srv\", unit = \"x\" }\n[[stages]]\nname = \"beta\"\nenvironment = \"beta\"\n[[stages]]",
    );
    let plan = |text: &str| Project::new().read(text).unwrap().plan;
    assert_eq!(plan(&text).poll.before.as_str(), "production");
    assert_eq!(plan(&text.replace("[poll]", "[poll]\nbefore = \"beta\"")).poll.before.as_str(), "beta");
    let no_production =
        text.replace("[environments.production]", "[environments.production]\nkind = \"uat\"");
    assert_eq!(plan(&no_production).poll.before.as_str(), "beta");
}

#[test]
fn what_is_not_declared_is_said() {
    let said = notes("[checks.alive]\nhttp = \"http://{host}:8080/health\"", "");
    assert!(said.iter().any(|what| what.starts_with("not declared: alive")), "{said:?}");
    assert!(said.iter().any(|what| what.starts_with("not declared: self-test")), "{said:?}");
    let said = notes("[checks.alive]", "[checks.unused]\nexec = [\"true\"]\n[checks.alive]");
    assert!(said.iter().any(|what| what == "check unused is asked for nowhere"), "{said:?}");
    assert!(said.iter().any(|what| what.starts_with("not declared: version_pointer")), "{said:?}");
}

#[test]
fn several_components_are_units_of_their_own() {
    let text = GOOD.replace("[poll]", "[components]\nweb = {}\napi = { alive = \"none\" }\n[poll]");
    let text = text.replace("dir = \"run\"", "dir = \"run/{component}\"");
    let loaded = Project::new().read(&text).unwrap();
    let units: Vec<&str> = loaded.plan.pools().flat_map(|(_, p)| &p.hosts).map(|h| h.unit.as_str()).collect();
    assert_eq!(units.len(), 6);
    assert!(units.contains(&"api@web-01") && units.contains(&"web@web-03"), "{units:?}");
    assert_eq!(loaded.blockers().count(), 0);
}

#[test]
fn the_file_of_authorities_must_be_there_and_hold_one() {
    let project = Project::of_the_examples();
    let with = |ca: &str| {
        let text = GOOD.replacen("[project]\n", &format!("[project]\nca = {ca:?}\n"), 1);
        project
            .read(&text)
            .map_err(|problems| problems.list.iter().map(ToString::to_string).collect::<String>())
    };
    let missing = with("nowhere.pem").unwrap_err();
    assert!(missing.contains("nowhere.pem can't be read: there is no such file"), "{missing}");
    project.file("ca.pem", "-----BEGIN PRIVATE KEY-----\n");
    let wrong = with("ca.pem").unwrap_err();
    assert!(wrong.contains("ca.pem holds no certificate") && wrong.contains("openssl x509"), "{wrong}");
    project.file("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    assert_eq!(with("ca.pem").unwrap().plan.ca.as_deref(), Some("ca.pem"));
}
