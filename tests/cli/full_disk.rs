//! A data directory on a small file system that is really full, in a mount namespace of its own: where one may be
//! made. The conductor that starts there brings the hosts back, and leaves nothing half-done.

use super::golive::Place;

const SCRIPT: &str = include_str!("full-disk.sh");

/// In a namespace in which file systems may be mounted; none: this system lets nobody make one.
fn in_a_namespace(place: &Place, script: &str) -> Option<super::golive::Ran> {
    let data = place.root().join("small");
    std::fs::create_dir(&data).unwrap();
    let place_of = |words: &str| format!("export GOLIVE_DATA_DIR={}\n{words}", data.display());
    place.file("namespaced.sh", &place_of(script));
    for unshare in ["unshare --mount", "unshare --user --map-root-user --mount"] {
        let try_it = place_of("mount -t tmpfs -o size=1m none \"$GOLIVE_DATA_DIR\"");
        place.file("try.sh", &try_it);
        if place.script(&format!("{unshare} sh try.sh")).status == 0 {
            return Some(place.script(&format!("exec {unshare} sh namespaced.sh")));
        }
    }
    None
}

#[track_caller]
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from:?} in\n{text}"));
    rest.split_once(to).map_or(rest, |(part, _)| part)
}

#[test]
fn a_conductor_that_starts_on_a_full_disk_brings_the_hosts_back() {
    let place = Place::with_project();
    // Where nobody may mount anything this shows nothing: `unwritable` shows less of it everywhere.
    let Some(ran) = in_a_namespace(&place, SCRIPT) else { return };
    let ran = ran.ended(0);
    let full = between(&ran.out, "--- full\n", "--- room\n");
    for said in [
        "JOURNAL UNWRITABLE for ",
        "ended the rollback of production: 2 hosts back on 2.4.1",
        "2.4.12.4.1",
        "no conductor runs",
        "UNSEALED ",
    ] {
        assert!(full.contains(said), "{said:?} in\n{full}");
    }
    assert!(ran.err.contains("HOLD and ROLL BACK work meanwhile"), "{}", ran.err);
    for host in ["web-1", "web-2"] {
        assert_eq!(place.read(&format!("run/{host}/current/VERSION")), "2.4.1");
    }
    // There was no room for its socket beside the journal.
    let room = between(&ran.out, "--- room\n", "--- left\n");
    assert!(room.contains("2.5.0: intact"), "{room}");
    let left = between(&ran.out, "--- left\n", "--- not opened\n");
    let files = between(left, "", "{");
    assert!(!files.contains("breakglass") && !files.contains("-wal"), "{files}");
    let at = |kind: &str| left.find(kind).unwrap_or_else(|| panic!("no {kind} in\n{left}"));
    assert!(at("rollout.rollback-ended") < at("course.glass-sealed"), "{left}");

    let not_opened = between(&ran.out, "--- not opened\n", "--- opened\n");
    assert!(!not_opened.contains("breakglass"), "{not_opened}");
    assert!(!not_opened.contains("can't read"), "{not_opened}");
    let opened = between(&ran.out, "--- opened\n", "\u{0}");
    assert!(opened.contains("opened 2.4.1-2: "), "{opened}");
}

#[test]
fn a_copy_of_a_data_directory_is_led_by_a_conductor_of_its_own() {
    let place = Place::with_project();
    let (first, copy) = (place.root().join("first"), place.root().join("copy"));
    let script = "
        set -eu
        trap 'for dir in FIRST COPY; do \"$GOLIVE\" --data-dir $dir conductor stop >/dev/null; done' EXIT
        \"$GOLIVE\" --data-dir FIRST open 2.5.0
        cp -a FIRST COPY
        echo --- nobody
        \"$GOLIVE\" --data-dir COPY conductor status
        echo --- held
        \"$GOLIVE\" --data-dir COPY hold 'only here'
        for dir in FIRST COPY; do
            echo \"--- $dir\"
            \"$GOLIVE\" --data-dir $dir conductor status
            \"$GOLIVE\" --data-dir $dir status
        done
        echo --- moved
        mv FIRST MOVED
        \"$GOLIVE\" --data-dir MOVED conductor status
        mv MOVED FIRST
    ";
    let script = script
        .replace("FIRST", first.to_str().unwrap())
        .replace("COPY", copy.to_str().unwrap())
        .replace("MOVED", place.root().join("moved").to_str().unwrap());
    let said = place.script(&script).ended(0).out;
    assert!(between(&said, "--- nobody\n", "---").contains("no conductor runs"), "{said}");
    let of = |dir: &std::path::Path| between(&said, &format!("--- {}\n", dir.display()), "---");
    assert!(!of(&first).contains("HOLD") && of(&copy).contains("HOLD     by dana: only here"), "{said}");
    let pid = |text: &str| between(text, "pid", "\n").trim().to_owned();
    assert_ne!(pid(of(&first)), pid(of(&copy)), "{said}");
    // Moved it is the same directory, and has the same conductor.
    assert_eq!(pid(between(&said, "--- moved\n", "---")), pid(of(&first)), "{said}");
}
