//! What is to happen in a world, each at a time of its own: the earliest first, and of one time in the order in which it
//! was planned.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

use super::world::Happening;

#[derive(Default)]
pub struct Calendar {
    entries: BinaryHeap<Reverse<Entry>>,
    /// How many were ever planned.
    planned: u64,
}

struct Entry {
    /// Real microseconds since the beginning.
    at: u64,
    number: u64,
    what: Happening,
}

impl Calendar {
    pub fn plan(&mut self, at: u64, what: Happening) {
        self.planned += 1;
        self.entries.push(Reverse(Entry { at, number: self.planned, what }));
    }

    /// When the next thing happens.
    pub fn next_at(&self) -> Option<u64> {
        self.entries.peek().map(|Reverse(entry)| entry.at)
    }

    pub fn take(&mut self) -> Option<(u64, Happening)> {
        self.entries.pop().map(|Reverse(entry)| (entry.at, entry.what))
    }

    /// Nothing of it happens.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

impl Entry {
    const fn place(&self) -> (u64, u64) {
        (self.at, self.number)
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Entry {}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}
