//! Who may import whom. The table is read from the doc of `src/lib.rs`, so that the map a reader sees and the
//! rule that holds are one text; what a table can't say (who may know the clock, the terminal, a crate with IO)
//! stands here.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, Token};

/// A path as it is named somewhere, `use` trees spelled out.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    pub parts: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Allowed {
    All,
    Only(BTreeSet<String>),
}

/// Crates that the pure core may use: data, digests and text; nothing that reads, writes, waits or draws.
const PURE_CRATES: [&str; 8] = [
    "proptest",
    "serde",
    "serde_json",
    "sha2",
    "strsim",
    "thiserror",
    "unicode_segmentation",
    "unicode_width",
];

/// Whether the core may be built with a crate. Of `jiff` it may use what [`problems`] lets pass.
pub fn is_pure_crate(name: &str) -> bool {
    name == "jiff" || PURE_CRATES.contains(&name)
}

/// Parts of std that are IO, a clock, or chance.
const IMPURE_STD: [&str; 9] =
    ["env", "fs", "io", "net", "os", "process", "thread", "time::Instant", "time::SystemTime"];

/// The rows `| [`name`] | what it owns | what it may import |` of the map in `src/lib.rs`.
pub fn table(lib: &Source) -> BTreeMap<String, Allowed> {
    let mut rows = BTreeMap::new();
    for line in lib.text.lines() {
        let Some(row) = line.strip_prefix("//! | [`") else { continue };
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [name, _, imports, ..] = cells.as_slice() else { continue };
        let allowed = match *imports {
            "all" => Allowed::All,
            "nothing of ours" => Allowed::Only(BTreeSet::new()),
            list => Allowed::Only(list.split(", ").map(str::to_owned).collect()),
        };
        rows.insert(name.trim_end_matches("`]").to_owned(), allowed);
    }
    rows
}

/// What a file imports against the table.
pub fn problems(
    source: &Source,
    table: &BTreeMap<String, Allowed>,
    crates: &BTreeSet<String>,
) -> Vec<String> {
    let mut found = Vec::new();
    for named in paths(source) {
        if let Some(what) = forbidden_module(source, table, &named.parts) {
            found.push(source.at(named.line, &what));
        }
        if let Some(what) = forbidden_crate(source, crates, &named.parts) {
            found.push(source.at(named.line, &what));
        }
    }
    found
}

fn forbidden_module(source: &Source, table: &BTreeMap<String, Allowed>, to: &[String]) -> Option<String> {
    let own = source.module();
    let root = to.first()?;
    if source.path == "src/main.rs" {
        return (root == "golive" && to.get(1).is_some_and(|m| m != "cli"))
            .then(|| "main is thin: it imports cli only".to_owned());
    }
    if root != "crate" {
        return None;
    }
    let target = to.get(1)?;
    if is_turn(&own) && target != "domain" && !(is_turn(&to[1..])) {
        return Some(format!("conductor::turn is pure: it imports domain only, not {}", to[1..].join("::")));
    }
    let from = own.first()?;
    if target == from || !table.contains_key(target) {
        return None;
    }
    if target == "clock" {
        let pure = is_pure(&own);
        return pure.then(|| format!("{} is pure: time is passed in, not read", own.join("::")));
    }
    match table.get(from) {
        Some(Allowed::All) => None,
        Some(Allowed::Only(list)) if list.contains(target) => None,
        Some(Allowed::Only(_)) => Some(format!("{from} must not import {target}")),
        None => Some(format!("{from} is not in the map of src/lib.rs")),
    }
}

fn forbidden_crate(source: &Source, crates: &BTreeSet<String>, to: &[String]) -> Option<String> {
    let own = source.module();
    let root = to.first()?.as_str();
    if root == "crossterm" || to.get(..2).is_some_and(|two| two == ["ratatui", "crossterm"]) {
        return (source.path != "src/tui/terminal/local.rs")
            .then(|| "crossterm appears only in src/tui/terminal/local.rs".to_owned());
    }
    if !is_pure(&own) {
        return None;
    }
    // Dates are data; zones by their names are looked up in one place, in data that is compiled in.
    let calendar = own.starts_with(&["domain".to_owned(), "calendar".to_owned()]);
    if root == "jiff" && (calendar || to.get(1).is_some_and(|part| part == "civil")) {
        return None;
    }
    if crates.contains(root) && !PURE_CRATES.contains(&root) {
        return Some(format!("{} is pure: it must not use {root}", own.join("::")));
    }
    let path = to[1..].join("::");
    let impure = |part: &&str| path == *part || path.starts_with(&format!("{part}::"));
    (root == "std" && IMPURE_STD.iter().any(impure))
        .then(|| format!("{} is pure: it must not use std::{path}", own.join("::")))
}

