//! Secrets do not belong into a plan: it is adopted, stored, shown and sent around. What looks like one is
//! refused; `env:NAME` names a variable of the conductor's environment instead, resolved where it is used.

use crate::domain::secret_words::{NAMES, folded, is_token};

/// What else a value may start with that is a secret as a whole, and how long it is at least.
const SHAPES: [(&str, usize); 2] = [("eyJhbGci", 40), ("-----BEGIN", 10)];

/// How an environment variable is named as the place of a value.
pub const REFERENCE: &str = "env:";

/// `env:NAME` with a name that an environment variable can have.
pub fn is_reference(value: &str) -> bool {
    value.strip_prefix(REFERENCE).is_some_and(|name| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// Whether a key is one under which secrets are kept. A key that names a file or a URL of one is not.
fn is_secret_key(key: &str) -> bool {
    let key = folded(key.trim_start_matches('-'));
    if ["_file", "_path", "_dir", "_url", "_name", "_id"].iter().any(|end| key.ends_with(end)) {
        return false;
    }
    // Too short to be looked for inside other words: `author`; and PWD alone is a directory.
    if key == "auth" || key.ends_with("_auth") || key.ends_with("_pwd") {
        return true;
    }
    NAMES.iter().any(|word| *word != "pwd" && key.contains(word))
}

/// Whether a value under a key is an inline secret.
pub fn is_secret(key: &str, value: &str) -> bool {
    if value.is_empty() || is_reference(value) || is_placeholder(value) {
        return false;
    }
    is_secret_key(key) || is_secret_value(value)
}

fn is_placeholder(value: &str) -> bool {
    value.starts_with('{') && value.ends_with('}')
}

/// Whether a value is a secret whatever it is called: a well-known shape, or a URL with a password in it.
pub fn is_secret_value(value: &str) -> bool {
    let scheme = ["Bearer ", "Basic "].iter().any(|scheme| {
        value.strip_prefix(scheme).is_some_and(|rest| !rest.trim().is_empty() && !is_placeholder(rest.trim()))
    });
    scheme
        || is_token(value)
        || SHAPES.iter().any(|(start, least)| value.starts_with(start) && value.len() >= *least)
        || has_password(value)
}

/// `https://user:password@host/`, `?token=…`, and chat webhooks, whose path is the secret.
fn has_password(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let userinfo = authority.rsplit_once('@').map(|(userinfo, _)| userinfo);
    if userinfo
        .and_then(|u| u.split_once(':'))
        .is_some_and(|(_, word)| !word.is_empty() && !is_placeholder(word))
    {
        return true;
    }
    if rest.contains("hooks.slack.com/services/") || rest.contains("/api/webhooks/") {
        return true;
    }
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    query.split(['&', '#']).filter_map(|pair| pair.split_once('=')).any(|(key, value)| is_secret(key, value))
}

/// The arguments of a command that carry a secret, by index: `--token=x`, or `--token` followed by `x`.
pub fn secret_arguments(argv: &[String]) -> Vec<usize> {
    let mut found = Vec::new();
    for (at, argument) in argv.iter().enumerate() {
        let option = argument.starts_with('-');
        let inline = match argument.split_once('=') {
            Some((key, value)) => is_secret(key, value),
            None => false,
        };
        let follows = at > 0
            && !option
            && argv[at - 1].starts_with("--")
            && !argv[at - 1].contains('=')
            && is_secret(&argv[at - 1], argument);
        if inline || follows || is_secret_value(argument) {
            found.push(at);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen_by_key_shape_and_place() {
        assert!(is_secret("Authorization", "Bearer abc"));
        assert!(is_secret("X-Api-Key", "k"));
        assert!(is_secret("DB_PASSWORD", "hunter2"));
        assert!(is_secret("DB_PWD", "hunter2"));
        assert!(is_secret("anything", "https://ops:hunter2@host/"));
        assert!(is_secret("anything", "https://host/?access_token=abc"));
        assert!(is_secret("anything", "https://hooks.slack.com/services/T0/B0/x"));
        assert_eq!(secret_arguments(&["bin/x".into(), "--token=abc".into()]), [1]);
        assert_eq!(secret_arguments(&["bin/x".into(), "--password".into(), "abc".into()]), [2]);
    }

    #[test]
    fn what_only_resembles_a_secret_is_let_through() {
        assert!(!is_secret("Authorization", "env:SHOP_AUTH"));
        assert!(!is_secret("TOKEN_FILE", "/run/secrets/token"));
        assert!(!is_secret("author", "dana"));
        assert!(!is_secret("PWD", "/srv/shop"));
        assert!(!is_secret("Accept", "application/json"));
        assert!(!is_secret("url", "https://{host}:8080/health?check=full"));
        assert!(!is_secret("PASSWORD", ""));
        assert_eq!(secret_arguments(&["bin/x".into(), "--token-file".into(), "f".into()]), [] as [usize; 0]);
        assert_eq!(secret_arguments(&["bin/x".into(), "{text}".into()]), [] as [usize; 0]);
        assert!(!is_reference("env:"));
        assert!(!is_reference("env:1A"));
        assert!(!is_reference("env:A B"));
    }
}
