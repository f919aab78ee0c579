//! The shortest way of the cursor from one cell to another, in bytes; only by what every terminal since the VT100
//! knows.

use std::{io::Write as _, iter::repeat_n};

use ratatui::layout::Position;

/// Adds the way to `out`. `from`: where the cursor stands; none: that is not known. No line feed of it scrolls, since
/// the row it leads to is on the screen.
pub fn travel(out: &mut Vec<u8>, from: Option<Position>, to: Position) {
    let start = out.len();
    absolute(out, to);
    let Some(from) = from else { return };
    let middle = out.len();
    vertical(out, from.y, to.y);
    horizontal(out, from.x, to.x);
    if out.len() - middle < middle - start {
        out.drain(start..middle);
    } else {
        out.truncate(middle);
    }
}

fn absolute(out: &mut Vec<u8>, to: Position) {
    let (row, column) = (to.y + 1, to.x + 1);
    match column {
        1 => say(out, format_args!("\x1b[{row}H")),
        _ => say(out, format_args!("\x1b[{row};{column}H")),
    }
}

fn vertical(out: &mut Vec<u8>, from: u16, to: u16) {
    if to < from {
        steps(out, from - to, 'A');
    } else {
        // A line feed keeps the column: the terminal is raw.
        shorter(out, to - from, b'\n', 'B');
    }
}

fn horizontal(out: &mut Vec<u8>, from: u16, to: u16) {
    if to >= from {
        return steps(out, to - from, 'C');
    }
    let start = out.len();
    out.push(b'\r');
    steps(out, to, 'C');
    let middle = out.len();
    shorter(out, from - to, b'\x08', 'D');
    if out.len() - middle < middle - start {
        out.drain(start..middle);
    } else {
        out.truncate(middle);
    }
}

/// One control character a step, or one sequence for all of them.
fn shorter(out: &mut Vec<u8>, count: u16, step: u8, letter: char) {
    if count <= 4 {
        out.extend(repeat_n(step, count.into()));
    } else {
        steps(out, count, letter);
    }
}

fn steps(out: &mut Vec<u8>, count: u16, letter: char) {
    match count {
        0 => {}
        1 => say(out, format_args!("\x1b[{letter}")),
        _ => say(out, format_args!("\x1b[{count}{letter}")),
    }
}

fn say(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(from: (u16, u16), to: (u16, u16)) -> String {
        let mut out = Vec::new();
        travel(&mut out, Some(from.into()), to.into());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_way_is_the_shortest_one() {
        assert_eq!(way((11, 5), (10, 6)), "\n\x08", "the next row of a column");
        assert_eq!(way((11, 5), (0, 6)), "\n\r");
        assert_eq!(way((11, 5), (14, 5)), "\x1b[3C");
        assert_eq!(way((40, 5), (41, 4)), "\x1b[A\x1b[C");
        assert_eq!(way((199, 5), (1, 6)), "\n\r\x1b[C");
        assert_eq!(way((199, 5), (2, 6)), "\x1b[7;3H", "steps are taken only where they are shorter");
        assert_eq!(way((199, 5), (150, 40)), "\x1b[41;151H");
        assert_eq!(way((7, 7), (7, 7)), "");
        let mut out = Vec::new();
        travel(&mut out, None, (0, 3).into());
        assert_eq!(out, b"\x1b[4H");
    }
}
