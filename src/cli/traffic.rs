//! Traffic maps in words: seven lines of 24 figures, readable in 80 columns and without colour.

use std::fmt::Write as _;

use serde::Serialize;

use crate::domain::plan::{Plan, TrafficMap, Weekday};

/// `--json`: a map, and what follows from it.
#[derive(Serialize)]
pub struct Map {
    region: String,
    zone: String,
    /// Requests a minute in the busiest hour.
    peak: u32,
    /// In percent of the peak.
    off_peak_under: u8,
    /// Monday first, from 00:00 on.
    hours: Vec<u32>,
    /// Those that are off-peak: a day's hours from, and to, exclusive.
    off_peak: Vec<Off>,
}

#[derive(Serialize)]
struct Off {
    day: &'static str,
    from: u16,
    to: u16,
}

pub fn maps(plan: &Plan) -> Vec<Map> {
    let map = |(region, map): (&String, &TrafficMap)| {
        let of_day = |(day, (word, _)): (usize, &(&'static str, Weekday))| {
            let word = *word;
            map.spans(day).into_iter().map(move |(from, to)| Off { day: word, from, to })
        };
        Map {
            region: region.clone(),
            zone: map.zone.clone(),
            peak: map.peak(),
            off_peak_under: map.off_peak,
            hours: map.hours.clone(),
            off_peak: Weekday::ALL.iter().enumerate().flat_map(of_day).collect(),
        }
    };
    plan.traffic.iter().map(map).collect()
}

/// A figure an hour: its tenths of the peak, and a dot where it is off-peak. Beside it the off-peak hours.
pub fn words(region: &str, map: &TrafficMap) -> String {
    let mut text =
        format!("traffic of {region}, {}: tenths of the peak, {} requests a minute\n", map.zone, map.peak());
    // Three columns an hour leave no room for words beside; one is enough for a figure.
    let _ = writeln!(
        text,
        "      0     6     12    18       . is off-peak: under {} % of the peak",
        map.off_peak
    );
    for (day, (word, _)) in Weekday::ALL.iter().enumerate() {
        let figures: String = (0..24).map(|hour| figure(map, day, hour)).collect();
        let spans: Vec<String> =
            map.spans(day).iter().map(|(from, to)| format!("{from:02}:00-{to:02}:00")).collect();
        let spans = match spans.len() {
            0 => "no hour is off-peak".to_owned(),
            1..=3 => format!("off-peak {}", spans.join(", ")),
            more => format!("off-peak {}, {} more", spans[..2].join(", "), more - 2),
        };
        let _ = writeln!(text, "  {word} {figures}  {spans}");
    }
    text
}

fn figure(map: &TrafficMap, day: usize, hour: usize) -> char {
    if map.is_off_peak(day, hour) {
        return '.';
    }
    let tenths = u64::from(map.at(day, hour)) * 10 / u64::from(map.peak().max(1));
    // The peak itself is ten tenths, of one sign as all others.
    char::from_digit(tenths as u32, 10).unwrap_or('X')
}
