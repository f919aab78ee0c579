//! The sketches of the design, drawn: every screen at 80×24, 120×36, 60×16 and tiny, with the sample data of the demo.

mod checklist;
mod decision;
mod record;
mod rollout;

use golive::tui::{
    canvas::Canvas,
    keymap::{Situation, When, Why},
    terminal::Caps,
    theme::Role,
    widgets::Header,
};
use ratatui::buffer::Buffer;

pub use super::picture::style_of;
use super::picture::{assert_picture, caps, drawn, text};

const SIZES: [(u16, u16); 5] = [(80, 24), (120, 36), (60, 16), (36, 7), (20, 2)];

pub struct Sketch(pub fn(When) -> bool);

impl Situation for Sketch {
    fn judge(&self, when: When) -> Result<(), Why> {
        match when {
            When::Declarable => Err(Why::new("5 in the way", "5 things are in the way")),
            _ if (self.0)(when) => Ok(()),
            _ => Err(Why::new("not now", "it is not allowed now")),
        }
    }
}

pub fn pictures(name: &str, draw: impl Fn(&mut Canvas<'_>)) {
    for (columns, rows) in SIZES {
        let unicode = drawn(caps(columns, rows), &draw);
        assert_picture(&format!("{name}/{columns}x{rows}"), &unicode);
        let ascii = drawn(Caps { unicode: false, ..caps(columns, rows) }, &draw);
        assert!(text(&ascii).is_ascii(), "{}", text(&ascii));
    }
    let ascii = drawn(Caps { unicode: false, ..caps(80, 24) }, &draw);
    assert_picture(&format!("{name}/80x24-ascii"), &ascii);
    for columns in [1, 2, 7, 35, 36, 75, 76, 110, 400] {
        for rows in [1, 3, 5, 6, 19, 20, 30, 120] {
            drawn(caps(columns, rows), &draw);
        }
    }
}

pub fn at(draw: impl Fn(&mut Canvas<'_>), columns: u16, rows: u16) -> Buffer {
    drawn(caps(columns, rows), &draw)
}

pub fn header(versions: &str, digest: &str, clock: &str, watch: &str) -> Header {
    Header {
        project: "shop".into(),
        environment: Some("PRODUCTION".into()),
        production: true,
        versions: versions.into(),
        digest: digest.into(),
        mode: Some((Role::Text, "LIVE".into())),
        clock: clock.into(),
        watch: Some(watch.into()),
        age: None,
        alone: false,
    }
}
