//! Effects under way: what was started, what was asked to stop, and how each ended.
//! An effect that is not in this table is not under way.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    calendar,
    effect::{Effect, EffectId, Outcome, Target, Work},
    name::UnitId,
    time::{SessionTime, WallTime},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectEvent {
    /// Written before the world is touched.
    Started {
        effect: Arc<Effect>,
    },
    CancelAsked {
        id: EffectId,
        why: String,
    },
    Ended {
        id: EffectId,
        outcome: Outcome,
    },
    /// The command that a conductor left behind still runs.
    Outlived {
        id: EffectId,
        found: Outlived,
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
    pub effect: Arc<Effect>,
    pub since: SessionTime,
    pub cancel_asked: bool,
    /// What it follows still runs; none: that is not known, or it follows nothing.
    #[serde(default)]
    pub outlived: Option<Outlived>,
}

impl Effect {
    /// What is carried out, or was by a conductor that is gone.
    pub fn acts(&self) -> &Work {
        match &self.work {
            Work::Outlived { of } => of.acts(),
            work => work,
        }
    }

    /// Only looks for what another conductor left behind.
    pub const fn follows(&self) -> bool {
        matches!(self.work, Work::Outlived { .. })
    }
}

/// A command that runs on without the conductor that began it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlived {
    pub pid: i32,
    /// None: that was not written down.
    pub since: Option<WallTime>,
}

impl fmt::Display for Outlived {
    /// `process 4711, since 2026-03-02 12:00:00 UTC`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        self.since.map_or(Ok(()), |since| write!(f, ", since {}", calendar::utc(since)))
    }
}

impl Target {
    /// A command of the team's that may run on when its conductor is ended, and is looked for by the next one.
    pub const fn outlives(&self) -> bool {
        matches!(self, Self::Once { .. } | Self::Repair(_) | Self::Scale(_))
    }
}

/// All effects under way, at most one a target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flights {
    #[serde(with = "in_order")]
    flights: Table,
    /// What conductors left behind, and nobody has looked for yet.
    #[serde(default)]
    left: Vec<Arc<Effect>>,
}

/// By target. Those of units are by far the most, and are looked for after every change of a unit.
#[derive(Clone, Debug, Default, PartialEq)]
struct Table {
    lanes: BTreeMap<UnitId, Flight>,
    pools: BTreeMap<UnitId, Flight>,
    others: BTreeMap<Target, Flight>,
}

impl Table {
    #[inline]
    fn get(&self, target: &Target) -> Option<&Flight> {
        match target {
            Target::Unit(unit) => self.lanes.get(unit),
            Target::Pool(unit) => self.pools.get(unit),
            other => self.others.get(other),
        }
    }

    fn get_mut(&mut self, target: &Target) -> Option<&mut Flight> {
        match target {
            Target::Unit(unit) => self.lanes.get_mut(unit),
            Target::Pool(unit) => self.pools.get_mut(unit),
            other => self.others.get_mut(other),
        }
    }

    fn insert(&mut self, flight: Flight) {
        drop(match flight.effect.id.target.clone() {
            Target::Unit(unit) => self.lanes.insert(unit, flight),
            Target::Pool(unit) => self.pools.insert(unit, flight),
            other => self.others.insert(other, flight),
        });
    }

    fn remove(&mut self, target: &Target) -> Option<Flight> {
        match target {
            Target::Unit(unit) => self.lanes.remove(unit),
            Target::Pool(unit) => self.pools.remove(unit),
            other => self.others.remove(other),
        }
    }

    /// In the order of their targets: lanes are the first, then places in a pool.
    fn values(&self) -> impl Iterator<Item = &Flight> {
        self.lanes.values().chain(self.pools.values()).chain(self.others.values())
    }

    fn into_values(self) -> impl Iterator<Item = Flight> {
        self.lanes.into_values().chain(self.pools.into_values()).chain(self.others.into_values())
    }
}

impl Flights {
    #[inline]
    pub fn get(&self, target: &Target) -> Option<&Flight> {
        self.flights.get(target)
    }
    /// What is under way in the lane of a unit.
    #[inline]
    pub fn in_lane(&self, unit: &UnitId) -> Option<&Flight> {
        self.flights.lanes.get(unit)
    }
    /// What is under way at the place of a unit in the pool, outside its lane.
    #[inline]
    pub fn at_pool(&self, unit: &UnitId) -> Option<&Flight> {
        self.flights.pools.get(unit)
    }
    /// The flight of exactly this act.
    #[inline]
    pub fn exact(&self, id: &EffectId) -> Option<&Flight> {
        self.get(&id.target).filter(|flight| flight.effect.id == *id)
    }
    pub fn iter(&self) -> impl Iterator<Item = &Flight> {
        self.flights.values()
    }
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
    pub fn len(&self) -> usize {
        self.flights.values().count()
    }
    pub(super) fn start(&mut self, effect: Arc<Effect>, since: SessionTime) {
        self.left.retain(|left| left.id.target != effect.id.target);
        self.flights.insert(Flight { effect, since, cancel_asked: false, outlived: None });
    }
    fn exact_mut(&mut self, id: &EffectId) -> Option<&mut Flight> {
        self.flights.get_mut(&id.target).filter(|flight| flight.effect.id == *id)
    }
    pub(super) fn outlived(&mut self, id: &EffectId, found: &Outlived) {
        if let Some(flight) = self.exact_mut(id) {
            flight.outlived = Some(found.clone());
        }
    }
    /// The next that is to be looked for.
    pub(super) fn left(&self) -> Option<&Effect> {
        self.left.first().map(|effect| &**effect)
    }
    pub(super) fn cancel_asked(&mut self, id: &EffectId) {
        if let Some(flight) = self.exact_mut(id) {
            flight.cancel_asked = true;
        }
    }
    pub(super) fn end(&mut self, id: &EffectId) -> Option<Flight> {
        let flight = self.flights.remove(&id.target)?;
        if flight.effect.id == *id {
            return Some(flight);
        }
        // Another act of the same target.
        self.flights.insert(flight);
        None
    }
    /// Those that only look are waited for by nobody when a session ends.
    pub(super) fn take_looks(&mut self) -> Vec<Flight> {
        self.flights.others.extract_if(.., |target, _| target.looks()).map(|(_, flight)| flight).collect()
    }
    /// After a crash nothing is known to be under way.
    pub(super) fn take_all(&mut self) -> Vec<Flight> {
        let all: Vec<Flight> = std::mem::take(&mut self.flights).into_values().collect();
        for flight in all.iter().filter(|flight| flight.effect.id.target.outlives()) {
            self.left.push(match &flight.effect.work {
                Work::Outlived { of } => (**of).clone().into(),
                _ => flight.effect.clone(),
            });
        }
        all
    }
}

/// JSON has only texts as keys, so the table is stored as its values.
mod in_order {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Flight, Table};

    pub fn serialize<S: Serializer>(flights: &Table, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(flights.values())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Table, D::Error> {
        let mut table = Table::default();
        Vec::<Flight>::deserialize(from)?.into_iter().for_each(|flight| table.insert(flight));
        Ok(table)
    }
}
