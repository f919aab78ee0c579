//! One line a figure: what, wanted, measured, how often.
#![expect(clippy::print_stdout, reason = "figures are what this program is for")]

use std::fs;

use golive::clock::Clock;

/// The sheet on which figures are written as they come.
#[derive(Default)]
pub struct Sheet {
    figures: usize,
    failed: usize,
}

/// Microseconds since some start.
pub fn micros() -> u64 {
    Clock::System.read().monotonic
}

impl Sheet {
    pub fn begin() -> Self {
        let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split_whitespace().next().unwrap_or("not known").to_owned();
        println!("{cores} cores, load average at the start {load}");
        println!("{:<62} {:>22} {:>44} {:>9}", "figure", "wanted", "measured", "n");
        Self::default()
    }

    /// A figure that is one number.
    pub fn one(&mut self, what: &str, wanted: &str, measured: impl std::fmt::Display, n: usize) {
        self.figures += 1;
        println!("{what:<62} {wanted:>22} {measured:>44} {n:>9}");
    }

    /// A figure of many samples, in microseconds: said in milliseconds.
    pub fn spread(&mut self, what: &str, wanted: &str, samples: &[u64]) {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable();
        let ms = |of: Option<&u64>| {
            of.map_or("none".to_owned(), |micros| format!("{:.2}", *micros as f64 / 1_000.0))
        };
        let measured = format!(
            "p50 {} p99 {} min {} max {} ms",
            ms(percentile(&sorted, 50)),
            ms(percentile(&sorted, 99)),
            ms(sorted.first()),
            ms(sorted.last())
        );
        self.one(what, wanted, measured, samples.len());
    }

    pub fn failed(&mut self, group: &str, why: &anyhow::Error) {
        self.failed += 1;
        println!("{group}: could not be measured: {why:#}");
    }

    /// Whether everything could be measured.
    pub fn end(&self) -> bool {
        println!("{} figures; {} groups could not be measured", self.figures, self.failed);
        self.failed == 0
    }
}

/// The value that so many per cent of the samples do not exceed: nearest rank. The samples are sorted.
fn percentile(sorted: &[u64], per_cent: usize) -> Option<&u64> {
    sorted.get((sorted.len() * per_cent).div_ceil(100).saturating_sub(1))
}
