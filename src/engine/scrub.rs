//! The scrubber: the one way by which text from outside (bodies, output, errors) leaves the engine.
//!
//! It masks what looks like a secret, drops escape sequences, control characters and marks that reorder text,
//! and bounds the length. It errs on the side of masking too much: evidence with a hole still helps, a password
//! in a record that cannot be unwritten does not.

use std::borrow::Cow;

use crate::engine::secret;

const MASK: &str = "[masked]";
/// A shorter value masks half the text when it happens to be a common word.
const SHORTEST: usize = 6;
const KEY_BEGINS: &str = "-----BEGIN ";
const KEY_ENDS: &str = "-----END ";

/// Names after which a value follows, by `=` or `:`, quoted or not.
const NAMES: [&str; 14] = [
    "authorization",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "secret",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "private_key",
    "cookie",
    "credential",
];

/// Knows the values that must never be shown.
#[derive(Clone, Default)]
pub struct Scrubber {
    /// The longest first, so that no part of one is left by another.
    values: Vec<String>,
}

impl Scrubber {
    /// Knows the values of all variables of this process whose names sound secret, and of those that a plan
    /// names by `env:`.
    pub fn of_environment<'a>(named: impl IntoIterator<Item = &'a str>) -> Self {
        let sounding = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| secret::sounds_secret(name))
            .map(|(_, value)| value);
        let named = named.into_iter().filter_map(|name| std::env::var(name).ok());
        Self::knowing(sounding.chain(named))
    }

    pub fn knowing(values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().filter(|v| v.len() >= SHORTEST).collect();
        values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        values.dedup();
        Self { values }
    }

    /// One line of at most `limit` characters.
    pub fn line(&self, text: &str, limit: usize) -> String {
        let clean = self.clean(text);
        let mut words = clean.split_whitespace();
        let mut line = words.next().unwrap_or_default().to_owned();
        for word in words {
            line.push(' ');
            line.push_str(word);
        }
        if line.chars().count() > limit {
            line = line.chars().take(limit.saturating_sub(1)).chain(['…']).collect();
        }
        line
    }

    /// Several lines of at most `limit` bytes: the beginning, and a mark where it was cut.
    pub fn text(&self, text: &str, limit: usize) -> String {
        let mut clean = self.clean(text).trim_end().to_owned();
        if clean.len() > limit {
            let mut end = limit.saturating_sub("…".len());
            while !clean.is_char_boundary(end) {
                end -= 1;
            }
            clean.truncate(end);
            clean.push('…');
        }
        clean
    }

    fn clean(&self, text: &str) -> String {
        let mut text = without_controls(text);
        for value in &self.values {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), MASK);
            }
        }
        // A tail may begin in the middle of a key.
        let mut key = KeyBlock::starting(&text);
        let mut out = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            if let Some(line) = key.pass(line) {
                out.push_str(&masked(&line));
            }
        }
        out
    }
}

impl std::fmt::Debug for Scrubber {
    /// Never the values.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scrubber({} values)", self.values.len())
    }
}

/// Follows lines through a private key's block. For output that comes line by line, keep one for the stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyBlock {
    inside: bool,
}

