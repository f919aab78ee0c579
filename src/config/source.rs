//! A file that was read, and positions in it.

use std::{ops::Range, sync::Arc};

/// A file's text under the name that messages use for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Relative to the project's directory where it lies below it.
    pub name: Arc<str>,
    pub text: Arc<str>,
}

/// A line and a column, both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Source {
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The position of a byte; the end for one past it.
    pub fn position(&self, byte: usize) -> Position {
        let byte = self.text.floor_char_boundary(byte.min(self.text.len()));
        let before = &self.text[..byte];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position {
            line: before.bytes().filter(|b| *b == b'\n').count() as u32 + 1,
            column: before[line_start..].chars().count() as u32 + 1,
        }
    }

    /// The range cut to what the text holds, on character boundaries.
    pub fn within(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(span.start.min(self.text.len()));
        let end = self.text.ceil_char_boundary(span.end.clamp(start, self.text.len()));
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters() {
        let source = Source::new("x", "ä = 1\nöö = 2");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position("ä = 1\nöö".len()), Position { line: 2, column: 3 });
        assert_eq!(source.position(1), Position { line: 1, column: 1 }, "inside a character: its start");
        assert_eq!(source.position(999), Position { line: 2, column: 7 });
    }
}
