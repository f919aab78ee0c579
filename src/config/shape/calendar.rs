//! Windows, freezes and traffic maps as written.

use schemars::JsonSchema;
use serde::Deserialize;

/// A deploy window: `{ days = "mon-thu", from = "13:00", to = "15:30", zone = "Europe/Berlin" }`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The days on which it begins, such as "mon-thu" or "mon,wed".
    #[schemars(required)]
    pub days: Option<String>,
    /// A time such as "13:00".
    #[schemars(required)]
    pub from: Option<String>,
    /// A time such as "15:30"; one that is earlier than `from` is on the day after.
    #[schemars(required)]
    pub to: Option<String>,
    /// A time zone such as "Europe/Berlin".
    #[schemars(required)]
    pub zone: Option<String>,
}

/// A time in which nothing is started: `{ from = "2026-11-26 18:00", to = "2026-12-01 08:00", zone = "Europe/Berlin",
/// reason = "Black Friday" }`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// A date and time such as "2026-11-26 18:00".
    #[schemars(required)]
    pub from: Option<String>,
    /// A later one.
    #[schemars(required)]
    pub to: Option<String>,
    /// A time zone such as "Europe/Berlin".
    #[schemars(required)]
    pub zone: Option<String>,
    /// Why; whoever is stopped by it reads this.
    #[schemars(required)]
    pub reason: Option<String>,
    /// Of a freeze: only these environments. Absent: all. A blackout is its environment's alone.
    #[serde(default)]
    pub environments: Vec<String>,
}

/// How busy a region is through the week: requests a minute, 24 figures a day, here or in a file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrafficMap {
    /// The zone of the region's clocks, such as "Europe/Berlin".
    #[schemars(required)]
    pub zone: Option<String>,
    /// An hour under this share of the busiest one is off-peak. Absent: "50%".
    pub off_peak: Option<String>,
    /// A file with the seven days instead: .toml (mon = […]), or .csv (a line a day: mon,120,…).
    pub file: Option<String>,
    /// Monday, from 00:00 on.
    pub mon: Option<Vec<u32>>,
    /// Tuesday.
    pub tue: Option<Vec<u32>>,
    /// Wednesday.
    pub wed: Option<Vec<u32>>,
    /// Thursday.
    pub thu: Option<Vec<u32>>,
    /// Friday.
    pub fri: Option<Vec<u32>>,
    /// Saturday.
    pub sat: Option<Vec<u32>>,
    /// Sunday.
    pub sun: Option<Vec<u32>>,
}

/// The file of a traffic map.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Week {
    pub mon: Option<Vec<u32>>,
    pub tue: Option<Vec<u32>>,
    pub wed: Option<Vec<u32>>,
    pub thu: Option<Vec<u32>>,
    pub fri: Option<Vec<u32>>,
    pub sat: Option<Vec<u32>>,
    pub sun: Option<Vec<u32>>,
}

impl TrafficMap {
    pub fn week(&self) -> Week {
        let (mon, tue, wed, thu) = (self.mon.clone(), self.tue.clone(), self.wed.clone(), self.thu.clone());
        Week { mon, tue, wed, thu, fri: self.fri.clone(), sat: self.sat.clone(), sun: self.sun.clone() }
    }
}

impl Week {
    /// From Monday on.
    pub fn days(&self) -> [Option<&Vec<u32>>; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun].map(Option::as_ref)
    }

    pub fn day_mut(&mut self, day: usize) -> Option<&mut Option<Vec<u32>>> {
        let days = [
            &mut self.mon,
            &mut self.tue,
            &mut self.wed,
            &mut self.thu,
            &mut self.fri,
            &mut self.sat,
            &mut self.sun,
        ];
        days.into_iter().nth(day)
    }
}
