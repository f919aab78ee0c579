//! Refusals as a person or a script meets them: in words on stderr, as an object with `--json`, by the status.

use super::golive::Place;

fn opened() -> Place {
    let place = Place::with_project();
    place.golive(&["open", "2.5.0", "--at", "+1h"]).ended(0);
    place
}

#[test]
fn what_is_not_ready_is_listed_with_what_would_lift_it() {
    let place = opened();
    let ran = place.golive(&["declare", "go"]).ended(5);
    assert!(ran.out.is_empty(), "{}", ran.out);
    assert!(ran.err.contains("GO can't be declared"), "{}", ran.err);
    assert!(ran.err.contains("the support desk knows  nobody has said"), "{}", ran.err);
    assert!(ran.err.contains("lifted by: vote of dana"), "{}", ran.err);
    let json = place.golive(&["declare", "go", "--json"]).ended(5).json();
    assert_eq!(json["exit"], 5);
    assert_eq!(json["error"]["refusal"]["obstacles"].as_array().unwrap().len(), 2);
    let ran = place.golive(&["start"]).ended(5);
    assert!(ran.err.contains("no GO is declared"), "{}", ran.err);
}

#[test]
fn a_rule_that_says_no_ends_with_3() {
    let place = opened();
    for (command, why) in [
        (&["continue"][..], "nothing is held"),
        (&["rollback"], "no host has been changed"),
        (&["promote"], "no stage is under way"),
        (&["--as", "sam", "declare", "no-go", "--reason", "not today"], "sam has none of the roles decider"),
        (&["--as", "nobody", "vote", "go"], "nobody"),
        (&["open", "2.4.1", "--at", "+1h"], "session 2.5.0 of 2.5.0 is open"),
        (&["item", "answer", "support", "raj until 20:00"], "is not a question"),
        (&["rollout", "claim"], "nothing needs a human"),
    ] {
        let ran = place.golive(command).ended(3);
        assert!(ran.err.contains(why) && ran.err.contains("lifted by"), "{command:?}: {}", ran.err);
    }
    let record = place.golive(&["record", "show"]).ended(0).out;
    assert!(record.contains("was refused rollback: no host has been changed"), "{record}");
}

#[test]
fn what_cannot_be_meant_is_wrong_use_and_changes_nothing() {
    let place = opened();
    for (command, why) in [
        (&["item", "tick", "suport-desk"][..], "there is no item suport-desk"),
        (&["open", "2.5.0", "--at", "soon"], "\"soon\" is not a time"),
        (&["open", "9.9.9"], "9.9.9"),
        (&["rollout", "exclude", "web-1", "--reason", "broken disk", "--confirm", "web"], "nothing was done"),
        (&["--session", "other", "status"], "there is no session other"),
        (&["vote", "no-go"], "REASON"),
    ] {
        let ran = place.golive(command).ended(2);
        assert!(ran.err.contains(why), "{command:?}: {}", ran.err);
    }
    assert!(!place.golive(&["record", "show"]).ended(0).out.contains("refused"));
}

#[test]
fn the_same_said_twice_is_said_once() {
    let place = opened();
    assert!(
        place.golive(&["hold", "the cache is cold"]).ended(0).out.contains("said HOLD: the cache is cold")
    );
    let again = place.golive(&["hold"]).ended(0);
    assert!(again.out.contains("it was so already"), "{}", again.out);
    assert!(place.golive(&["status"]).ended(0).out.contains("HOLD     by dana: the cache is cold"));
    place.golive(&["status", "--check"]).ended(6);
    assert!(place.golive(&["continue"]).ended(0).out.contains("said CONTINUE"));
    let json = place.golive(&["vote", "go", "--json"]).ended(0).json();
    assert_eq!((json["done"].as_bool(), json["answer"]["said"][0].as_str()), (Some(true), Some("voted GO")));
}

#[test]
fn a_changed_plan_changes_nothing_until_it_is_adopted() {
    let place = opened();
    place.golive(&["vote", "go"]).ended(0);
    let plan =
        place.read("golive.toml").replace("min_healthy_time = \"100ms\"", "min_healthy_time = \"300ms\"");
    place.file("golive.toml", &plan);
    let ran = place.golive(&["plan", "diff"]).ended(0);
    assert!(ran.out.contains("min_healthy_time") && ran.out.contains("plan adopt"), "{}", ran.out);
    let json = place.golive(&["plan", "diff", "--json"]).ended(0).json();
    assert_eq!(json["same"], false);
    assert!(!json["stale"].as_array().unwrap().is_empty(), "a vote relied on the steps: {json}");
    assert!(place.golive(&["plan", "adopt"]).ended(0).out.contains("adopted the plan"));
    assert!(place.golive(&["plan", "diff"]).ended(0).out.contains("is the adopted plan"));
    place.golive(&["plan", "adopt"]).ended(3);
}

