//! While the journal can't be written the cockpit says so for as long as it lasts, and offers what goes ahead.

use golive::client::{JournalState, Unwritable};

use super::{
    desk::plan,
    golive::{at, ready, stopped},
    script::Script,
};
use crate::screens::caps;

fn unwritable(script: &mut Script) -> &mut Script {
    script.whereabouts.journal = JournalState::Unwritable(Unwritable {
        since: script.desk.now.wall,
        why: "the disk is full".into(),
        journal: "/srv/golive/journal.db".into(),
        fallback: vec!["/srv/golive/breakglass-1f2e3d4c.jsonl".into()],
    });
    script.wait(0)
}

#[test]
fn the_banner_stays_on_every_screen_and_goes_when_the_journal_is_back() {
    let mut script = at("dana");
    for screen in ["1", "2", "3", "8"] {
        unwritable(&mut script).keys(screen);
        script.shows("JOURNAL UNWRITABLE").shows("only HOLD and ROLL BACK").shows("free space");
    }
    script.whereabouts.journal = JournalState::Writable;
    script.wait(0).hides("UNWRITABLE");
}

#[test]
fn where_there_is_room_the_banner_names_the_file_in_which_it_is_recorded() {
    let mut script = Script::new("dana", plan(), caps(120, 36));
    unwritable(&mut script).shows("only HOLD and ROLL BACK, recorded in breakglass-1f2e3d4c.jsonl");
}

#[test]
fn where_the_line_needs_a_human_too_the_header_still_says_it() {
    let mut script = stopped("raj");
    unwritable(&mut script).keys("3");
    script.shows("NEEDS A HUMAN").shows("JOURNAL UNWRITABLE");
}

#[test]
fn only_hold_and_roll_back_are_offered_meanwhile() {
    let mut script = ready("dana");
    unwritable(&mut script).keys("1 D D").shows("the journal can't be written");
    assert!(script.sent().is_empty(), "{:?}", script.sent());
    script.keys("Esc H");
    assert_eq!(script.sent(), ["hold"]);
}