impl KeyBlock {
    /// For a text that may begin inside a key: it does if a key ends before any begins.
    fn starting(text: &str) -> Self {
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

/// Drops escape sequences whole, then control characters and marks that change the direction of text.
fn without_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                // A control sequence ends with a letter or one of `@[\]^_{|}~` and the like.
                Some('[') => while chars.next().is_some_and(|c| !('\u{40}'..='\u{7e}').contains(&c)) {},
                // A title or a link ends with BEL or ESC \.
                Some(']' | 'P' | '_' | '^' | 'X') => {
                    while let Some(c) = chars.next() {
                        if c == '\u{7}' || c == '\u{1b}' && chars.next_if_eq(&'\\').is_some() {
                            break;
                        }
                    }
                }
                _ => {}
            },
            '\n' => out.push('\n'),
            '\t' => out.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Masks what follows a telling name, a bearer token, and the user part of a URL.
fn masked(line: &str) -> String {
    let mut line = mask_urls(line);
    line = mask_named(&line);
    mask_bare(&line)
}

/// `https://user:pass@host` keeps its host.
fn mask_urls(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(['/', '?', '#', ' ', '"', '\'', '<', '>', '\n']).unwrap_or(after.len());
        if let Some(sign) = after[..end].rfind('@') {
            out.push_str(MASK);
            rest = &after[sign..];
        } else {
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn mask_named(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let mut out = String::with_capacity(line.len());
    let mut done = 0;
    let mut from = 0;
    // The earliest name first; what a mask covers is not searched again.
    while let Some((at, name)) =
        NAMES.iter().filter_map(|name| lower[from..].find(name).map(|at| (from + at, *name))).min()
    {
        let end = at + name.len();
        from = end;
        let option = line[..at].rsplit([' ', '"', '\'']).next().is_some_and(|word| word.starts_with("--"));
        let Some(start) = value_start(&line[end..], option).map(|skip| end + skip) else { continue };
        let length = value_length(&line[start..], matches!(name, "authorization" | "cookie"));
        if length == 0 {
            continue;
        }
        out.push_str(&line[done..start]);
        out.push_str(MASK);
        done = start + length;
        from = done;
    }
    out.push_str(&line[done..]);
    out
}

/// How far after a name its value starts: past the rest of the word, a quote, `=` or `:`, blanks and a quote.
/// An option (`--token abc`) needs no sign between.
fn value_start(after: &str, option: bool) -> Option<usize> {
    let word = after.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    let rest = &after[word..];
    let quote = rest.bytes().take_while(|b| matches!(b, b'"' | b'\'' | b' ' | b'\\')).count();
    let rest = &rest[quote..];
    if !rest.starts_with(['=', ':']) {
        return (option && quote > 0).then_some(word + quote);
    }
    let blanks = rest[1..].bytes().take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b'\\')).count();
    Some(word + quote + 1 + blanks)
}

/// Where the value ends: a header's at the end of the line, another's at the next blank, quote or separator.
fn value_length(value: &str, header: bool) -> usize {
    let ends: &[char] =
        if header { &['\n', '"', '\''] } else { &[' ', '\n', '"', '\'', '&', ',', ';', '}', ')', '\\'] };
    value.find(ends).unwrap_or(value.len())
}

/// What well-known tokens start with, and how long they are at least.
const TOKENS: [(&str, usize); 10] = [
    ("AKIA", 20),
    ("ASIA", 20),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("sk_live_", 20),
];

/// `Bearer …`, well-known tokens, and the three-part ones that start with `eyJ`.
fn mask_bare(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut after_scheme = false;
    for word in line.split_inclusive([' ', '\n', '"', '\'', ',']) {
        let bare = word.trim_end_matches([' ', '\n', '"', '\'', ',']);
        let jwt = bare.starts_with("eyJ") && bare.matches('.').count() >= 2;
        let known = TOKENS.iter().any(|(start, length)| bare.starts_with(start) && bare.len() >= *length);
        if jwt || known || after_scheme && bare.len() >= SHORTEST {
            out.push_str(MASK);
            out.push_str(&word[bare.len()..]);
        } else {
            out.push_str(word);
        }
        if !bare.is_empty() {
            after_scheme = bare.eq_ignore_ascii_case("bearer");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_masked_and_the_rest_stays() {
        let scrubber = Scrubber::knowing(["hunter2-hunter2".into(), "short".into()]);
        let cases = [
            ("login with hunter2-hunter2 failed", "login with [masked] failed"),
            ("a short word stays", "a short word stays"),
            ("Authorization: Basic dXNlcjpwYXNz", "Authorization: [masked]"),
            (r#"{"db_password": "s3cr3t!", "port": 5432}"#, r#"{"db_password": "[masked]", "port": 5432}"#),
            ("?access_token=abc.def&page=2", "?access_token=[masked]&page=2"),
            ("postgres://shop:pa:ss@db:5432/shop refused", "postgres://[masked]@db:5432/shop refused"),
            ("sent Bearer abcdef123456 to it", "sent Bearer [masked] to it"),
            ("jwt eyJhbGciOi.eyJzdWIi.c2lnbmF0 seen", "jwt [masked] seen"),
            ("run --token abcdef --port 80", "run --token [masked] --port 80"),
            ("key AKIAIOSFODNN7EXAMPLE used", "key [masked] used"),
            ("the token has expired", "the token has expired"),
            ("payments: connection refused", "payments: connection refused"),
        ];
        for (raw, clean) in cases {
            assert_eq!(scrubber.line(raw, 200), clean);
        }
    }

    #[test]
    fn private_keys_vanish_whole() {
        let raw = "before\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nafter";
        let clean = Scrubber::default().text(raw, 4096);
        assert!(!clean.contains("MIIE") && !clean.contains("abcd"), "{clean}");
        assert_eq!(clean, "before\n[masked]\n\nafter");
        let tail = "abcd\n-----END PRIVATE KEY-----\nafter";
        assert_eq!(Scrubber::default().text(tail, 200).trim(), "after");
        let inline = r#"{"k": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", "n": 1}"#;
        assert_eq!(Scrubber::default().line(inline, 200), r#"{"k": "[masked]\n", "n": 1}"#);
    }

    #[test]
    fn nothing_that_moves_a_cursor_gets_through() {
        let raw =
            "\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}x\u{1b}]8;;http://e\u{1b}\\y\r\u{8}\u{9b}2J \u{202e}z";
        let clean = Scrubber::default().text(raw, 4096);
        assert_eq!(clean, "red xy2J z");
    }

    #[test]
    fn lengths_are_bounded_at_characters() {
        let scrubber = Scrubber::default();
        assert_eq!(scrubber.line("abcdef", 4), "abc…");
        let text = scrubber.text(&"ä".repeat(5000), 4096);
        assert!(text.len() <= 4096 && text.ends_with('…'));
    }

    #[test]
    fn a_scrubber_does_not_show_what_it_knows() {
        assert_eq!(format!("{:?}", Scrubber::knowing(["topsecret".into()])), "Scrubber(1 values)");
    }
}
