//! The Checklist screen.

use golive::tui::{
    canvas::{Canvas, Line},
    glyph::Glyph,
    keymap::{Keymap, When},
    screens::{
        checklist::{self, GroupTab, ItemRow},
        layout::Chrome,
    },
    theme::Role,
    widgets::{Message, Rows},
};
use ratatui::style::Modifier;

use super::{Sketch, at, header, pictures, style_of};

fn item(row: usize) -> ItemRow {
    let rows = [
        (
            Role::StateWarn,
            Glyph::NeedsHuman,
            "load test on this build",
            "stale",
            "ran on 8d11…",
            "lee",
            "T-1d",
            true,
        ),
        (
            Role::StateWaiting,
            Glyph::Waiting,
            "rollback rehearsed",
            "open",
            "nobody has said",
            "dana",
            "T-2d",
            true,
        ),
        (
            Role::StateUnproven,
            Glyph::Unknown,
            "who is on call for payments?",
            "answer",
            "needed",
            "mia",
            "T-4h",
            true,
        ),
        (
            Role::StateOk,
            Glyph::Done,
            "production connections tested",
            "auto",
            "8 of 8 at 14:02",
            "raj",
            "",
            false,
        ),
        (Role::StateOk, Glyph::Done, "error handling in place", "auto", "5 of 5 at 14:02", "raj", "", false),
        (Role::StateOk, Glyph::Done, "support notified", "hand", "mail, ack 12:10", "mia", "", false),
        (Role::TextDim, Glyph::Skipped, "partner notified", "n/a", "no partner here", "ola", "", false),
        (Role::StateOk, Glyph::Done, "version published", "auto", "v12 = 9f3c…", "lee", "", false),
    ];
    let (role, glyph, title, state, shows, owner, due, late) = rows[row % rows.len()];
    ItemRow {
        role,
        glyph,
        title: title.into(),
        state: state.into(),
        shows: shows.into(),
        owner: owner.into(),
        due: due.into(),
        late,
    }
}

fn checklist(canvas: &mut Canvas<'_>) {
    let group = |name: &str, ready, of, selected| GroupTab {
        name: name.into(),
        ready,
        of,
        role: if ready == of { Role::StateOk } else { Role::StateWarn },
        glyph: if ready == of { Glyph::Done } else { Glyph::NeedsHuman },
        selected,
    };
    let view = checklist::View {
        chrome: Chrome {
            header: header("2.4.1→2.5.0", "9f3c01ab", "T-00:14:20", "dana"),
            waiting: Some(Message::new(
                Role::StateWarn,
                Glyph::NeedsHuman,
                "you are lee: 1 item waits for you · 3 of 64 open, all late · all 3 block GO",
            )),
            message: Some(Message::new(Role::TextDim, Glyph::Waiting, "nothing recorded by you yet")),
            typing: false,
        },
        groups: vec![
            group("Testing", 8, 8, false),
            group("Pre-production", 18, 21, true),
            group("Communication", 9, 9, false),
            group("Risks", 6, 6, false),
            group("Security", 7, 7, false),
            group("Monitoring", 13, 13, false),
        ],
        title: Line::of(Role::Text, "Pre-production").dim(" · 3 open first · 1-8 of 21"),
        narrowed: Line::new(),
        rows: Rows { first: 0, count: 8, selected: Some(0), head: false },
        row: &item,
        detail: (
            Line::of(Role::Text, "load test on this build").dim(" · required · tier 1"),
            vec![
                ("why", Line::from("a load test of another build says nothing about this one")),
                ("wanted", Line::from("38,000 req/min = peak 95,000 × 8 ÷ 20 hosts")),
                ("shows", Line::from("41,200 req/min, headroom 8 % · k6 summary, 13:02, by lee")),
                ("stale", Line::of(Role::StateStale, "candidate changed 13:40 (8d11… → 9f3c…)")),
                ("lifted", Line::from("t run it again · w ask for a waiver")),
            ],
        ),
        hint: Line::new().dim("Space: not by hand, an automatic check is stale · only t or w lift this"),
    };
    let sketch = Sketch(|when| {
        matches!(
            when,
            When::Always
                | When::List
                | When::SessionOpen
                | When::ItemOpen
                | When::AutomaticItem
                | When::ItemByHand
        )
    });
    checklist::draw(canvas, &view, &Keymap::default(), &sketch);
}

#[test]
fn the_checklist_screen_reads_as_its_sketch() {
    pictures("checklist", checklist);
    let screen = at(checklist, 80, 24);
    assert!(style_of(&screen, "LATE").add_modifier.contains(Modifier::BOLD));
}
