//! A record that only a newer golive reads: the cockpit says that it sees no more, and still stops what it can't see.

use golive::tui::{
    terminal::{Caps, Depth},
    theme::{Look, Role, Themes},
    world::Link,
};

use super::{
    desk::plan,
    golive::{at, stopped},
    pictures::started,
    script::Script,
};
use crate::screens::caps;

const WHY: &str = "course.held in shape 9 was written by a newer golive: use that version";

fn unread(script: &mut Script) -> &mut Script {
    script.link = Link::Unread(WHY.into());
    script.wait(0)
}

#[track_caller]
fn last_line(script: &mut Script) -> String {
    let screen = script.screen();
    screen.lines().last().expect("a footer").to_owned()
}

#[test]
fn every_screen_says_that_it_is_read_only_and_offers_hold_and_roll_back() {
    let mut script = stopped("raj");
    unread(&mut script);
    for screen in ["1", "2", "3", "8"] {
        script.keys(screen).shows("READ-ONLY: needs another golive · H holds, R rolls back");
        script.shows(" READ-ONLY\n").shows("as of ").hides("LIVE");
        let footer = last_line(&mut script);
        assert!(footer.contains("H HOLD") && footer.contains("R ROLL BACK"), "{screen}: {footer}");
        for barred in ["ROLL BACK:", "HOLD:", "C CONTINUE", "T try again", "W watch", "v vote  "] {
            assert!(!footer.contains(barred), "{screen}: {barred}: {footer}");
        }
    }
    script.keys("3 T").shows("T: only HOLD and ROLL BACK of all hosts go through from this build");
    script.keys("2 Space").shows("Space: only HOLD and ROLL BACK");
    script.keys("W").shows("W: course.held in shape 9 was written by a newer golive: use that version");
    assert!(script.sent().is_empty(), "{:?}", script.sent());
}

/// What is shown may be long past: no screen says in green that something is well, or that the way back is ready.
#[test]
fn nothing_is_green_while_the_conductor_is_not_heard_or_its_record_not_read() {
    let caps = Caps { depth: Depth::True, ..caps(80, 24) };
    let look = Look::new(&Themes::default().load("dark").expect("a theme"), &caps);
    let green = look.style(Role::StateOk).fg;
    let is_green = |script: &mut Script| script.frame().content.iter().any(|cell| cell.style().fg == green);
    for link in [
        Link::Unread(WHY.into()),
        Link::Silent(golive::domain::time::Span::secs(4)),
        Link::Lost("not connected: gone".into()),
    ] {
        for screen in ["1", "2", "3", "8"] {
            let mut script = started(plan(), caps);
            script.link = Link::Up;
            script.keys(screen);
            assert!(is_green(&mut script), "{screen}: nothing to see here\n{}", script.screen());
            script.link = link.clone();
            assert!(!is_green(&mut script), "{link:?}, {screen}:\n{}", script.screen());
        }
    }
}

#[test]
fn where_there_is_room_the_banner_says_what_is_not_known_and_what_to_do() {
    let mut script = Script::new("raj", plan(), caps(160, 48));
    unread(&mut script);
    script.shows(&format!("READ-ONLY, what goes on is not seen here: {WHY} · H holds, R rolls back"));
    let mut script = Script::new("raj", plan(), caps(60, 16));
    unread(&mut script).shows("READ-ONLY: needs another golive · H holds, R rolls back");
}

#[test]
fn h_acts_at_once_and_its_answer_is_shown() {
    let mut script = stopped("raj");
    unread(&mut script).keys("3 H").shows("done at the desk · what comes of it is not seen here");
    assert_eq!(script.sent(), ["hold"]);
    assert!(script.desk.session.course.hold.is_some());
}

/// Which hosts and how long is not known: nothing is said of it that was true a while ago.
#[test]
fn r_arms_without_figures_and_once_more_rolls_back() {
    let mut script = stopped("raj");
    unread(&mut script).keys("3 R").shows("hosts and time not known to this build");
    script.shows("a HOLD was sent").shows("expires in 15 s").hides("of 3 hosts ·").hides("goes by itself");
    assert_eq!(script.sent(), ["hold"]);
    script.wait(500).press("R").shows("done at the desk");
    assert_eq!(script.sent(), ["hold", "rollback"]);
    assert!(script.desk.session.rollout.rollbacks.values().any(|back| !back.narrow));
}

#[test]
fn a_refusal_of_the_conductor_is_shown_in_its_words() {
    let mut script = at("raj");
    unread(&mut script).keys("R").wait(500).press("R").shows("no host has been changed");
}

#[test]
fn where_nothing_of_the_record_can_be_read_they_go_through_too() {
    let mut script = stopped("raj");
    script.nothing_read = true;
    unread(&mut script);
    for screen in ["0", "1", "3"] {
        script
            .keys(screen)
            .shows("READ-ONLY")
            .shows("H HOLD")
            .shows("R ROLL BACK")
            .hides("no session is open");
    }
    script.keys("R").shows("shop: back to what ran before, on every host that was changed");
    script.wait(500).press("R").shows("done at the desk");
    assert_eq!(script.sent(), ["hold", "rollback"]);
}

#[test]
fn the_palette_holds_and_rolls_back_and_says_what_it_can_not() {
    let mut script = stopped("raj");
    unread(&mut script).keys(":").text("rollback web-02").keys("Enter");
    script.shows("a rollback of some hosts by name can't be said from this build");
    script.keys(":").text("hold").keys("Enter");
    assert_eq!(script.sent(), ["hold"]);
    script.keys(":").text("rollback").keys("Enter").shows("hosts and time not known to this build");
}

/// It would have gone by itself: of what happens since nobody here knows.
#[test]
fn nothing_goes_by_itself_once_the_record_can_not_be_read_on() {
    let mut script = stopped("raj");
    script.keys("3 R").shows("goes by itself in 5 s");
    unread(&mut script).wait(1_000).shows("nothing goes by itself, the hold stays");
    script.wait(6_000);
    assert_eq!(script.sent(), ["hold"]);
    script.press("R");
    assert_eq!(script.sent(), ["hold", "rollback"]);
}
