//! Spare hosts as a team writes them, and what is said of those that could not be kept out or called in.

use super::{mistakes::GOOD, project::Project};

const HOSTS: &str = "hosts = [\"web-01\", \"web-02\", \"web-03\"]";
const STAGE: &str = "environment = \"production\"";

fn text() -> String {
    let hosts = "balancer = { kind = \"haproxy\", socket = \"/run/h\", backend = \"b\" }\n\
                 hosts = [\"web-[01:02]\", { name = \"web-[03:04]\", spare = true }]\n\
                 capacity = { max_parallel = 1, min_healthy = \"100%\" }";
    let strategy = format!("{STAGE}\nstrategy = {{ kind = \"canary\", steps = [{{ weight = 50 }}] }}");
    GOOD.replace(HOSTS, hosts).replace(STAGE, &strategy)
}

/// What is wrong with it once `from` is `to`: `line:column what: help`.
fn changed(from: &str, to: &str) -> Vec<String> {
    let text = text();
    assert!(text.contains(from), "{from}: {text}");
    match Project::of_the_examples().read(&text.replacen(from, to, 1)) {
        Ok(_) => Vec::new(),
        Err(problems) => {
            let one = problems.list.iter();
            one.map(|p| format!("{}:{} {}: {}", p.line, p.column, p.what, p.help)).collect()
        }
    }
}

#[test]
fn spare_hosts_are_read_and_make_a_full_minimum_possible() {
    let loaded = Project::of_the_examples().read(&text()).unwrap();
    let production = loaded.plan.environments.values().next().unwrap();
    let spare: Vec<&str> = production.hosts().filter(|it| it.spare).map(|it| it.name.as_str()).collect();
    assert_eq!((spare.as_slice(), production.spares()), (["web-03", "web-04"].as_slice(), 2));
    let limits = loaded.plan.limits(production, 4);
    assert_eq!((limits.hosts, limits.min_healthy, limits.surge, limits.spare()), (2, 2, 2, 0));
    // Without them nothing could be changed.
    let found = changed("{ name = \"web-[03:04]\", spare = true }", "\"web-[03:04]\"");
    assert!(found.len() == 1 && found[0].contains("can't keep its capacity"), "{found:?}");
}

#[test]
fn what_spare_hosts_can_not_be_is_said_with_its_line_and_column() {
    assert_eq!(changed("web", "web"), [""; 0]);
    let one = |from: &str, to: &str, words: &str| {
        let found = changed(from, to);
        assert!(found.iter().any(|it| it.contains(words)), "{words}: {found:#?}");
    };
    one(
        "kind = \"canary\", steps = [{ weight = 50 }]",
        "kind = \"rolling\"",
        "25:1 production has 2 spare hosts, and production is rolling",
    );
    one(
        "balancer = { kind = \"haproxy\", socket = \"/run/h\", backend = \"b\" }\n",
        "",
        "14:9 production has no balancer",
    );
    one("\"web-[01:02]\", ", "", "all 2 hosts of production are spare: none is left that serves");
    one("spare = true", "spare = \"yes\"", "spare");
    one(STAGE, &format!("{STAGE}\nselect = {{ count = 2 }}"), "takes a part of them");
}
