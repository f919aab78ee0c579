//! The words that the palette takes. They are the command line's own: it hands them in, and reads the lines that are
//! typed, so that there is one list of verbs and one parser for both.

use std::sync::Arc;

use super::keymap::ScreenName;
use crate::domain::{command::Command, session::Session};

/// What names an argument may be completed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    Hosts,
    Items,
    People,
    Stages,
    Checks,
    Roles,
    Environments,
}

/// An option of a verb, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// `--seat`.
    pub word: String,
    /// What stands after it, as help shows it: `ROLE`; empty: nothing.
    pub value: String,
    pub says: String,
    /// What that is, where it is a name of the plan.
    pub names: Option<Names>,
}

/// A verb as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verb {
    /// `item tick`.
    pub words: String,
    /// What it does, in a sentence.
    pub says: String,
    /// Its arguments as help shows them: `<ITEM> [--evidence TEXT]`; empty: it has none.
    pub usage: String,
    /// It can't be said without them.
    pub needs: bool,
    /// What its first argument is, where that is a name of the plan.
    pub first: Option<Names>,
    pub options: Vec<Choice>,
}

/// What a line asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// Something of the conductor: the screen still asks as it does for a key.
    Command(Box<Command>),
    /// What a screen shows anyway.
    Screen(ScreenName),
    /// The pipeline as cards, over the screen.
    Pipeline,
    /// Which host runs which version, over the screen.
    Versions,
    /// The drills, and hosts that are looked after, over the screen.
    Drills,
    /// It can't be done in here: where, and how.
    Outside(String),
}

pub trait Words: Send + Sync {
    fn verbs(&self) -> &[Verb];
    /// Reads a line; else what is wrong with it, and what may have been meant.
    fn read(&self, line: &str, session: Option<&Session>) -> Result<Meaning, String>;
}

/// For a viewer that nobody gave any.
pub struct NoWords;

impl Words for NoWords {
    fn verbs(&self) -> &[Verb] {
        &[]
    }
    fn read(&self, _: &str, _: Option<&Session>) -> Result<Meaning, String> {
        Err("this viewer takes no commands: press a key".to_owned())
    }
}

pub type Vocabulary = Arc<dyn Words>;
