//! A line that is typed: its text, its cursor, and what the keys do to it. Control characters never get in, nor does
//! more than it may hold.

use ratatui::layout::Position;
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::{
    canvas::Canvas,
    terminal::{Code, Key},
    text::{plain, width},
    theme::Role,
};

/// The most characters that an entry holds.
const LIMIT: usize = 2_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    text: String,
    /// Bytes before the cursor; always between two graphemes.
    at: usize,
}

impl Entry {
    pub fn holding(text: &str) -> Self {
        let mut entry = Self::default();
        entry.insert(text);
        entry
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Typed or pasted text; line ends become spaces.
    pub fn insert(&mut self, text: &str) {
        let room = LIMIT.saturating_sub(self.text.chars().count());
        let safe: String = plain(text.trim_end_matches(['\r', '\n'])).chars().take(room).collect();
        self.text.insert_str(self.at, &safe);
        self.at += safe.len();
        // A mark may have joined what stands before it.
        let joined = self.boundaries().find(|b| *b >= self.at);
        self.at = joined.unwrap_or(self.text.len());
    }

    /// True if the key was an edit.
    pub fn key(&mut self, key: &Key) -> bool {
        let ctrl = key.modifiers.ctrl;
        match key.code {
            Code::Char('a') if ctrl => self.at = 0,
            Code::Char('e') if ctrl => self.at = self.text.len(),
            Code::Char('u') if ctrl => self.cut(0),
            Code::Char('w') if ctrl => self.cut(self.word_before()),
            Code::Char(c) if !ctrl && !key.modifiers.alt => self.insert(c.encode_utf8(&mut [0; 4])),
            Code::Backspace => self.cut(self.before()),
            Code::Delete => {
                let end = self.after();
                self.text.replace_range(self.at..end, "");
            }
            Code::Left => self.at = self.before(),
            Code::Right => self.at = self.after(),
            Code::Home => self.at = 0,
            Code::End => self.at = self.text.len(),
            _ => return false,
        }
        true
    }

    fn cut(&mut self, from: usize) {
        self.text.replace_range(from..self.at, "");
        self.at = from;
    }

    fn boundaries(&self) -> impl Iterator<Item = usize> {
        self.text.grapheme_indices(true).map(|(at, _)| at).chain([self.text.len()])
    }
    fn before(&self) -> usize {
        self.boundaries().take_while(|b| *b < self.at).last().unwrap_or(0)
    }
    fn after(&self) -> usize {
        self.boundaries().find(|b| *b > self.at).unwrap_or(self.text.len())
    }
    fn word_before(&self) -> usize {
        let head = self.text[..self.at].trim_end();
        head.rfind(' ').map_or(0, |space| space + 1)
    }

    /// Draws what fits around the cursor in one row; says where the cursor stands.
    pub fn draw(&self, canvas: &mut Canvas<'_>, x: u16, y: u16, room: u16) -> Option<Position> {
        let room = usize::from(room.min(canvas.width().saturating_sub(x)));
        if room == 0 {
            return None;
        }
        // The cursor needs a cell of its own after the text.
        let mut start = 0;
        while width(&self.text[start..self.at]) >= room {
            start =
                self.text[start..].grapheme_indices(true).nth(1).map_or(self.text.len(), |(n, _)| start + n);
        }
        canvas.put(x, y, room as u16, Role::Text, &self.text[start..]);
        canvas.position(x + width(&self.text[start..self.at]) as u16, y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::terminal::{Modifiers, Moment};

    fn typed(entry: &mut Entry, codes: &[Code]) {
        for code in codes {
            entry.key(&Key::press(*code, Moment(0)));
        }
    }

    #[test]
    fn an_entry_is_edited_by_what_one_sees() {
        let mut entry = Entry::holding("waiver e\u{301}x");
        typed(&mut entry, &[Code::Left, Code::Backspace]);
        assert_eq!(entry.text(), "waiver x", "the letter goes with its mark");
        typed(&mut entry, &[Code::Home, Code::Char('a'), Code::Right, Code::Delete]);
        assert_eq!(entry.text(), "awiver x");
        entry.key(&Key::press(Code::End, Moment(0)));
        entry.key(&Key::press(Code::Char('w'), Moment(0)).with(Modifiers::CTRL));
        assert_eq!(entry.text(), "awiver ");
    }

    #[test]
    fn a_paste_brings_no_control_characters_and_not_too_much() {
        let mut entry = Entry::default();
        entry.insert("a\x1b[2Jb\nc\n");
        assert_eq!(entry.text(), "a?[2Jb c");
        entry.insert(&"x".repeat(10_000));
        assert_eq!(entry.text().chars().count(), LIMIT);
    }
}
