//! What the service counts, in Prometheus' text format.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Upper bounds of the latency histogram, in seconds.
const BOUNDS: [f64; 8] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0];

#[derive(Default)]
struct Counts {
    by_status: BTreeMap<u16, u64>,
    buckets: [u64; BOUNDS.len()],
    seconds: f64,
    in_flight: u64,
}

/// Counts of answered work.
#[derive(Default)]
pub struct Metrics(Mutex<Counts>);

impl Metrics {
    pub fn begin(&self) {
        self.lock().in_flight += 1;
    }

    pub fn end(&self, status: u16, took: Duration) {
        let mut counts = self.lock();
        counts.in_flight = counts.in_flight.saturating_sub(1);
        *counts.by_status.entry(status).or_default() += 1;
        let seconds = took.as_secs_f64();
        counts.seconds += seconds;
        for (bucket, bound) in counts.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(seconds <= bound);
        }
    }

    /// `passed` is how many checks of the self-test passed, `lost` the log lines that could not be written.
    pub fn text(&self, version: &str, passed: usize, lost: u64) -> String {
        let counts = self.lock();
        let total: u64 = counts.by_status.values().sum();
        let mut out = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: &[String]| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for sample in samples {
                let _ = writeln!(out, "{sample}");
            }
        };
        let by_status: Vec<_> = counts
            .by_status
            .iter()
            .map(|(status, n)| format!("http_requests_total{{code=\"{status}\"}} {n}"))
            .collect();
        family("http_requests_total", "counter", "Answered requests.", &by_status);
        let mut latency: Vec<_> = BOUNDS
            .iter()
            .zip(counts.buckets)
            .map(|(bound, n)| format!("http_request_duration_seconds_bucket{{le=\"{bound}\"}} {n}"))
            .collect();
        latency.push(format!("http_request_duration_seconds_bucket{{le=\"+Inf\"}} {total}"));
        latency.push(format!("http_request_duration_seconds_sum {}", counts.seconds));
        latency.push(format!("http_request_duration_seconds_count {total}"));
        family("http_request_duration_seconds", "histogram", "Time to the answer.", &latency);
        let gauge = |name: &str, value: &dyn std::fmt::Display| vec![format!("{name} {value}")];
        family(
            "http_requests_in_flight",
            "gauge",
            "Requests being worked on.",
            &gauge("http_requests_in_flight", &counts.in_flight),
        );
        family(
            "selftest_checks_passed",
            "gauge",
            "Checks of the self-test that passed.",
            &gauge("selftest_checks_passed", &passed),
        );
        family("log_lines_lost_total", "counter", "Unwritten lines.", &gauge("log_lines_lost_total", &lost));
        let build = vec![format!("shop_build_info{{version=\"{version}\"}} 1")];
        family("shop_build_info", "gauge", "The version that runs.", &build);
        out
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_as_prometheus_reads_them() {
        let metrics = Metrics::default();
        metrics.begin();
        metrics.begin();
        metrics.end(200, Duration::from_millis(7));
        let text = metrics.text("2.4.1", 14, 0);
        assert!(text.contains("\nhttp_requests_total{code=\"200\"} 1\n"), "{text}");
        assert!(text.contains("_bucket{le=\"0.005\"} 0\n") && text.contains("_bucket{le=\"0.01\"} 1\n"));
        assert!(text.contains("\nhttp_requests_in_flight 1\n"));
        assert!(text.contains("shop_build_info{version=\"2.4.1\"} 1"));
    }
}
