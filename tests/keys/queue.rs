//! Who waits for the end of what is open, on the start screen and in the header of every screen.

use golive::{
    client::QueuedInfo,
    domain::{
        command::Command,
        course::CourseCommand,
        name::{PersonName, Version},
        project::queue::Waits,
        time::{Span, WallTime},
    },
    tui::terminal::Caps,
};

use super::{golive::declared_at, pictures::pictures, script::Script};
use crate::screens::caps;

fn queued(script: &Script, version: &str, by: &str) -> QueuedInfo {
    let at = WallTime(script.desk.now.wall.0 - Span::minutes(7).0.cast_signed());
    let (version, by) = (Version::new(version).unwrap(), PersonName::new(by).unwrap());
    QueuedInfo { version, by, at, waits: None }
}

fn waiting(caps: Caps) -> Script {
    let mut script = declared_at(Script::new("raj", super::desk::plan(), caps));
    script.whereabouts.queue = vec![queued(&script, "2.7.0", "dana"), queued(&script, "2.8.0", "sam")];
    script
}

fn given_up(caps: Caps) -> Script {
    let mut script = waiting(caps);
    let abandon = CourseCommand::Abandon { reason: "it was withdrawn".into() };
    script.desk.say("dana", Command::Course(abandon)).expect("abandoned");
    script
}

fn asks(caps: Caps) -> Script {
    let mut script = given_up(caps);
    script.whereabouts.queue[0].waits = Some(Waits {
        why: "2.5.0 was abandoned: whether 2.7.0 comes now is for a person to say".into(),
        lift: "golive open 2.7.0; or golive open --leave-queue 2.7.0".into(),
    });
    script
}

#[test]
fn who_comes_next_stands_in_the_header_and_all_who_wait_on_the_start_screen() {
    let mut nobody = declared_at(Script::new("raj", super::desk::plan(), caps(120, 24)));
    nobody.hides("next:").hides("queued");
    let mut script = waiting(caps(160, 24));
    script.shows("next: 2.7.0 by dana, queued ");
    script.shows("queued 1. 2.7.0 by dana").shows("queued 2. 2.8.0 by sam");
    waiting(caps(80, 24)).keys("3").shows("next 2.7.0");
    pictures("queue", "", waiting);
}

#[test]
fn once_it_is_over_the_waiting_line_says_what_comes_or_what_it_waits_for() {
    let mut script = given_up(caps(80, 24));
    script.shows("the session is closed: abandoned · 2.7.0 waits: golive open 2.7.0");
    let mut script = asks(caps(80, 24));
    script.shows("2.7.0 waits: golive open 2.7.0");
    script.shows("waits: 2.5.0 was abandoned: whether 2.7.0 comes now");
    pictures("queue-waits", "", asks);
}
