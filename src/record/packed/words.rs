//! Texts that have been written once already: the second time their number is enough.

use std::hash::{BuildHasherDefault, Hasher};

use crate::domain::hash::{NameHasher, Table};

/// Longer texts are written out: they are seldom said twice. Their length takes one byte.
pub const LONGEST: usize = 120;

/// While writing: the number of each word, by its hash.
pub struct Numbers {
    places: Table<u64, Place>,
    /// How many words there are: one whose hash another one has is a word too, that is not found again.
    words: u64,
}

/// Where a word was written out, so that it is compared there and kept nowhere else.
struct Place {
    at: usize,
    number: u64,
}

/// Whatever is written has at least about so many.
const WORDS: usize = 200;

impl Default for Numbers {
    fn default() -> Self {
        Self { places: Table::with_capacity_and_hasher(WORDS, BuildHasherDefault::default()), words: 0 }
    }
}

impl Numbers {
    /// The number of a text that is a word already. None: it is to be written out behind what is written, after a zero and
    /// its length, and is a word from now on if it is short.
    pub fn of(&mut self, text: &str, written: &[u8]) -> Option<u64> {
        let length = text.len();
        if length > LONGEST {
            return None;
        }
        let mut hasher = NameHasher::default();
        hasher.write(text.as_bytes());
        let here = Place { at: written.len() + 2, number: self.words + 1 };
        let place = self.places.entry(hasher.finish()).or_insert(here);
        let same = written.get(place.at..place.at + length) == Some(text.as_bytes())
            && written.get(place.at - 1) == Some(&(length as u8));
        if same {
            return Some(place.number);
        }
        self.words += 1;
        None
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
