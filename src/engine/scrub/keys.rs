//! Private keys: whole blocks of lines that must not be shown.

use std::borrow::Cow;

use super::mask::MASK;

const KEY_BEGINS: &str = "-----BEGIN ";
const KEY_ENDS: &str = "-----END ";

/// Follows lines through a private key's block. For output that comes line by line, keep one for the stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyBlock {
    inside: bool,
}

impl KeyBlock {
    /// For a text that may begin inside a key: it does if a key ends before any begins.
    pub fn starting(text: &str) -> Self {
        let ends_key =
            |at: &usize| text[*at..].lines().next().is_some_and(|line| line.contains("PRIVATE KEY"));
        let end = text.find(KEY_ENDS).filter(ends_key);
        Self { inside: end.is_some_and(|end| text.find(KEY_BEGINS).is_none_or(|begin| end < begin)) }
    }

    /// What may be shown of this line: all of it, what stands around a key, or nothing.
    pub fn pass<'a>(&mut self, line: &'a str) -> Option<Cow<'a, str>> {
        if self.inside {
            let end = line.find(KEY_ENDS)?;
            self.inside = false;
            return Some(Cow::Borrowed(after_marker(&line[end + KEY_ENDS.len()..])));
        }
        let Some(begin) = line.find(KEY_BEGINS).filter(|at| line[*at..].contains("PRIVATE KEY")) else {
            return Some(Cow::Borrowed(line));
        };
        let rest =
            line[begin..].find(KEY_ENDS).map(|end| after_marker(&line[begin + end + KEY_ENDS.len()..]));
        self.inside = rest.is_none();
        Some(Cow::Owned(format!("{}{MASK}{}", &line[..begin], rest.unwrap_or("\n"))))
    }
}

/// What follows the dashes that close an end marker.
fn after_marker(text: &str) -> &str {
    text.find("-----").map_or("", |at| &text[at + 5..])
}
