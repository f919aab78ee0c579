//! What is understood, what is not, and the status each ends with.

use std::{fmt::Write as _, path::Path};

use super::golive::Place;

#[test]
fn help_names_every_exit_status_and_is_no_mistake() {
    let ran = Place::new().golive(&["--help"]).ended(0);
    for status in ["0 done", "2 wrong use", "3 refused", "5 not ready", "6 waits", "7 journal"] {
        assert!(ran.out.contains(status), "{}", ran.out);
    }
    assert!(ran.err.is_empty());
}

#[test]
fn a_mistyped_command_says_what_may_have_been_meant_on_stderr() {
    let ran = Place::new().golive(&["statsu"]).ended(2);
    assert!(ran.err.contains("'status'"), "{}", ran.err);
    assert!(ran.out.is_empty());
}

#[test]
fn outside_any_project_it_says_how_to_get_one() {
    let place = Place::new();
    for command in [&["check"][..], &["status"], &["sessions"], &["report"], &["record", "verify"]] {
        let ran = place.golive(command).ended(2);
        assert!(ran.err.contains("no golive.toml") && ran.err.contains("golive init"), "{}", ran.err);
    }
    let ran = place.golive(&["-C", "nowhere", "check"]).ended(2);
    assert!(ran.err.contains("nowhere is no directory"), "{}", ran.err);
}

#[test]
fn a_valid_plan_checks_and_says_what_must_be_known() {
    let place = Place::with_project();
    let ran = place.golive(&["check"]).ended(0);
    assert!(ran.out.contains("shop: the plan is valid: 1 stage, 2 hosts, 1 item"), "{}", ran.out);
    assert!(ran.out.contains("golive.toml:14:15"), "notes name their line: {}", ran.out);
    let json = place.golive(&["check", "--json"]).ended(0).json();
    assert_eq!((json["valid"].as_bool(), json["opens"].as_bool()), (Some(true), Some(true)));
    std::fs::create_dir(place.dir().join("below")).unwrap();
    place.golive(&["-C", "below", "check"]).ended(0);
}

/// [K69] The map is drawn in 80 columns and without colour, each off-peak hour as a dot and in words.
#[test]
fn a_traffic_map_is_drawn_in_eighty_columns_without_colour() {
    let place = Place::with_project();
    let mut plan = place.read("golive.toml");
    let figures = (0..24).map(|hour| (300 + hour * 50).to_string()).collect::<Vec<_>>().join(", ");
    plan += "\n[traffic.eu-1]\nzone = \"Europe/Berlin\"\n";
    for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] {
        let _ = writeln!(plan, "{day} = [{figures}]");
    }
    place.file("golive.toml", &plan);
    let ran = place.golive(&["check"]).ended(0);
    let map: Vec<&str> =
        ran.out.lines().skip_while(|line| !line.starts_with("traffic of eu-1")).take(9).collect();
    assert!(map[0].contains("tenths of the peak, 1450 requests a minute"), "{}", ran.out);
    assert_eq!(map[2], "  mon .........55566677788899X  off-peak 00:00-09:00");
    assert!(map.iter().all(|line| line.chars().count() <= 80 && !line.contains('\u{1b}')), "{}", ran.out);
    let json = place.golive(&["check", "--json"]).ended(0).json();
    assert_eq!(json["traffic"][0]["off_peak"][0]["to"], 9);
}

#[test]
fn an_invalid_plan_is_refused_with_file_line_and_column() {
    let place = Place::with_project();
    let plan = place.read("golive.toml").replace("[artifact]", "[artifcat]");
    place.file("golive.toml", &plan);
    let ran = place.golive(&["check"]).ended(2);
    assert!(ran.out.is_empty(), "errors go to stderr: {}", ran.out);
    assert!(ran.err.contains("golive.toml:11:2"), "{}", ran.err);
    assert!(ran.err.contains("did you mean") && ran.err.contains("artifact"), "{}", ran.err);
    let json = place.golive(&["check", "--json"]).ended(2).json();
    assert_eq!(json["valid"].as_bool(), Some(false));
    let lines: Vec<_> = json["problems"].as_array().unwrap().iter().map(|p| p["line"].as_u64()).collect();
    assert!(lines.contains(&Some(11)), "{json}");
}

#[test]
fn the_schema_is_json_whatever_the_directory_holds() {
    let json = Place::new().golive(&["check", "--schema"]).ended(0).json();
    assert_eq!(json["title"], "golive.toml");
}

