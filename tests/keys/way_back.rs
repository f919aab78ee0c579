//! What is said while hosts are brought back, and once they are; and how long things take meanwhile.

use golive::domain::{command::Command, course::CourseCommand, next_step::next_step, time::Span};

use super::{golive::stopped, script::Script};
use crate::screens::caps;

/// Two hosts are on their way back, the first of them under way.
fn going_back() -> Script {
    let mut script = stopped("raj");
    script.faults.clear();
    script.keys("3 R").wait(500).press("R").rounds(2);
    script
}

/// The number in front of each word of the host list's head.
fn head(script: &mut Script) -> Vec<(u32, String)> {
    let screen = script.screen();
    let line = screen.lines().find(|line| line.starts_with("── 3 hosts")).expect("a head").to_owned();
    let words = line.trim_matches(['─', ' ']).split(" · ");
    words
        .map(|part| {
            let (number, word) = part.trim_end_matches(['─', ' ']).split_once(' ').expect("a number, a word");
            (number.parse().expect("a number"), word.to_owned())
        })
        .collect()
}

/// What is in the way is one answer, wherever it is asked: no hold keeps hosts from coming back, so that nobody is
/// told to lift one.
#[test]
fn the_decision_screen_says_what_status_says_while_hosts_are_brought_back() {
    let mut script = going_back();
    assert!(script.desk.session.course.hold.is_some(), "armed is held");
    let (_, obstacles) = next_step(&script.desk.session, script.desk.now);
    assert_eq!(obstacles.len(), 1, "{obstacles:?}");
    script.keys("1").shows("In the way · 1").shows("rollback").shows(&obstacles[0].why);
    script.hides("CONTINUE").hides("▲ HOLD").hides("‖ HOLD").shows("nothing: hosts are brought back");
    // What was decided, and what is done already, is no longer offered.
    script.hides("R ROLL BACK").hides("D declare").press("R").shows("rolled back to 2.4.1 already, by raj");
}

#[test]
fn a_line_that_stops_on_its_way_back_names_what_stopped_it_on_the_decision_screen_too() {
    let mut script = stopped("raj");
    script.keys("3 R").wait(500).press("R").work();
    let (_, obstacles) = next_step(&script.desk.session, script.desk.now);
    script.keys("1").shows("NEEDS A HUMAN").shows("In the way · 1").hides("‖ HOLD");
    assert_eq!(obstacles.iter().map(|it| it.what.as_str()).collect::<Vec<_>>(), ["NEEDS A HUMAN"]);
}

/// [W34] A rollback says how long it has taken, of how long where that is known.
#[test]
fn a_rollback_says_its_time_and_the_time_it_is_expected_to_take() {
    let mut script = going_back();
    script.shows("ROLLING BACK to 2.4.1 · 2 of 2 hosts left · 0:04 of about 0:48 · by itself");
    script.wait(3_000).shows("2 of 2 hosts left · 0:07 of about 0:48");
}

#[test]
fn once_all_is_back_nothing_is_ready_to_be_rolled_back() {
    let mut script = going_back();
    script.shows("ROLLING BACK → 2.4.1 on 2 hosts").work();
    script.shows("BACK ON 2.4.1 · nothing is left to roll back").hides("ROLLBACK ");
    script.keys("1").shows("BACK ON 2.4.1 · nothing is left to roll back").hides("ROLLBACK ");
    script.hides("NOT REHEARSED").shows("the next try is a session of its own");
    script.shows("Nothing is in the way of closing it");
    script.desk.say("dana", Command::Course(CourseCommand::Close)).expect("it closes");
    script.keys("2 1").shows("── Closed: rolled back ──").shows("nothing: the session is closed");
    script.hides("is in the way").hides("D declare").hides("R ROLL BACK");
}

/// What could still be ticked, excused or waived helps nobody: the footer offers none of it, and each key says why.
#[test]
fn the_checklist_of_what_is_rolled_back_offers_only_what_is_taken() {
    let mut script = going_back();
    script.keys("2").shows("e evidence  w waive  x n/a");
    script.work().shows("↩ rolled back");
    script.hides("e evidence").hides("w waive").hides("x n/a").hides("Space tick");
    for key in ["Space", "e", "w", "x"] {
        script.keys(key).shows(&format!("{key}: it is rolled back, and nothing waits for support told"));
    }
    assert_eq!(script.sent(), ["hold", "rollback"]);
}

