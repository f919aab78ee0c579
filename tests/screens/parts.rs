//! The parts that screens are made of, each at several widths.

use golive::tui::{
    canvas::{Canvas, Line},
    glyph::Glyph,
    keymap::{Keymap, ScreenName, Situation, When, Why},
    theme::Role,
    widgets::{Column, Header, Message, Rows, footer, frame, header, lane_line, message, rule, table},
};
use ratatui::style::Modifier;

use super::picture::{assert_picture, caps, drawn, style_of, text};

fn sample() -> Header {
    Header {
        project: "shop".into(),
        environment: Some("PRODUCTION".into()),
        production: true,
        versions: "2.4.1→2.5.0".into(),
        digest: "9f3c01ab".into(),
        mode: Some((Role::Text, "LIVE".into())),
        clock: "T-00:14:20".into(),
        watch: Some("dana".into()),
        age: Some((Role::TextDim, "data 1 s".into())),
        next: None,
        alone: false,
    }
}

#[test]
fn the_header_leaves_out_what_matters_least() {
    let buffer = drawn(caps(120, 8), |canvas: &mut Canvas<'_>| {
        for (y, width) in [120, 80, 72, 60, 50, 40, 30, 12].into_iter().enumerate() {
            let row = ratatui::layout::Rect { x: 0, y: y as u16, width, height: 1 };
            header(&mut canvas.part(row), 0, &sample());
        }
    });
    assert_picture("parts/header", &buffer);
    assert!(style_of(&buffer, "PRODUCTION").add_modifier.contains(Modifier::REVERSED | Modifier::BOLD));
}

#[test]
fn old_data_is_said_however_narrow_the_header() {
    let stale = Header { age: Some((Role::StateStale, "data 40 s old".into())), ..sample() };
    let buffer = drawn(caps(60, 1), |canvas: &mut Canvas<'_>| header(canvas, 0, &stale));
    assert!(text(&buffer).contains("data 40 s old"), "{}", text(&buffer));
}

/// Everything is allowed but what the screen of the sketch refuses.
struct Sketch;

impl Situation for Sketch {
    fn judge(&self, when: When) -> Result<(), Why> {
        match when {
            When::Declarable => Err(Why::new("5 in the way", "5 things are in the way")),
            When::RollbackPossible | When::Continuable | When::Startable | When::OwnRecord => {
                Err(Why::new("", "nothing was touched"))
            }
            _ => Ok(()),
        }
    }
}

#[test]
fn the_footer_keeps_hold_and_help_however_narrow() {
    let buffer = drawn(caps(120, 12), |canvas: &mut Canvas<'_>| {
        let mut y = 0;
        for screen in [ScreenName::Decision, ScreenName::Checklist, ScreenName::Rollout] {
            for width in [120, 80, 60, 20] {
                let row = ratatui::layout::Rect { x: 0, y, width, height: 1 };
                footer(&mut canvas.part(row), 0, &Keymap::default(), screen, &Sketch);
                y += 1;
            }
        }
    });
    assert_picture("parts/footer", &buffer);
}

#[test]
fn a_table_drops_columns_and_marks_what_is_selected_by_more_than_colour() {
    let columns = [
        Column::new("", 1),
        Column::new("host", 9),
        Column::new("region", 6).goes(0),
        Column::new("lane", 5),
        Column::new("step", 9).grows(),
        Column::new("time", 5).right(),
    ];
    let rows = Rows { first: 0, count: 3, selected: Some(1), head: true };
    let cell = |row: usize, column: usize| match column {
        0 => Line::new().mark(Role::StateBad, [Glyph::Done, Glyph::Failed, Glyph::Waiting][row]),
        1 => Line::from(format!("web-0{}", row + 1)),
        2 => Line::from("eu-1"),
        3 => lane_line([5, 3, 0][row], 5, Role::StateOk),
        4 => Line::from(["done", "self-test failed: payments: connection refused", "waiting"][row]),
        _ => Line::from(["39 s", "2 s", ""][row]),
    };
    let buffer = drawn(caps(80, 12), |canvas: &mut Canvas<'_>| {
        for (y, width) in [(0, 80), (4, 50), (8, 24)] {
            let part = ratatui::layout::Rect { x: 0, y, width, height: 4 };
            table(&mut canvas.part(part), &columns, rows, cell);
        }
    });
    assert_picture("parts/table", &buffer);
    assert!(style_of(&buffer, "web-02").add_modifier.contains(Modifier::REVERSED));
    assert!(!style_of(&buffer, "web-01").add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn rules_messages_and_frames_are_cut_and_never_overflow() {
    let buffer = drawn(caps(60, 12), |canvas: &mut Canvas<'_>| {
        let title = Line::of(Role::Accent, "In the way").dim(" · 5");
        let label = Line::new().dim("lifted by");
        rule(canvas, 0, &title, Some((36, &label)));
        rule(
            &mut canvas.part(ratatui::layout::Rect { x: 0, y: 1, width: 20, height: 1 }),
            0,
            &title,
            Some((14, &label)),
        );
        let words = "NEEDS A HUMAN 1:12 · web-02 failed self-test 12/14 · line stopped, raj paged";
        message(canvas, 2, &Message::new(Role::StateWarn, Glyph::NeedsHuman, words));
        let inner = frame(canvas, "R: roll back", Role::FrameFocus, 40, 5);
        canvas.part(inner).put(
            0,
            0,
            60,
            Role::Text,
            "HELD. shop · PRODUCTION: 2.6.0 → 2.4.1 on 2 of 27 hosts",
        );
    });
    assert_picture("parts/lines", &buffer);
}

#[test]
fn no_part_panics_at_any_size() {
    for columns in [1, 2, 3, 5, 8, 13, 21, 80, 400] {
        for rows in [1, 2, 3, 7, 120] {
            drawn(caps(columns, rows), |canvas: &mut Canvas<'_>| {
                header(canvas, 0, &sample());
                footer(canvas, rows - 1, &Keymap::default(), ScreenName::Rollout, &Sketch);
                rule(canvas, 1, &Line::from("Safety"), Some((40, &Line::from("x"))));
                frame(canvas, "title", Role::Frame, 60, 9);
                message(canvas, 2, &Message::plain("words"));
            });
        }
    }
}

#[test]
fn a_message_that_is_too_long_loses_whole_parts_before_letters() {
    let line = Line::from("production: 8 of 11 hosts to go").dim(" · 0:04 so far");
    assert_eq!(line.parts_within(36).words(), "production: 8 of 11 hosts to go");
    assert_eq!(line.parts_within(60), line);
    let one = Line::from("a long title without parts");
    assert_eq!(one.parts_within(12), one, "cut where it is drawn, with a mark");
    let early = Line::from("HELD · by dana, who saw the payments fail");
    assert_eq!(early.parts_within(30), early, "too much would be lost");
}
