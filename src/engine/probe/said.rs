//! What a failing answer says about itself, in a few words: what stands on the line that calls for a human.

use serde_json::Value;

/// Longer than this is no headline.
const LONGEST: usize = 160;
/// How many fields of a JSON object are told.
const FIELDS: usize = 4;

/// The first two lines of a text, or the plain fields and lists of a JSON object; none where it is a page, or nothing.
pub fn said(body: &str) -> Option<String> {
    let body = body.trim();
    if body.starts_with(['<', '[']) {
        return None;
    }
    let words = if body.starts_with('{') { fields(body)? } else { lines(body) };
    let words: String = words.chars().take(LONGEST).collect();
    (!words.is_empty()).then_some(words)
}

fn lines(body: &str) -> String {
    let lines: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).take(2).collect();
    lines.join(" · ")
}

fn fields(body: &str) -> Option<String> {
    let Ok(Value::Object(fields)) = serde_json::from_str(body) else { return None };
    // What stands one level deeper (`checks`, `components`) is told after the object's own words.
    let deeper = fields.iter().filter_map(|(outer, value)| Some((outer, value.as_object()?)));
    let deeper = deeper.flat_map(|(outer, inner)| {
        inner.iter().filter_map(move |(name, value)| Some(format!("{outer}.{name}: {}", plain(value)?)))
    });
    let own = fields.iter().filter_map(|(name, value)| Some(format!("{name}: {}", plain(value)?)));
    let told: Vec<String> = own.chain(deeper).take(FIELDS).collect();
    Some(told.join(" · "))
}

/// A value, or a list of values, that fits into a line.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Array(values) => {
            let flat = values.iter().filter(|value| !value.is_array()).filter_map(plain);
            let told: Vec<String> = flat.take(FIELDS).collect();
            (!told.is_empty()).then(|| told.join(", "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_answer_is_told_by_what_it_says_first() {
        let body = "12 of 14\npayments: connection refused\n  10.0.3.7:5433\n";
        assert_eq!(said(body).as_deref(), Some("12 of 14 · payments: connection refused"));
        assert_eq!(
            said(r#"{"ok":false,"db":"down","deep":{"a":1}}"#).as_deref(),
            Some("db: down · ok: false · deep.a: 1")
        );
        assert_eq!(
            said(r#"{"failed":["payments: refused","mail: no route"],"version":"2.6.0"}"#).as_deref(),
            Some("failed: payments: refused, mail: no route · version: 2.6.0"),
            "what failed is not left out beside what did not"
        );
        assert_eq!(said("<html><body>502 Bad Gateway</body></html>"), None, "a page says nothing in a line");
        assert_eq!(said("  \n"), None);
        assert_eq!(said("{not json"), None);
        assert_eq!(said(&"x".repeat(999)).map(|words| words.len()), Some(LONGEST));
    }
}
