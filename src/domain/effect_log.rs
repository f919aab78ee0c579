//! Effects under way: what was started, what was asked to stop, and how each ended.
//! An effect that is not in this table is not under way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    effect::{Effect, EffectId, Outcome, Target},
    time::SessionTime,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectEvent {
    /// Written before the world is touched.
    Started {
        effect: Effect,
    },
    CancelAsked {
        id: EffectId,
        why: String,
    },
    Ended {
        id: EffectId,
        outcome: Outcome,
    },
    /// A report from an old epoch or attempt: kept for the record, changes nothing.
    Late {
        id: EffectId,
        epoch: u32,
    },
}

/// One effect under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flight {
    pub effect: Effect,
    pub since: SessionTime,
    pub cancel_asked: bool,
}

/// All effects under way, at most one a target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flights {
    #[serde(with = "by_target")]
    flights: BTreeMap<Target, Flight>,
}

impl Flights {
    pub fn get(&self, target: &Target) -> Option<&Flight> {
        self.flights.get(target)
    }
    /// The flight of exactly this act.
    pub fn exact(&self, id: &EffectId) -> Option<&Flight> {
        self.flights.get(&id.target).filter(|flight| flight.effect.id == *id)
    }
    pub fn iter(&self) -> impl Iterator<Item = &Flight> {
        self.flights.values()
    }
    pub fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }
    pub fn len(&self) -> usize {
        self.flights.len()
    }
    pub(super) fn start(&mut self, effect: Effect, since: SessionTime) {
        self.flights.insert(effect.id.target.clone(), Flight { effect, since, cancel_asked: false });
    }
    pub(super) fn cancel_asked(&mut self, id: &EffectId) {
        if let Some(flight) = self.flights.get_mut(&id.target).filter(|flight| flight.effect.id == *id) {
            flight.cancel_asked = true;
        }
    }
    pub(super) fn end(&mut self, id: &EffectId) -> Option<Flight> {
        self.exact(id)?;
        self.flights.remove(&id.target)
    }
    /// Those that only look are waited for by nobody when a session ends.
    pub(super) fn take_looks(&mut self) -> Vec<Flight> {
        self.flights.extract_if(.., |target, _| target.looks()).map(|(_, flight)| flight).collect()
    }
    /// After a crash nothing is known to be under way.
    pub(super) fn take_all(&mut self) -> Vec<Flight> {
        std::mem::take(&mut self.flights).into_values().collect()
    }
}

/// JSON has only texts as keys, so the table is stored as its values.
mod by_target {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Flight, Target};

    pub fn serialize<S: Serializer>(
        flights: &BTreeMap<Target, Flight>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(flights.values())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Target, Flight>, D::Error> {
        let flights = Vec::<Flight>::deserialize(from)?;
        Ok(flights.into_iter().map(|flight| (flight.effect.id.target.clone(), flight)).collect())
    }
}
