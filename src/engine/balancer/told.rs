//! What balancers were told and held then, for who looks at them later: one that was started anew has forgotten it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use crate::domain::name::{EnvironmentName, UnitId};

/// The weight of each host, and which of them share what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub weights: BTreeMap<UnitId, u32>,
    pub canary: BTreeSet<UnitId>,
    /// Those that were out of the pool then, and get nothing.
    pub away: BTreeSet<UnitId>,
}

impl Held {
    /// What the hosts that share get now, in hundredths of a percent, where a host has another weight than it was given.
    /// One that somebody took out by a weight of 0, or that was not looked at, says nothing.
    pub fn lost<'u>(&self, now: impl Iterator<Item = (&'u UnitId, Option<u32>)>) -> Option<u64> {
        let mut weights = self.weights.clone();
        for (unit, weight) in now {
            if let (Some(known), Some(weight @ 1..)) = (weights.get_mut(unit), weight) {
                *known = weight;
            }
        }
        if weights == self.weights {
            return None;
        }
        let sum = |of: &dyn Fn(&UnitId) -> bool| -> u64 {
            weights.iter().filter(|(unit, _)| of(unit)).map(|(_, weight)| u64::from(*weight)).sum()
        };
        Some(
            (sum(&|unit| self.canary.contains(unit)) * 10_000)
                .checked_div(sum(&|unit| !self.away.contains(unit)))
                .unwrap_or_default(),
        )
    }
}

/// A number that changes whenever a balancer is told something, and what it holds; none: it is being told something.
type Numbered = (u64, Option<Arc<Held>>);

/// What the balancer of each environment holds.
#[derive(Debug, Default)]
pub struct Weights(Mutex<BTreeMap<EnvironmentName, Numbered>>);

impl Weights {
    /// Its balancer is being told something (none), or holds this from now on.
    pub fn set(&self, environment: &EnvironmentName, held: Option<Held>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.entry(environment.clone()).or_default();
        *entry = (entry.0 + 1, held.map(Arc::new));
    }

    /// What it holds, and the number of that.
    pub fn held(&self, environment: &EnvironmentName) -> Option<(u64, Arc<Held>)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, held) = all.get(environment)?;
        Some((*number, held.clone()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_were_lost_are_told_from_such_as_say_nothing() {
        let unit = |name: &str| -> UnitId { name.parse().unwrap() };
        let (w1, w2, w3) = (unit("w1"), unit("w2"), unit("w3"));
        let held = Held {
            weights: [(w1.clone(), 57), (w2.clone(), 256), (w3.clone(), 256)].into(),
            canary: [w1.clone()].into(),
            away: BTreeSet::new(),
        };
        let lost = |weights: [Option<u32>; 3]| held.lost([&w1, &w2, &w3].into_iter().zip(weights));
        assert_eq!(lost([Some(57), Some(256), Some(256)]), None);
        assert_eq!(lost([Some(100), Some(100), Some(100)]), Some(3333), "as it is configured");
        assert_eq!(
            lost([Some(57), Some(0), None]),
            None,
            "one was taken out by hand, of one nothing is known"
        );
        assert_eq!(lost([None, Some(1), None]), Some(1815));
        let held = Held { away: [w3.clone()].into(), ..held };
        let lost = |weights: [Option<u32>; 3]| held.lost([&w1, &w2, &w3].into_iter().zip(weights));
        assert_eq!(
            lost([Some(100), Some(100), Some(100)]),
            Some(5000),
            "who is out of the pool gets nothing"
        );
    }

    #[test]
    fn what_a_balancer_is_being_told_is_not_looked_at() {
        let (weights, environment) = (Weights::default(), "production".parse().unwrap());
        assert_eq!(weights.held(&environment), None);
        weights.set(&environment, Some(Held::default()));
        let (first, _) = weights.held(&environment).unwrap();
        weights.set(&environment, None);
        assert_eq!(weights.held(&environment), None);
        weights.set(&environment, Some(Held::default()));
        assert!(weights.held(&environment).unwrap().0 > first);
    }
}
