//! What a plan with agents must say.

use super::mistakes::{GOOD, of};

const LOCAL: &str = "driver = { kind = \"local\", dir = \"run\", start = [\"{dir}/current/bin/shop\"] }";
const STAGE: &str = "environment = \"production\"";
const DRIVER: &str = "driver = { kind = \"converge\", store = { kind = \"http\", url = \"http://s/{name}\" }, agents = { url = \"http://s/a/{name}\" } }\ndeadlines = { progress_deadline = \"40m\" }\ncapacity = { min_healthy = 1 }";

/// A plan whose agents read a store, and what is wrong with it after `from` became `to`.
fn agents(from: &str, to: &str) -> Vec<String> {
    let text = GOOD
        .replace(LOCAL, DRIVER)
        .replace(STAGE, &format!("{STAGE}\nstrategy = {{ kind = \"converge\", batches = [1, 2] }}"));
    assert!(text.contains(from), "{from}: {text}");
    of(&text.replacen(from, to, 1))
}

/// Telling all hosts at once needs an explicit word, and there must be time for a cycle.
#[test]
fn a_plan_with_agents_says_how_far_they_are_told_at_a_time_and_who_says_what_they_did() {
    assert_eq!(agents("web", "web"), [] as [&str; 0]);
    let one = |from: &str, to: &str, words: &str| {
        let found = agents(from, to);
        assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:#?}");
    };
    one("http://s/{name}", "http://s/{environment}", "has one key for 3 hosts");
    one("batches = [1, 2]", "batches = [1, 2], all_at_once = true", "has batches, and is all at once");
    one("min_healthy = 1", "min_healthy = 2", "only 1 may be out");
    one("\"40m\"", "\"16m\"", "agents of production look every 15 min");
    one(
        ", agents = { url = \"http://s/a/{name}\" }",
        "",
        "nothing says what the hosts of production have installed",
    );
    one("http://s/a/{name}", "http://s/a", "the reports of all hosts are one and the same");
    // An agent's report may need a secret, which the plan names and does not hold.
    let url = "url = \"http://s/a/{name}\"";
    let with = |headers: &str| format!("{url}, headers = {{ {headers} }}");
    assert_eq!(agents(url, &with("Authorization = \"env:AGENTS\"")), [] as [&str; 0]);
    one(url, &with("Authorization = \"Bearer 9f3c01ab9f3c01ab9f3c01ab9f3c01ab\""), "looks like a secret");
    one(url, "command = [\"a\", \"{name}\"], headers = { X = \"y\" }", "a command sends no headers");
    one(
        "kind = \"converge\", batches",
        "kind = \"rolling\", batches",
        "agents change the hosts of production",
    );
    one("\"http://s/{name}\"", "\"s/{name}\"", "the store's address is no URL");
    // What they are taken by, in which order, is looked at as that of any other batches.
    let by = |more: &str| format!("batches = [1, 2], {more}");
    one(
        "batches = [1, 2]",
        &by("by = \"regoin\""),
        "takes its hosts by regoin, and web-01 has none, nor have 2",
    );
    let at_once = agents("batches = [1, 2]", "all_at_once = true");
    assert_eq!(at_once, [] as [&str; 0], "the explicit word");
}
