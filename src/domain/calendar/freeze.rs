//! From one local time to another: when a freeze begins and when it is over.

use jiff::{Timestamp, civil::DateTime, tz::AmbiguousOffset, tz::TimeZone};

use super::zone::{wall, zone};
use crate::domain::time::WallTime;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frozen {
    pub from: WallTime,
    /// Exclusive.
    pub to: WallTime,
}

impl Frozen {
    /// It begins as soon as a clock of the zone shows `from` or later, and is over when one shows `to` for the last time,
    /// or, where none ever does, when none will show a time before it any more: where a time comes twice it is the longer
    /// of what may be meant. None: there is no such zone.
    pub fn of(name: &str, from: DateTime, to: DateTime) -> Option<Self> {
        let zone = zone(name)?;
        Some(Self { from: wall(begins(&zone, from)?), to: wall(ends(&zone, to)?) })
    }

    pub fn contains(&self, at: WallTime) -> bool {
        (self.from..self.to).contains(&at)
    }
}

fn begins(zone: &TimeZone, at: DateTime) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(at).ok()
        }
        AmbiguousOffset::Gap { after, .. } => put_forward(zone, after.to_timestamp(at).ok()?),
    }
}

fn ends(zone: &TimeZone, at: DateTime) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { after: offset, .. } => {
            offset.to_timestamp(at).ok()
        }
        AmbiguousOffset::Gap { after, .. } => put_forward(zone, after.to_timestamp(at).ok()?),
    }
}

/// The instant at which the clocks were put forward over a time that was never shown; `before` lies before it.
fn put_forward(zone: &TimeZone, before: Timestamp) -> Option<Timestamp> {
    zone.following(before).next().map(|transition| transition.timestamp())
}
