//! Windows, freezes, blackouts and traffic maps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

use super::Reading;
use crate::{
    config::{shape, text_file},
    domain::{
        calendar,
        name::EnvironmentName,
        plan::{Amount, Freeze, FreezeKind, OFF_PEAK, Place, TimeOfDay, TrafficMap, Weekday, Window},
    },
};

/// The largest traffic map that is read, in bytes.
const LARGEST: u64 = 1 << 16;

pub fn window(written: &shape::Window, place: &Place, reading: &mut Reading<'_>) -> Option<Window> {
    let (days, from, to) = (written.days.as_ref()?, written.from.as_ref()?, written.to.as_ref()?);
    let set: Option<BTreeSet<Weekday>> = Weekday::parse_set(days);
    if set.is_none() {
        reading.bad(&place.key("days"), format!("{days:?} are not days"), "write mon-thu, or mon,wed,fri");
    }
    let mut time = |key: &str, text: &str| {
        let time = TimeOfDay::parse(text);
        if time.is_none() {
            reading.bad(&place.key(key), format!("{text:?} is not a time of day"), "write 13:00");
        }
        time
    };
    let (from, to) = (time("from", from), time("to", to));
    if let (Some(from), Some(to)) = (from, to)
        && (from == to || from == TimeOfDay::END)
    {
        reading.bad(
            &place.key("to"),
            format!("the window from {from} to {to} is no time at all"),
            "write a later time, or an earlier one for the day after; 00:00 to 24:00 is a whole day",
        );
    }
    let zone = zone(written.zone.as_deref(), place, reading);
    Some(Window { days: set?, from: from?, to: to?, zone: zone? })
}

pub fn zone(written: Option<&str>, place: &Place, reading: &mut Reading<'_>) -> Option<String> {
    let zone = written?;
    if !calendar::known(zone) {
        reading.bad(
            &place.key("zone"),
            format!("{zone:?} is not a time zone"),
            "write one such as Europe/Berlin or UTC",
        );
        return None;
    }
    Some(zone.to_owned())
}

/// The project's freezes, then its environments' blackouts.
pub fn freezes(file: &shape::File, reading: &mut Reading<'_>) -> Vec<Freeze> {
    let mut freezes = Vec::new();
    for (name, written) in &file.freezes {
        let place = Place::of(&["freezes", name]);
        let environments = reading.name_set(&place.key("environments"), &written.environments);
        freezes.extend(freeze(name, FreezeKind::Freeze, written, environments, &place, reading));
    }
    for (key, environment) in file.environments.iter().flatten() {
        let place = Place::of(&["environments", key, "blackouts"]);
        for (name, written) in &environment.blackouts {
            let place = place.key(name);
            if !written.environments.is_empty() {
                reading.bad(
                    &place.key("environments"),
                    format!("the blackout {name} is of {key} alone"),
                    "leave it out, or write a freeze in [freezes]",
                );
            }
            // That its name is none was reported where the environment was read.
            let environments = key.parse::<EnvironmentName>().into_iter().collect();
            freezes.extend(freeze(name, FreezeKind::Blackout, written, environments, &place, reading));
        }
    }
    freezes
}

fn freeze(
    name: &str,
    kind: FreezeKind,
    written: &shape::Freeze,
    environments: BTreeSet<EnvironmentName>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Option<Freeze> {
    let mut time = |key: &str, text: Option<&str>| {
        let text = text?;
        let time = text.parse::<DateTime>().ok();
        if time.is_none() {
            reading.bad(
                &place.key(key),
                format!("{text:?} is not a date and a time"),
                "write \"2026-11-26 18:00\"; whose clock it is, `zone` says",
            );
        }
        time
    };
    let (from, to) = (time("from", written.from.as_deref()), time("to", written.to.as_deref()));
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        reading.bad(
            &place.key("to"),
            format!("the {} {name} ends before it begins", kind.word()),
            "write a later date and time",
        );
    }
    let zone = zone(written.zone.as_deref(), place, reading);
    let reason = written.reason.as_ref()?.trim().to_owned();
    if reason.is_empty() {
        reading.bad(&place.key("reason"), "a reason is needed", "write what whoever is stopped should know");
    }
    Some(Freeze { name: name.to_owned(), kind, from: from?, to: to?, zone: zone?, reason, environments })
}

pub fn traffic(file: &shape::File, reading: &mut Reading<'_>) -> BTreeMap<String, TrafficMap> {
    let mut maps = BTreeMap::new();
    for (region, written) in &file.traffic {
        let place = Place::of(&["traffic", region]);
        let map = map(region, written, &place, reading);
        maps.insert(region.clone(), map.unwrap_or_else(|| reading.stand_in(&place, quiet())));
    }
    maps
}

