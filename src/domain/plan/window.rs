//! The deploy window of an environment: the days and hours in which its stages may start.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::domain::calendar::Hours;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The days on which it begins.
    pub days: BTreeSet<Weekday>,
    pub from: TimeOfDay,
    /// Exclusive; not later than `from`: on the day after.
    pub to: TimeOfDay,
    /// An IANA time zone: `Europe/Berlin`.
    pub zone: String,
}

impl Window {
    /// None: there is no such zone.
    pub fn hours(&self) -> Option<Hours> {
        let mut days: [Vec<(u16, u16)>; 7] = Default::default();
        let (from, to) = (self.from.0, self.to.0);
        for (at, _) in Weekday::ALL.iter().enumerate().filter(|(_, (_, day))| self.days.contains(day)) {
            if from < to {
                days[at].push((from, to));
            } else {
                days[at].push((from, 24 * 60));
                days[(at + 1) % 7].push((0, to));
            }
        }
        Hours::new(&self.zone, days)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    pub const ALL: [(&'static str, Weekday); 7] = [
        ("mon", Self::Mon),
        ("tue", Self::Tue),
        ("wed", Self::Wed),
        ("thu", Self::Thu),
        ("fri", Self::Fri),
        ("sat", Self::Sat),
        ("sun", Self::Sun),
    ];

    fn parse(word: &str) -> Option<usize> {
        Self::ALL.iter().position(|(name, _)| *name == word)
    }

    /// Reads `mon-thu`, `mon,wed,fri`, `sat-mon`. None where a word is not a day.
    pub fn parse_set(text: &str) -> Option<BTreeSet<Weekday>> {
        let mut days = BTreeSet::new();
        for part in text.split(',') {
            let part = part.trim().to_ascii_lowercase();
            let (first, last) = part.split_once('-').unwrap_or((&part, &part));
            let (mut at, last) = (Self::parse(first.trim())?, Self::parse(last.trim())?);
            loop {
                days.insert(Self::ALL[at].1);
                if at == last {
                    break;
                }
                at = (at + 1) % 7;
            }
        }
        Some(days)
    }
}

/// Minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeOfDay(pub u16);

impl TimeOfDay {
    /// The end of a day.
    pub const END: Self = Self(24 * 60);

    /// Reads `13:00`; `24:00` is the end of the day.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        if hours.is_empty() || hours.len() > 2 || minutes.len() != 2 {
            return None;
        }
        let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
        (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(Self(hours * 60 + minutes))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Display for Window {
    /// `mon-thu 13:00-15:30 Europe/Berlin`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (at, _) in Weekday::ALL.iter().enumerate().filter(|(_, (_, day))| self.days.contains(day)) {
            match runs.last_mut().filter(|(_, last)| last + 1 == at) {
                Some((_, last)) => *last = at,
                None => runs.push((at, at)),
            }
        }
        let word = |at: usize| Weekday::ALL[at].0;
        let run = |(first, last): &(usize, usize)| match last - first {
            0 => word(*first).to_owned(),
            1 => format!("{},{}", word(*first), word(*last)),
            _ => format!("{}-{}", word(*first), word(*last)),
        };
        let days: Vec<String> = runs.iter().map(run).collect();
        write!(f, "{} {}-{} {}", days.join(","), self.from, self.to, self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_and_nonsense_is_not() {
        assert_eq!(Weekday::parse_set("mon-thu").map(|d| d.len()), Some(4));
        assert_eq!(
            Weekday::parse_set("sat-mon"),
            Some(BTreeSet::from([Weekday::Sat, Weekday::Sun, Weekday::Mon]))
        );
        assert_eq!(Weekday::parse_set("mon-someday"), None);
        assert_eq!(TimeOfDay::parse("15:30").map(|t| t.to_string()), Some("15:30".into()));
        for bad in ["24:01", "7", "07:5", "", "25:00", "-1:00"] {
            assert_eq!(TimeOfDay::parse(bad), None, "{bad}");
        }
    }
}
