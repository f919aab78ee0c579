//! What is missing or set to nothing is said, with what to do about it; nothing begins anew without a word.

use rusqlite::Connection;

use super::golive::Place;

fn journal(place: &Place) -> std::path::PathBuf {
    let projects = place.root().join(".local/share/golive/projects");
    std::fs::read_dir(projects).unwrap().next().unwrap().unwrap().path().join("journal.db")
}

#[test]
fn a_journal_that_was_emptied_or_is_gone_is_not_begun_anew() {
    let place = Place::with_project();
    place.golive(&["open", "2.5.0"]).ended(0);
    place.golive(&["conductor", "stop"]).ended(0);
    let journal = journal(&place);
    std::fs::write(&journal, "").unwrap();
    for words in [&["status"][..], &["open", "2.5.0"], &["record", "verify"]] {
        let refused = place.golive(words).ended(7);
        assert!(refused.err.contains("is empty, although sessions were led here"), "{}", refused.err);
        assert!(refused.err.contains("put a copy of it back"), "{}", refused.err);
    }
    std::fs::remove_file(&journal).unwrap();
    let refused = place.golive(&["open", "2.5.0"]).ended(7);
    assert!(refused.err.contains("is gone, although sessions were led here"), "{}", refused.err);
    assert!(!journal.exists());
}

#[test]
fn without_a_session_named_every_session_is_verified_and_the_broken_one_is_named() {
    let place = Place::with_project();
    place.golive(&["open", "2.4.1"]).ended(0);
    place.golive(&["close", "--abandon", "not now"]).ended(0);
    place.golive(&["open", "2.5.0"]).ended(0);
    place.golive(&["conductor", "stop"]).ended(0);
    place.golive(&["record", "verify"]).ended(0);

    let changed = Connection::open(journal(&place)).unwrap().execute(
        "UPDATE events SET line = CAST(replace(CAST(line AS TEXT), 'not now', 'not yet') AS BLOB)
         WHERE stream = (SELECT id FROM streams WHERE name = '2.4.1') AND CAST(line AS TEXT) LIKE '%not now%'",
        [],
    );
    assert_eq!(changed.unwrap(), 1);
    let broken = place.golive(&["record", "verify"]).ended(7).out;
    assert!(broken.starts_with("2.4.1: line ") && broken.contains(" is broken: "), "{broken}");
    let json = place.golive(&["record", "verify", "--json"]).ended(7).json();
    assert_eq!((&json["session"], &json["intact"]), (&"2.4.1".into(), &false.into()), "{json}");
    assert!(json["broken"].as_u64().unwrap() > 1, "{json}");
    // The newest by itself is as it was written.
    place.golive(&["record", "verify", "--session", "2.5.0"]).ended(0);
}

#[test]
fn a_data_directory_set_to_nothing_is_not_set() {
    let place = Place::with_project();
    place.script("GOLIVE_DATA_DIR= exec \"$GOLIVE\" open 2.5.0").ended(0);
    assert!(journal(&place).exists());
    place.golive(&["status"]).ended(0);
    let usage = place.golive(&["item", "tick"]).ended(2);
    assert!(!usage.err.contains("GOLIVE_DATA_DIR"), "{}", usage.err);
}

#[test]
fn behind_a_shared_socket_where_nobody_is_whoever_has_to_start_is_named() {
    let place = Place::with_project();
    let refused = place.script("GOLIVE_SOCKET=$PWD/shared.sock exec \"$GOLIVE\" vote go").ended(1);
    assert!(refused.err.contains("shared.sock golive conductor run"), "{}", refused.err);
    assert!(refused.err.contains("whoever owns the project starts it"), "{}", refused.err);
}
