//! What a plan of several components must say of each of them.

use golive::domain::plan::Environment;

use super::{
    mistakes::{GOOD, of},
    project::Project,
};

const HOSTS: &str = "hosts = [\"web-01\", \"web-02\", \"web-03\"]";
const BY_COMPONENT: &str =
    "hosts = { web = [\"web-01\", \"web-02\", \"web-03\"], worker = [\"job-[01:02]\"] }";
const WORKER: &str = "[components.worker]\nafter = \"web\"\nalive = \"none\"\n";

fn two() -> String {
    GOOD.replace(HOSTS, BY_COMPONENT)
        .replace("dir = \"run\"", "dir = \"run/{component}\"")
        .replace("[environments.production]", &format!("[components.web]\n{WORKER}[environments.production]"))
}

/// What is wrong with a plan of two components after `from` became `to`.
fn parts(from: &str, to: &str) -> Vec<String> {
    let text = two();
    assert!(text.contains(from), "{from}: {text}");
    of(&text.replacen(from, to, 1))
}

fn one(from: &str, to: &str, words: &str) {
    let found = parts(from, to);
    assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
}

#[test]
fn hosts_are_named_for_all_components_or_for_each() {
    assert_eq!(parts("web", "web"), [] as [&str; 0]);
    assert_eq!(parts(BY_COMPONENT, HOSTS), [] as [&str; 0]);
    let plan = Project::of_the_examples().read(&two()).unwrap().plan;
    let units: Vec<&str> =
        plan.environments.values().flat_map(Environment::hosts).map(|it| it.unit.as_str()).collect();
    assert_eq!(units, ["web@web-01", "web@web-02", "web@web-03", "worker@job-01", "worker@job-02"]);
    assert_eq!(plan.barriers(0)[0].words(), "worker waits for the first healthy web host");
    one(
        "worker = [\"job",
        "worke = [\"job",
        "worke is no component that is deployed, so nothing is on these hosts: use web or worker",
    );
}

#[test]
fn an_order_names_a_component_and_goes_in_no_circle() {
    one("after = \"web\"", "after = \"wep\"", "there is no component \"wep\": did you mean \"web\"?");
    one(
        "[components.web]",
        "[components.web]\nafter = \"worker\"",
        "components wait for each other in a circle: web -> worker -> web",
    );
    one(
        "after = \"web\"",
        "after = \"web\"\nbarrier = 0",
        "0 is not a number of hosts to wait for: write \"first\", a number such as 2, or \"all\"",
    );
    one("after = \"web\"", "barrier = 2", "worker waits for nobody, so its barrier means nothing");
    assert_eq!(parts("after = \"web\"", "after = \"web\"\nbarrier = \"all\""), [] as [&str; 0]);
    // Where it is all that is deployed, it waits for nobody.
    let alone = of(&GOOD.replace("[environments.production]", &format!("{WORKER}[environments.production]")));
    assert!(alone.iter().any(|it| it.contains("worker is all that is deployed")), "{alone:#?}");
}

#[test]
fn what_lies_on_one_host_is_told_apart() {
    let text = two().replace(BY_COMPONENT, HOSTS);
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}: {text}");
        of(&text.replacen(from, to, 1))
    };
    let same = with("run/{component}", "run");
    assert!(
        same.len() == 1 && same[0].contains("web and worker would both lie in run/web-01 on web-01"),
        "{same:#?}"
    );
    let both = with("alive = \"none\"\n", "");
    let words = "check alive asks web and worker on web-01 the same, so one would answer for both";
    assert!(both.len() == 1 && both[0].contains(words), "{both:#?}");
    let ports = text
        .replace(HOSTS, "hosts = [{ name = \"web-01\", port = 8080 }, { name = \"web-02\", port = 8080 }]")
        .replace("bin/shop\"", "bin/shop\", \"{port}\"");
    let ports = of(&ports);
    assert!(
        ports.len() == 1 && ports[0].contains("web and worker would both listen on web-01:8080"),
        "{ports:#?}"
    );
    let balanced = with(
        "[environments.production]",
        "[environments.production]\nbalancer = { kind = \"haproxy\", socket = \"/run/h\", backend = \"b\" }",
    );
    let words = "the balancer of production can't tell web and worker apart: write balanced = false";
    assert!(balanced.len() == 1 && balanced[0].contains(words), "{balanced:#?}");
    let exec = with(
        "driver = { kind = \"local\", dir = \"run/{component}\", start = [\"{dir}/current/bin/shop\"] }",
        "driver = { kind = \"exec\", verbs = { install = [\"true\", \"{host}\"] } }",
    );
    let words = "the command install of production is the same for web and worker: put {component} into it";
    assert!(exec.len() == 1 && exec[0].contains(words), "{exec:#?}");
}

#[test]
fn each_component_keeps_its_own_minimum() {
    // 60 % of the two workers are two: none of them could ever be out, although web has three.
    one(
        BY_COMPONENT,
        &format!("capacity = {{ min_healthy = \"60%\" }}\n{BY_COMPONENT}"),
        "worker can't keep its capacity in production while a host is changed: 2 hosts, minimum 2: 2 - 2 = 0 may be out",
    );
    let own = two()
        .replace(BY_COMPONENT, &format!("capacity = {{ min_healthy = \"60%\" }}\n{BY_COMPONENT}"))
        .replace(WORKER, &format!("{WORKER}capacity = {{ min_healthy = 1 }}\n"));
    assert_eq!(of(&own), [] as [&str; 0]);
    let alone = two()
        .replace(BY_COMPONENT, &format!("capacity = {{ min_healthy = \"60%\" }}\n{BY_COMPONENT}"))
        .replace("job-[01:02]", "job-01");
    let words =
        "it is down while it is changed: write capacity = { min_healthy = 0 } under [components.worker]";
    assert!(of(&alone).len() == 1 && of(&alone)[0].contains(words), "{:#?}", of(&alone));
    // A number is the environment's: each part of several hosts keeps one of them all the same.
    let many = two().replace(
        BY_COMPONENT,
        &format!("capacity = {{ max_parallel = 4, min_healthy = 1 }}\n{BY_COMPONENT}"),
    );
    let plan = Project::of_the_examples().read(&many).unwrap().plan;
    let environment = plan.environments.values().next().unwrap();
    let worker = &environment.pools[1].component;
    assert_eq!(plan.limits_of(environment, worker, 2).spare(), 1);
}

#[test]
fn strategies_that_take_one_component_say_so() {
    const STAGE: &str = "environment = \"production\"";
    for (strategy, words) in [
        (
            "{ kind = \"canary\", steps = [{ weight = 10 }] }",
            "canary takes one component, and several are deployed",
        ),
        ("{ kind = \"rolling\", by = \"region\" }", "several components are not taken by a label"),
    ] {
        let found = parts(STAGE, &format!("{STAGE}\nstrategy = {strategy}"));
        assert!(found.iter().any(|it| it.contains(words)), "{words}: {found:#?}");
    }
    assert_eq!(parts(STAGE, &format!("{STAGE}\nstrategy = {{ kind = \"stop-all\" }}")), [] as [&str; 0]);
    let sides =
        parts(BY_COMPONENT, "colours.blue = { hosts = [\"a-1\"] }\ncolours.green = { hosts = [\"b-1\"] }");
    assert!(
        sides.iter().any(|it| it.contains("production has colours, and several components are deployed")),
        "{sides:#?}"
    );
}
