//! Texts with `{placeholders}`. The set of placeholders is closed: any other is refused when the plan is read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a template may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    Host,
    Name,
    Port,
    Version,
    Environment,
    Component,
    Dir,
    Person,
    Text,
    Since,
    Count,
}

impl Placeholder {
    pub const ALL: [(&'static str, Placeholder); 11] = [
        ("host", Self::Host),
        ("name", Self::Name),
        ("port", Self::Port),
        ("version", Self::Version),
        ("environment", Self::Environment),
        ("component", Self::Component),
        ("dir", Self::Dir),
        ("person", Self::Person),
        ("text", Self::Text),
        ("since", Self::Since),
        ("count", Self::Count),
    ];
}

/// A text whose placeholders are all known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template(String);

/// A template names something that does not exist, or has an open brace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} in {text:?}: use {{host}} {{name}} {{port}} {{version}} {{environment}} {{component}} {{dir}} {{person}} {{text}} \
     {{since}} {{count}}"
)]
pub struct BadTemplate {
    pub text: String,
    pub what: String,
}

/// The values for one rendering. What is absent renders as an empty text.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    pub host: String,
    pub name: String,
    pub port: String,
    pub version: String,
    pub environment: String,
    /// The part that is deployed, where several are.
    pub component: String,
    pub dir: String,
    pub person: String,
    pub text: String,
    /// Since when a monitoring tool is asked for an alarm.
    pub since: String,
    /// To how many machines an environment is scaled.
    pub count: String,
}

enum Part<'a> {
    Text(&'a str),
    Hole(Placeholder),
}

impl Template {
    pub fn new(text: &str) -> Result<Self, BadTemplate> {
        parts(text).map_err(|what| BadTemplate { text: text.into(), what })?;
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text depends on the host it is rendered for.
    pub fn per_host(&self) -> bool {
        self.uses(Placeholder::Host) || self.uses(Placeholder::Name) || self.uses(Placeholder::Port)
    }

    pub fn uses(&self, hole: Placeholder) -> bool {
        parts(&self.0).is_ok_and(|parts| parts.iter().any(|p| matches!(p, Part::Hole(h) if *h == hole)))
    }

    pub fn render(&self, vars: &Vars) -> String {
        let mut out = String::with_capacity(self.0.len() + 16);
        for part in parts(&self.0).unwrap_or_default() {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Hole(hole) => out.push_str(match hole {
                    Placeholder::Host => &vars.host,
                    Placeholder::Name => &vars.name,
                    Placeholder::Port => &vars.port,
                    Placeholder::Version => &vars.version,
                    Placeholder::Environment => &vars.environment,
                    Placeholder::Component => &vars.component,
                    Placeholder::Dir => &vars.dir,
                    Placeholder::Person => &vars.person,
                    Placeholder::Text => &vars.text,
                    Placeholder::Since => &vars.since,
                    Placeholder::Count => &vars.count,
                }),
            }
        }
        out
    }
}

/// `{{` and `}}` stand for a brace.
fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        if rest[at..].starts_with("{{") || rest[at..].starts_with("}}") {
            out.push(Part::Text(&rest[..=at]));
            rest = &rest[at + 2..];
            continue;
        }
        if rest[at..].starts_with('}') {
            return Err("a closing brace without an opening one".into());
        }
        out.push(Part::Text(&rest[..at]));
        let after = &rest[at + 1..];
        let end = after.find('}').ok_or("an opening brace without a closing one")?;
        let name = &after[..end];
        let hole = Placeholder::ALL.iter().find(|(n, _)| *n == name).map(|(_, h)| *h);
        out.push(Part::Hole(hole.ok_or_else(|| format!("{{{name}}} is not a placeholder"))?));
        rest = &after[end + 1..];
    }
    out.push(Part::Text(rest));
    Ok(out)
}

impl TryFrom<String> for Template {
    type Error = BadTemplate;
    fn try_from(text: String) -> Result<Self, BadTemplate> {
        Self::new(&text)
    }
}

impl From<Template> for String {
    fn from(template: Template) -> String {
        template.0
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_others_refused() {
        let vars = Vars { host: "10.0.0.7".into(), port: "80".into(), ..Vars::default() };
        let template = Template::new("http://{host}:{port}/{{x}}").unwrap();
        assert_eq!(template.render(&vars), "http://10.0.0.7:80/{x}");
        assert!(template.per_host());
        let error = Template::new("{hots}").unwrap_err().to_string();
        assert!(error.contains("{hots} is not a placeholder"), "{error}");
        assert!(Template::new("a}b").is_err());
        assert!(Template::new("a{b").is_err());
    }
}
