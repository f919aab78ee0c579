//! Cleans texts, knowing the values that must never be shown.

use super::{
    controls::without_controls,
    keys::KeyBlock,
    mask::{MASK, SHORTEST, masked},
};
use crate::engine::secret;

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn whatever_comes_in_a_known_secret_never_comes_out(
            before in any::<String>(), after in any::<String>(), limit in 1_usize..600
        ) {
            let scrubber = Scrubber::knowing(["correct-horse-battery".into()]);
            let raw = format!("{before}correct-horse-battery{after}");
            for clean in [scrubber.line(&raw, limit), scrubber.text(&raw, limit)] {
                prop_assert!(!clean.contains("correct-horse-battery"));
                prop_assert!(clean.chars().count() <= limit);
                prop_assert!(!clean.chars().any(|c| c.is_control() && c != '\n'));
            }
        }

        #[test]
        fn what_stands_after_a_telling_name_never_comes_out(secret in "[a-zA-Z0-9/+]{8,40}", pad in "[ \\PC]{0,40}") {
            for raw in [
                format!("{pad} password={secret}"),
                format!("{pad}\nAuthorization: Basic {secret}"),
                format!("{pad} \"api_key\": \"{secret}\","),
                format!("{pad} https://user:{secret}@host/"),
                format!("-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----{pad}"),
            ] {
                let clean = Scrubber::default().text(&raw, 4096);
                prop_assert!(!clean.contains(&secret), "{}", clean);
            }
        }
    }
}
