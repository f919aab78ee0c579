//! What a blue/green plan must say, and why a side of it can't be taken out.

use super::mistakes::{GOOD, of};

const HOSTS: &str = "hosts = [\"web-01\", \"web-02\", \"web-03\"]";
const STAGE: &str = "environment = \"production\"";

/// A plan with two sides, and what is wrong with it after `from` became `to`.
fn sides(from: &str, to: &str) -> Vec<String> {
    let text = GOOD
        .replace(HOSTS, "balancer = { kind = \"haproxy\", socket = \"/run/h\", backend = \"b\" }\ncolours.blue = { hosts = [\"web-[01:02]\"] }\ncolours.green = { hosts = [\"web-[03:05]\"] }")
        .replace(STAGE, &format!("{STAGE}\nstrategy = {{ kind = \"blue-green\", validate = [\"alive\"], soak = \"10m\", warm = \"30m\" }}"));
    assert!(text.contains(from), "{from}: {text}");
    of(&text.replacen(from, to, 1))
}

/// [O48] Who serves alone is the plan's to allow, with the sum; and what is taken out has somebody who takes it out.
#[test]
fn a_blue_green_plan_says_why_a_side_can_not_be_taken_out() {
    assert_eq!(sides("web", "web"), [] as [&str; 0]);
    let one = |from: &str, to: &str, words: &str| {
        let found = sides(from, to);
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
    };
    let with = |more: &str| format!("{more}\ncolours.blue");
    one(
        "colours.blue",
        &with("capacity = { min_healthy = 3 }"),
        "5 - 3 = 2 hosts would serve alone, and min_healthy is 3",
    );
    one(
        "colours.blue",
        &with("capacity = { min_healthy = \"50%\" }"),
        "min_healthy is 50 % of 5, which is 3",
    );
    one(
        "colours.blue",
        &with("capacity = { max_unavailable = 2 }"),
        "green of production is 3 hosts that are out at once",
    );
    one("soak =", "first = \"bleu\", soak =", "there is no colour \"bleu\": use blue or green");
    one("\"30m\"", "\"5m\"", "use warm = \"10 min\" or more");
    one("[\"alive\"]", "[\"smoke\"]", "there is no check \"smoke\"");
    one("[\"alive\"]", "[\"comparison\"]", "serves nobody");
    one("colours.green = { hosts = [\"web-[03:05]\"] }", "", "production has blue: write the hosts");
    one("{ kind = \"haproxy\", socket = \"/run/h\", backend = \"b\" }", "\"none\"", "nothing there can");
    one(
        "environment = \"production\"",
        "environment = \"production\"\nselect = { count = 5 }",
        "takes whole sides",
    );
    one("colours.blue", "hosts = [\"web-09\"]\ncolours.blue", "has hosts and colours");
    let rolling = sides("kind = \"blue-green\",", "");
    assert!(rolling.len() == 3 && rolling[0].contains("only a blue-green stage has validate"), "{rolling:?}");
}
