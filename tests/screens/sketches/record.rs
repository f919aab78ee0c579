//! The Record screen and the start screen.

use golive::tui::{
    canvas::{Canvas, Line},
    keymap::{Keymap, When},
    screens::{
        layout::Chrome,
        record::{self, EventRow},
        start,
    },
    theme::Role,
    widgets::Rows,
};

use super::{Sketch, header, pictures};

fn record(canvas: &mut Canvas<'_>) {
    let row = |row: usize| EventRow {
        seq: 400 + row as u64,
        time: format!("13:53:{:02}", row % 60),
        actor: if row.is_multiple_of(3) { "mia".into() } else { "engine".into() },
        role: if row == 2 { Role::StateBad } else { Role::Text },
        says: if row == 2 {
            "web-02 failed self-test: 12 of 14".into()
        } else {
            "GO IF hotline staffed until 20:00".into()
        },
    };
    let view = record::View {
        chrome: Chrome {
            header: header("2.4.1→2.6.0", "77aa10fe", "T+00:06:02", "raj"),
            ..Chrome::default()
        },
        title: Line::of(Role::Text, "Record").dim(" · 412 records · head 412 9f3c01ab"),
        narrowed: Line::new().dim("/ self-test"),
        rows: Rows { first: 0, count: 13, selected: Some(2), head: false },
        row: &row,
        detail: (
            Line::from("402").dim(" · lane-failed"),
            vec![Line::from("unit   web-02"), Line::from("step   self-test"), Line::from("why    12 of 14")],
        ),
    };
    record::draw(
        canvas,
        &view,
        &Keymap::default(),
        &Sketch(|when| matches!(when, When::Always | When::List)),
    );
}

fn start(canvas: &mut Canvas<'_>) {
    let view = start::View {
        chrome: Chrome { header: header("", "", "", "dana"), ..Chrome::default() },
        now: vec![
            Line::from("no session is open"),
            Line::new().dim("golive open VERSION --at TIME opens one"),
        ],
        next: vec![Line::of(Role::Key, ":").text(" open 2.5.0")],
        place: vec![Line::from("machine deploy-1 · conductor since 13:02 · data 1 s old")],
        last: vec![],
    };
    start::draw(canvas, &view, &Keymap::default(), &Sketch(|when| matches!(when, When::Always)));
}

#[test]
fn the_record_screen_reads_as_its_sketch() {
    pictures("record", record);
}

#[test]
fn the_start_screen_says_how_to_begin() {
    pictures("start", start);
}
