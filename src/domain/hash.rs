//! How names are hashed where a table of them is only looked up in, and never listed. What is in it comes from the plan of
//! the team itself, or is what its own hosts said in a few words: nobody gains by names that collide, and a few steps a
//! name are enough.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
};

/// A table by name. The order of its entries means nothing.
pub type Table<K, V> = HashMap<K, V, BuildHasherDefault<NameHasher>>;

/// Names that are there or not.
pub type Known<K> = HashSet<K, BuildHasherDefault<NameHasher>>;

/// Multiplies and folds, eight bytes at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct NameHasher(u64);

/// Odd, with its bits well mixed.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl NameHasher {
    #[inline]
    const fn take(&mut self, word: u64) {
        let wide = (self.0 ^ word) as u128 * FACTOR as u128;
        self.0 = (wide as u64) ^ (wide >> 64) as u64;
    }
}

impl Hasher for NameHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.take(u64::from_le_bytes(*word));
        }
        // Where it ends is part of the last word, so that a shorter name is another one. Halves may overlap.
        let ends = (rest.len() as u64) << 56;
        if let (Some(first), Some(last)) = (rest.first_chunk(), rest.last_chunk()) {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            self.take((u64::from(last) << 32 | u64::from(first)) ^ ends);
        } else if let (Some(first), Some(last)) = (rest.first(), rest.last()) {
            let middle = rest[rest.len() / 2];
            self.take((u64::from(*first) << 16 | u64::from(middle) << 8 | u64::from(*last)) ^ ends);
        }
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.take(u64::from(value));
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.take(u64::from(value));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.take(value);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.take(value as u64);
    }

    #[inline]
    fn write_isize(&mut self, value: isize) {
        self.take(value as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, hash::BuildHasher};

    use super::{BuildHasherDefault, NameHasher};

    #[test]
    fn names_of_a_fleet_do_not_collide_and_fill_a_table_evenly() {
        let hasher = BuildHasherDefault::<NameHasher>::default();
        let hashes: BTreeSet<u64> =
            (0..100_000).map(|n| hasher.hash_one(format!("web-{n:05}").as_str())).collect();
        assert_eq!(hashes.len(), 100_000);
        let mut low = vec![0_u32; 1024];
        for hash in &hashes {
            low[(hash % 1024) as usize] += 1;
        }
        assert!(low.iter().all(|count| (40..200).contains(count)), "{low:?}");
        assert_ne!(hasher.hash_one("a"), hasher.hash_one("a\0"), "where a name ends is part of it");
    }
}
