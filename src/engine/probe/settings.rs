//! The settings of an environment as a command prints them, and how two environments differ. Values are compared and
//! never told: many a setting is a secret.

use std::collections::BTreeMap;

use serde_json::Value;

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
        let Some((name, value)) = bare.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
            return Err(format!("line {} of what it prints is not KEY=VALUE", nth + 1));
        };
        if settings.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err(format!("it prints {} twice", name.trim()));
        }
    }
    Ok(settings)
}

fn of_json(printed: &str) -> Result<Settings, String> {
    let value: Value = serde_json::from_str(printed).map_err(|error| {
        format!("what it prints is not JSON: line {}, column {}", error.line(), error.column())
    })?;
    let mut settings = Settings::new();
    flatten(String::new(), &value, &mut settings);
    Ok(settings)
}

fn flatten(path: String, value: &Value, into: &mut Settings) {
    let Value::Object(fields) = value else {
        into.insert(path, value.to_string());
        return;
    };
    for (name, value) in fields {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        flatten(path, value, into);
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
        ] {
            assert_eq!(settings(printed), Err(why.to_owned()), "{printed:?}");
        }
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
