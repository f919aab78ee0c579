//! A frame as text, and its comparison with the picture on file. With `GOLIVE_PICTURES=write` in the environment the
//! files are written instead: look at the difference before it is committed.

use std::{fmt::Write as _, path::PathBuf};

use golive::tui::{
    canvas::Canvas,
    terminal::{Caps, Depth, Size},
    theme::{Look, Themes},
};
use ratatui::{buffer::Buffer, layout::Rect};

pub fn caps(columns: u16, rows: u16) -> Caps {
    Caps { size: Size { columns, rows }, depth: Depth::Mono, unicode: true, modern: true }
}

pub fn look(caps: Caps) -> Look {
    Look::new(&Themes::default().load("dark").expect("the default theme"), &caps)
}

/// Draws on an empty frame of the viewer's size.
pub fn drawn(caps: Caps, draw: impl FnOnce(&mut Canvas<'_>)) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, caps.size.columns, caps.size.rows));
    let look = look(caps);
    draw(&mut Canvas::new(&mut buffer, &look));
    buffer
}

/// The frame's text, a line a row, without trailing blanks.
pub fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = golive::tui::text::width(symbol).saturating_sub(1);
            row.push_str(symbol);
        }
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

/// The style of the first cell of `words` on the frame.
pub fn style_of(buffer: &Buffer, words: &str) -> ratatui::style::Style {
    let screen = text(buffer);
    for (y, row) in screen.lines().enumerate() {
        if let Some(at) = row.find(words) {
            let x = golive::tui::text::width(&row[..at]);
            return buffer[(x as u16, y as u16)].style();
        }
    }
    panic!("{words:?} is not on the screen:\n{screen}");
}

/// Compares with `tests/screens/NAME.txt`.
pub fn assert_picture(name: &str, buffer: &Buffer) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(format!("{name}.txt"));
    let seen = text(buffer);
    if std::env::var_os("GOLIVE_PICTURES").is_some_and(|v| v == "write") {
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("the directory is made");
        std::fs::write(&path, &seen).expect("the picture is written");
        return;
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(seen == wanted, "{name} looks different. Wanted:\n{wanted}\nSeen:\n{seen}");
}
