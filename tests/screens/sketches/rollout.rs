//! The Rollout screen when something went wrong.

use golive::tui::{
    canvas::{Canvas, Line},
    glyph::Glyph,
    keymap::{Keymap, When},
    screens::{
        layout::Chrome,
        rollout::{self, HostRow},
    },
    theme::Role,
    widgets::{Message, Rows},
};
use ratatui::style::Modifier;

use super::{Sketch, at, header, pictures, style_of, text};

fn host(row: usize) -> HostRow {
    let name = ["web-02", "web-01", "web-03", "web-04"]
        .get(row)
        .map_or(format!("web-{:02}", row + 1), |n| (*n).into());
    let waiting = HostRow {
        role: Role::StateWaiting,
        glyph: Glyph::Waiting,
        marked: false,
        name,
        region: "eu-1".into(),
        runs: Some("2.4.1".into()),
        lane: Some((0, 10)),
        step: "waiting".into(),
        time: String::new(),
        pool: (Role::Text, "in".into()),
        why: String::new(),
    };
    match row {
        0 => HostRow {
            role: Role::StateBad,
            glyph: Glyph::Failed,
            runs: Some("2.6.0".into()),
            lane: Some((6, 10)),
            step: "self-test".into(),
            time: "2 s".into(),
            pool: (Role::StateWarn, "OUT".into()),
            why: "payments: connection refused".into(),
            ..waiting
        },
        1 => HostRow {
            role: Role::StateOk,
            glyph: Glyph::Done,
            runs: Some("2.6.0".into()),
            lane: Some((10, 10)),
            step: "done".into(),
            time: "39 s".into(),
            ..waiting
        },
        _ => waiting,
    }
}

fn rollout(canvas: &mut Canvas<'_>) {
    let rest = |from: usize| format!("{} more waiting", 27 - from);
    let view = rollout::View {
        chrome: Chrome {
            header: header("2.4.1→2.6.0", "77aa10fe", "T+00:06:02", "raj"),
            waiting: Some(Message::new(
                Role::StateBad,
                Glyph::NeedsHuman,
                "NEEDS A HUMAN 1:12 · web-02 failed self-test 12/14 · line stopped, raj paged",
            )),
            message: Some(Message::new(
                Role::StateWarn,
                Glyph::NeedsHuman,
                "03:14:07 web-02 self-test failed; paged raj 03:14:09, not acknowledged: a",
            )),
            typing: false,
        },
        stages: Line::of(Role::StateOk, "✔ alpha")
            .dim(" ─ ")
            .add(Role::StateOk, "✔ beta")
            .dim(" ─ ")
            .add(Role::StateOk, "✔ gamma")
            .dim(" ─ ")
            .add(Role::StateBad, "▲ 1-box 1/3")
            .dim(" ─ ○ production 0/24"),
        eta: Line::new().dim("ETA unknown"),
        counts: Line::of(Role::Text, "27 hosts")
            .dim(" · 1 done · ")
            .add(Role::StateBad, "1 failed")
            .dim(" · 0 working · 25 waiting"),
        brief: Line::from("27 hosts: 1 ✔ 1 ✖ 25 ○   capacity 26/27 (min 24)"),
        narrowed: Line::new().dim("! problems only"),
        rows: Rows { first: 0, count: 27, selected: Some(0), head: true },
        row: &host,
        rest: &rest,
        detail: (
            Line::of(Role::Text, "web-02").dim(" · out of pool · Enter: its output"),
            vec![
                Line::from("✔ fetch 3.1 s 77aa10fe · ✔ drain 1.1 s, 0 conns · ✔ install 0.8 s · ✔ start"),
                Line::of(Role::StateBad, "✖ self-test 2.0 s, 12 of 14"),
                Line::from("  payments: connection refused"),
                Line::from("  10.0.3.7:5433 (was :5432)"),
            ],
        ),
        safety: vec![
            Line::from("capacity 26 of 27, minimum 24 · 2.6.0 serves 1 of 27, ~4 % · failed requests 0"),
            Line::new().dim("smoke not run · alarms 0/9 · conductor deploy-1 · data 1 s old"),
        ],
        rollback: Line::of(Role::StateOk, "ROLLBACK READY")
            .text(" → 2.4.1 on 2 hosts · kept on 27 of 27 · about 35 s"),
        since: Some(
            Line::new().dim("since 02:31  gamma passed · raj pressed S 03:09 · 1 alarm came and went"),
        ),
        zoomed: false,
    };
    let sketch = Sketch(|when| {
        matches!(
            when,
            When::Always
                | When::List
                | When::SessionOpen
                | When::RollbackPossible
                | When::Stuck
                | When::Excludable
                | When::LineStopped
                | When::StoppedOrHeld
        )
    });
    rollout::draw(canvas, &view, &Keymap::default(), &sketch);
}

#[test]
fn the_rollout_screen_reads_as_its_sketch() {
    pictures("rollout", rollout);
    let screen = at(rollout, 80, 24);
    assert!(
        style_of(&screen, "✖ web-02").add_modifier.contains(Modifier::BOLD | Modifier::REVERSED),
        "failed"
    );
    let tiny = text(&at(rollout, 20, 2));
    assert!(tiny.starts_with(" ▲ NEEDS A HUMAN") && tiny.contains("H HOLD"), "{tiny}");
}
