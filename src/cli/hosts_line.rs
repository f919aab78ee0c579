//! How many hosts of an environment stand how, for `status`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::domain::{counted::counted, name::EnvironmentName, session::Session};

/// The hosts of an environment, each counted once as to its lane.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the name is what --json prints")]
pub struct Hosts {
    hosts: u32,
    /// Healthy and serving as last observed; none: nobody observes.
    available: Option<u32>,
    working: u32,
    done: u32,
    rolled_back: u32,
    /// Changed, and waiting for their turn to be brought back.
    to_go_back: u32,
    /// Excluded, or not reached before the rollout ended.
    left_out: u32,
    failed: u32,
    waiting: u32,
    out: u32,
    touched: u32,
    /// A step ended so that nobody knows what became of it, or they were working when there was last a conductor.
    unknown: u32,
}

impl Hosts {
    pub fn of(session: &Session, environment: &EnvironmentName, runs: bool) -> Self {
        let counts = session.rollout.counts(environment);
        let stand = |words: &[&str]| {
            let standing = session.rollout.standing(environment);
            standing.filter(|(word, _)| words.contains(word)).map(|(_, hosts)| hosts).sum()
        };
        let known = runs || session.course.is_over();
        Self {
            hosts: counts.hosts,
            available: known.then_some(counts.available),
            working: if known { counts.working } else { 0 },
            done: stand(&["done"]),
            rolled_back: stand(&["rolled back"]),
            to_go_back: stand(&["to go back"]),
            left_out: stand(&["left out", "excluded"]),
            failed: stand(&["failed"]),
            waiting: counts.waiting,
            out: counts.out,
            touched: counts.touched,
            unknown: stand(&["unknown"]) + if known { 0 } else { counts.working },
        }
    }

    pub fn words(&self) -> String {
        let available = match self.available {
            Some(available) => format!("{available} available"),
            None => "not observed".to_owned(),
        };
        let mut words = format!("{}: {available}, {} done", counted(self.hosts, "host"), self.done);
        for (count, word) in [
            (self.rolled_back, "rolled back"),
            (self.to_go_back, "to go back"),
            (self.failed, "failed"),
            (self.working, "working"),
            (self.unknown, "unknown"),
            (self.left_out, "left out"),
            (self.waiting, "waiting"),
        ] {
            if count > 0 {
                let _ = write!(words, ", {count} {word}");
            }
        }
        words
    }
}
