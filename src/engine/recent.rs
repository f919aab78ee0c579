//! What was put out last for whom, for whoever comes to look after it was said: in memory, bounded, forgotten with
//! the conductor. Where a driver writes a unit's output to a file, that is read instead, and outlives it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::domain::effect::Target;

/// Bytes kept of a target.
const KEPT: usize = 16 << 10;
/// Targets kept; the one that was silent for longest goes first. With [`KEPT`] this bounds the memory to 8 MiB.
const TARGETS: usize = 512;

#[derive(Debug, Default)]
pub struct Recent(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    /// Counts the lines, so that it is known who spoke last.
    lines: u64,
    by: HashMap<Target, Of>,
}

#[derive(Debug, Default)]
struct Of {
    last: u64,
    bytes: usize,
    lines: VecDeque<String>,
}

impl Recent {
    pub fn add(&self, target: &Target, line: &str) {
        let mut said = self.said();
        said.lines += 1;
        let now = said.lines;
        if !said.by.contains_key(target) && said.by.len() >= TARGETS {
            let silent = said.by.iter().min_by_key(|(_, of)| of.last).map(|(target, _)| target.clone());
            silent.map(|target| said.by.remove(&target));
        }
        let of = said.by.entry(target.clone()).or_default();
        of.last = now;
        of.bytes += line.len();
        of.lines.push_back(line.to_owned());
        while of.bytes > KEPT
            && let Some(first) = of.lines.pop_front()
        {
            of.bytes -= first.len();
        }
    }

    /// Oldest first.
    pub fn of(&self, target: &Target) -> Vec<String> {
        self.said().by.get(target).map_or_else(Vec::new, |of| of.lines.iter().cloned().collect())
    }

    /// A panic elsewhere can leave a line too many, never a torn one.
    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str) -> Target {
        Target::Unit(name.parse().unwrap())
    }

    #[test]
    fn the_last_lines_are_kept_and_never_too_many() {
        let recent = Recent::default();
        let line = "x".repeat(300);
        for n in 0..200 {
            recent.add(&unit("web-01"), &format!("{n:04} {line}"));
        }
        let kept = recent.of(&unit("web-01"));
        assert!(kept.iter().map(String::len).sum::<usize>() <= KEPT);
        assert!(kept.last().unwrap().starts_with("0199") && kept.len() > 40);
        assert!(recent.of(&unit("web-02")).is_empty());
    }

    #[test]
    fn who_was_silent_for_longest_is_forgotten_first() {
        let recent = Recent::default();
        for n in 0..TARGETS {
            recent.add(&unit(&format!("h-{n}")), "here");
        }
        recent.add(&unit("h-0"), "again");
        recent.add(&unit("new"), "came");
        assert_eq!(recent.of(&unit("h-0")), ["here", "again"]);
        assert!(recent.of(&unit("h-1")).is_empty());
        assert_eq!(recent.said().by.len(), TARGETS);
    }
}
