//! A new build within a session, from the command line: shown by `plan diff`, adopted by `plan adopt` or by opening
//! the same version again; and what was adopted is kept as it was read.

use super::golive::Place;

#[test]
fn a_new_build_is_shown_adopted_and_makes_the_vote_stale() {
    let place = Place::with_project();
    place.golive(&["open", "2.5.0"]).ended(0);
    place.golive(&["vote", "go"]).ended(0);
    let same = place.golive(&["plan", "diff", "--json"]).ended(0).json();
    assert_eq!(same["same"], true, "{same:#}");
    let was = same["candidate"].clone();
    assert!(was.is_null(), "{same:#}");

    place.file("dist/shop-2.5.0/VERSION", "2.5.0, built again");
    let diff = place.golive(&["plan", "diff"]).ended(0).out;
    assert!(diff.contains("candidate 2.5.0"), "{diff}");
    let diff = place.golive(&["plan", "diff", "--json"]).ended(0).json();
    assert_eq!(diff["same"], false, "{diff:#}");
    assert!(diff["stale"].to_string().contains("vote of dana goes stale"), "{diff:#}");
    let (before, after) = (&diff["candidate"]["was"], &diff["candidate"]["is"]);
    assert_ne!(before, after);

    place.golive(&["plan", "adopt"]).ended(0);
    place.golive(&["plan", "adopt"]).ended(3);
    let status = place.golive(&["status", "--json"]).ended(0).json();
    let digest = status["digest"].as_str().unwrap();
    assert!(after.as_str().unwrap().ends_with(&digest[..8]), "{status:#}");

    // Opening the same version again is the same thing.
    place.file("dist/shop-2.5.0/VERSION", "2.5.0, built once more");
    place.golive(&["open", "2.5.0"]).ended(0);
    place.golive(&["open", "2.5.0"]).ended(3);
    let sessions = place.golive(&["sessions", "--json"]).ended(0).out;
    assert_eq!(
        sessions.matches("\"2.5.0\"").count(),
        sessions.matches("\"version\"").count() * 2,
        "{sessions}"
    );
    let record = place.golive(&["record", "export"]).ended(0).out;
    assert_eq!(record.matches("course.candidate-adopted").count(), 2, "{record}");
    // The team's list as it was read is part of what was adopted.
    let report = place.golive(&["report"]).ended(0).out;
    assert!(report.contains("adopted the candidate 2.5.0"), "{report}");
}

/// A checklist is part of what is adopted: its text as it was read, and each change of it is shown and adopted.
#[test]
fn a_changed_checklist_is_shown_item_by_item_and_its_text_is_kept_as_it_was_read() {
    let place = Place::with_project();
    place.golive(&["open", "2.5.0"]).ended(0);
    place.golive(&["vote", "go"]).ended(0);
    let before = place.read("RELEASE.md");
    let lists = |place: &Place, kind: &str| -> Vec<serde_json::Value> {
        let record = place.golive(&["record", "export"]).ended(0).out;
        let lines = record.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let line = lines.rev().find(|line| line["kind"] == kind).unwrap();
        line["body"]["adopted"]["lists"].as_array().unwrap().clone()
    };
    let kept = lists(&place, "course.opened");
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0]["name"].as_str(), kept[0]["text"].as_str()), (Some("RELEASE.md"), Some(&*before)));
    let digest = golive::domain::name::Digest::of(before.as_bytes()).to_string();
    assert_eq!(kept[0]["digest"].as_str(), Some(&*digest));

    // One in front of all others: they are what they were.
    let after = before.replacen("- [ ]", "- [ ] the lawyers have read it @dana\n- [ ]", 1);
    place.file("RELEASE.md", &after);
    let diff = place.golive(&["plan", "diff", "--json"]).ended(0).json();
    let told = diff["differences"].as_array().unwrap();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0]["path"], "items[release/the-lawyers-have-read-it]");
    assert_eq!((&told[0]["was"], &told[0]["is"]), (&"none".into(), &"the lawyers have read it".into()));
    assert!(diff["stale"].to_string().contains("vote of dana goes stale"), "{diff:#}");
    place.golive(&["plan", "adopt"]).ended(0);
    assert_eq!(lists(&place, "course.plan-adopted")[0]["text"].as_str(), Some(&*after));
    let left = place.golive(&["status"]).ended(0).out;
    assert!(left.contains("the lawyers have read it"), "{left}");
}