#[test]
fn a_record_that_was_changed_is_named_and_one_that_was_cut_is_found_by_its_head() {
    let place = opened();
    place.golive(&["close", "--abandon", "only a test of the record"]).ended(0);
    place.golive(&["record", "export", "--output", "record.jsonl"]).ended(0);
    // Of what was exported: an observation may still come after the closing.
    let exported = ["record", "verify", "--file", "record.jsonl", "--session", "2.5.0", "--json"];
    let head = place.golive(&exported).ended(0).json()["head"].as_str().unwrap().to_owned();
    let lines = place.read("record.jsonl");
    let verify = |text: &str| {
        place.file("changed.jsonl", text);
        place.golive(&["record", "verify", "--file", "changed.jsonl", "--session", "2.5.0", "--head", &head])
    };
    verify(&lines).ended(0);
    assert!(verify(&lines.replacen("\"dana\"", "\"mallory\"", 1)).ended(7).out.contains("line 1 is broken"));
    let cut: Vec<&str> = lines.lines().collect();
    let cut = format!("{}\n", cut[..cut.len() - 1].join("\n"));
    assert!(verify(&cut).ended(7).out.contains("its tail is cut off"));
}

#[test]
fn wrong_use_is_one_object_as_well_where_json_was_asked_for() {
    let place = Place::new();
    for words in [
        &["frob", "--json"][..],
        &["--json", "open"],
        &["item", "--json"],
        &["vote", "go", "extra", "--json"],
        &["init", "--size", "huge", "--json"],
    ] {
        let ran = place.golive(words).ended(2);
        assert_eq!((&ran.json()["done"], &ran.json()["exit"]), (&false.into(), &2.into()), "{words:?}");
        assert!(ran.err.starts_with("golive: "), "{words:?}: {}", ran.err);
    }
    // What comes after -- is no option.
    assert!(place.golive(&["frob", "--", "--json"]).ended(2).out.is_empty());
    assert_eq!(place.golive(&["--help"]).ended(0).err, "");
}

#[test]
fn an_argument_that_is_no_text_is_wrong_use_and_no_crash() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = Place::new();
    let mut golive = place.command(&["status"]);
    let out = golive.arg(std::ffi::OsStr::from_bytes(b"\xff\xfe")).output().unwrap();
    assert_eq!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn a_go_live_in_the_past_and_a_version_that_leads_elsewhere_are_refused() {
    let place = Place::with_project();
    for at in ["2020-01-01", "2020-01-01T10:00+01:00"] {
        let ran = place.golive(&["open", "2.5.0", "--at", at]).ended(2);
        assert!(ran.err.contains("has passed"), "{}", ran.err);
    }
    assert!(place.golive(&["open", "2.5.0", "--at", "-1h"]).ended(2).err.contains("is not a time"));
    for version in ["../2.5.0", "..", "2.5 0", "2.5?x"] {
        let ran = place.golive(&["open", version, "--at", "+1h"]).ended(2);
        assert!(ran.err.contains("is not a version"), "{version}: {}", ran.err);
    }
    place.golive(&["status"]).ended(5);
}

#[test]
fn what_would_lift_it_is_a_command_where_no_keys_are() {
    let place = opened();
    let ran = place.golive(&["promote"]).ended(3);
    assert!(ran.err.contains("lifted by: starting one (golive start)"), "{}", ran.err);
    let json = place.golive(&["promote", "--json"]).ended(3).json();
    assert_eq!(json["error"]["refusal"]["lift"], "starting one (golive start)", "{json:#}");
    place.golive(&["hold"]).ended(0);
    let status = place.golive(&["status", "--json"]).json();
    let lifts: Vec<&str> =
        status["obstacles"].as_array().unwrap().iter().filter_map(|it| it["lift"].as_str()).collect();
    assert!(lifts.contains(&"CONTINUE (golive continue)"), "{lifts:?}");
}

/// What a script should do about it is told by the status, whoever met the trouble first.
#[test]
fn a_journal_that_is_none_ends_every_command_with_7() {
    let place = opened();
    place.golive(&["conductor", "stop"]).ended(0);
    let projects = place.root().join(".local/share/golive/projects");
    let project = std::fs::read_dir(projects).unwrap().next().unwrap().unwrap().path();
    for rest in ["journal.db-wal", "journal.db-shm"] {
        drop(std::fs::remove_file(project.join(rest)));
    }
    std::fs::write(project.join("journal.db"), "no journal at all".repeat(300)).unwrap();
    for command in [&["status"][..], &["record", "verify"], &["vote", "go"], &["hold"]] {
        let ran = place.golive(command).ended(7);
        assert!(ran.err.contains("is not a journal of golive"), "{command:?}: {}", ran.err);
        assert_eq!(ran.err.matches("golive: ").count(), 1, "{}", ran.err);
    }
}
