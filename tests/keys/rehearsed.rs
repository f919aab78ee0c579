//! What was rehearsed, as it is seen beside what was planned and what it takes; and what is said where nobody has.

use golive::{
    domain::{
        command::Command,
        course::{CourseCommand, Ending, Mode},
        name::{SessionId, Version},
        rehearsal::{Back, PartTimed, Rehearsal},
        time::{Span, WallTime},
        timeline::parts,
    },
    tui::{terminal::Caps, world::Link},
};

use super::{
    pictures::{deciding, in_batches, pictures},
    script::Script,
};
use crate::screens::caps;

/// Every part took two seconds more in the rehearsal than a minute; long waits were cut.
fn rehearsed(mut script: Script) -> Script {
    let session = &script.desk.session;
    let stage = session.plan().stages[0].name.clone();
    let timed = |what: &golive::domain::timeline::What| PartTimed {
        stage: Some(stage.clone()),
        part: what.mark(),
        says: what.short(),
        hosts: what.hosts(),
        wait: what.wait().map(|_| Span::secs(5)),
        took: what.wait().map_or(Span::secs(62), |_| Span::secs(5)),
    };
    let rehearsal = Rehearsal {
        id: SessionId::new("rehearsal-1").unwrap(),
        version: Version::new("2.5.0").unwrap(),
        at: WallTime(1),
        steps: session.steps(),
        ending: Ending::RolledBack,
        short: None,
        hosts: (6, 6),
        parts: parts(session, 0)
            .iter()
            .filter(|what| what.hosts().or(what.wait().map(|_| 0)).is_some())
            .map(timed)
            .collect(),
        times: [].into(),
        back: Some(Back { hosts: 6, took: Span::secs(40) }),
        requests: Some((600, 0)),
        otherwise: Vec::new(),
        faults: Vec::new(),
    };
    let noted = CourseCommand::NoteRehearsal(Box::new(rehearsal));
    script.desk.say("dana", Command::Course(noted)).expect("noted");
    script
}

/// [P40] Planned, rehearsed, and what it takes: what was cut stands in brackets, and the detail says how.
#[test]
fn the_timeline_beside_its_rehearsal_at_every_size() {
    fn beside(caps: Caps) -> Script {
        rehearsed(in_batches(caps))
    }
    pictures("timeline-rehearsed", "7", beside);
    let mut script = beside(caps(80, 24));
    script.keys("7").shows("planned").shows("rehearsed").shows("took").shows("1 min 2 s").shows("(5 s)");
    script.keys("G").keys("k").shows("before   5 s (5 s instead of 10 min), rehearsed");
}

/// [P40] Before the start: nobody has, or what it came to.
#[test]
fn the_start_and_the_decision_say_whether_it_was_rehearsed() {
    let mut never = deciding(caps(120, 36));
    never.keys("1").shows("NOT REHEARSED");
    let mut once = rehearsed(deciding(caps(120, 36)));
    once.keys("1").hides("NOT REHEARSED").shows("rehearsed: 6 stand-ins back in 40 s");
}

/// [P40] Whoever only looks at a rehearsal, or at the demo, sees in the header that it is one.
#[test]
fn what_is_only_looked_at_still_says_that_it_is_a_rehearsal() {
    for (mode, word) in [(Mode::Rehearsal, "REHEARSAL · READ-ONLY"), (Mode::Demo, "DEMO · READ-ONLY")] {
        for size in [caps(60, 16), caps(80, 24), caps(120, 36)] {
            let mut script = deciding(size);
            script.desk.session.course.release.mode = mode;
            script.link = Link::Unread("a newer golive wrote it".into());
            script.keys("3").shows(word);
        }
    }
}
