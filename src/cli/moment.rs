//! Times of the command line: how people write them and how golive writes them back. A time without a date is
//! the next one; it is always printed back in full, with its zone, so that nobody is a day off unawares.

use jiff::{
    Timestamp, Zoned,
    civil::{DateTime, Time},
    tz::TimeZone,
};

use crate::domain::time::{Span, WallTime};

/// A text that is not a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMoment {
    #[error(
        "{0:?} is not a time: write 14:30, 2026-11-21T14:30, 2026-11-21T14:30+01:00, or +2h for a time from now"
    )]
    Unreadable(String),
    #[error("{0:?} is no zone: write UTC, +01:00 or Europe/Berlin")]
    Zone(String),
    #[error(
        "{0} happens {1} in {2}, when the clocks change: write it with its offset, as in 2026-10-25T02:30+01:00"
    )]
    Changeover(String, &'static str, String),
}

/// Reads a time. Without a zone it is one of `zone`; without a date, the next such time after `now`.
pub fn parse(text: &str, now: WallTime, zone: &TimeZone) -> Result<WallTime, BadMoment> {
    let text = text.trim();
    let unreadable = || BadMoment::Unreadable(text.chars().take(60).collect());
    if let Some(span) = text.strip_prefix('+') {
        return Span::parse(span).map(|span| now.plus(span)).map_err(|_| unreadable());
    }
    if let Ok(zoned) = text.parse::<Zoned>() {
        return Ok(WallTime(zoned.timestamp().as_microsecond()));
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(WallTime(timestamp.as_microsecond()));
    }
    let (plain, zone) = match text.rsplit_once(' ') {
        Some((plain, name)) if !name.contains(':') || name.starts_with(['+', '-']) => (plain, named(name)?),
        _ => (text, zone.clone()),
    };
    if let Ok(time) = plain.parse::<Time>()
        && !plain.contains(['T', '-'])
    {
        return next(time, now, &zone).ok_or_else(unreadable)?;
    }
    let civil: DateTime = plain.parse().map_err(|_| unreadable())?;
    at(civil, &zone)
}

fn named(name: &str) -> Result<TimeZone, BadMoment> {
    let bad = || BadMoment::Zone(name.chars().take(60).collect());
    if name.starts_with(['+', '-']) {
        let at = format!("2000-01-01T00:00{name}");
        let pieces = jiff::fmt::temporal::Pieces::parse(&at).map_err(|_| bad())?;
        let offset = pieces.to_numeric_offset().ok_or_else(bad)?;
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(name).map_err(|_| bad())
}

/// Today, or tomorrow if that has passed.
fn next(time: Time, now: WallTime, zone: &TimeZone) -> Option<Result<WallTime, BadMoment>> {
    let today = Timestamp::from_microsecond(now.0).ok()?.to_zoned(zone.clone()).date();
    match at(today.to_datetime(time), zone) {
        Ok(moment) if moment <= now => Some(at(today.tomorrow().ok()?.to_datetime(time), zone)),
        found => Some(found),
    }
}

fn at(civil: DateTime, zone: &TimeZone) -> Result<WallTime, BadMoment> {
    let found = zone.to_ambiguous_zoned(civil);
    let how = match found.offset() {
        jiff::tz::AmbiguousOffset::Unambiguous { .. } => None,
        jiff::tz::AmbiguousOffset::Gap { .. } => Some("never"),
        jiff::tz::AmbiguousOffset::Fold { .. } => Some("twice"),
    };
    let name = || zone.iana_name().unwrap_or("this zone").to_owned();
    if let Some(how) = how {
        return Err(BadMoment::Changeover(civil.to_string(), how, name()));
    }
    let zoned = found.unambiguous().map_err(|_| BadMoment::Unreadable(civil.to_string()))?;
    Ok(WallTime(zoned.timestamp().as_microsecond()))
}

/// In full, in the reader's zone: `2026-11-21 14:30:00 +01:00`.
pub fn full(moment: WallTime, zone: &TimeZone) -> String {
    shown(moment, zone, "%Y-%m-%d %H:%M:%S %:z")
}

/// The time of day, for lists of one day: `14:30:05`.
pub fn clock(moment: WallTime, zone: &TimeZone) -> String {
    shown(moment, zone, "%H:%M:%S")
}

fn shown(moment: WallTime, zone: &TimeZone, how: &str) -> String {
    match Timestamp::from_microsecond(moment.0) {
        Ok(timestamp) => timestamp.to_zoned(zone.clone()).strftime(how).to_string(),
        Err(_) => "a time out of range".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    /// 2026-11-21 12:00 UTC, 13:00 in Berlin.
    const NOON: WallTime = WallTime(1_795_262_400_000_000);

    fn read(text: &str) -> String {
        parse(text, NOON, &berlin()).map_or_else(|bad| bad.to_string(), |moment| full(moment, &berlin()))
    }

    #[test]
    fn a_time_is_read_as_people_write_it_and_said_in_full() {
        assert_eq!(full(NOON, &berlin()), "2026-11-21 13:00:00 +01:00");
        assert_eq!(read("14:30"), "2026-11-21 14:30:00 +01:00");
        assert_eq!(read("09:15"), "2026-11-22 09:15:00 +01:00", "the next one: today's has passed");
        assert_eq!(read("14:30 UTC"), "2026-11-21 15:30:00 +01:00");
        assert_eq!(read("14:30 +05:30"), "2026-11-22 10:00:00 +01:00");
        assert_eq!(read("2026-11-24T14:30"), "2026-11-24 14:30:00 +01:00");
        assert_eq!(read("2026-11-24 14:30"), "2026-11-24 14:30:00 +01:00");
        assert_eq!(read("2026-11-24T14:30Z"), "2026-11-24 15:30:00 +01:00");
        assert_eq!(read("2026-11-24T14:30-05:00"), "2026-11-24 20:30:00 +01:00");
        assert_eq!(read("2026-11-24T14:30[America/New_York]"), "2026-11-24 20:30:00 +01:00");
        assert_eq!(read("2026-07-01 14:30 America/New_York"), "2026-07-01 20:30:00 +02:00");
        assert_eq!(read("+90m"), "2026-11-21 14:30:00 +01:00");
    }

    #[test]
    fn what_can_be_two_times_or_none_is_refused() {
        assert!(read("2026-10-25T02:30").contains("happens twice in Europe/Berlin"));
        assert!(read("2026-03-29T02:30").contains("happens never in Europe/Berlin"));
        for bad in ["", "soon", "25:00", "14:30 Mars/Base", "+soon", "2026-13-01T10:00"] {
            assert!(parse(bad, NOON, &berlin()).is_err(), "{bad}");
        }
    }
}
