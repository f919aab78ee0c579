//! What is counted about the traffic; counting is pure, with the time passed in.

use std::{
    collections::{BTreeMap, VecDeque},
    fs, io,
};

use serde::{Deserialize, Serialize};

use super::histogram::Histogram;
use crate::demo::layout::Layout;

/// The recent figures are over this many whole seconds.
const RECENT: u64 = 5;
const SECOND: u64 = 1_000_000;
/// How many of the failed requests are told one by one.
const TOLD: usize = 20;
/// How many different reasons or versions are kept apart; the rest is counted as `other`.
const KINDS: usize = 50;

/// One failed request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// µs since 1970.
    pub wall: i64,
    pub why: String,
    /// The host that the balancer chose, if it was told.
    pub host: Option<String>,
}

/// How one request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Answered well, by this version.
    Served(String),
    Failed(Failure),
}

/// Everything that can be asked about the traffic; `traffic.json` in the demo's directory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// When this was written: µs since 1970.
    pub wall: i64,
    /// Requests per second that are asked for.
    pub rate: u32,
    pub sent: u64,
    pub ok: u64,
    pub failed: u64,
    /// Failed requests by reason.
    pub reasons: BTreeMap<String, u64>,
    /// Served requests by version, since the start.
    pub versions: BTreeMap<String, u64>,
    /// The last failed requests, the newest last.
    pub last_failures: Vec<Failure>,
    pub recent: Recent,
}

impl Stats {
    /// As last written by the traffic of a demo: at most 250 ms old.
    pub fn read(layout: &Layout) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(layout.traffic_stats())?)?)
    }
}

/// Over the last five whole seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recent {
    pub per_second: f64,
    pub failed: u64,
    pub versions: BTreeMap<String, u64>,
    /// In µs; none without data.
    pub p50: Option<u64>,
    pub p95: Option<u64>,
    pub p99: Option<u64>,
}

#[derive(Default)]
struct Second {
    at: u64,
    failed: u64,
    versions: BTreeMap<String, u64>,
    latency: Histogram,
}

#[derive(Default)]
pub struct Figures {
    stats: Stats,
    seconds: VecDeque<Second>,
}

impl Figures {
    pub fn new(rate: u32) -> Self {
        Self { stats: Stats { rate, ..Stats::default() }, seconds: VecDeque::new() }
    }

    pub fn sent(&mut self) {
        self.stats.sent += 1;
    }

    /// `now` is monotonic time, `took` how long the request took, both in µs.
    pub fn ended(&mut self, ended: Ended, took: u64, now: u64) {
        let at = now / SECOND;
        if self.seconds.back().is_none_or(|second| second.at != at) {
            self.seconds.push_back(Second { at, ..Second::default() });
        }
        while self.seconds.front().is_some_and(|second| second.at + RECENT < at) {
            self.seconds.pop_front();
        }
        let Some(second) = self.seconds.back_mut() else { return };
        second.latency.add(took);
        match ended {
            Ended::Served(version) => {
                self.stats.ok += 1;
                count(&mut self.stats.versions, &version);
                count(&mut second.versions, &version);
            }
            Ended::Failed(failure) => {
                self.stats.failed += 1;
                second.failed += 1;
                count(&mut self.stats.reasons, &failure.why);
                if self.stats.last_failures.len() == TOLD {
                    self.stats.last_failures.remove(0);
                }
                self.stats.last_failures.push(failure);
            }
        }
    }

    pub fn stats(&self, now: u64, wall: i64) -> Stats {
        let at = now / SECOND;
        let mut recent = Recent::default();
        let mut latency = Histogram::default();
        // The second under way is left out: it would make the rate look too low.
        for second in self.seconds.iter().filter(|s| s.at < at && s.at + RECENT >= at) {
            latency.merge(&second.latency);
            recent.failed += second.failed;
            for (version, n) in &second.versions {
                *recent.versions.entry(version.clone()).or_default() += n;
            }
        }
        recent.per_second = latency.count() as f64 / RECENT as f64;
        [recent.p50, recent.p95, recent.p99] = [50, 95, 99].map(|percent| latency.percentile(percent));
        Stats { wall, recent, ..self.stats.clone() }
    }
}

/// Counts under a name, but bounded: names come from outside.
fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    let known = counts.contains_key(&name) || counts.len() < KINDS;
    *counts.entry(if known { name } else { "other".into() }).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(why: &str) -> Ended {
        Ended::Failed(Failure { wall: 0, why: why.into(), host: None })
    }

    #[test]
    fn every_request_is_counted_and_a_failed_one_keeps_its_reason() {
        let mut figures = Figures::new(40);
        for n in 0..30 {
            figures.sent();
            figures.ended(failure("status 503"), 1_000, n * 10_000);
        }
        figures.sent();
        figures.ended(Ended::Served("2.4.1".into()), 2_000, 310_000);
        let stats = figures.stats(SECOND, 7);
        assert_eq!((stats.sent, stats.ok, stats.failed), (31, 1, 30));
        assert_eq!(stats.reasons["status 503"], 30);
        assert_eq!((stats.last_failures.len(), stats.recent.failed), (20, 30));
    }

    #[test]
    fn recent_figures_forget_and_all_time_figures_do_not() {
        let mut figures = Figures::new(40);
        figures.ended(Ended::Served("2.4.1".into()), 2_000, 0);
        (0..50).for_each(|n| figures.ended(Ended::Served("2.5.0".into()), 4_000, 10 * SECOND + n));
        let stats = figures.stats(11 * SECOND, 0);
        assert_eq!((stats.versions["2.4.1"], stats.recent.versions.get("2.4.1")), (1, None));
        assert!((stats.recent.per_second - 10.0).abs() < 1e-9);
        assert!((4_000..4_300).contains(&stats.recent.p50.unwrap()));
        assert_eq!(figures.stats(30 * SECOND, 0).recent, Recent::default());
    }

    #[test]
    fn names_from_outside_are_bounded() {
        let mut figures = Figures::new(1);
        (0..200).for_each(|n| figures.ended(Ended::Served(format!("v{n}\u{1b}[2J")), 1, 0));
        let versions = figures.stats(SECOND, 0).versions;
        assert_eq!((versions.len(), versions["other"]), (KINDS + 1, 150));
        assert!(versions.keys().all(|name| !name.contains('\u{1b}')));
    }
}
