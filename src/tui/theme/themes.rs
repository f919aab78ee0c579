//! A theme: a paint for every role, and a background. The four that come along are embedded; a user's file of the
//! same name takes their place, another name adds one.

use std::{collections::BTreeMap, path::PathBuf};

use super::role::Role;
use crate::config::{
    Problem, Source, advice,
    theme::{Paint, Rgb, ThemeFile, read},
};

/// Name and text of each embedded theme; the first is the default.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../../themes/colour-blind.toml")),
];

/// How many themes may stand on each other's shoulders.
const GENERATIONS: usize = 5;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: String,
    pub background: Rgb,
    paints: Vec<Paint>,
}

impl Theme {
    pub fn paint(&self, role: Role) -> Paint {
        self.paints.get(role as usize).copied().unwrap_or_default()
    }
}

/// Where themes are found.
#[derive(Clone, Debug, Default)]
pub struct Themes {
    /// The user's own directory of `NAME.toml`.
    pub own: Option<PathBuf>,
}

impl Themes {
    /// Every theme's name, embedded ones first.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
        let files = self.own.iter().filter_map(|dir| std::fs::read_dir(dir).ok()).flatten().flatten();
        let mut own: Vec<String> = files
            .filter_map(|file| file.file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
            .filter(|name| !names.contains(name))
            .collect();
        own.sort();
        names.extend(own);
        names
    }

    /// The theme of this name.
    pub fn load(&self, name: &str) -> Result<Theme, Vec<Problem>> {
        let source = self.source(name).map_err(|problem| vec![problem])?;
        self.build(name, &source).map(|(theme, _)| theme)
    }

    /// A theme from its text, with the places of its scopes for reports.
    pub fn build(&self, name: &str, source: &Source) -> Result<(Theme, ThemeFile), Vec<Problem>> {
        let (file, problems) = read(source, Role::SCOPES);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut merged = file.clone();
        let mut above = file.inherits.clone();
        let mut seen = vec![name.to_owned()];
        // A user's theme may take an embedded one's name and inherit from it: then that one is meant.
        while let Some(parent) = above {
            if seen.len() > GENERATIONS || (seen.contains(&parent) && embedded(&parent).is_none()) {
                let what = format!("inherits leads in a circle: {} → {parent}", seen.join(" → "));
                let help = "inherit from dark, light, high-contrast or colour-blind";
                return Err(vec![Problem::new(source, 0..0, &what, help)]);
            }
            let text = if seen.contains(&parent) {
                embedded(&parent).unwrap_or_else(|| Source::new(&parent, ""))
            } else {
                self.source(&parent).map_err(|problem| vec![problem])?
            };
            let (upper, problems) = read(&text, Role::SCOPES);
            if !problems.is_empty() {
                return Err(problems);
            }
            for (scope, paint) in upper.scopes {
                merged.scopes.entry(scope).or_insert(paint);
            }
            merged.background = merged.background.or(upper.background);
            seen.push(parent);
            above = upper.inherits;
        }
        let complete = finish(name, source, &merged)?;
        Ok((complete, file))
    }

    /// The text of the theme of this name: the user's own, else the embedded one.
    pub fn source(&self, name: &str) -> Result<Source, Problem> {
        // A name, not a path: a theme file can't reach outside its directory.
        let safe = !name.contains(['/', '\\', '\0']) && !name.starts_with('.');
        if let Some(path) = self.own.as_ref().filter(|_| safe).map(|dir| dir.join(format!("{name}.toml"))) {
            match std::fs::read_to_string(&path) {
                Ok(text) => return Ok(Source::new(&path.display().to_string(), &text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(Problem::unreadable(
                        &path,
                        &error.to_string(),
                        "make the theme file readable",
                    ));
                }
            }
        }
        embedded(name).ok_or_else(|| {
            let names = self.names();
            let help = advice(name, names.iter().map(String::as_str));
            let own = self.own.as_ref().filter(|_| safe).map(|dir| dir.join(format!("{name}.toml")));
            let own = own.map_or(String::new(), |path| format!(", and no {}", path.display()));
            let what = format!("there is no theme `{name}` among those that come along{own}");
            Problem::new(&Source::new("theme", name), 0..0, &what, &help)
        })
    }
}

fn embedded(name: &str) -> Option<Source> {
    let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    Some(Source::new(&format!("themes/{name}.toml"), text))
}

/// Every role must have a paint and the theme a background: what inherits from nobody says all of it.
fn finish(name: &str, source: &Source, file: &ThemeFile) -> Result<Theme, Vec<Problem>> {
    let empty: BTreeMap<String, Paint> = BTreeMap::new();
    let scopes = if file.scopes.is_empty() { &empty } else { &file.scopes };
    let missing: Vec<&str> =
        Role::SCOPES.iter().copied().filter(|scope| !scopes.contains_key(*scope)).collect();
    let Some(background) = file.background.filter(|_| missing.is_empty()) else {
        let what = if missing.is_empty() {
            "the theme has no background".to_owned()
        } else {
            format!("the theme leaves out {}", missing.join(", "))
        };
        let help = "add what is missing, or inherits = \"dark\"";
        return Err(vec![Problem::new(source, 0..0, &what, help)]);
    };
    let paints = Role::SCOPES.iter().map(|scope| scopes.get(*scope).copied().unwrap_or_default()).collect();
    Ok(Theme { name: name.to_owned(), background, paints })
}