/// Off-peak but for an hour, so that a stage which asks for it is not wrong a second time.
fn quiet() -> TrafficMap {
    let hours = (0..TrafficMap::HOURS).map(|hour| u32::from(hour == 0)).collect();
    TrafficMap { zone: "UTC".to_owned(), hours, off_peak: OFF_PEAK }
}

fn map(
    region: &str,
    written: &shape::TrafficMap,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Option<TrafficMap> {
    let zone = zone(written.zone.as_deref(), place, reading);
    let off_peak = match written.off_peak.as_deref().map(Amount::parse) {
        None => OFF_PEAK,
        Some(Some(Amount::Percent(share @ 100..=9_900))) if share % 100 == 0 => (share / 100) as u8,
        Some(_) => {
            let help = "write a whole one from \"1%\" to \"99%\" of the busiest hour";
            reading.bad(&place.key("off_peak"), "that is not a share of the peak", help);
            OFF_PEAK
        }
    };
    let inline = written.week();
    let has_days = inline.days().iter().any(Option::is_some);
    let (week, of_days) = match &written.file {
        Some(file) => {
            let at = place.key("file");
            if has_days {
                reading.bad(&at, format!("{region} has days and a file"), "keep one of the two");
            }
            (from_file(file, &at, reading)?, Some(at))
        }
        None => (inline, None),
    };
    let mut hours = Vec::with_capacity(TrafficMap::HOURS);
    let mut whole = true;
    for (day, (word, _)) in week.days().into_iter().zip(Weekday::ALL) {
        let wrong = match day {
            None => format!("the map of {region} lacks {word}, and nothing is guessed"),
            Some(day) if day.len() != 24 => {
                format!("{word} of {region} has {} of its 24 hours, and nothing is guessed", day.len())
            }
            Some(day) => {
                hours.extend(day);
                continue;
            }
        };
        whole = false;
        let at = match (&of_days, day) {
            (Some(file), _) => file.clone(),
            (None, Some(_)) => place.key(word),
            (None, None) => place.clone(),
        };
        reading.bad(&at, wrong, "write 24 figures for every day, from 00:00 on: requests a minute");
    }
    if whole && hours.iter().all(|hour| *hour == 0) {
        reading.bad(place, format!("the map of {region} shows no request at all"), "write what was measured");
    }
    whole.then_some(())?;
    Some(TrafficMap { zone: zone?, hours, off_peak })
}

fn from_file(file: &str, place: &Place, reading: &mut Reading<'_>) -> Option<shape::Week> {
    let path = reading.dir.join(file);
    let text = match text_file::read(&path, LARGEST) {
        Ok(text) => text,
        Err(why) => {
            reading.bad(place, format!("{file} can't be read: {}", why.what), why.help);
            return None;
        }
    };
    let read = match path.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("toml") => toml::from_str(&text).map_err(|error| error.message().to_owned()),
        Some("csv") => lines(&text),
        _ => Err("it is neither .toml nor .csv".to_owned()),
    };
    match read {
        Ok(week) => Some(week),
        Err(what) => {
            reading.bad(place, format!("{file}: {what}"), "write a line a day: mon,120,80,… with 24 figures");
            None
        }
    }
}

/// A line a day; a first line that names the columns and lines that begin with # are passed over.
fn lines(text: &str) -> Result<shape::Week, String> {
    let mut week = shape::Week::default();
    for (at, line) in text.lines().enumerate() {
        let mut cells = line.split([',', ';']).map(str::trim);
        let word = cells.next().unwrap_or_default().to_ascii_lowercase();
        if word.is_empty() && line.trim().is_empty() || word.starts_with('#') || at == 0 && word == "day" {
            continue;
        }
        let day = Weekday::ALL.iter().position(|(known, _)| *known == word);
        let day = day.ok_or_else(|| format!("line {}: {word:?} is not a day", at + 1))?;
        let number =
            |cell: &str| cell.parse::<u32>().map_err(|_| format!("line {}: {cell:?} is no number", at + 1));
        let hours = cells.map(number).collect::<Result<Vec<u32>, String>>()?;
        let place = week.day_mut(day).ok_or_else(|| format!("line {}: {word:?} is not a day", at + 1))?;
        if place.replace(hours).is_some() {
            return Err(format!("line {}: {word} comes twice", at + 1));
        }
    }
    Ok(week)
}
