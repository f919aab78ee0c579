//! The Decision screen.

use golive::tui::{
    canvas::{Canvas, Line},
    glyph::Glyph,
    keymap::{Keymap, When},
    screens::{
        decision::{self, ObstacleRow, SeatRow},
        layout::Chrome,
    },
    theme::Role,
    widgets::Message,
};
use ratatui::style::Modifier;

use super::{Sketch, at, header, pictures, style_of};

fn decision(canvas: &mut Canvas<'_>) {
    let seat = |role, glyph, seat: &str, person: &str, vote: &str, note: &str| SeatRow {
        role,
        glyph,
        seat: seat.into(),
        person: person.into(),
        vote: vote.into(),
        note: note.into(),
    };
    let obstacle = |what: &str, why: &str, lift: &str, who: &str| ObstacleRow {
        role: Role::StateWarn,
        glyph: Glyph::NeedsHuman,
        what: what.into(),
        why: why.into(),
        lift: lift.into(),
        who: who.into(),
    };
    let view = decision::View {
        chrome: Chrome {
            header: header("2.4.1→2.5.0", "9f3c01ab", "T-00:14:20", "dana"),
            waiting: Some(Message::new(
                Role::StateWarn,
                Glyph::NeedsHuman,
                "NOT READY: 5 in the way · first: load test, lee · n jumps there",
            )),
            message: Some(Message::new(
                Role::StateOk,
                Glyph::Done,
                "13:53:07 mia GO IF (1), said by voice, recorded by dana",
            )),
            typing: false,
        },
        roll_call: Line::from("Roll call").dim(" · quorum 4 of 5 · GO 2 · GO IF 1 · stale 1 · no vote 1"),
        seats: vec![
            seat(Role::VoteGo, Glyph::Done, "engineering", "dana", "GO", "13:51"),
            seat(Role::VoteGo, Glyph::Done, "operations", "raj", "GO", "13:52"),
            seat(
                Role::StateWaiting,
                Glyph::Waiting,
                "security",
                "sam",
                "no vote",
                "asked 13:50 · deputy ana asked 13:58",
            ),
            seat(
                Role::VoteConditional,
                Glyph::Done,
                "support",
                "mia",
                "GO IF (1)",
                "hotline staffed until 20:00 · due 14:55",
            ),
            seat(
                Role::StateStale,
                Glyph::Stale,
                "business",
                "ola",
                "GO stale",
                "saw 8d11… · asked again 13:40",
            ),
        ],
        obstacles: vec![
            obstacle("load test", "ran on 8d11…, not 9f3c…", "a new run, or waiver", "lee"),
            obstacle("rollback drill", "nobody has rehearsed it", "rehearsal, or waiver", "dana"),
            obstacle("on-call", "question not answered", "answer", "mia"),
            obstacle("security", "no vote", "vote of sam or ana", "sam"),
            obstacle("business", "vote is stale", "vote again", "ola"),
        ],
        selected: Some(0),
        first: 0,
        plan_b: vec![
            Line::of(Role::StateOk, "ROLLBACK READY")
                .text(" → 2.4.1 · kept on 27 of 27 hosts · about 4 min · NOT REHEARSED"),
            Line::new().dim("point of no return: none · decides: dana · informs: press desk"),
        ],
        after_go: vec![
            Line::from("raj presses S · first 1-box: web-01, web-02, web-03 · nothing starts by itself"),
            Line::new().dim("window closes 15:30 · expected end 15:18 · 12 min to spare"),
        ],
        detail: (
            Line::from("engineering"),
            vec![Line::from(
                "GO by dana at 13:51, relies on artifacts, steps, plan B and every required item",
            )],
        ),
    };
    let sketch = Sketch(|when| matches!(when, When::Always | When::List | When::SessionOpen | When::Votable));
    decision::draw(canvas, &view, &Keymap::default(), &sketch);
}

#[test]
fn the_decision_screen_reads_as_its_sketch() {
    pictures("decision", decision);
    let screen = at(decision, 80, 24);
    assert!(style_of(&screen, "PRODUCTION").add_modifier.contains(Modifier::REVERSED | Modifier::BOLD));
    assert!(style_of(&screen, "GO stale").add_modifier.contains(Modifier::UNDERLINED), "stale is not a GO");
    assert!(style_of(&screen, "engineering").add_modifier.contains(Modifier::REVERSED), "selected");
}