fn is_pure(module: &[String]) -> bool {
    is_turn(module) || module.first().is_some_and(|first| first == "domain" || first == "record")
}

fn is_turn(module: &[String]) -> bool {
    module.get(..2).is_some_and(|two| two == ["conductor", "turn"])
}

/// The crates of `Cargo.toml`, as code spells them.
pub fn crates(manifest: &str) -> BTreeSet<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    ["dependencies", "dev-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(|section| section.keys().map(|name| name.replace('-', "_")))
        .collect()
}

/// Every path of two parts or more, from the crate's root where it is one of ours.
pub fn paths(source: &Source) -> Vec<Named> {
    let tokens = source.tokens();
    let mut reader = Reader { tokens: &tokens, at: 0, found: Vec::new() };
    let mut module = source.module();
    // The inline modules around the current token, with the depth of braces at which each began.
    let mut inline = Vec::new();
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(reader.at) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                    module.pop();
                }
            }
            "mod" if tokens.get(reader.at + 2).is_some_and(|t| t.text == "{") => {
                inline.push(depth);
                module.push(tokens[reader.at + 1].text.clone());
                reader.at += 2;
                continue;
            }
            _ if token.is_word() && !continues(&tokens, reader.at) => {
                let first = reader.found.len();
                reader.path(&[]);
                for named in &mut reader.found[first..] {
                    named.parts = from_root(&named.parts, &module);
                }
                continue;
            }
            _ => {}
        }
        reader.at += 1;
    }
    reader.found
}

/// Whether the word at `at` goes on with a path or a method chain that began before it.
fn continues(tokens: &[Token], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).map(|i| &tokens[i]);
    match before(1).map(|token| token.text.as_str()) {
        Some(".") => true,
        Some("::") => before(2).is_some_and(|token| token.is_word() || token.text == ">"),
        _ => false,
    }
}

fn from_root(parts: &[String], module: &[String]) -> Vec<String> {
    let ups = parts.iter().take_while(|part| *part == "super").count();
    let own = parts.first().is_some_and(|part| part == "self");
    if ups == 0 && !own {
        return parts.to_vec();
    }
    let kept = module.len().saturating_sub(ups);
    let rest = &parts[ups.max(usize::from(own))..];
    ["crate".to_owned()]
        .into_iter()
        .chain(module[..kept].iter().cloned())
        .chain(rest.iter().cloned())
        .collect()
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    found: Vec<Named>,
}

