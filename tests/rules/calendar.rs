//! Hours of the week and freezes against a walk that looks at the clock on the wall minute by minute.

use golive::domain::{
    calendar::{Frozen, Opening, Rule, near, zone},
    plan::{TimeOfDay, TrafficMap, Weekday, Window},
    time::{Span, WallTime},
};
use jiff::{
    Timestamp,
    civil::{DateTime, date},
    tz::TimeZone,
};
use proptest::prelude::*;

const MINUTE: i64 = 60_000_000;
const ZONES: [&str; 5] =
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"];

fn window(days: &str, from: &str, to: &str, zone: &str) -> Window {
    Window {
        days: Weekday::parse_set(days).unwrap(),
        from: TimeOfDay::parse(from).unwrap(),
        to: TimeOfDay::parse(to).unwrap(),
        zone: zone.into(),
    }
}

fn utc(text: &str) -> WallTime {
    WallTime(text.parse::<Timestamp>().unwrap().as_microsecond())
}

/// What the clock on the wall shows, and whether somebody who reads it takes the window for open.
fn reads_open(window: &Window, zone: &TimeZone, at: WallTime) -> bool {
    let shown = Timestamp::from_microsecond(at.0).unwrap().to_zoned(zone.clone());
    let minute = shown.hour() as u16 * 60 + shown.minute() as u16;
    let on = |back: usize| {
        let day = (shown.weekday().to_monday_zero_offset() as usize + 7 - back) % 7;
        window.days.contains(&Weekday::ALL[day].1)
    };
    if window.from < window.to {
        on(0) && (window.from.0..window.to.0).contains(&minute)
    } else {
        on(0) && minute >= window.from.0 || on(1) && minute < window.to.0
    }
}

/// Walks from minute to minute and compares every turn, and the state at every one of them.
fn walk(window: &Window, from: WallTime, minutes: i64) {
    let hours = window.hours().unwrap();
    let clock = TimeZone::get(&window.zone).unwrap();
    let mut open = reads_open(window, &clock, from);
    assert_eq!(hours.contains(from), Some(open));
    let mut expected = hours.turns_after(from);
    for minute in 1..=minutes {
        let at = WallTime(from.0 + minute * MINUTE);
        if reads_open(window, &clock, at) == open {
            assert_ne!(expected, Some(at), "{window}: no turn at {}", near(at, &window.zone));
            continue;
        }
        open = !open;
        assert_eq!(expected, Some(at), "{window}: turns at {}", near(at, &window.zone));
        assert_eq!(hours.contains(at), Some(open));
        expected = hours.turns_after(at);
    }
}

