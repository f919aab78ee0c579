//! What a store says that a key holds, as JSON or as a bare version.

use serde_json::Value;

use crate::{
    domain::{desired::Desired, name::Version},
    engine::scrub::{Scrubber, without_controls},
};

/// The longest text of a field that is kept.
const FIELD: usize = 120;

/// Reads `{"version": …, "by": …, "at": …}` and the field `revision`; a text that is no JSON is the version itself.
/// Nothing at all: nothing was set.
pub fn read(text: &str, revision: Option<&str>, scrubber: &Scrubber) -> Result<Desired, String> {
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
    // A revision is compared with what the store says later: it stays as it is.
    let said = |name: &str| field(name).map(|text| scrubber.line(&text, FIELD));
    Ok(Desired { version, revision: revision.and_then(field), by: said("by"), at: said("at") })
}

/// A value as text, without control characters and no longer than a line bears.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    without_controls(&text).chars().filter(|c| !c.is_control()).take(FIELD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_may_say_who_set_it_or_only_what() {
        let none = Scrubber::knowing([]);
        let said =
            read(r#"{"version":"2.4.1","by":"lee","at":"13:50","rev":7}"#, Some("rev"), &none).unwrap();
        assert_eq!(said.version.as_ref().map(Version::as_str), Some("2.4.1"));
        assert_eq!((said.by.as_deref(), said.revision.as_deref()), (Some("lee"), Some("7")));
        assert_eq!(
            read("2.4.1\n", None, &none).unwrap().words(),
            "2.4.1 (the store does not say who set it)"
        );
        assert_eq!(read("", None, &none).unwrap(), Desired::default());
        assert!(read("{", None, &none).is_err());
        assert!(read("a version\nof two lines", None, &none).is_err(), "not a version");
    }

    /// What a store says of who set it may come from anywhere.
    #[test]
    fn a_secret_or_a_mark_that_turns_text_around_is_not_told_on() {
        let scrubber = Scrubber::knowing(["hunter22".to_owned()]);
        let text = "{\"version\":\"2.4.1\",\"by\":\"lee \u{202e}hunter22\",\"rev\":\"hunter22\"}";
        let said = read(text, Some("rev"), &scrubber).unwrap();
        let by = said.by.unwrap();
        assert!(by.starts_with("lee ") && !by.contains("hunter22") && !by.contains('\u{202e}'), "{by:?}");
        assert_eq!(said.revision.as_deref(), Some("hunter22"), "it is compared as it is");
    }
}
