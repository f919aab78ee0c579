//! Texts that have been written once already: the second time their number is enough.

use std::hash::BuildHasherDefault;

use crate::domain::hash::Table;

/// Longer texts are written out: they are seldom said twice.
pub const LONGEST: usize = 120;

/// While writing: the number of each word.
pub struct Numbers(Table<Box<str>, u64>);

/// Whatever is written has at least about so many.
const WORDS: usize = 200;

impl Default for Numbers {
    fn default() -> Self {
        Self(Table::with_capacity_and_hasher(WORDS, BuildHasherDefault::default()))
    }
}

impl Numbers {
    /// The number of a text that is a word already; otherwise it is one from now on, if it is short.
    pub fn of(&mut self, text: &str) -> Option<u64> {
        if text.len() > LONGEST {
            return None;
        }
        let known = self.0.get(text).copied();
        if known.is_none() {
            let next = self.0.len() as u64 + 1;
            self.0.insert(text.into(), next);
        }
        known
    }
}

/// While reading: the words by their number.
#[derive(Default)]
pub struct Words<'de>(Vec<&'de str>);

impl<'de> Words<'de> {
    pub fn add(&mut self, text: &'de str) {
        if text.len() <= LONGEST {
            self.0.push(text);
        }
    }

    pub fn get(&self, number: u64) -> Option<&'de str> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.0.get(place).copied()
    }
}
