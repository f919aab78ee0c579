//! Random worlds in which a rule was broken once, as files: `tests/scenarios/worlds`. The simulator writes one when it
//! finds one, as small as it got; from then on every run plays it again.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::chaos::Wrongs;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    /// What went wrong in it, in a sentence.
    pub title: String,
    /// Its seed.
    pub world: u64,
    /// What goes wrong in that world and is left out, by number: it takes no part in it.
    #[serde(default)]
    pub without: BTreeSet<u32>,
    /// What is left and goes wrong, in words, for whoever reads it.
    #[serde(default)]
    pub with: Vec<String>,
}

/// Where the edges stand that a person wrote down.
pub fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
}

/// Where the worlds stand that broke a rule once.
pub fn directory() -> PathBuf {
    scenarios().join("worlds")
}

/// Every world of the directory.
pub fn all() -> Vec<Broken> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    files.iter().map(read).collect()
}

impl Broken {
    pub fn wrongs(&self) -> Wrongs {
        Wrongs { left_out: self.without.clone(), ..Wrongs::default() }
    }
}
