//! The settings of an environment as a command prints them, and how two environments differ. Values are compared and
//! never told: many a setting is a secret.

use std::{collections::BTreeMap, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, error::Category};

/// Settings by name; what is nested is named by its path (`db.pool.size`).
pub type Settings = BTreeMap<String, String>;

/// A JSON object, or lines of `KEY=VALUE`, where empty ones and those that begin with `#` say nothing.
pub fn settings(printed: &str) -> Result<Settings, String> {
    let json = printed.trim_start().starts_with('{');
    let settings = if json { of_json(printed)? } else { of_lines(printed)? };
    if settings.is_empty() {
        return Err("it prints no setting".into());
    }
    Ok(settings)
}

fn of_lines(printed: &str) -> Result<Settings, String> {
    let mut settings = Settings::new();
    for (nth, line) in printed.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let bare = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = bare.split_once('=').filter(|(name, _)| is_name(name.trim())) else {
            return Err(format!("line {} of what it prints is not KEY=VALUE", nth + 1));
        };
        if leaves_open(value.trim()) {
            return Err(format!("line {} of what it prints begins a value that goes on after it", nth + 1));
        }
        if settings.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err(format!("it prints {} twice", name.trim()));
        }
    }
    Ok(settings)
}

/// What may be told. A part of a value that happens to hold a `=` must never pass for a name.
fn is_name(text: &str) -> bool {
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    first && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// A quote that is opened and not closed.
fn leaves_open(value: &str) -> bool {
    ['"', '\'', '`'].into_iter().any(|quote| {
        value.strip_prefix(quote).is_some_and(|rest| !rest.ends_with(quote)) || value.ends_with('\\')
    })
}

fn of_json(printed: &str) -> Result<Settings, String> {
    let mut settings = Settings::new();
    let mut json = serde_json::Deserializer::from_str(printed);
    let read =
        Below { path: String::new(), into: &mut settings }.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|error| match error.classify() {
        // Its own words: what it says of a value might hold the value.
        Category::Data => error.to_string(),
        _ => format!("what it prints is not JSON: line {}, column {}", error.line(), error.column()),
    })?;
    Ok(settings)
}

/// Takes in a value and what is nested in it, each under its path.
struct Below<'a> {
    path: String,
    into: &'a mut Settings,
}

impl Below<'_> {
    fn take<E: Error>(self, value: String) -> Result<(), E> {
        match self.into.insert(self.path.clone(), value) {
            None => Ok(()),
            Some(_) => Err(E::custom(format_args!("it prints {} twice", self.path))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Below<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Below<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a setting")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut empty = true;
        while let Some(name) = fields.next_key::<String>()? {
            empty = false;
            let path = if self.path.is_empty() { name } else { format!("{}.{name}", self.path) };
            fields.next_value_seed(Below { path, into: &mut *self.into })?;
        }
        if empty && !self.path.is_empty() { self.take("{}".into()) } else { Ok(()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Value>()? {
            list.push(item);
        }
        self.take(Value::Array(list).to_string())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.take(value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.take(value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.take(value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.take(value.to_string())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.take(Value::from(value).to_string())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.take("null".into())
    }
}

/// How one setting differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Differs,
    /// There, and not in the environment to be like.
    OnlyHere,
    /// In the environment to be like, and not here.
    Missing,
}

/// What two environments have in common, and what not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    pub same: usize,
    /// Differences that were declared.
    pub allowed: Vec<(String, How)>,
    /// Those that were not.
    pub unlike: Vec<(String, How)>,
}

/// `allowed`: names, or beginnings of names that end with `*`.
pub fn likeness(here: &Settings, there: &Settings, allowed: &[String]) -> Likeness {
    let may = |name: &str| {
        allowed.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == allowed,
        })
    };
    let mut likeness = Likeness::default();
    let only_there = there.keys().filter(|name| !here.contains_key(*name)).map(|name| (name, How::Missing));
    let ours = here.iter().filter_map(|(name, value)| match there.get(name) {
        Some(other) if other == value => None,
        Some(_) => Some((name, How::Differs)),
        None => Some((name, How::OnlyHere)),
    });
    let mut differences: Vec<(&String, How)> = ours.chain(only_there).collect();
    differences.sort_by_key(|(name, _)| *name);
    for (name, how) in differences {
        let list = if may(name) { &mut likeness.allowed } else { &mut likeness.unlike };
        list.push((name.clone(), how));
    }
    likeness.same = here.iter().filter(|(name, value)| there.get(*name) == Some(value)).count();
    likeness
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_json_are_settings_and_anything_else_says_where_it_is_not() {
        let lines =
            settings("# of gamma\nDB_POOL=20\n\nexport LOG_LEVEL = debug\nURL=http://x?a=b\n").unwrap();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines["URL"], "http://x?a=b");
        let json =
            settings(r#"{"db": {"pool": {"size": 20}, "hosts": ["a", "b"]}, "debug": false}"#).unwrap();
        let names: Vec<&str> = json.keys().map(String::as_str).collect();
        assert_eq!(names, ["db.hosts", "db.pool.size", "debug"]);
        for (printed, why) in [
            ("", "it prints no setting"),
            ("# nothing\n", "it prints no setting"),
            ("{}", "it prints no setting"),
            ("A=1\nno setting\n", "line 2 of what it prints is not KEY=VALUE"),
            ("A=1\nA=2\n", "it prints A twice"),
            ("{\"a\":", "what it prints is not JSON: line 1, column 5"),
            (
                "A=1\nKEY=\"first\nc2VjcmV0LWtleQ==\"\n",
                "line 2 of what it prints begins a value that goes on after it",
            ),
            ("A=1\nc2VjcmV0/LWtleQ==\n", "line 2 of what it prints is not KEY=VALUE"),
        ] {
            assert_eq!(settings(printed), Err(why.to_owned()), "{printed:?}");
        }
        for printed in [r#"{"a": 1, "a": 2}"#, r#"{"a.b": 1, "a": {"b": 2}}"#] {
            let said = settings(printed).unwrap_err();
            assert!(said.starts_with("it prints a") && said.contains("twice"), "{said}");
        }
        assert_eq!(settings(r#"{"db": {}, "n": null}"#).unwrap().len(), 2, "what is empty is there");
    }

    #[test]
    fn each_difference_is_named_and_only_those_declared_are_allowed() {
        let here = settings("A=1\nB=2\nLOG_LEVEL=debug\nHERE=1").unwrap();
        let there = settings("A=1\nB=3\nLOG_LEVEL=info\nTHERE=1").unwrap();
        let found = likeness(&here, &there, &["LOG_*".into(), "HERE".into()]);
        let name = |name: &str, how| (name.to_owned(), how);
        assert_eq!(found.same, 1);
        assert_eq!(found.allowed, [name("HERE", How::OnlyHere), name("LOG_LEVEL", How::Differs)]);
        assert_eq!(found.unlike, [name("B", How::Differs), name("THERE", How::Missing)]);
    }
}
