//! Cells as bytes for any writer, as few as it takes, one write a frame. Knows nothing of this process' terminal, so
//! that a viewer over SSH is drawn by the same code.

use std::io::{self, Write};

use ratatui::{
    buffer::{Buffer, Cell},
    layout::Position,
};

use super::{
    caps::Caps,
    input::Size,
    pen::{PLAIN, Pen, blank},
    travel::travel,
};
use crate::tui::text::width;

/// Frames larger than this are sent as one synchronised update; smaller ones arrive whole anyway.
const TEARABLE: usize = 512;
/// Unchanged cells between two changed ones that may be written again: further than that a jump is shorter.
const GAP: u16 = 5;
/// Blanks up to the end of the line that are worth a sequence of their own.
const BLANKS: usize = 4;

pub struct Ansi<W: Write> {
    out: W,
    size: Size,
    modern: bool,
    frame: Vec<u8>,
    /// Where the next character would go; none: not known.
    at: Option<Position>,
    pen: Pen,
    cursor_shown: bool,
    written: u64,
}

impl<W: Write> Ansi<W> {
    pub fn new(out: W, caps: Caps) -> Self {
        Self {
            out,
            size: caps.size,
            modern: caps.modern,
            frame: Vec::with_capacity(16 * 1024),
            at: None,
            pen: PLAIN,
            cursor_shown: false,
            written: 0,
        }
    }

    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.forget();
    }

    /// Somebody else may have written: nothing is known of cursor and colours any more.
    pub fn forget(&mut self) {
        self.at = None;
        self.cursor_shown = true;
        self.frame.extend_from_slice(b"\x1b[m");
        self.pen = PLAIN;
    }

    pub fn clear(&mut self) {
        self.take(PLAIN);
        self.frame.extend_from_slice(b"\x1b[2J");
        self.at = None;
    }

    /// The bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    pub fn out_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Adds bytes that move nothing and draw nothing (bell, title, clipboard) to the next write.
    pub fn aside(&mut self, bytes: &[u8]) {
        self.frame.extend_from_slice(bytes);
    }

    /// Writes these cells of the buffer, which are in reading order. All others are on the screen already.
    pub fn draw(&mut self, buffer: &Buffer, changed: &[Position]) {
        let mut i = 0;
        while let Some(at) = changed.get(i).copied() {
            let row = row(buffer, at.y);
            self.go(at, row);
            if ends_blank(row, at, &changed[i..]) {
                self.take(self.pen.on_nothing());
                self.frame.extend_from_slice(b"\x1b[K");
                i += changed[i..].iter().take_while(|next| next.y == at.y).count();
            } else {
                self.cell(&row[usize::from(at.x)]);
                i += 1;
            }
        }
    }

    pub fn cursor(&mut self, position: Option<Position>) {
        let Some(position) = position else {
            if std::mem::take(&mut self.cursor_shown) {
                self.frame.extend_from_slice(b"\x1b[?25l");
            }
            return;
        };
        if !std::mem::replace(&mut self.cursor_shown, true) {
            self.frame.extend_from_slice(b"\x1b[?25h");
        }
        if self.at != Some(position) {
            travel(&mut self.frame, self.at, position);
            self.at = Some(position);
        }
    }

    pub fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        if self.modern && self.frame.len() > TEARABLE {
            self.frame.splice(0..0, *b"\x1b[?2026h");
            self.frame.extend_from_slice(b"\x1b[?2026l");
        }
        self.written += self.frame.len() as u64;
        let sent = self.out.write_all(&self.frame).and_then(|()| self.out.flush());
        self.frame.clear();
        sent
    }

    /// To a cell of a row: by a jump, or where that is shorter, over what stands before it.
    fn go(&mut self, to: Position, row: &[Cell]) {
        if self.at == Some(to) {
            return;
        }
        let start = self.frame.len();
        travel(&mut self.frame, self.at, to);
        let jump = self.frame.len() - start;
        if let Some(from) = self.at.filter(|from| from.y == to.y && from.x < to.x && to.x - from.x <= GAP) {
            let between = &row[from.x.into()..to.x.into()];
            let bytes: usize = between.iter().map(|cell| cell.symbol().len()).sum();
            if bytes < jump && between.iter().all(|cell| simple(cell.symbol()) && self.pen.writes(cell)) {
                self.frame.truncate(start);
                for cell in between {
                    self.frame.extend_from_slice(cell.symbol().as_bytes());
                }
            }
        }
        self.at = Some(to);
    }

    fn take(&mut self, pen: Pen) {
        self.pen.change(pen, &mut self.frame);
        self.pen = pen;
    }

    /// Writes a cell where the cursor stands.
    fn cell(&mut self, cell: &Cell) {
        if !self.pen.writes(cell) {
            // What colour a blank would write in is not seen.
            self.take(if blank(cell) { self.pen.on_nothing() } else { Pen::of(cell) });
        }
        let symbol = cell.symbol();
        self.frame.extend_from_slice(symbol.as_bytes());
        // Of anything but one character of one cell terminals disagree about the width, and after the last column
        // about where the cursor is: then the next cell says where it goes.
        self.at = self
            .at
            .filter(|at| simple(symbol) && at.x + 1 < self.size.columns)
            .map(|at| Position { x: at.x + 1, y: at.y });
    }
}

/// Whether nothing but blanks stands there and after it, and enough of them are to be written.
fn ends_blank(row: &[Cell], at: Position, rest: &[Position]) -> bool {
    let rest_of_row = &row[usize::from(at.x)..];
    rest.get(BLANKS - 1).is_some_and(|fourth| fourth.y == at.y) && rest_of_row.iter().all(blank)
}

/// One character of one cell.
fn simple(symbol: &str) -> bool {
    symbol.len() == 1 || (symbol.chars().count() == 1 && width(symbol) == 1)
}

fn row(buffer: &Buffer, y: u16) -> &[Cell] {
    let columns = usize::from(buffer.area.width);
    let start = usize::from(y) * columns;
    buffer.content.get(start..start + columns).unwrap_or_default()
}
