//! What a zero-downtime plan must say of its clouds.

use super::mistakes::{GOOD, of};

const HOSTS: &str = "hosts = [\"web-01\", \"web-02\", \"web-03\"]";
const STAGE: &str = "environment = \"production\"";
const B: &str = "clouds.b = { role = \"secondary\", hosts = [\"web-[03:05]\"] }";

/// A plan with two clouds, and what is wrong with it after `from` became `to`.
fn clouds(from: &str, to: &str) -> Vec<String> {
    let hosts = format!(
        "balancer = {{ kind = \"haproxy\", socket = \"/run/h\", backend = \"b\" }}\n\
         clouds.a = {{ role = \"primary\", hosts = [\"web-[01:02]\"] }}\n{B}"
    );
    let strategy = "strategy = { kind = \"zero-downtime\", order = [\"b\", \"a\"], verify = [\"alive\"], pause = { before = [\"switch\"] } }";
    let text = GOOD.replace(HOSTS, &hosts).replace(STAGE, &format!("{STAGE}\n{strategy}"));
    assert!(text.contains(from), "{from}: {text}");
    of(&text.replacen(from, to, 1))
}

fn one(from: &str, to: &str, words: &str) {
    let found = clouds(from, to);
    assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
}

/// [O33] [O34] Two clouds or more of one environment, and nothing else there; each alone is enough.
#[test]
fn zero_downtime_takes_two_clouds_of_one_environment() {
    assert_eq!(clouds("web", "web"), [] as [&str; 0]);
    one(B, "", "takes two clouds or more of one environment, and production has a: write its hosts as");
    // The other cloud is in an environment of its own.
    let apart = clouds(B, &format!("[environments.other]\n{B}"));
    let words = "takes two clouds or more of one environment, and production has a:";
    assert!(apart.iter().any(|it| it.contains(words)), "{apart:#?}");
    let before =
        "[[stages]]\nname = \"1-box\"\nenvironment = \"production\"\nselect = { count = 1 }\n[[stages]]";
    let twice = clouds("[[stages]]", before);
    let words = "takes production side by side, and 1-box is there as well";
    assert!(twice.iter().any(|it| it.contains(words)), "{twice:#?}");
    one(
        "balancer = { kind = \"haproxy\", socket = \"/run/h\", backend = \"b\" }",
        "balancer = \"none\"",
        "nothing there can",
    );
    one(
        "clouds.a",
        "capacity = { min_healthy = 3 }\nclouds.a",
        "a of production could not serve alone: it has 2 hosts, and min_healthy is 3",
    );
}

/// [O35] Exactly one is primary: with two nobody stands by, with none nobody is served.
#[test]
fn exactly_one_cloud_is_primary() {
    one("\"secondary\"", "\"primary\"", "a and b of production are both primary");
    one("role = \"primary\"", "role = \"secondary\"", "no cloud of production is primary");
}

/// [O36] The order names each cloud once, the primary after who takes over, and pauses stand at steps that there are.
#[test]
fn the_order_and_the_pauses_name_what_there_is() {
    one("[\"b\", \"a\"]", "[\"b\", \"c\"]", "production has no cloud \"c\": use a, b");
    one("[\"b\", \"a\"]", "[\"b\", \"b\", \"a\"]", "b is in the order twice");
    one("[\"b\", \"a\"]", "[\"b\"]", "a is not in the order of");
    one("[\"switch\"]", "[\"swich\"]", "\"swich\" is not a step of zero-downtime: write \"switch\"");
    one(
        "[\"switch\"]",
        "[\"apply c\"]",
        "there is no step \"apply c\": use apply b, verify b, apply a, verify a, switch",
    );
    one("[\"alive\"]", "[\"smoke\"]", "there is no check \"smoke\"");
    one("[\"alive\"]", "[\"comparison\"]", "serves nobody");
    // Who is primary changes with each go-live, and the plan stays as it is: what is elsewhere then is not refused.
    for (from, to) in [
        ("[\"b\", \"a\"]", "[\"a\", \"b\"]"),
        ("verify", "takes_over = \"a\", verify"),
        ("before = [\"switch\"]", "after = [\"verify a\"]"),
    ] {
        assert_eq!(clouds(from, to), [] as [&str; 0], "{to}");
    }
    let rolling = clouds("kind = \"zero-downtime\",", "by = \"region\",");
    assert!(rolling.iter().any(|it| it.contains("only a zero-downtime stage has verify")), "{rolling:?}");
}
