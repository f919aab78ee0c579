//! A ratatui backend over any writer: cells in, as few bytes as it takes out, one write a frame. Knows nothing
//! of this process' terminal, so that a viewer over SSH is drawn by the same code.

use std::io::{self, Write};

use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::Cell,
    layout::{Position, Size as Cells},
    style::{Color, Modifier},
};

use super::{caps::Caps, input::Size};

/// Frames larger than this are sent as one synchronised update; smaller ones arrive whole anyway.
const TEARABLE: usize = 512;

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

#[derive(Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

impl<W: Write> Ansi<W> {
    pub fn new(out: W, caps: &Caps) -> Self {
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

    fn go(&mut self, x: u16, y: u16) {
        match self.at {
            Some(at) if at.x == x && at.y == y => return,
            Some(at) if at.y == y && at.x < x => match x - at.x {
                1 => self.frame.extend_from_slice(b"\x1b[C"),
                n => self.say(format_args!("\x1b[{n}C")),
            },
            Some(at) if at.y + 1 == y && x == 0 => self.frame.extend_from_slice(b"\r\n"),
            _ => self.say(format_args!("\x1b[{};{}H", y + 1, x + 1)),
        }
        self.at = Some(Position { x, y });
    }

    fn say(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to memory does not fail.
        let _ = self.frame.write_fmt(text);
    }

    fn take(&mut self, pen: Pen) {
        if pen == self.pen {
            return;
        }
        self.frame.extend_from_slice(b"\x1b[");
        if pen != PLAIN {
            let start = self.frame.len();
            let gone = self.pen.modifier - pen.modifier;
            let mut kept = self.pen.modifier - gone;
            for (bits, off) in [
                (Modifier::BOLD | Modifier::DIM, 22),
                (Modifier::ITALIC, 23),
                (Modifier::UNDERLINED, 24),
                (Modifier::REVERSED, 27),
                (Modifier::CROSSED_OUT, 29),
            ] {
                if gone.intersects(bits) {
                    self.say(format_args!("{off};"));
                    kept -= bits;
                }
            }
            let come = pen.modifier - kept;
            for (bit, on) in [
                (Modifier::BOLD, 1),
                (Modifier::DIM, 2),
                (Modifier::ITALIC, 3),
                (Modifier::UNDERLINED, 4),
                (Modifier::REVERSED, 7),
                (Modifier::CROSSED_OUT, 9),
            ] {
                if come.contains(bit) {
                    self.say(format_args!("{on};"));
                }
            }
            if pen.fg != self.pen.fg {
                self.colour(pen.fg, 30);
            }
            if pen.bg != self.pen.bg {
                self.colour(pen.bg, 40);
            }
            if self.frame.len() > start {
                self.frame.pop();
            }
        }
        self.frame.push(b'm');
        self.pen = pen;
    }

    /// `base` is 30 for the foreground, 40 for the background.
    fn colour(&mut self, colour: Color, base: u16) {
        match colour {
            Color::Rgb(r, g, b) => self.say(format_args!("{};2;{r};{g};{b};", base + 8)),
            Color::Indexed(n @ 0..=7) => self.say(format_args!("{};", base + u16::from(n))),
            Color::Indexed(n @ 8..=15) => self.say(format_args!("{};", base + 52 + u16::from(n))),
            Color::Indexed(n) => self.say(format_args!("{};5;{n};", base + 8)),
            Color::Black => self.colour(Color::Indexed(0), base),
            Color::Red => self.colour(Color::Indexed(1), base),
            Color::Green => self.colour(Color::Indexed(2), base),
            Color::Yellow => self.colour(Color::Indexed(3), base),
            Color::Blue => self.colour(Color::Indexed(4), base),
            Color::Magenta => self.colour(Color::Indexed(5), base),
            Color::Cyan => self.colour(Color::Indexed(6), base),
            Color::Gray => self.colour(Color::Indexed(7), base),
            Color::DarkGray => self.colour(Color::Indexed(8), base),
            Color::LightRed => self.colour(Color::Indexed(9), base),
            Color::LightGreen => self.colour(Color::Indexed(10), base),
            Color::LightYellow => self.colour(Color::Indexed(11), base),
            Color::LightBlue => self.colour(Color::Indexed(12), base),
            Color::LightMagenta => self.colour(Color::Indexed(13), base),
            Color::LightCyan => self.colour(Color::Indexed(14), base),
            Color::White => self.colour(Color::Indexed(15), base),
            Color::Reset => self.say(format_args!("{};", base + 9)),
        }
    }

    fn cell(&mut self, x: u16, y: u16, cell: &Cell) {
        self.go(x, y);
        self.take(pen(cell));
        let symbol = cell.symbol();
        self.frame.extend_from_slice(symbol.as_bytes());
        // One character of one cell moves the cursor by one. Of anything else terminals disagree about the width,
        // and after the last column about where the cursor is: then the next cell says where it goes.
        let simple =
            symbol.len() == 1 || (symbol.chars().count() == 1 && crate::tui::text::width(symbol) == 1);
        self.at = (simple && x + 1 < self.size.columns).then_some(Position { x: x + 1, y });
    }
}

fn pen(cell: &Cell) -> Pen {
    Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
}

/// A space that shows nothing but the terminal's own background.
fn blank(cell: &Cell) -> bool {
    const SHOWN: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(SHOWN)
}

impl<W: Write> Backend for Ansi<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut blanks: Vec<(u16, u16, &'a Cell)> = Vec::new();
        for (x, y, cell) in content {
            let follows = blanks.last().is_some_and(|(bx, by, _)| *by == y && bx + 1 == x);
            if !follows || !blank(cell) {
                self.write_blanks(&mut blanks);
            }
            if blank(cell) {
                blanks.push((x, y, cell));
            } else {
                self.cell(x, y, cell);
            }
        }
        self.write_blanks(&mut blanks);
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.cursor_shown) {
            self.frame.extend_from_slice(b"\x1b[?25l");
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.cursor_shown, true) {
            self.frame.extend_from_slice(b"\x1b[?25h");
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.at.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        self.go(position.x, position.y);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.take(PLAIN);
        self.frame.extend_from_slice(match clear_type {
            ClearType::All => b"\x1b[2J",
            ClearType::AfterCursor => b"\x1b[0J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[0K",
        });
        self.at = None;
        Ok(())
    }

    fn size(&self) -> io::Result<Cells> {
        Ok(Cells { width: self.size.columns, height: self.size.rows })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Cells::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
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
}

impl<W: Write> Ansi<W> {
    /// Blanks up to the end of the line are one short sequence.
    fn write_blanks(&mut self, blanks: &mut Vec<(u16, u16, &Cell)>) {
        let reaches_edge = blanks.last().is_some_and(|(x, _, _)| x + 1 == self.size.columns);
        match blanks.as_slice() {
            [(x, y, _), _, _, ..] if reaches_edge => {
                self.go(*x, *y);
                self.take(Pen { bg: Color::Reset, modifier: Modifier::empty(), ..self.pen });
                self.frame.extend_from_slice(b"\x1b[K");
            }
            _ => {
                for (x, y, cell) in blanks.iter() {
                    // What colour a blank would write in is not seen.
                    let mut cell = (*cell).clone();
                    cell.fg = self.pen.fg;
                    self.cell(*x, *y, &cell);
                }
            }
        }
        blanks.clear();
    }
}
