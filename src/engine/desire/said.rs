//! What a store says that a key holds, as JSON or as a bare version.

use serde_json::Value;

use crate::domain::{desired::Desired, name::Version};

/// The longest text of a field that is kept.
const FIELD: usize = 120;

/// Reads `{"version": …, "by": …, "at": …}` and the field `revision`; a text that is no JSON is the version itself.
/// Nothing at all: nothing was set.
pub fn read(text: &str, revision: Option<&str>) -> Result<Desired, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Desired::default());
    }
    if !text.starts_with('{') {
        let version = Version::new(text).map_err(|error| error.to_string())?;
        return Ok(Desired { version: Some(version), ..Desired::default() });
    }
    let body: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let version = match body.get("version") {
        None | Some(Value::Null) => None,
        Some(value) => Some(Version::new(&plain(value)).map_err(|error| error.to_string())?),
    };
    let field = |name: &str| body.get(name).filter(|value| !value.is_null()).map(plain);
    Ok(Desired { version, revision: revision.and_then(field), by: field("by"), at: field("at") })
}

/// A value as text, without control characters and no longer than a line bears.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().filter(|c| !c.is_control()).take(FIELD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_may_say_who_set_it_or_only_what() {
        let said = read(r#"{"version":"2.4.1","by":"lee","at":"13:50","rev":7}"#, Some("rev")).unwrap();
        assert_eq!(said.version.as_ref().map(Version::as_str), Some("2.4.1"));
        assert_eq!((said.by.as_deref(), said.revision.as_deref()), (Some("lee"), Some("7")));
        assert_eq!(read("2.4.1\n", None).unwrap().words(), "2.4.1 (the store does not say who set it)");
        assert_eq!(read("", None).unwrap(), Desired::default());
        assert!(read("{", None).is_err());
        assert!(read("a version\nof two lines", None).is_err(), "not a version");
    }
}
