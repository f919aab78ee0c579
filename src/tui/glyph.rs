//! The marks, in Unicode and in ASCII. None is wider than a cell. On a terminal that shows only ASCII the canvas
//! folds every character through [`fold`], so that a screen has one layout for both.

/// A mark with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Done,
    Working,
    Waiting,
    Held,
    NeedsHuman,
    Failed,
    Unknown,
    RolledBack,
    Skipped,
    Stale,
    /// Beside the selected line.
    Selected,
    /// A step of a lane, done and to come.
    Full,
    Empty,
}

impl Glyph {
    /// Those that say how something stands.
    const STANDS: [Self; 10] = [
        Self::Done,
        Self::Working,
        Self::Waiting,
        Self::Held,
        Self::NeedsHuman,
        Self::Failed,
        Self::Unknown,
        Self::RolledBack,
        Self::Skipped,
        Self::Stale,
    ];

    /// Whether this text is nothing but such a mark.
    pub fn is(text: &str) -> bool {
        Self::STANDS.iter().any(|glyph| glyph.unicode() == text)
    }

    pub const fn unicode(self) -> &'static str {
        match self {
            Glyph::Done => "✔",
            Glyph::Working => "◐",
            Glyph::Waiting => "○",
            Glyph::Held => "‖",
            Glyph::NeedsHuman => "▲",
            Glyph::Failed => "✖",
            Glyph::Unknown => "?",
            Glyph::RolledBack => "↩",
            Glyph::Skipped => "⤼",
            Glyph::Stale => "◌",
            Glyph::Selected => "▸",
            Glyph::Full => "▮",
            Glyph::Empty => "▯",
        }
    }
}

/// The ASCII character that stands for this one, always one cell; `?` for what nothing stands for.
pub const fn fold(c: char) -> char {
    match c {
        ' '..='~' => c,
        '✔' => '+',
        '◐' => '*',
        '○' => '.',
        '‖' => '=',
        '▲' => '!',
        '✖' => 'x',
        '↩' => '<',
        '⤼' => '-',
        '◌' => '~',
        '▸' | '→' => '>',
        '←' => '<',
        '↑' => '^',
        '↓' => 'v',
        '▮' | '█' | '▌' => '#',
        '▯' => '_',
        '─' | '━' | '–' | '—' | '−' => '-',
        // Between parts; a dot would look like what waits.
        '│' | '┃' | '·' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' => '+',
        // Cut here, as pagers show it; a tilde would look stale.
        '…' => '>',
        '×' => 'x',
        '÷' => '/',
        '≥' => '>',
        '≤' => '<',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '▁' => '_',
        '▂' | '▃' => ':',
        '▄' => '-',
        '▅' | '▆' => '=',
        '▇' => '#',
        '\u{a0}' => ' ',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mark_is_wider_than_a_cell_and_ascii_tells_states_apart() {
        let states = [
            Glyph::Done,
            Glyph::Working,
            Glyph::Waiting,
            Glyph::Held,
            Glyph::NeedsHuman,
            Glyph::Failed,
            Glyph::Unknown,
            Glyph::RolledBack,
            Glyph::Skipped,
            Glyph::Stale,
        ];
        let mut seen = Vec::new();
        for glyph in states {
            assert_eq!(crate::tui::text::width(glyph.unicode()), 1, "{glyph:?}");
            let ascii: String = glyph.unicode().chars().map(fold).collect();
            assert!(!seen.contains(&ascii), "{glyph:?}");
            seen.push(ascii);
        }
        assert_eq!(seen.concat(), "+*.=!x?<-~");
    }

    /// What only orders or shortens a line is none of the marks that say how something stands, nor a part of a bar.
    #[test]
    fn in_ascii_separators_cuts_and_bars_are_no_marks_of_a_state() {
        let marks: Vec<char> = "+*.=!x?<~".chars().collect();
        for c in ['·', '…', '▯', '▮', '→', '│'] {
            assert!(!marks.contains(&fold(c)), "{c}");
        }
    }
}
