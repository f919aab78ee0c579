//! `golive status` where no conductor runs: what the record says last is not how things are.

use rustix::process::{Pid, Signal, kill_process};

use super::golive::Place;

fn kill_conductor(place: &Place) {
    let status = place.golive(&["conductor", "status", "--json"]).ended(0).json();
    let pid = status["conductor"]["pid"].as_i64().and_then(|pid| Pid::from_raw(pid as i32)).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

#[test]
fn without_a_conductor_status_says_of_when_it_is_and_what_was_in_flight_is_unknown() {
    let place = Place::with_project();
    // The new version never says that it is alive: its host is under way until the deadline.
    place.program("bin/alive", "#!/bin/sh\nexec grep -qv 2.5.0 run/$1/current/VERSION\n");
    place.script(&FIRST.replace("$WAIT", "$([ $version = 2.5.0 ] || echo --wait)")).ended(0);
    let working = || place.golive(&["status", "--json"]).ended(0).json();
    let mut status = working();
    while status["stages"][0]["hosts"]["working"] == 0 {
        status = working();
    }
    assert_eq!(status["footing"]["conductor"], "running");
    for words in ["status", "report", "item", "vote"] {
        assert!(!place.golive(&[words]).ended(0).out.contains("AS OF"), "{words}");
    }

    kill_conductor(&place);
    let status = working();
    assert_eq!(status["footing"]["conductor"], "none", "{status}");
    let hosts = &status["stages"][0]["hosts"];
    assert_eq!((&hosts["working"], &hosts["unknown"]), (&0.into(), &1.into()), "{hosts}");
    assert!(hosts["available"].is_null(), "{hosts}");
    let lanes: Vec<_> =
        status["hosts"].as_array().unwrap().iter().map(|host| &host["lane"]["state"]).collect();
    assert!(lanes.contains(&&"unknown".into()) && !lanes.contains(&&"working".into()), "{lanes:?}");
    // Nothing goes on, so nobody knows when it ends, whatever was timed.
    let timeline = place.golive(&["timeline", "--json"]).ended(0).json();
    for eta in [&status["eta"], &timeline["eta"]] {
        assert_eq!(eta["halted"], "no conductor runs", "{eta}");
        assert!(eta["at"].is_null() && eta["seconds"].is_null(), "{eta}");
    }
    let words = place.golive(&["status"]).ended(0).out;
    assert!(words.contains("ago): no conductor runs; what was in flight then is unknown"), "{words}");
    assert!(words.contains("2 hosts: not observed"), "{words}");
    // Whatever else tells of the session says so too, and beside JSON, whose lines are something else.
    for words in [&["report"][..], &["item"], &["vote"], &["timeline"]] {
        let said = place.golive(words).ended(0);
        assert!(
            said.out.starts_with("AS OF    ") && said.out.contains("no conductor runs"),
            "{words:?}: {}",
            said.out
        );
        assert!(said.err.is_empty(), "{}", said.err);
        let json = place.golive(&[words, &["--json"]].concat()).ended(0);
        assert!(
            json.out.starts_with('{') && json.err.contains("no conductor runs"),
            "{words:?}: {}",
            json.err
        );
    }
    // Taken up again, and brought back: nothing of it runs on after the test.
    place.golive(&["rollback", "--wait"]).ended(4);
}

/// A first version is live; the next one is under way.
const FIRST: &str = r#"
set -eu
for version in 2.4.1 2.5.0; do
    "$GOLIVE" open $version
    "$GOLIVE" item tick support
    "$GOLIVE" vote go
    "$GOLIVE" declare go
    "$GOLIVE" start $WAIT
    [ $version = 2.5.0 ] || { "$GOLIVE" promote; "$GOLIVE" close; }
done
"#;

#[test]
fn hosts_that_were_rolled_back_are_not_counted_as_done() {
    let place = Place::with_project();
    place.script(&FIRST.replace("$WAIT", "--wait")).ended(0);
    place.golive(&["rollback", "--wait"]).ended(4);
    let status = place.golive(&["status", "--json"]).ended(0).json();
    let hosts = &status["stages"][0]["hosts"];
    assert_eq!((&hosts["done"], &hosts["rolled_back"]), (&0.into(), &2.into()), "{hosts}");
    assert!(place.golive(&["status"]).ended(0).out.contains("0 done, 2 rolled back"));
}