/// Why an item is not ticked by hand is a sentence: on a narrow screen it takes a second line, and is not cut.
#[test]
fn the_hint_under_the_checklist_is_whole_at_80_by_24() {
    let mut plan = super::desk::plan();
    plan.items[3].title = "plan B is known to everybody who is on call tonight".into();
    let mut script = Script::new("lee", plan, caps(80, 24));
    script.keys("2 j j j").shows("auto");
    let screen = script.screen();
    let lines: Vec<&str> = screen.lines().collect();
    let hint = format!("{} {}", lines[20].trim(), lines[21].trim());
    assert!(hint.starts_with("Space: ") && hint.contains("lifted by"), "{hint}\n{screen}");
    assert!(!hint.contains('…'), "{hint}");
}

/// A list that is narrowed to nothing does not say that nothing is in the way.
#[test]
fn what_is_in_the_way_is_counted_whole_however_the_list_is_narrowed() {
    let mut script = Script::new("lee", super::desk::plan(), caps(80, 24));
    script.keys("1").shows("── In the way · 5 ──").keys("/").text("no such thing").keys("Enter");
    script.shows("── In the way · 5, 0 shown ──").hides("Nothing is in the way");
}

/// Every host is counted once in the head of the list, however it stands.
#[test]
fn the_head_of_the_list_makes_up_the_whole_fleet() {
    let begin: [fn() -> Script; 4] = [going_back, || stopped("raj"), || stopped("raj"), going_back];
    let mut scripts: Vec<Script> = begin.iter().map(|begin| begin()).collect();
    scripts[2].keys("3 X").text("its disk is broken").keys("Tab").text("web-02").wait(500).keys("Enter");
    scripts[3].work();
    let words = [
        "0 done, 0 failed, 1 working, 1 to go back, 1 left out",
        "1 done, 1 failed, 0 working, 1 waiting",
        "1 done, 0 failed, 0 working, 1 left out, 1 waiting",
        "0 done, 0 failed, 0 working, 2 rolled back, 1 left out",
    ];
    for (script, wanted) in scripts.iter_mut().zip(words) {
        script.keys("3");
        let parts = head(script);
        let said: Vec<String> = parts[1..].iter().map(|(n, word)| format!("{n} {word}")).collect();
        assert_eq!(said.join(", "), wanted, "{}", script.screen());
        assert_eq!(parts[1..].iter().map(|(n, _)| n).sum::<u32>(), parts[0].0);
    }
}

/// [W34] The time of a host goes on while it has to stay healthy, and that is part of what it took.
#[test]
fn the_time_of_a_host_goes_on_while_it_settles() {
    let mut script = super::golive::declared("raj");
    script.keys("3 S S");
    while !script.screen().contains("settling") {
        script.rounds(1);
    }
    let row = |script: &mut Script| {
        let screen = script.screen();
        screen.lines().find(|line| line.contains(" web-01 ")).expect("a row").to_owned()
    };
    let before = row(&mut script);
    let after = row(script.wait(1_000));
    assert!(before.contains("settling") && after.contains("settling"), "{before}\n{after}");
    assert_ne!(before, after, "a second later");
    script.desk.later(Span::ZERO);
    script.work();
    let done = row(&mut script);
    assert!(done.contains("done") && done.contains("25 s"), "fetch to rejoin, and 11 s healthy: {done}");
}

/// Where there is little room, what releases it and what it is about stay.
#[test]
fn a_narrow_waiting_line_says_it_in_fewer_words() {
    let mut plan = super::desk::plan();
    plan.items[0].title = "Who is on call tonight?".into();
    let mut script = Script::new("lee", plan.clone(), caps(60, 16));
    script.keys("1").shows("NOT READY: 5 · first: Who is on call tonight?\n");
    let mut script = Script::new("lee", plan, caps(80, 24));
    script.keys("1").shows("NOT READY: 5 in the way · first: Who is on call tonight?, operations");
    let mut script = Script::new("lee", super::desk::plan(), caps(60, 16));
    script.keys("1 H").shows("HELD 0:").shows("C continues").hides("or a decider");
    let mut script = Script::new("lee", super::desk::plan(), caps(80, 24));
    script.keys("1 H").shows("C continues: lee, the watch, or a decider");
}
