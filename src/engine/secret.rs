//! Secrets by reference: a plan writes `env:NAME`, and the value is read where it is used and nowhere else.

/// A variable that a plan names and that is not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the variable {0} is not set: set it where the conductor starts")]
pub struct Unset(pub String);

/// The name in `env:NAME`, if `text` is one.
pub(crate) fn reference(text: &str) -> Option<&str> {
    text.strip_prefix("env:").filter(|name| !name.is_empty())
}

/// The text itself, or the value of the variable that it names.
pub(crate) fn resolve(text: &str) -> Result<String, Unset> {
    match reference(text) {
        None => Ok(text.into()),
        Some(name) => std::env::var(name).map_err(|_| Unset(name.into())),
    }
}

/// Whether a variable of this name holds something that must not be shown.
pub(crate) fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "APIKEY", "API_KEY", "PRIVATE_KEY"]
        .iter()
        .any(|word| name.contains(word))
        || name.split('_').any(|part| matches!(part, "KEY" | "PASS" | "PWD" | "AUTH" | "DSN"))
            && !matches!(name.as_str(), "PWD" | "OLDPWD")
}
