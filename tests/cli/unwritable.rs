//! A conductor that starts on a journal which can't be written: it comes up, refuses everything but HOLD and ROLL
//! BACK, and what was done on the fallback file is in the record afterwards. And one that is told to end again and
//! again under commands: nobody notices.

use rustix::process::{Pid, Signal, kill_process};

use super::golive::{Place, Ran};

/// In a shell whose files may grow to 40 blocks of 512 bytes: the journal's own log does not fit, and lines in the
/// space that was taken when the session was opened do.
fn on_a_full_disk(place: &Place, words: &str) -> Ran {
    place.script(&format!("trap '' XFSZ; ulimit -S -f 40; exec \"$GOLIVE\" {words}"))
}

fn end_conductor(place: &Place) {
    let status = place.golive(&["conductor", "status", "--json"]).ended(0).json();
    let pid = status["conductor"]["pid"].as_i64().and_then(|pid| Pid::from_raw(pid as i32)).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

#[test]
fn a_conductor_that_starts_on_a_full_disk_takes_hold_and_nothing_else() {
    let place = Place::with_project();
    place.golive(&["open", "2.5.0"]).ended(0);
    place.golive(&["conductor", "stop"]).ended(0);

    let refused = on_a_full_disk(&place, "item tick the-support-desk-knows").ended(7);
    assert!(refused.err.contains("the journal can't be written"), "{}", refused.err);
    assert!(refused.err.contains("HOLD and ROLL BACK work meanwhile"), "{}", refused.err);
    let refused = place.golive(&["vote", "go"]).ended(7);
    assert!(refused.err.contains("the journal can't be written"), "{}", refused.err);
    place.golive(&["hold", "the disk is full"]).ended(0);
    let status = place.golive(&["conductor", "status"]).ended(0);
    assert!(!status.out.contains("journal  written"), "{}", status.out);
    let status = place.golive(&["status"]).ended(0).out;
    for said in [
        "JOURNAL UNWRITABLE for ",
        "only HOLD and ROLL BACK, recorded in breakglass-",
        "free space and rights on ",
    ] {
        assert!(status.contains(said), "{said:?} in\n{status}");
    }
    let footing = place.golive(&["status", "--json"]).ended(0).json()["footing"].clone();
    assert_eq!((&footing["conductor"], &footing["journal"]), (&"running".into(), &"unwritable".into()));
    // Killed: what is in the fallback file alone is told from there, and that it is.
    end_conductor(&place);
    let status = place.golive(&["status"]).ended(0).out;
    for said in ["no conductor runs", "HOLD     by dana: the disk is full", "UNSEALED ", "in no journal yet"]
    {
        assert!(status.contains(said), "{said:?} in\n{status}");
    }
    let footing = place.golive(&["status", "--json"]).ended(0).json()["footing"].clone();
    assert_eq!((&footing["conductor"], &footing["journal"]), (&"none".into(), &"unknown".into()));
    assert!(footing["unsealed"].as_u64().unwrap() > 0, "{footing}");
    // Started once more on the full disk: what was held is held, and refused again.
    let refused = on_a_full_disk(&place, "vote go").ended(7);
    assert!(refused.err.contains("the journal can't be written"), "{}", refused.err);
    place.golive(&["hold"]).ended(0);

    // There is room again, for whoever starts next.
    end_conductor(&place);
    place.golive(&["continue"]).ended(0);
    place.golive(&["item", "tick", "the-support-desk-knows"]).ended(0);
    place.golive(&["record", "verify"]).ended(0);
    let footing = place.golive(&["status", "--json"]).ended(0).json()["footing"].clone();
    assert_eq!((&footing["journal"], &footing["unsealed"]), (&"writable".into(), &0.into()));
    let record = place.golive(&["record", "export"]).ended(0).out;
    let at = |kind: &str| {
        let line = record.lines().position(|line| line.contains(kind));
        line.unwrap_or_else(|| panic!("no {kind} in\n{record}"))
    };
    assert!(at("course.held") < at("course.glass-sealed"), "{record}");
    assert!(at("course.glass-sealed") < at("course.continued"), "{record}");
    assert!(!record[..record.find("glass-sealed").unwrap()].contains("checklist.ticked"), "{record}");
}

/// Commands carry ids, so that one whose conductor dies under it is asked again, and done once.
#[test]
fn a_conductor_that_is_started_anew_again_and_again_is_not_noticed_by_whoever_works() {
    let place = Place::with_project();
    place.golive(&["open", "2.5.0"]).ended(0);
    let rounds = 12;
    std::thread::scope(|scope| {
        let restarts = scope.spawn(|| {
            for _ in 0..rounds {
                place.golive(&["conductor", "restart"]).ended(0);
            }
        });
        let mut said = 0;
        while !restarts.is_finished() || said < rounds {
            said += 1;
            let text = format!("look number {said}");
            place.golive(&["item", "comment", "the-support-desk-knows", &text]).ended(0);
            place.golive(&["conductor", "status"]).ended(0);
        }
        let record = place.golive(&["record", "export"]).ended(0).out;
        for number in 1..=said {
            let text = format!("\"look number {number}\"");
            assert_eq!(record.matches(&text).count(), 1, "{text} was said once\n{record}");
        }
        restarts.join().unwrap();
    });
}
