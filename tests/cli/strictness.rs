//! Less strict go-lives from the command line: what each profile leaves out and takes, and who may choose which.

use super::golive::Place;

fn place() -> Place {
    let place = Place::with_project();
    let plan = place.read("golive.toml");
    let plan = plan.replace(
        "environment = \"production\"",
        "environment = \"production\"\nvalidations = [\"load\"]\nbake = \"10m\"",
    );
    let more = "\n[checks.load]\nexec = [\"true\"]\n\n[strictness.standard]\nvalidations = [\"load\"]\n\n[strictness.relaxed]\nbakes = [\"production\"]\n";
    place.file("golive.toml", &format!("{plan}{more}"));
    place
}

/// [R5] [R6] Each profile is listed with its difference and its expected time, whose parts are the stages'; less than the
/// project's own is refused without a reason and a role, and recorded with them.
#[test]
fn each_profile_is_shown_and_a_lower_one_needs_a_reason_and_a_role() {
    let place = place();
    let said = place.golive(&["plan", "strictness"]).ended(0).out;
    assert!(said.contains("strict, the project's own: leaves out nothing"), "{said}");
    assert!(said.contains("standard: leaves out validation load"), "{said}");
    assert!(said.contains("relaxed: leaves out validation load, bake of production"), "{said}");
    assert!(said.contains("to production unknown: ") && said.contains("bake: 10 min"), "{said}");
    let json = place.golive(&["plan", "strictness", "--json"]).ended(0);
    let lines: Vec<serde_json::Value> =
        json.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for key in lines[0].as_object().unwrap().keys() {
        assert!(include_str!("../../src/cli/json.md").contains(&format!("`{key}`")), "{key}");
    }
    assert_eq!((&lines[0]["own"], &lines[0]["seconds"]), (&true.into(), &serde_json::Value::Null));
    assert!(!lines[0]["unknown"].as_array().unwrap().is_empty());

    let open = |who: &str, more: &[&str]| {
        let words =
            [&["--as", who, "open", "2.5.0", "--at", "+1h", "--strictness", "relaxed"], more].concat();
        place.golive(&words)
    };
    let ran = open("dana", &[]).ended(3);
    assert!(ran.err.contains("relaxed is less than the project's strict: a reason is needed"), "{}", ran.err);
    let ran = open("sam", &["--reason", "one page of text"]).ended(3);
    assert!(ran.err.contains("sam is no decider") && ran.err.contains("dana"), "{}", ran.err);
    open("dana", &["--reason", "one page of text"]).ended(0);
    let status = place.golive(&["status"]).ended(0).out;
    let line = "profile  relaxed: one page of text; left out: validation load, bake of production";
    assert!(status.contains(line), "{status}");
    let report = place.golive(&["report"]).ended(0).out;
    assert!(report.contains("left out by relaxed") && report.contains("one page of text"), "{report}");
    let same = place.golive(&["plan", "diff"]).ended(0).out;
    assert!(same.contains("golive.toml is the adopted plan"), "{same}");
}
