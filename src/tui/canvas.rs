//! What widgets draw on: a part of the frame, in roles. Every text that is drawn passes here, and so is neutral,
//! clipped and folded to ASCII where the terminal has nothing else.

use ratatui::{buffer::Buffer, layout::Rect};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    glyph::{Glyph, fold},
    text,
    theme::{Look, Role},
};

pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    look: &'a Look,
    area: Rect,
}

/// A line in several roles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(Vec<(Role, String)>);

impl Line {
    pub fn new() -> Self {
        Self::default()
    }
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self::new().add(role, text)
    }
    #[must_use]
    pub fn add(mut self, role: Role, text: impl Into<String>) -> Self {
        self.push(role, text);
        self
    }
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.add(Role::Text, text)
    }
    #[must_use]
    pub fn dim(self, text: impl Into<String>) -> Self {
        self.add(Role::TextDim, text)
    }
    #[must_use]
    pub fn mark(self, role: Role, glyph: Glyph) -> Self {
        self.add(role, glyph.unicode())
    }
    pub fn push(&mut self, role: Role, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.0.push((role, text));
        }
    }
    pub fn spans(&self) -> impl Iterator<Item = (Role, &str)> {
        self.0.iter().map(|(role, text)| (*role, text.as_str()))
    }
    pub fn width(&self) -> usize {
        self.0.iter().map(|(_, t)| text::width(&text::plain(t))).sum()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Broken at spaces into lines of at most `room` cells, each word in its role. A dot between two parts ends with
    /// its line: none begins with one.
    pub fn wrapped(&self, room: usize) -> Vec<Line> {
        self.hanging(room, 0)
    }
    /// Likewise; all lines but the first stand in by `hang` cells.
    pub fn hanging(&self, room: usize, hang: usize) -> Vec<Line> {
        if self.width() <= room || room <= hang {
            return vec![self.clone()];
        }
        let mut lines = vec![Line::new()];
        // Cells used, and whether a word stands there.
        let (mut used, mut begun) = (0, false);
        for (role, words) in self.spans() {
            for word in words.split_inclusive(' ') {
                let cells = text::width(&text::plain(word.trim_end()));
                if begun && cells > 0 && used + cells > room {
                    let mark = lines.last_mut().and_then(|line| {
                        line.trim_end();
                        line.0.pop_if(|(_, text)| Glyph::is(text))
                    });
                    if let Some(line) = lines.last_mut() {
                        line.trim_end();
                    }
                    let mut line = Line::of(Role::TextDim, " ".repeat(hang));
                    (used, begun) = (hang, mark.is_some());
                    // A mark goes with its word.
                    if let Some((role, glyph)) = mark {
                        line.push(role, format!("{glyph} "));
                        used += 2;
                    }
                    lines.push(line);
                }
                // Only the first line keeps the blanks that it begins with.
                let first = lines.len() == 1;
                let word = if begun || first { word } else { word.trim_start() };
                if !begun && !first && (word.is_empty() || word.trim_end() == "·") {
                    continue;
                }
                if let Some(line) = lines.last_mut() {
                    line.push(role, word);
                    used += text::width(&text::plain(word));
                    begun |= !word.trim_end().is_empty();
                }
            }
        }
        if let Some(line) = lines.last_mut() {
            line.trim_end();
        }
        lines
    }
    /// As many of its parts (between dots) as have room, where that loses little; else all of it, to be cut.
    #[must_use]
    pub fn parts_within(&self, room: usize) -> Line {
        if self.width() <= room {
            return self.clone();
        }
        let words: String = self.0.iter().map(|(_, text)| text.as_str()).collect();
        let cells = |at: usize| text::width(&text::plain(&words[..at]));
        let ends = words.match_indices(" · ").map(|(at, _)| at);
        match ends.filter(|at| cells(*at) <= room).last() {
            Some(at) if cells(at) * 3 >= room * 2 => self.up_to(at),
            _ => self.clone(),
        }
    }
    fn up_to(&self, bytes: usize) -> Line {
        let mut line = Line::new();
        let mut left = bytes;
        for (role, words) in self.spans() {
            let part = words.get(..left.min(words.len())).unwrap_or(words);
            line.push(role, part);
            left -= part.len();
        }
        line
    }
    fn trim_end(&mut self) {
        while let Some((_, text)) = self.0.last_mut() {
            let kept = text.trim_end_matches([' ', '·']).len();
            text.truncate(kept);
            if kept > 0 {
                return;
            }
            self.0.pop();
        }
    }
    /// The words alone.
    pub fn words(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::of(Role::Text, text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::of(Role::Text, text)
    }
}

impl<'a> Canvas<'a> {
    /// All of the buffer, with the ground painted.
    pub fn new(buffer: &'a mut Buffer, look: &'a Look) -> Self {
        let (area, style) = (buffer.area, look.ground().patch(look.style(Role::Text)));
        for cell in &mut buffer.content {
            cell.set_style(style);
        }
        Self { buffer, look, area }
    }

    /// A part of it; what lies outside is cut off.
    pub fn part(&mut self, area: Rect) -> Canvas<'_> {
        let area = area.intersection(self.area);
        Canvas { buffer: self.buffer, look: self.look, area }
    }

    /// The part from row `top` (counted from 0 here), `height` rows high.
    pub fn rows(&mut self, top: u16, height: u16) -> Canvas<'_> {
        let area = Rect { y: self.area.y.saturating_add(top), height, ..self.area };
        self.part(area)
    }

    pub fn area(&self) -> Rect {
        self.area
    }
    pub fn width(&self) -> u16 {
        self.area.width
    }
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// Writes at a column and row of this part, at most `room` cells, … at the end if it does not fit. Returns the
    /// column after it.
    pub fn put(&mut self, x: u16, y: u16, room: u16, role: Role, words: &str) -> u16 {
        let room = room.min(self.area.width.saturating_sub(x));
        if room == 0 || y >= self.area.height {
            return x;
        }
        let safe = text::plain(words);
        let shown = text::clip(&safe, room.into());
        let style = self.look.style(role);
        let mut at = x;
        // Most of what is written: a character is a cell.
        if shown.is_ascii() {
            for i in 0..shown.len() {
                let Some(cell) = self.buffer.cell_mut((self.area.x + at, self.area.y + y)) else { break };
                cell.set_symbol(&shown[i..=i]).set_style(style);
                at += 1;
            }
            return at;
        }
        for grapheme in shown.graphemes(true) {
            let cells = text::width(grapheme) as u16;
            if cells == 0 {
                continue;
            }
            let position = (self.area.x + at, self.area.y + y);
            let Some(cell) = self.buffer.cell_mut(position) else { break };
            if self.look.unicode() {
                cell.set_symbol(grapheme);
            } else {
                cell.set_char(grapheme.chars().next().map_or('?', fold));
            }
            cell.set_style(style);
            for further in 1..cells {
                if let Some(cell) = self.buffer.cell_mut((position.0 + further, position.1)) {
                    cell.set_symbol(" ");
                    cell.set_style(style);
                }
            }
            at += cells;
        }
        at
    }

    /// Writes a line of several roles; returns the column after it.
    pub fn line(&mut self, x: u16, y: u16, room: u16, line: &Line) -> u16 {
        let end = x.saturating_add(room).min(self.area.width);
        let mut at = x;
        let spans = &line.0;
        for (i, (role, words)) in spans.iter().enumerate() {
            let left = end.saturating_sub(at);
            let cells = text::width(&text::plain(words)) as u16;
            // Where the rest does not fit, the cut is shown once, here.
            let rest = spans[i + 1..].iter().any(|(_, words)| !words.is_empty());
            if cells == left && rest && left > 0 {
                let marked = format!("{words}…");
                at = self.put(at, y, left, *role, &marked);
                break;
            }
            at = self.put(at, y, left, *role, words);
            if cells > left {
                break;
            }
        }
        at
    }

    /// Writes a line so that it ends a cell before the right edge, as everything begins one after the left.
    pub fn right(&mut self, y: u16, line: &Line) -> u16 {
        let room = (line.width() as u16).min(self.area.width);
        let x = (self.area.width - room).saturating_sub(1);
        self.line(x, y, room, line);
        x
    }

    /// Fills this part with spaces of a role: for what lies over something else.
    pub fn clear(&mut self, role: Role) {
        let style = self.look.ground().patch(self.look.style(role));
        for position in self.area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// Repaints what stands in `x..x + width` of a row in another role.
    pub fn paint(&mut self, x: u16, y: u16, width: u16, role: Role) {
        let row = Rect { x: self.area.x + x, y: self.area.y + y, width, height: 1 };
        self.buffer.set_style(row.intersection(self.area), self.look.style(role));
    }

    /// Makes everything dimmer: what lies under a dialog.
    pub fn recede(&mut self) {
        let style = self.look.style(Role::TextDim);
        self.buffer.set_style(self.area, style);
    }

    /// The position in the frame of a place of this part; none outside.
    pub fn position(&self, x: u16, y: u16) -> Option<ratatui::layout::Position> {
        (x < self.area.width && y < self.area.height)
            .then_some(ratatui::layout::Position { x: self.area.x + x, y: self.area.y + y })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_spaces_and_none_begins_or_ends_with_a_dot() {
        let line =
            Line::of(Role::StateOk, "ROLLBACK READY").text(" → 2.4.1").dim(" · kept on 3 of 3 · not proven");
        let broken: Vec<String> = line.wrapped(26).iter().map(Line::words).collect();
        assert_eq!(broken, ["ROLLBACK READY → 2.4.1", "kept on 3 of 3 · not", "proven"]);
        assert_eq!(line.wrapped(200), vec![line.clone()]);
        let steps = Line::new().mark(Role::StateOk, Glyph::Done).dim(" fetch  ");
        let steps = steps.mark(Role::StateOk, Glyph::Done).dim(" install").mark(Role::StateOk, Glyph::Done);
        let broken: Vec<String> = steps.wrapped(12).iter().map(Line::words).collect();
        assert_eq!(broken, ["✔ fetch", "✔ install✔"], "a mark stands with its word");
        assert_eq!(Line::from("abcdefgh ij").wrapped(3).len(), 2, "a word too long is cut where it is drawn");
    }
}
