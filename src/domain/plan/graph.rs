//! The stages as a graph: which of them come before which, and the one order in which everybody reads them.
//!
//! A stage that does not say after which stages it comes is after the one before it, so a plan that says it nowhere is
//! a list. In the order of a plan each stage stands behind all that it is after. Those that need no GO come first, and
//! of these the ones that production waits for; then the stage that the poll stands before; then all others.

use std::collections::BTreeSet;

use super::{EnvironmentKind, Plan};
use crate::domain::name::StageName;

impl Plan {
    /// The stages right before this one: those that its `after` names, or the one before it in the list.
    pub fn before(&self, index: usize) -> Vec<usize> {
        match self.stages.get(index).map(|stage| stage.after.as_deref()) {
            Some(Some(names)) => names.iter().filter_map(|name| Some(self.stage(name)?.0)).collect(),
            Some(None) => index.checked_sub(1).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// All stages that come before this one, near or far. It is one of them itself where they go round in a circle.
    pub fn all_before(&self, index: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = self.before(index);
        while let Some(at) = open.pop() {
            if found.insert(at) {
                open.extend(self.before(at));
            }
        }
        found
    }

    /// Whether any stage says after which others it comes.
    pub fn branches(&self) -> bool {
        self.stages.iter().any(|stage| stage.after.is_some())
    }

    /// Whether this stage changes what is live.
    pub fn changes_production(&self, index: usize) -> bool {
        let environment = self.stages.get(index).and_then(|stage| self.environments.get(&stage.environment));
        environment.is_some_and(|environment| environment.kind == EnvironmentKind::Production)
    }

    /// The stages that a GO waits for: all that come before the poll's stage or before one that changes production, and
    /// need no GO themselves. In their order.
    pub fn before_the_poll(&self) -> BTreeSet<usize> {
        let poll = self.poll_index();
        let decided =
            (0..self.stages.len()).filter(|index| *index == poll || self.changes_production(*index));
        decided.flat_map(|index| self.all_before(index)).filter(|index| *index < poll).collect()
    }

    /// The stages with which a go-live ends: those that need a GO, and that no other one which needs one comes after.
    pub fn finals(&self) -> Vec<usize> {
        let poll = self.poll_index();
        let followed: BTreeSet<usize> =
            (poll..self.stages.len()).flat_map(|index| self.before(index)).collect();
        (poll..self.stages.len()).filter(|index| !followed.contains(index)).collect()
    }

    /// Whether the poll stands right before this stage: it needs a GO, and nothing before it does.
    pub fn follows_the_poll(&self, index: usize) -> bool {
        let poll = self.poll_index();
        index >= poll && (index == poll || self.before(index).into_iter().all(|before| before < poll))
    }

    /// The first circle of stages that come after each other, from one of them to itself again.
    pub fn circle(&self) -> Option<Vec<usize>> {
        (0..self.stages.len()).find_map(|start| self.way(start, start))
    }

    /// The shortest way from a stage to one that comes after it, both included; none: it does not.
    fn way(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut ways: Vec<Vec<usize>> = self.before(to).into_iter().map(|at| vec![at, to]).collect();
        let mut seen = BTreeSet::new();
        let mut at = 0;
        while let Some(way) = ways.get(at).cloned() {
            let first = way.first().copied().unwrap_or(to);
            if first == from {
                return Some(way);
            }
            if seen.insert(first) {
                ways.extend(self.before(first).into_iter().map(|at| [&[at], way.as_slice()].concat()));
            }
            at += 1;
        }
        None
    }

    /// The plan with its stages in the order that this module's head tells, and where each was written. As it is where
    /// they go round in a circle. A plan whose file has that order already stays as it was written.
    #[must_use]
    pub fn in_order(mut self) -> (Self, Vec<usize>) {
        let written: Vec<usize> = (0..self.stages.len()).collect();
        let order = self.order();
        if order == written || order.len() < written.len() {
            return (self, written);
        }
        let before: Vec<Vec<StageName>> = written
            .iter()
            .map(|index| self.before(*index).into_iter().map(|at| self.stages[at].name.clone()).collect())
            .collect();
        let stages = std::mem::take(&mut self.stages);
        let mut stands: Option<StageName> = None;
        for index in &order {
            let mut stage = stages[*index].clone();
            // What was the one before it in the file must stay so.
            if stage.after.is_none() && stands.as_ref() != before[*index].first() {
                stage.after = Some(before[*index].clone());
            }
            stands = Some(stage.name.clone());
            self.stages.push(stage);
        }
        (self, order)
    }

    /// Shorter than the stages are many where they go round in a circle.
    fn order(&self) -> Vec<usize> {
        let count = self.stages.len();
        let before: Vec<BTreeSet<usize>> = (0..count).map(|index| self.all_before(index)).collect();
        let poll = self.stages.iter().position(|stage| stage.name == self.poll.before);
        let decided: BTreeSet<usize> =
            (0..count).filter(|index| Some(*index) == poll || self.changes_production(*index)).collect();
        let needs_go = |index: usize| {
            decided.contains(&index) || before[index].iter().any(|earlier| decided.contains(earlier))
        };
        let rank = |index: usize| match index {
            _ if Some(index) == poll => 2,
            _ if needs_go(index) => 3,
            _ if decided.iter().any(|later| before[*later].contains(&index)) => 0,
            _ => 1,
        };
        let mut order: Vec<usize> = Vec::new();
        loop {
            let ready = (0..count).filter(|index| {
                !order.contains(index) && before[*index].iter().all(|earlier| order.contains(earlier))
            });
            let Some(next) = ready.min_by_key(|index| (rank(*index), *index)) else { return order };
            order.push(next);
        }
    }
}
