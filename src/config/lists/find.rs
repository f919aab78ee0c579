//! Where a checklist is found: the project's file of that name, the user's, then the embedded one.

use std::path::Path;

use super::embedded::{EMBEDDED, embedded};
use crate::config::{source::Source, suggest::nearest, text_file};

/// Whose list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The team's own: its mistakes are problems.
    Team,
    /// Embedded, or the user's for all their projects: what the plan lacks becomes a note.
    General,
}

#[derive(Clone, Debug)]
pub struct List {
    /// The first half of its items' ids.
    pub name: String,
    pub source: Source,
    pub origin: Origin,
    pub markdown: bool,
}

/// Why a list was not found, and what to do.
pub struct Missing {
    pub what: String,
    pub help: String,
}

/// The largest list that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// `word` is a name (`basic`) or a file of the project (`RELEASE.md`, `ops/night.toml`).
pub fn find(word: &str, project: &Path, user: Option<&Path>) -> Result<List, Missing> {
    let path = Path::new(word);
    let is = |extension: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(extension));
    let markdown = is("md") || is("markdown");
    if markdown || is("toml") {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or(word);
        let source = Source::new(word, &text(&project.join(path), word)?);
        return Ok(List { name: super::slug::slug(stem), source, origin: Origin::Team, markdown });
    }
    let file = format!("{word}.toml");
    if !word.is_empty() && !word.contains(['/', '\\']) && !word.starts_with('.') {
        let own = project.join("checklists").join(&file);
        if own.is_file() {
            let name = format!("checklists/{file}");
            let source = Source::new(&name, &text(&own, &name)?);
            return Ok(List { name: word.into(), source, origin: Origin::Team, markdown: false });
        }
        if let Some(general) =
            user.map(|dir| dir.join("checklists").join(&file)).filter(|path| path.is_file())
        {
            let name = general.display().to_string();
            let source = Source::new(&name, &text(&general, &name)?);
            return Ok(List { name: word.into(), source, origin: Origin::General, markdown: false });
        }
    }
    if let Some(text) = embedded(word) {
        let source = Source::new(&format!("embedded checklist {file}"), text);
        return Ok(List { name: word.into(), source, origin: Origin::General, markdown: false });
    }
    let known = EMBEDDED.iter().map(|(name, _)| *name);
    let help = match nearest(word, known.clone()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!(
            "use one of {}, or a file of the project that ends in .md or .toml",
            known.collect::<Vec<_>>().join(", ")
        ),
    };
    Err(Missing { what: format!("there is no checklist {word:?}"), help })
}

fn text(path: &Path, word: &str) -> Result<String, Missing> {
    text_file::read(path, LARGEST).map_err(|why| Missing {
        what: format!("the checklist {word} can't be read: {}", why.what),
        help: if why.missing {
            format!("add {}, or take it out of `checklists`", path.display())
        } else {
            why.help
        },
    })
}
