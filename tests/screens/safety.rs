//! Whatever there is to say under Safety, the way back has its line on the Rollout screen.

use golive::tui::{
    canvas::Line,
    glyph::Glyph,
    keymap::{Keymap, Situation, When, Why},
    screens::{
        layout::Chrome,
        rollout::{Detail, HostRow, View, Widths, draw},
    },
    theme::Role,
    widgets::Rows,
};

use super::picture::{caps, drawn, text};

struct Anything;

impl Situation for Anything {
    fn judge(&self, _: When) -> Result<(), Why> {
        Ok(())
    }
}

fn host(row: usize) -> HostRow {
    HostRow {
        role: Role::Text,
        glyph: Glyph::Waiting,
        marked: false,
        name: format!("web-{row}"),
        region: String::new(),
        runs: None,
        lane: None,
        step: "waiting".into(),
        time: String::new(),
        pool: (Role::TextDim, "in".into()),
        why: String::new(),
        answers: String::new(),
        agent: None,
    }
}

fn screen(columns: u16, rows: u16, safety: usize, since: bool) -> String {
    let chrome = Chrome::default();
    let view = View {
        chrome,
        several: false,
        stages: Line::from("production 1/60"),
        eta: Line::new(),
        counts: Line::from("60 hosts"),
        brief: Line::from("60 hosts"),
        narrowed: Line::new(),
        rows: Rows { first: 0, count: 60, selected: Some(0), head: true },
        widths: Widths { name: 6, region: 0, runs: 5, lane: 8, board: false },
        row: &host,
        rest: &|from| format!("{} more waiting", 60 - from),
        detail: Detail {
            title: Line::from("web-0"),
            lines: vec![Line::from("detail"); 40],
            output: Vec::new(),
        },
        safety: (0..safety).map(|n| Line::from(format!("line {n} of safety"))).collect(),
        rollback: Line::from("ROLLBACK READY → 2.4.1 on 2 hosts"),
        since: since.then(|| Line::from("since 12:00  two hosts done")),
        zoomed: false,
    };
    text(&drawn(caps(columns, rows), |canvas| draw(canvas, &view, &Keymap::default(), &Anything)))
}

#[test]
fn the_way_back_keeps_its_line_whatever_stands_over_it() {
    for (columns, rows) in [(60, 16), (76, 20), (80, 24), (100, 29), (110, 30), (120, 36), (200, 60)] {
        for safety in 0..=12 {
            for since in [false, true] {
                let screen = screen(columns, rows, safety, since);
                let at = || format!("{columns}×{rows}, {safety} lines, {since}:\n{screen}");
                let lines: Vec<&str> = screen.lines().collect();
                let back = lines.iter().position(|line| line.starts_with(" ROLLBACK READY → 2.4.1"));
                let back = back.unwrap_or_else(|| panic!("{}", at()));
                assert!(back + 3 <= lines.len(), "over the message and the keys: {}", at());
                assert!(lines.last().is_some_and(|line| line.contains("? keys")), "{}", at());
                if columns < 76 {
                    continue;
                }
                assert!(screen.contains("── Safety"), "{}", at());
                assert!(!since || screen.contains(" since 12:00"), "{}", at());
                // The list gives way before anything of it is cut.
                let whole = safety <= if rows < 24 { 5 } else { 9 };
                let shown = screen.matches("of safety").count();
                assert!(!whole || shown == safety, "{shown} shown: {}", at());
            }
        }
    }
}
