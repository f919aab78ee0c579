//! What comes next, and what is waited for, in words that a script and its log can use.

use super::golive::Place;

#[test]
fn run_says_what_it_waits_for_whenever_that_changes() {
    let place = Place::with_project();
    let script = "
        set -eu
        \"$GOLIVE\" open 2.4.1
        \"$GOLIVE\" run --plain --declare-go ready --patience 10m > said.txt &
        until grep -q 'waits to declare go; in the way, 2:' said.txt; do sleep 0.05; done
        \"$GOLIVE\" item tick support
        until grep -q 'waits to declare go; in the way, 1:' said.txt; do sleep 0.05; done
        \"$GOLIVE\" vote go
        wait $!
        cat said.txt
    ";
    let said = place.script(script).ended(0).out;
    // Whatever else it waits for on a slow machine: of these two it speaks once each.
    let waits: Vec<&str> = said.split("waits to declare go").skip(1).collect();
    assert_eq!(waits.len(), 2, "{said}");
    assert!(waits[0].starts_with("; in the way, 2:") && waits[0].contains("support desk"), "{said}");
    assert!(waits[1].starts_with("; in the way, 1:") && waits[1].contains("engineering"), "{said}");
    assert!(said.contains("lifted by: ") && said.contains("closed the session, verified"), "{said}");
}

/// Nobody is told to declare what the votes do not say: what comes next is what is missing, and whose it is.
#[test]
fn before_a_go_the_next_step_is_what_is_missing_by_name() {
    let place = Place::with_project();
    place.golive(&["open", "2.4.1"]).ended(0);
    let next = || place.golive(&["status", "--json"]).ended(0).json()["next"].as_str().unwrap().to_owned();
    assert!(next().starts_with("item tick ") && next().contains("support desk"), "{}", next());
    place.golive(&["item", "tick", "support"]).ended(0);
    assert_eq!(next(), "vote go (engineering: dana)");
    assert!(place.golive(&["status"]).ended(0).out.contains("next     vote go (engineering: dana)\n"));
    place.golive(&["vote", "go"]).ended(0);
    assert_eq!(next(), "declare go");
}

#[test]
fn what_lifts_something_is_said_with_commands_in_json_too() {
    let place = Place::with_project();
    for version in ["2.4.1", "2.6.0"] {
        place.golive(&["open", version]).ended(0);
        place
            .script("\"$GOLIVE\" item tick support && \"$GOLIVE\" vote go && \"$GOLIVE\" declare go")
            .ended(0);
        if version == "2.4.1" {
            place.golive(&["start", "--wait"]).ended(0);
            // It started before its time: what counts is when.
            let status = place.golive(&["status"]).ended(0).out;
            assert!(status.contains(" ago), planned "), "{status}");
            place.golive(&["promote"]).ended(0);
            place.golive(&["close"]).ended(0);
        }
    }
    // The new version ends at once: the line needs a human, and nothing is to be promoted.
    place.golive(&["start", "--wait"]).ended(6);
    let status = place.golive(&["status", "--json"]).ended(0).json();
    let next = status["next"].as_str().unwrap();
    assert!(
        next.starts_with("a human: try again (golive rollout try web-1)") && !next.contains("lift-alarm"),
        "{next}"
    );
    let lifts: String =
        status["obstacles"].as_array().unwrap().iter().map(|it| it["lift"].to_string()).collect();
    assert!(lifts.contains("golive ") && !lifts.contains("(T)") && !lifts.contains("(R)"), "{lifts}");
    let refused = place.golive(&["promote", "--json"]).ended(5).json();
    let lifts = refused["error"]["refusal"].to_string();
    assert!(!lifts.contains("(T)") && !lifts.contains("(R)"), "{lifts}");
    place.golive(&["rollback", "--wait"]).ended(4);
}

#[test]
fn what_is_held_waits_for_continue_and_an_item_names_its_own_command() {
    let place = Place::with_project();
    place.golive(&["open", "2.4.1"]).ended(0);
    let status = place.golive(&["status"]).ended(0).out;
    let command =
        status.split("golive item tick ").nth(1).and_then(|rest| rest.split([')', ' ']).next()).unwrap();
    place.golive(&["item", "tick", command]).ended(0);
    place.script("\"$GOLIVE\" vote go && \"$GOLIVE\" declare go && \"$GOLIVE\" hold").ended(0);
    let status = place.golive(&["status"]).ended(0).out;
    assert!(status.contains("HOLD     by dana\n") && status.contains("next     continue\n"), "{status}");
    assert!(place.golive(&["continue"]).ended(0).out.contains("said CONTINUE"));
    assert!(place.golive(&["status"]).ended(0).out.contains("next     start "));
}

/// A GO that expires before what it is for may begin says so in both forms.
#[test]
fn a_go_that_comes_too_early_says_so_in_json_too() {
    let place = Place::with_project();
    // From Monday, 1, on; the window opens in three days.
    let today: usize = place.script("date -u +%u").ended(0).out.trim().parse().unwrap();
    let day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][(today + 2) % 7];
    let driver = "driver = { kind = \"local\"";
    let window = format!(
        "window = {{ days = \"{day}\", from = \"10:00\", to = \"11:00\", zone = \"UTC\" }}\n{driver}"
    );
    place.file("golive.toml", &place.read("golive.toml").replacen(driver, &window, 1));
    place.golive(&["open", "2.4.1"]).ended(0);
    place.golive(&["item", "tick", "support"]).ended(0);
    place.golive(&["vote", "go"]).ended(0);
    let answer = place.golive(&["declare", "go", "--json"]).ended(0).json();
    let early = answer["early"].as_str().unwrap_or_default();
    assert!(early.contains("the GO expires") && answer["answer"]["head"].is_string(), "{answer}");
    let hold = place.golive(&["hold", "wait", "--json"]).ended(0).json();
    assert!(hold["done"] == true && hold.get("early").is_none(), "{hold}");
}

/// A change of golive.toml that nobody adopted is said to whoever acts, and not only by `status`.
#[test]
fn whoever_acts_is_told_that_the_plan_was_changed_and_what_was_adopted_holds() {
    let place = Place::with_project();
    place.golive(&["open", "2.4.1"]).ended(0);
    let plan = place.read("golive.toml");
    assert!(!place.golive(&["item", "tick", "support"]).ended(0).out.contains("golive.toml"));
    place.file("golive.toml", &plan.replace("progress_deadline = \"3m\"", "progress_deadline = \"4m\""));
    let seen = "until \"$GOLIVE\" status --json | grep -q '\"plan_differs\": *true'; do sleep 0.1; done";
    place.script(seen).ended(0);
    let voted = place.golive(&["vote", "go"]).ended(0).out;
    assert!(voted.contains("golive.toml differs from what this session adopted, which holds"), "{voted}");
}
