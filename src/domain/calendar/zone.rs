//! Zones by name, and what their clocks show.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{TimeZone, TimeZoneDatabase},
};

use crate::domain::time::WallTime;

/// By its IANA name, from the data in this binary.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

pub fn known(name: &str) -> bool {
    zone(name).is_some()
}

/// What a clock of the zone shows; none: the time is out of any calendar.
pub fn local(zone: &TimeZone, at: WallTime) -> Option<DateTime> {
    Some(zone.to_datetime(instant(at)?))
}

pub(super) fn instant(at: WallTime) -> Option<Timestamp> {
    Timestamp::from_microsecond(at.0).ok()
}

pub(super) fn wall(at: Timestamp) -> WallTime {
    WallTime(at.as_microsecond())
}

/// `2026-11-22T07:02:43.5Z`: as machines write it to each other.
pub fn utc(at: WallTime) -> String {
    instant(at).map_or_else(String::new, |instant| instant.to_string())
}

/// `Mon 23 Nov 13:00 Europe/Berlin (12:00 UTC)`: in the zone of those who wrote it, and in the one that everybody knows.
pub fn near(at: WallTime, name: &str) -> String {
    let (Some(instant), Some(zone)) = (instant(at), zone(name)) else {
        return "at a time not known".to_owned();
    };
    let there = instant.to_zoned(zone);
    let here = instant.to_zoned(TimeZone::UTC);
    let words = format!("{} {name}", there.strftime("%a %-d %b %H:%M"));
    if there.offset() == here.offset() {
        return words;
    }
    let day = if there.date() == here.date() { "" } else { "%a " };
    format!("{words} ({} UTC)", here.strftime(&format!("{day}%H:%M")))
}
