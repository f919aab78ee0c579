//! Passes the figures of the traffic on to the conductor, as whoever measures anything may: they are on every
//! screen that looks at the hosts, with no verdict.

use std::time::Duration;

use super::figures::Stats;
use crate::{
    client::{Client, Measured, Sample},
    clock::Clock,
    demo::layout::Layout,
    domain::{
        name::EnvironmentName,
        time::{Span, WallTime},
    },
};

/// Between two samples of each figure.
const EVERY: Duration = Duration::from_millis(500);

/// Runs until dropped. A conductor that is killed is waited for, as by any client.
pub async fn feed(mut client: Client, layout: Layout, environment: EnvironmentName, clock: Clock) {
    loop {
        // Between two writings of the figures there is nothing new to say.
        if let Ok(stats) = Stats::read(&layout) {
            client.measured(samples(&stats, &environment)).await;
        }
        let until = clock.read().monotonic + EVERY.as_micros() as u64;
        while let Some(left) = until.checked_sub(clock.read().monotonic).filter(|left| *left > 0) {
            // What the conductor says is of no interest here; a lost connection is made again by asking.
            if let Some(Err(_)) = clock.limit(Duration::from_micros(left), client.next()).await {
                clock.sleep(EVERY).await;
            }
        }
    }
}

fn samples(stats: &Stats, environment: &EnvironmentName) -> Vec<Sample> {
    let sample = |name: &str, measured| Sample {
        environment: environment.clone(),
        name: name.into(),
        measured,
        at: WallTime(stats.wall),
    };
    let failed = Measured::Count { count: stats.failed, of: stats.sent };
    let mut all = vec![sample("failed requests", failed)];
    let slowest = stats.recent.p95.map(|p95| sample("p95", Measured::Time(Span(p95))));
    all.extend(slowest);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_answered_request_there_is_no_latency_to_tell() {
        let environment = EnvironmentName::new("production").unwrap();
        let stats = Stats { sent: 9, failed: 9, ..Stats::default() };
        let told = samples(&stats, &environment);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].measured, Measured::Count { count: 9, of: 9 });
        assert!(told.iter().all(|sample| sample.flaw().is_none()));
    }
}
