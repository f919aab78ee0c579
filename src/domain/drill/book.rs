//! The drills of a project and their attempts: a case is open until an attempt passes, and then begins anew with the next
//! one. Kept in the project's own stream, and by the open session.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Finding;
use crate::domain::{
    name::{DrillName, PersonName, SessionId},
    pipeline::Outside,
    time::WallTime,
};

/// Cases that are kept in mind; the record has them all.
const CASES: usize = 12;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    drills: BTreeMap<DrillName, Entry>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When the project first knew of it.
    pub declared: WallTime,
    /// The newest last.
    pub cases: Vec<Case>,
}

/// The attempts at one drill until one passes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub attempts: Vec<AttemptLine>,
}

/// An attempt that has come to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptLine {
    /// Counts the attempts at this drill.
    pub number: u32,
    pub session: SessionId,
    pub by: Option<PersonName>,
    pub began: WallTime,
    pub ended: WallTime,
    pub findings: Vec<Finding>,
    /// What was mended after it.
    pub fix: Option<Note>,
    /// Who began it outside the hours in which it may, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Box<Outside>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub by: Option<PersonName>,
    pub at: WallTime,
    pub text: String,
}

impl AttemptLine {
    /// Every criterion is met; one that could not be judged is not.
    pub fn passed(&self) -> bool {
        !self.findings.is_empty() && self.findings.iter().all(Finding::met)
    }

    /// The first criterion that is not met.
    pub fn why_not(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| !finding.met())
    }
}

impl Case {
    /// No attempt has passed yet.
    pub fn is_open(&self) -> bool {
        !self.attempts.last().is_some_and(AttemptLine::passed)
    }
}

impl Entry {
    /// The case that waits for an attempt to pass.
    pub fn open(&self) -> Option<&Case> {
        self.cases.last().filter(|case| case.is_open())
    }

    pub fn last(&self) -> Option<&AttemptLine> {
        self.cases.last()?.attempts.last()
    }

    /// The last attempt that passed.
    pub fn passed(&self) -> Option<&AttemptLine> {
        self.cases.iter().rev().find_map(|case| case.attempts.last().filter(|it| it.passed()))
    }

    pub fn attempts(&self) -> impl Iterator<Item = &AttemptLine> {
        self.cases.iter().flat_map(|case| &case.attempts)
    }
}

impl Book {
    pub fn is_empty(&self) -> bool {
        self.drills.is_empty()
    }

    pub fn get(&self, drill: &DrillName) -> Option<&Entry> {
        self.drills.get(drill)
    }

    pub fn attempt(&self, drill: &DrillName, number: u32) -> Option<&AttemptLine> {
        self.get(drill)?.attempts().find(|attempt| attempt.number == number)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&DrillName, &Entry)> {
        self.drills.iter()
    }

    /// Known from now on, where it was not.
    pub fn declared(&mut self, drill: &DrillName, at: WallTime) {
        self.drills.entry(drill.clone()).or_insert(Entry { declared: at, cases: Vec::new() });
    }

    pub fn attempted(&mut self, drill: &DrillName, attempt: &AttemptLine) {
        self.declared(drill, attempt.began);
        let Some(entry) = self.drills.get_mut(drill) else { return };
        if entry.open().is_none() {
            entry.cases.push(Case::default());
        }
        if let Some(case) = entry.cases.last_mut() {
            case.attempts.push(attempt.clone());
        }
        let over = entry.cases.len().saturating_sub(CASES);
        entry.cases.drain(..over);
    }

    pub fn noted(&mut self, drill: &DrillName, attempt: u32, note: Note) {
        let cases = self.drills.get_mut(drill).into_iter().flat_map(|entry| &mut entry.cases);
        if let Some(line) = cases.flat_map(|case| &mut case.attempts).find(|line| line.number == attempt) {
            line.fix = Some(note);
        }
    }

    /// The number of the next attempt.
    pub fn next_attempt(&self, drill: &DrillName) -> u32 {
        self.get(drill).and_then(Entry::last).map_or(1, |last| last.number + 1)
    }
}