/// [R47] Whole years in five zones: clocks put forward and back by an hour, by half an hour, not at all, and a date that
/// never was.
#[test]
fn windows_open_and_close_when_the_clock_on_the_wall_says_so_for_years() {
    for name in ZONES {
        let year = if name == "Pacific/Apia" { 2011 } else { 2026 };
        let from = WallTime(
            date(year, 1, 1).at(0, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().as_microsecond(),
        );
        for (days, from_time, to_time) in
            [("mon-thu", "13:00", "15:30"), ("sun", "02:30", "03:00"), ("mon-sun", "22:00", "02:15")]
        {
            walk(&window(days, from_time, to_time, name), from, 370 * 24 * 60);
        }
    }
}

fn any_window() -> impl Strategy<Value = Window> {
    let time = |most: u16| (0..=most / 15).prop_map(|quarter| TimeOfDay(quarter * 15));
    (prop::sample::select(&ZONES[..]), 1_u8..128, time(23 * 60), time(24 * 60)).prop_filter_map(
        "no time at all",
        |(zone, mask, from, to)| {
            let days = Weekday::ALL.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
            let days = days.map(|(_, (_, day))| *day).collect();
            (from != to).then(|| Window { days, from, to, zone: zone.into() })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// [R47] Any window in the weeks around the days on which clocks are changed, up to a whole week or a whole day.
    #[test]
    fn any_window_turns_with_the_clocks_around_the_odd_days(window in any_window(), year in 2009_i16..2035, late in 0..2_usize) {
        let clock = TimeZone::get(&window.zone).unwrap();
        let new_year = date(year, 1, 1).at(0, 0, 0, 0).to_zoned(clock.clone()).unwrap().timestamp();
        let odd = clock.following(new_year).map(|it| it.timestamp()).nth(late).filter(|at| at.as_second() < 2_100_000_000);
        let around = odd.unwrap_or(new_year).as_microsecond() / MINUTE * MINUTE;
        walk(&window, WallTime(around - 3 * 24 * 60 * MINUTE), 9 * 24 * 60);
    }

    /// [R47] A freeze is over the whole time of which anybody's clock says so: from the first minute that may be meant to
    /// the last.
    #[test]
    fn a_freeze_is_the_longest_time_that_its_clock_may_mean(zone_at in 0..ZONES.len(), year in 2009_i16..2035, late in 0..2_usize, from in -300..300_i64, long in 1..600_i64) {
        let name = ZONES[zone_at];
        let clock = TimeZone::get(name).unwrap();
        let new_year = date(year, 1, 1).at(0, 0, 0, 0).to_zoned(clock.clone()).unwrap().timestamp();
        let odd = clock.following(new_year).map(|it| it.timestamp()).nth(late).unwrap_or(new_year);
        let from = clock.to_datetime(odd).checked_add(jiff::Span::new().minutes(from)).unwrap();
        let to = from.checked_add(jiff::Span::new().minutes(long)).unwrap();
        let frozen = Frozen::of(name, from, to).unwrap();
        let shows = |minute: i64| {
            let at = Timestamp::from_microsecond(odd.as_microsecond() + minute * MINUTE).unwrap();
            clock.to_datetime(at)
        };
        let walk = -4000..4000_i64;
        let first = walk.clone().find(|minute| shows(*minute) >= from).unwrap();
        // The last time at which a clock shows its end; where none ever does, the first minute after all before it.
        let past = || walk.clone().rev().find(|minute| shows(*minute) < to).unwrap() + 1;
        let last = walk.clone().rev().find(|minute| shows(*minute) == to).unwrap_or_else(past);
        prop_assert_eq!(frozen.from, WallTime(odd.as_microsecond() + first * MINUTE));
        prop_assert_eq!(frozen.to, WallTime(odd.as_microsecond() + last * MINUTE));
    }
}

/// The hour that comes twice begins twice: a freeze until then is over when it does so for the second time.
#[test]
fn a_freeze_until_the_hour_that_comes_twice_lasts_until_it_comes_again() {
    let at = |text: &str| text.parse().unwrap();
    let frozen = Frozen::of("Europe/Berlin", at("2009-10-24T23:13"), at("2009-10-25T02:00")).unwrap();
    assert_eq!((frozen.from, frozen.to), (utc("2009-10-24T21:13:00Z"), utc("2009-10-25T01:00:00Z")));
}

/// [R47] By hand, for Berlin: what 02:30 is on the two odd Sundays of 2026.
#[test]
fn on_the_odd_sundays_an_hour_is_left_out_and_another_comes_twice() {
    let night = window("sun", "02:15", "02:45", "Europe/Berlin").hours().unwrap();
    // In spring 01:59 is followed by 03:00: the next one is a week later, by summer time.
    assert_eq!(night.turns_after(utc("2026-03-29T00:00:00Z")), Some(utc("2026-04-05T00:15:00Z")));
    // In autumn it comes at 00:15 UTC, and again at 01:15.
    let turns = std::iter::successors(Some(utc("2026-10-25T00:00:00Z")), |at| night.turns_after(*at));
    let turns: Vec<WallTime> = turns.take(5).collect();
    let wanted = ["00:15", "00:45", "01:15", "01:45"].map(|time| utc(&format!("2026-10-25T{time}:00Z")));
    assert_eq!(turns[1..], wanted);
    // A whole day is one of 23 and one of 25 hours.
    let sunday = window("sun", "00:00", "24:00", "Europe/Berlin").hours().unwrap();
    for (before, long) in [("2026-03-28T20:00:00Z", 23), ("2026-10-24T20:00:00Z", 25)] {
        let opens = sunday.turns_after(utc(before)).unwrap();
        assert_eq!(sunday.turns_after(opens).unwrap().since(opens), Span::hours(long));
    }
}

/// [R47] Two regions are off-peak together only where both are, each by its own clocks.
#[test]
fn regions_are_off_peak_together_where_each_is_by_its_own_clocks() {
    let map = |zone: &str| {
        let hours = (0..TrafficMap::HOURS).map(|hour| if (1..5).contains(&(hour % 24)) { 10 } else { 100 });
        TrafficMap { zone: zone.into(), hours: hours.collect(), off_peak: 50 }
    };
    let rule = |zone| ((), Rule::Hours(map(zone).off_peak_hours().unwrap()));
    // Berlin's 01:00-05:00 is 00:00-04:00 UTC in winter, London's is 01:00-05:00 UTC.
    let both = Opening { rules: vec![rule("Europe/Berlin"), rule("Europe/London")] };
    let opens = both.opens(utc("2026-01-10T12:00:00Z")).unwrap();
    assert_eq!(opens, utc("2026-01-11T01:00:00Z"));
    assert_eq!(both.closes(opens).map(|(at, ())| at), Some(utc("2026-01-11T04:00:00Z")));
    // Tokyo's night is Berlin's evening: they never meet.
    let never = Opening { rules: vec![rule("Europe/Berlin"), rule("Asia/Tokyo")] };
    assert_eq!(never.opens(utc("2026-01-10T12:00:00Z")), None);
}

/// [R47] A freeze puts the opening off, in the window's zone and in UTC.
#[test]
fn an_opening_after_a_freeze_is_said_in_both_zones() {
    let hours = Rule::Hours(window("mon-thu", "13:00", "15:30", "Europe/Berlin").hours().unwrap());
    let local = |text: &str| text.parse::<DateTime>().unwrap();
    let freeze = Frozen::of("Europe/Berlin", local("2026-11-26 00:00"), local("2026-12-01 14:00")).unwrap();
    let opening = Opening { rules: vec![("freeze", Rule::Frozen(freeze)), ("window", hours)] };
    let thursday = utc("2026-11-26T12:30:00Z");
    assert_eq!(opening.closed(thursday).len(), 1);
    let opens = opening.opens(thursday).unwrap();
    assert_eq!(near(opens, "Europe/Berlin"), "Tue 1 Dec 14:00 Europe/Berlin (13:00 UTC)");
    assert_eq!(
        near(utc("2026-12-01T12:00:00Z"), "Pacific/Apia"),
        "Wed 2 Dec 01:00 Pacific/Apia (Tue 12:00 UTC)"
    );
    assert!(zone("Mars/Olympus").is_none());
}
