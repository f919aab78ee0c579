//! What is marked to be looked at again. Most subjects are there once, and are marked with every event.

use std::collections::BTreeSet;

/// A subject that something may follow for. In the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    Course,
    Watches,
    Locks,
    Unit(u32),
    Shares,
    Pipeline,
    Operations,
    Drills,
    Checks,
    Notices,
}

/// What is marked: most subjects are there once, and are marked with every event.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// A bit for each subject but the units, in the order in which they are asked.
    subjects: u16,
    units: BTreeSet<u32>,
}

impl Mark {
    /// Units are asked after the first ones of these, and before the others.
    pub const SUBJECTS: [Self; 9] = [
        Self::Course,
        Self::Watches,
        Self::Locks,
        Self::Shares,
        Self::Pipeline,
        Self::Operations,
        Self::Drills,
        Self::Checks,
        Self::Notices,
    ];

    /// Its bit; none: it is a unit.
    #[inline]
    const fn bit(self) -> Option<u16> {
        Some(
            1 << match self {
                Self::Course => 0,
                Self::Watches => 1,
                Self::Locks => 2,
                Self::Unit(_) => return None,
                Self::Shares => BEFORE_UNITS,
                Self::Pipeline => 4,
                Self::Operations => 5,
                Self::Drills => 6,
                Self::Checks => 7,
                Self::Notices => 8,
            },
        )
    }
}

/// So many subjects are asked before the units.
pub const BEFORE_UNITS: u32 = 3;

impl Marks {
    #[inline]
    pub fn insert(&mut self, mark: Mark) {
        match mark {
            Mark::Unit(unit) => drop(self.units.insert(unit)),
            subject => self.subjects |= subject.bit().unwrap_or_default(),
        }
    }

    /// One by one: they may be few, and those that are marked already many.
    #[inline]
    pub fn insert_units(&mut self, units: BTreeSet<u32>) {
        self.units.extend(units);
    }

    #[inline]
    pub fn remove(&mut self, mark: Mark) {
        match mark {
            Mark::Unit(unit) => drop(self.units.remove(&unit)),
            subject => self.subjects &= !subject.bit().unwrap_or_default(),
        }
    }

    /// The one that is asked next.
    #[inline]
    pub fn first(&self) -> Option<Mark> {
        let next = self.subjects.trailing_zeros();
        match self.units.first() {
            Some(unit) if next >= BEFORE_UNITS => Some(Mark::Unit(*unit)),
            _ => Mark::SUBJECTS.get(next as usize).copied(),
        }
    }
}