impl Reader<'_> {
    fn text(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text.as_str())
    }

    /// Reads one path, or one `use` tree, starting at a word.
    fn path(&mut self, prefix: &[String]) {
        let line = self.tokens[self.at].line;
        let mut parts = prefix.to_vec();
        parts.push(self.text(0).to_owned());
        self.at += 1;
        while self.text(0) == "::" {
            if self.text(1) == "{" {
                self.at += 2;
                return self.group(&parts);
            }
            if !self.tokens.get(self.at + 1).is_some_and(|t| t.is_word() || t.text == "*") {
                break;
            }
            parts.push(self.text(1).to_owned());
            self.at += 2;
        }
        if parts.len() > 1 {
            self.found.push(Named { line, parts });
        }
    }

    fn group(&mut self, prefix: &[String]) {
        while self.at < self.tokens.len() && self.text(0) != "}" {
            match self.text(0) {
                "as" => self.at += 2,
                "*" => {
                    let line = self.tokens[self.at].line;
                    let parts = prefix.iter().cloned().chain(["*".to_owned()]).collect();
                    self.found.push(Named { line, parts });
                    self.at += 1;
                }
                _ if self.tokens[self.at].is_word() => self.path(prefix),
                _ => self.at += 1,
            }
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "\
//! | module | what it owns | may import |
//! |---|---|---|
//! | [`domain`] | rules | nothing of ours |
//! | [`clock`] | time | nothing of ours |
//! | [`record`] | shapes | domain |
//! | [`conductor`] | the loop | domain, record, journal |
//! | [`journal`] | the store | domain, record |
//! | [`tui`] | the cockpit | domain |
//! | [`cli`] | commands | all |
";

    fn check(path: &str, text: &str) -> Vec<String> {
        let crates = ["tokio", "serde", "jiff", "crossterm", "ratatui"].map(str::to_owned).into();
        problems(&Source::new(path, text), &table(&Source::new("src/lib.rs", MAP)), &crates)
    }

    fn refused(path: &str, text: &str) {
        assert_eq!(check(path, text).len(), 1, "{path}: {text}: {:?}", check(path, text));
    }

    fn allowed(path: &str, text: &str) {
        assert_eq!(check(path, text), Vec::<String>::new(), "{path}: {text}");
    }

    #[test]
    fn an_import_that_the_map_does_not_name_is_caught_however_it_is_written() {
        refused("src/domain/a.rs", "use crate::journal::Store;");
        refused("src/domain/a.rs", "use crate::{domain::name::HostId, journal::{Store as S}};");
        refused("src/domain/a.rs", "fn f() { crate::tui::draw() }");
        refused("src/tui/a/b.rs", "use super::super::super::journal::Store;");
        refused("src/tui/a.rs", "mod tests { use super::super::super::journal; }");
        refused("src/journal/a.rs", "pub use crate::conductor::*;");
        refused("src/stray.rs", "use crate::domain::Plan;");
    }

    #[test]
    fn what_the_map_names_is_allowed() {
        allowed("src/journal/a.rs", "use crate::{domain::Plan, record::Line};");
        allowed("src/cli/a.rs", "use crate::{journal, tui, conductor};");
        allowed("src/tui/a/b.rs", "use super::super::super::domain::Plan; mod tests { use super::*; }");
        allowed("src/tui/a.rs", "// crate::journal\nconst A: &str = \"crate::journal\";");
    }

    #[test]
    fn only_the_impure_may_know_the_clock() {
        allowed("src/journal/a.rs", "use crate::clock::Clock;");
        refused("src/domain/a.rs", "use crate::clock::Clock;");
        refused("src/record/a.rs", "use crate::clock::Clock;");
        refused("src/conductor/turn.rs", "use crate::clock::Clock;");
    }

    #[test]
    fn the_turn_imports_the_domain_and_itself_only() {
        allowed("src/conductor/turn.rs", "use crate::domain::Session; mod tests { use super::*; }");
        refused("src/conductor/turn.rs", "use super::writer::Writer;");
        refused("src/conductor/turn/input.rs", "use crate::record::Line;");
        allowed("src/conductor/writer.rs", "use crate::{journal::Store, clock::Clock};");
    }

    #[test]
    fn the_pure_core_uses_no_crate_and_no_part_of_std_that_touches_the_world() {
        refused("src/domain/a.rs", "use tokio::sync::mpsc;");
        refused("src/record/a.rs", "fn f() { std::fs::read(x) }");
        refused("src/domain/a.rs", "use std::{collections::BTreeMap, time::{Duration, Instant}};");
        refused("src/domain/a.rs", "use jiff::tz::TimeZone;");
        allowed("src/domain/a.rs", "use jiff::civil::DateTime;");
        allowed("src/domain/calendar/a.rs", "use jiff::tz::TimeZoneDatabase;");
        allowed("src/domain/a.rs", "use serde::Serialize; use std::{fmt, time::Duration};");
        allowed("src/journal/a.rs", "use tokio::sync::mpsc; use std::fs;");
    }

    #[test]
    fn crossterm_appears_in_one_file_only() {
        refused("src/tui/app.rs", "use crossterm::event::Event;");
        refused("src/cli/a.rs", "use ratatui::crossterm::event::Event;");
        allowed("src/tui/terminal/local.rs", "use crossterm::event::Event;");
    }

    #[test]
    fn main_imports_the_command_line_only() {
        allowed("src/main.rs", "fn main() { golive::cli::run() }");
        refused("src/main.rs", "fn main() { golive::conductor::run() }");
    }
}
