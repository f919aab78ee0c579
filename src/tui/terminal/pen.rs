//! What the next character is written in: colours and attributes, and the shortest sequence from one to the next.

use std::io::Write as _;

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

pub const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

/// What shows on a space too.
const SHOWN: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

/// Each attribute with what turns it on; what turns it off may turn off another.
const ON: [(Modifier, u8); 6] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::REVERSED, 7),
    (Modifier::CROSSED_OUT, 9),
];
const OFF: [(Modifier, u8); 5] = [
    (Modifier::BOLD.union(Modifier::DIM), 22),
    (Modifier::ITALIC, 23),
    (Modifier::UNDERLINED, 24),
    (Modifier::REVERSED, 27),
    (Modifier::CROSSED_OUT, 29),
];

/// A space that shows nothing but the terminal's own background.
pub fn blank(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(SHOWN)
}

impl Pen {
    pub fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Whether it writes the cell as it is to look: of a space the colour and the weight are not seen.
    pub fn writes(self, cell: &Cell) -> bool {
        if cell.symbol() == " " && !cell.modifier.intersects(SHOWN) {
            cell.bg == self.bg && !self.modifier.intersects(SHOWN)
        } else {
            self == Self::of(cell)
        }
    }

    /// What writes a blank, with as little as can be changed.
    #[must_use]
    pub fn on_nothing(self) -> Self {
        Self { bg: Color::Reset, modifier: self.modifier - SHOWN, ..self }
    }

    /// Adds what makes this pen the next one.
    pub fn change(self, next: Self, out: &mut Vec<u8>) {
        if next == self {
            return;
        }
        out.extend_from_slice(b"\x1b[");
        if next != PLAIN {
            self.differences(next, out);
            // The last one's semicolon.
            out.pop();
        }
        out.push(b'm');
    }

    fn differences(self, next: Self, out: &mut Vec<u8>) {
        let gone = self.modifier - next.modifier;
        let mut kept = self.modifier - gone;
        for (bits, off) in OFF {
            if gone.intersects(bits) {
                say(out, format_args!("{off};"));
                kept -= bits;
            }
        }
        for (bit, on) in ON {
            if (next.modifier - kept).contains(bit) {
                say(out, format_args!("{on};"));
            }
        }
        if next.fg != self.fg {
            colour(out, next.fg, 30);
        }
        if next.bg != self.bg {
            colour(out, next.bg, 40);
        }
    }
}

/// `base` is 30 for the foreground, 40 for the background.
fn colour(out: &mut Vec<u8>, colour: Color, base: u16) {
    let n = match colour {
        Color::Reset => return say(out, format_args!("{};", base + 9)),
        Color::Rgb(r, g, b) => return say(out, format_args!("{};2;{r};{g};{b};", base + 8)),
        Color::Indexed(n) => n,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    match n {
        0..=7 => say(out, format_args!("{};", base + u16::from(n))),
        8..=15 => say(out, format_args!("{};", base + 52 + u16::from(n))),
        _ => say(out, format_args!("{};5;{n};", base + 8)),
    }
}

fn say(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = out.write_fmt(text);
}
