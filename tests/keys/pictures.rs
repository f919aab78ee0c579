//! The screens over a real session, as pictures: what a go-live looks like to the person who carries it out.

use golive::domain::{
    checklist::ChecklistCommand,
    command::Command,
    effect::LaneStep,
    name::UnitId,
    poll::Decision,
    poll::{PollCommand, VoteKind},
    rollout::RolloutCommand,
};
use golive::tui::terminal::Caps;
use ratatui::style::Modifier;

use super::{
    desk::{item, plan, seat},
    script::Script,
};
use crate::screens::{assert_picture, caps, style_of, text};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 36), (60, 16), (30, 4)];

/// A quarter of an hour before the go-live: some voted, some answered, something is missing.
fn deciding(caps: Caps) -> Script {
    let mut plan = plan();
    plan.poll
        .seats
        .push(golive::domain::plan::Seat { deputy: Some(super::desk::who("ana")), ..seat("security") });
    let mut script = Script::new("dana", plan, caps);
    script.desk.observe("2.4.1");
    script.desk.later(golive::domain::time::Span::secs(3 * 86_400 - 860));
    script.desk.observe("2.4.1");
    for (who, command) in [
        (
            "raj",
            Command::Checklist(ChecklistCommand::Tick {
                item: item("support-told"),
                evidence: None,
                file: None,
            }),
        ),
        ("lee", Command::Poll(PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None })),
        (
            "raj",
            Command::Checklist(ChecklistCommand::Answer {
                item: item("on-call"),
                text: "sam until 20:00".into(),
            }),
        ),
    ] {
        script.desk.later(golive::domain::time::Span::secs(1));
        script.desk.say(who, command).expect("said");
    }
    script
}

/// The second host did not start: the line is stopped.
fn stopped(caps: Caps) -> Script {
    let mut script = Script::new("raj", plan(), caps);
    script.desk.observe("2.4.1");
    for command in [
        ChecklistCommand::Tick { item: item("support-told"), evidence: None, file: None },
        ChecklistCommand::Tick {
            item: item("load-test"),
            evidence: Some("41,200 req/min".into()),
            file: None,
        },
        ChecklistCommand::Answer { item: item("on-call"), text: "sam until 20:00".into() },
    ] {
        script.desk.say("raj", Command::Checklist(command)).expect("said");
    }
    for who in ["lee", "raj"] {
        let vote = PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None };
        script.desk.say(who, Command::Poll(vote)).expect("voted");
    }
    let go = PollCommand::Declare { decision: Decision::Go, reason: String::new(), ask_again: None };
    script.desk.say("dana", Command::Poll(go)).expect("declared");
    script.faults.insert(
        (UnitId::new("web-02").expect("a name"), LaneStep::Start),
        "payments: connection refused".into(),
    );
    script.desk.say("raj", Command::Rollout(RolloutCommand::Start { stage: None })).expect("started");
    script.work();
    script
}

/// Without colour, and without anything but ASCII: then every character that is folded still stands for the same.
fn pictures(name: &str, keys: &str, script: fn(Caps) -> Script) {
    for (columns, rows) in SIZES {
        for unicode in [true, false] {
            let mut script = script(Caps { unicode, ..caps(columns, rows) });
            script.keys(keys);
            let frame = script.frame();
            if !unicode {
                assert!(text(&frame).is_ascii(), "{}", text(&frame));
            }
            let kind = if unicode { "" } else { "-ascii" };
            assert_picture(&format!("golive/{name}-{columns}x{rows}{kind}"), &frame);
        }
    }
}

/// [W29] The way back is on every screen of a stopped line, and in words.
#[test]
fn a_stopped_line_at_every_size() {
    pictures("rollout", "3", stopped);
    let frame = stopped(caps(80, 24)).keys("3").frame();
    assert!(style_of(&frame, "NEEDS A HUMAN").add_modifier.contains(Modifier::BOLD | Modifier::REVERSED));
    assert!(style_of(&frame, "PRODUCTION").add_modifier.contains(Modifier::BOLD | Modifier::REVERSED));
    assert!(!style_of(&frame, "done").add_modifier.contains(Modifier::REVERSED), "what is well is quiet");
}

#[test]
fn the_rollback_armed_over_a_stopped_line() {
    pictures("armed", "3 R", stopped);
}

#[test]
fn the_decision_before_the_go_live() {
    pictures("decision", "1", deciding);
}

#[test]
fn the_checklist_before_the_go_live() {
    pictures("checklist", "2", deciding);
}

#[test]
fn the_record_of_a_stopped_line() {
    pictures("record", "8", stopped);
}

#[test]
fn the_start_screen_over_an_open_session() {
    pictures("start", "Esc", deciding);
}

#[test]
fn the_keys_and_the_palette() {
    pictures("help", "3 ?", stopped);
    pictures("palette", "3 :", stopped);
}

#[test]
fn no_screen_panics_at_any_size() {
    for columns in [1, 2, 9, 35, 36, 59, 75, 76, 109, 110, 400] {
        for rows in [1, 2, 3, 5, 6, 19, 20, 29, 30, 120] {
            let mut script = deciding(caps(columns, rows));
            for keys in [
                "1", "2", "3", "8", "Esc", "?", "Esc", ":", "Esc", "3", "G", "1", "v", "Esc", "H", "C", "Esc",
            ] {
                script.keys(keys);
            }
        }
    }
}
