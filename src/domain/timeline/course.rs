//! When each part can begin at the earliest: after all that its stage is after, and the hosts of a stage once the line is
//! free. What takes longest is the longest way through the stages, and not their sum.

use std::collections::{BTreeMap, BTreeSet};

use super::{Expected, Row, Sum, What};
use crate::domain::{name::StageName, pipeline::StageState, session::Session};

/// Until something is over, and the rows that it waits for, in a row: each by the one right before it.
#[derive(Clone, Debug, Default)]
struct End {
    sum: Sum,
    /// The rows of those who decide: two pauses are two decisions, though they are called the same.
    decided: Vec<usize>,
    row: Option<usize>,
}

impl End {
    fn add(&mut self, at: usize, left: &Expected) {
        self.sum.add(left);
        self.decided.resize(self.sum.people.len(), at);
    }
}

pub(super) struct Course<'a> {
    session: &'a Session,
    /// The end of each stage, as far as it was counted.
    ends: BTreeMap<StageName, End>,
    /// Of what is in no stage: the poll, and what is brought back.
    apart: End,
    /// When the hosts of another stage can be changed.
    line: End,
    /// What each row waits for.
    after: BTreeMap<usize, Option<usize>>,
}

impl<'a> Course<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        let (ends, after) = (BTreeMap::new(), BTreeMap::new());
        Self { session, ends, apart: End::default(), line: End::default(), after }
    }

    /// Until this part of a stage can begin.
    pub(super) fn begins(&self, row: &Row) -> Sum {
        self.start(row).sum
    }

    /// This part takes so long; until it is over.
    pub(super) fn take(&mut self, at: usize, row: &Row, left: &Expected) -> Sum {
        let mut end = self.start(row);
        self.after.insert(at, end.row);
        end.add(at, left);
        end.row = Some(at);
        let sum = end.sum.clone();
        match &row.stage {
            Some(stage) if self.session.pipeline.branches() => {
                if changes_hosts(&row.what) {
                    self.line = end.clone();
                }
                self.ends.insert(stage.clone(), end);
            }
            // One after another.
            _ => self.apart = end,
        }
        sum
    }

    fn start(&self, row: &Row) -> End {
        let (pipeline, plan) = (&self.session.pipeline, self.session.plan());
        if !pipeline.branches() {
            return self.apart.clone();
        }
        let Some(stage) = &row.stage else {
            // A poll comes after what it waits for; what is brought back after all that there is.
            let waits_for = plan.before_the_poll();
            let counts = |stage: &StageName| {
                row.what != What::Poll || plan.stage(stage).is_some_and(|(at, _)| waits_for.contains(&at))
            };
            let ends = self.ends.iter().filter(|(stage, _)| counts(stage)).map(|(_, end)| end);
            return Self::longest(ends.chain([&self.apart]));
        };
        let index = plan.stage(stage).map_or(0, |(index, _)| index);
        let own = self.ends.get(stage);
        let begun = own.is_some() || pipeline.run(stage).is_some_and(|run| run.state != StageState::Waiting);
        let mut after: Vec<&End> = own.into_iter().collect();
        if !begun {
            let before = pipeline.before(index).filter_map(|at| self.ends.get(&pipeline.stages[at].name));
            after.extend(before);
            after.extend(plan.follows_the_poll(index).then_some(&self.apart));
        }
        if changes_hosts(&row.what) {
            after.push(&self.line);
        }
        Self::longest(after)
    }

    /// What is known of the longest; what nobody knows, and whom it waits for, of all of them.
    fn longest<'b>(ends: impl IntoIterator<Item = &'b End>) -> End {
        let mut longest = End::default();
        for end in ends {
            if longest.row.is_none() || end.sum.known > longest.sum.known {
                longest.row = end.row.or(longest.row);
                longest.sum.known = longest.sum.known.max(end.sum.known);
            }
            for why in &end.sum.unknown {
                if !longest.sum.unknown.contains(why) {
                    longest.sum.unknown.push(why.clone());
                }
            }
            for (at, who) in end.decided.iter().zip(&end.sum.people) {
                if !longest.decided.contains(at) {
                    longest.decided.push(*at);
                    longest.sum.people.push(who.clone());
                }
            }
        }
        longest
    }

    /// Until all of it is over.
    pub(super) fn whole(&self) -> Sum {
        Self::longest(self.ends.values().chain([&self.apart])).sum
    }

    /// The rows that the end hangs on.
    pub(super) fn path(&self) -> BTreeSet<usize> {
        let mut path = BTreeSet::new();
        let mut at = Self::longest(self.ends.values().chain([&self.apart])).row;
        while let Some(row) = at.filter(|row| path.insert(*row)) {
            at = self.after.get(&row).copied().flatten();
        }
        path
    }
}

/// Hosts of one stage only are changed at a time: what is done until they all are.
const fn changes_hosts(what: &What) -> bool {
    match what {
        What::Hosts { .. }
        | What::Gather { .. }
        | What::Shift { .. }
        | What::Once { .. }
        | What::Region { .. }
        | What::Pause { .. }
        | What::Validate { step: Some(_), .. } => true,
        What::Poll
        | What::Start
        | What::Window
        | What::Validate { step: None, .. }
        | What::Bake { .. }
        | What::Judgement { .. }
        | What::Promotion { .. }
        | What::Downtime { .. }
        | What::Rollback { .. } => false,
    }
}
