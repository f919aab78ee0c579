//! One viewer's frames: remembers what is on its screen and sends the difference.

use std::io::{self, Write};

use ratatui::{
    buffer::{Buffer, Cell},
    layout::{Position, Rect},
};

use super::{
    ansi::Ansi,
    caps::Caps,
    input::Size,
    pen::{Pen, blank},
};
use crate::tui::text::width;

pub struct Painter<W: Write> {
    ansi: Ansi<W>,
    /// What is on the screen.
    shown: Buffer,
    next: Buffer,
}

impl<W: Write> Painter<W> {
    pub fn new(out: W, caps: &Caps) -> Self {
        let empty = Buffer::empty(area(caps.size));
        Self { ansi: Ansi::new(out, *caps), shown: empty.clone(), next: empty }
    }

    /// Draws a frame; `draw` says where the cursor stands, if it is shown. Nothing is written when nothing changed.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Buffer) -> Option<Position>) -> io::Result<()> {
        self.next.reset();
        let cursor = draw(&mut self.next);
        self.ansi.draw(&self.next, &changes(&self.shown, &self.next));
        self.ansi.cursor(cursor);
        std::mem::swap(&mut self.shown, &mut self.next);
        self.ansi.flush()
    }

    pub fn resize(&mut self, size: Size) {
        self.ansi.resize(size);
        self.shown = Buffer::empty(area(size));
        self.next = self.shown.clone();
        self.ansi.clear();
    }

    /// Forgets what is on the screen: the next frame is drawn whole.
    pub fn forget(&mut self) {
        self.ansi.forget();
        self.shown.reset();
        self.ansi.clear();
    }

    /// Sends bytes that draw nothing (bell, title, clipboard), at once.
    pub fn aside(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.ansi.aside(bytes);
        self.ansi.flush()
    }

    pub fn written(&self) -> u64 {
        self.ansi.written()
    }

    pub fn out_mut(&mut self) -> &mut W {
        self.ansi.out_mut()
    }
}

fn area(size: Size) -> Rect {
    Rect { x: 0, y: 0, width: size.columns, height: size.rows }
}

/// The cells to be written, in reading order. Half of a wide character that is written over takes its other half
/// along, in a colour on which terminals disagree: so that other half is always written too.
fn changes(shown: &Buffer, next: &Buffer) -> Vec<Position> {
    let columns = usize::from(next.area.width);
    let mut changes = Vec::new();
    for (y, (was, is)) in shown.content.chunks(columns).zip(next.content.chunks(columns)).enumerate() {
        let mut x = 0;
        // Cells before this one are written in any case.
        let mut torn = 0;
        while x < columns {
            let cells = width(is[x].symbol()).max(1);
            if x < torn || !alike(&was[x], &is[x]) {
                changes.push(Position { x: x as u16, y: y as u16 });
                for (at, covered) in was.iter().enumerate().take(x + cells).skip(x) {
                    torn = torn.max(at + width(covered.symbol()));
                }
            }
            x += cells;
        }
    }
    changes
}

/// Whether they look the same: in what colour a blank is written is not seen.
fn alike(was: &Cell, is: &Cell) -> bool {
    let symbols = match (was.symbol().as_bytes(), is.symbol().as_bytes()) {
        ([one], [other]) => one == other,
        (one, other) => one == other,
    };
    symbols && (Pen::of(was) == Pen::of(is) || (blank(was) && blank(is)))
}