#[test]
fn without_a_session_there_is_nothing_to_report_yet() {
    let place = Place::with_project();
    assert!(place.golive(&["sessions"]).ended(0).out.contains("golive open VERSION"));
    for command in [&["status"][..], &["report"], &["record", "export"]] {
        let ran = place.golive(command).ended(5);
        assert!(ran.err.contains("no session yet"), "{}", ran.err);
    }
    let json = place.golive(&["status", "--json"]).ended(5).json();
    assert_eq!((json["done"].as_bool(), json["exit"].as_u64()), (Some(false), Some(5)));
}

#[test]
fn all_that_is_written_lies_in_the_directory_that_was_named() {
    let place = Place::with_project();
    place.golive(&["--data-dir", "../elsewhere", "sessions"]).ended(0);
    assert!(place.root().join("elsewhere/projects").is_dir());
    assert!(!place.root().join(".local").exists());
}

#[test]
fn the_cockpit_without_a_terminal_says_so() {
    let ran = Place::with_project().golive(&[]).ended(2);
    assert!(ran.err.contains("needs a terminal") && ran.err.contains("golive status"), "{}", ran.err);
}

#[test]
fn flags_of_the_cockpit_are_refused_where_they_would_do_nothing() {
    let ran = Place::with_project().golive(&["--ascii", "sessions"]).ended(2);
    assert!(ran.err.contains("--ascii"), "{}", ran.err);
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(Place::new().golive(&["completions", shell]).ended(0).out.contains("status"));
    }
    assert!(Place::new().golive(&["completions", "tcl"]).ended(2).err.contains("bash"));
}

#[test]
fn the_doctor_names_what_is_missing_and_what_to_do() {
    let ran = Place::new().golive(&["doctor"]).ended(5);
    assert!(ran.out.contains("MISSING") && ran.out.contains("golive init"), "{}", ran.out);
    let place = Place::with_project();
    let plan = place.read("golive.toml");
    place.file("golive.toml", &plan.replace("dana = {", "root = {").replace("@dana", "@root"));
    place.file("RELEASE.md", "- [ ] x y z @root\n");
    let ran = place.golive(&["doctor"]).ended(0);
    assert!(ran.out.contains("valid, and this build carries all of it out"), "{}", ran.out);
    assert!(ran.out.contains("none runs; the first command that needs one starts it"), "{}", ran.out);
    let plan = place.read("golive.toml").replace(
        "driver =",
        "balancer = { kind = \"haproxy\", socket = \"none.sock\", backend = \"shop\", drain_timeout = \"5s\" }\ndriver =",
    );
    place.file("golive.toml", &plan);
    let ran = place.golive(&["doctor"]).ended(5);
    assert!(ran.out.contains("none.sock: there is no such socket"), "{}", ran.out);
    for line in place.golive(&["doctor", "--json"]).ended(5).out.lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(finding["what"].is_string() && finding["state"].is_string());
    }
}

#[test]
fn a_theme_is_checked_for_its_scopes_and_for_being_readable() {
    let place = Place::new();
    let check = |scopes: &str| {
        place.file("mine.toml", &format!("inherits = \"dark\"\n[scopes]\n{scopes}"));
        place.golive(&["check", "--theme", "mine.toml"])
    };
    let ran = check("\"state.okay\" = \"#00ff00\"\n").ended(2);
    assert!(ran.err.contains("mine.toml:3:1") && ran.err.contains("state.ok"), "{}", ran.err);
    let ran = check("\"text\" = \"#333333\"\n").ended(2);
    assert!(ran.err.contains("mine.toml:3:") && ran.err.contains("contrast of"), "{}", ran.err);
    check("").ended(0);
}

/// The names that `golive --theme` takes; of a name that nobody knows it is said where it was looked for.
#[test]
fn a_theme_is_checked_by_the_name_the_cockpit_takes_it_by() {
    let place = Place::new();
    let check = |name: &str| place.golive(&["check", "--theme", name]);
    for name in ["dark", "light", "high-contrast", "colour-blind"] {
        let ran = check(name).ended(0);
        assert!(ran.out.contains(&format!("{name}: every scope is known")), "{}", ran.out);
    }
    let ran = check("drak").ended(2);
    assert!(ran.err.contains("there is no theme `drak`"), "{}", ran.err);
    assert!(ran.err.contains("did you mean `dark`?"), "{}", ran.err);
    let own = ran.err.split(", and no ").nth(1).and_then(|rest| rest.split(".toml").next()).unwrap();
    let own = Path::new(own).with_extension("toml");
    std::fs::create_dir_all(own.parent().unwrap()).unwrap();
    std::fs::write(own, "inherits = \"dark\"\n[scopes]\ntext = \"#333333\"\n").unwrap();
    let ran = check("drak").ended(2);
    assert!(ran.err.contains("drak.toml:3:") && ran.err.contains("contrast of"), "{}", ran.err);
    let ran = check("none.toml").ended(2);
    assert!(ran.err.contains("none.toml"), "{}", ran.err);
}
