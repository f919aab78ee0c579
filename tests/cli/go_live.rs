//! A whole go-live without a screen: from a shell script, and unattended.

use super::golive::Place;

const SCRIPT: &str = include_str!("go-live.sh");

/// A whole go-live can be run from a shell script, the rollback included.
#[test]
fn a_go_live_and_its_rollback_run_from_a_shell_script() {
    let place = Place::with_project();
    let ran = place.script(SCRIPT).ended(0);
    for said in [
        "opened 2.4.1: 2.4.1, artifact ",
        "ticked release/the-support-desk-knows: mail to the desk",
        "declared GO",
        "head ",
        "start of web-2: process ",
        "voted GO IF the hotline is staffed",
        "said ROLL BACK: 2 hosts of production to 2.4.1",
        "closed the session, rolled back",
        "intact",
        "the conductor has ended",
    ] {
        assert!(ran.out.contains(said), "{said:?} in\n{}", ran.out);
    }
    let report = place.read("report.md");
    assert!(report.starts_with("# shop 2.5.0: rolled back\n"), "{report}");
    assert!(report.contains("| web-1 | production | 2.4.1 | rolled back |"), "{report}");
    for host in ["web-1", "web-2"] {
        assert_eq!(place.read(&format!("run/{host}/current/VERSION")), "2.4.1");
    }
    let json = place.golive(&["conductor", "status", "--json"]).ended(0).json();
    assert_eq!(json["running"], false);
    place.golive(&["open", "2.5.0"]).ended(0);
    let preview = place.golive(&["rollout", "plan", "--json"]).json();
    assert_eq!(preview["from"]["version"], "2.4.1", "what was rolled back is nothing to go back to");
    let sessions = place.golive(&["sessions"]).ended(0).out;
    assert!(sessions.starts_with("2.5.0") && sessions.contains("verified"), "{sessions}");
}

/// What people do before the pipeline goes on by itself.
const AGREED: &str = r#"
set -eu
"$GOLIVE" open "$1" --at +1h
"$GOLIVE" item tick support
"$GOLIVE" vote go
"$GOLIVE" conductor stop
"#;

#[test]
fn ci_takes_a_version_live_unattended_and_leaves_no_conductor_behind() {
    let place = Place::with_project();
    place.script(&AGREED.replace("$1", "2.4.1")).ended(0);
    let ran = place.golive(&["run"]).ended(5);
    assert!(ran.err.contains("nobody has declared GO"), "{}", ran.err);
    let ran = place.golive(&["run", "--declare-go", "the pipeline is green"]).ended(0);
    assert!(ran.out.contains("closed the session, verified"), "{}", ran.out);
    assert_eq!(place.read("run/web-2/current/VERSION"), "2.4.1");
    assert_eq!(place.golive(&["conductor", "status", "--json"]).ended(0).json()["running"], false);
}

#[test]
fn a_release_that_does_not_start_waits_for_a_human_or_is_rolled_back_as_was_asked() {
    let place = Place::with_project();
    place.script(&AGREED.replace("$1", "2.4.1")).ended(0);
    place.golive(&["run", "--declare-go", "the pipeline is green"]).ended(0);
    place.script(&AGREED.replace("$1", "2.6.0")).ended(0);
    let ran = place.golive(&["run", "--declare-go", "the pipeline is green"]).ended(6);
    assert!(ran.out.contains("needs a human"), "{}", ran.out);
    place.golive(&["status", "--check"]).ended(6);
    let ran = place.golive(&["run", "--rollback-on-failure"]).ended(4);
    assert!(ran.out.contains("said ROLL BACK: 1 host"), "{}", ran.out);
    assert_eq!(place.read("run/web-1/current/VERSION"), "2.4.1");
    assert!(place.golive(&["sessions"]).ended(0).out.contains("rolled back"));
}

#[test]
fn unattended_is_no_way_around_the_poll() {
    let place = Place::with_project();
    let ran = place.golive(&["run", "2.4.1", "--declare-go", "hurry", "--patience", "1s"]).ended(5);
    assert!(ran.err.contains("nobody has said") && ran.err.contains("no vote"), "{}", ran.err);
    assert!(!place.dir().join("run").join("web-1").join("current").exists(), "no host was touched");
}
