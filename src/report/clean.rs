//! Text from outside, made safe to show: no character of it moves a cursor, turns the reading direction or hides.

use std::borrow::Cow;

/// The text with `?` for each control or invisible character; a tab or a line's end becomes a space.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(unsafe_to_show) {
        return Cow::Borrowed(text);
    }
    let safe = |c| match c {
        '\t' | '\n' => ' ',
        c if unsafe_to_show(c) => '?',
        c => c,
    };
    Cow::Owned(text.chars().map(safe).collect())
}

fn unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// As [`clean`], and nothing in it is taken for Markdown or HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_reaches_the_terminal_as_a_command() {
        assert_eq!(clean("red \u{1b}[31mtext\u{202e}\r\nand more"), "red ?[31mtext?? and more");
        assert!(matches!(clean("grün ✔"), Cow::Borrowed(_)));
    }

    #[test]
    fn nothing_in_a_text_is_taken_for_markup() {
        assert_eq!(escape("<b>*a*|[x](y)"), r"&lt;b&gt;\*a\*\|\[x\](y)");
    }
}
