//! What gives a secret away: the words by which it is called, and what well-known ones start with. The one list by
//! which plans are refused and output is masked, so that neither knows less than the other.

/// Words in the name of a header, a variable or an option, in lower case and with underscores.
pub const NAMES: [&str; 13] = [
    "authorization",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "secret",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
    "cookie",
    "credential",
];

/// What well-known tokens start with, and how long they are at least.
pub const TOKENS: [(&str, usize); 10] = [
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

/// Whether a word is such a token.
pub fn is_token(word: &str) -> bool {
    TOKENS.iter().any(|(start, least)| word.starts_with(start) && word.len() >= *least)
}

/// A text as the names are written: in lower case, with underscores. Its bytes stay where they are.
pub fn folded(text: &str) -> String {
    text.to_ascii_lowercase().replace('-', "_")
}
