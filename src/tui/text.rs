//! Text from outside, made safe and measured. Everything that is drawn goes through [`plain`]: no name, log line
//! or error body can move the cursor, turn the reading direction or hide characters.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What stands for a character that must not reach a terminal: one cell wide, in every font.
const NEUTRAL: char = '?';
/// Marks that may sit on one base; more is a pile meant to overflow the line.
const MARKS: usize = 4;

/// The text without control characters, direction overrides and invisible characters. A tab or a line's end
/// becomes a space.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Cow::Borrowed(text);
    }
    if !text.chars().any(|c| c.is_control() || deceptive(c) || zero_width(c)) {
        return Cow::Borrowed(text);
    }
    let mut marks = 0;
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\t' || c == '\n' {
            safe.push(' ');
        } else if c.is_control() || deceptive(c) {
            safe.push(NEUTRAL);
        } else if zero_width(c) {
            marks += 1;
            // A mark needs a base, or it would sit on whatever stands to its left on the screen.
            if safe.is_empty() {
                safe.push(NEUTRAL);
            } else if marks <= MARKS {
                safe.push(c);
            }
            continue;
        } else {
            safe.push(c);
        }
        marks = 0;
    }
    Cow::Owned(safe)
}

/// Characters that change how others read: direction marks and overrides, joiners, invisible operators, variation
/// selectors, tags, fillers that look like nothing.
fn deceptive(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn zero_width(c: char) -> bool {
    unicode_width::UnicodeWidthChar::width(c) == Some(0)
}

/// The cells that a text takes.
pub fn width(text: &str) -> usize {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) { text.len() } else { text.width() }
}

/// Cells given up so that no word is cut in two.
const WORD: usize = 10;

/// The text in at most `room` cells, with … at its end if something is missing: after a whole word, where that costs
/// little.
pub fn clip(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    if room == 0 {
        return Cow::Borrowed("");
    }
    let mut taken = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let cells = width(grapheme);
        if taken + cells > room - 1 {
            break;
        }
        taken += cells;
        end = at + grapheme.len();
    }
    let kept = &text[..end];
    let whole = text[end..].starts_with(' ');
    let word = kept.rfind(' ').filter(|at| !whole && width(&kept[*at..]) <= WORD.min(room / 2));
    Cow::Owned(format!("{}…", kept[..word.unwrap_or(end)].trim_end_matches([' ', '·'])))
}

/// The text in exactly `room` cells: clipped, or padded at its right.
pub fn fit(text: &str, room: usize) -> String {
    let mut fitted = clip(text, room).into_owned();
    fitted.extend(std::iter::repeat_n(' ', room.saturating_sub(width(&fitted))));
    fitted
}

/// Breaks a text into lines of at most `room` cells, at spaces where it can.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    if room == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= room {
            line.extend(std::iter::repeat_n(' ', gap));
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for grapheme in word.graphemes(true) {
            if width(&line) + width(grapheme) > room && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_reaches_the_terminal_raw() {
        assert_eq!(plain("web-01"), "web-01");
        assert_eq!(plain("naïve 日本"), "naïve 日本");
        assert_eq!(plain("a\x1b[31mb\u{9b}c\x07"), "a?[31mb?c?");
        assert_eq!(plain("a\tb\nc"), "a b c");
        assert_eq!(plain("pro\u{200b}d \u{202e}gnp"), "pro?d ?gnp");
        assert_eq!(plain("\u{301}x"), "?x");
        let piled = format!("e{}", "\u{301}".repeat(50));
        assert_eq!(plain(&piled).chars().count(), 1 + MARKS);
    }

    #[test]
    fn texts_are_cut_by_cells() {
        assert_eq!(clip("web-01", 6), "web-01");
        assert_eq!(clip("web-01", 5), "web-…");
        assert_eq!(clip("日本語", 5), "日本…");
        assert_eq!(clip("日本語", 4), "日…");
        assert_eq!(clip("a b", 2), "a…");
        assert_eq!(clip("abc", 0), "");
        assert_eq!(fit("日本", 5), "日本 ");
    }

    #[test]
    fn texts_are_broken_at_spaces() {
        assert_eq!(wrap("nobody has rehearsed it", 12), ["nobody has", "rehearsed it"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert!(wrap("x", 0).is_empty());
    }
}
