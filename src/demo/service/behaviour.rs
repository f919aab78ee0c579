//! What the faults of a release mean for one host's service. Pure.

use std::time::Duration;

use crate::demo::fault::{Fault, FaultKind};

/// How a service behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    pub self_test_fails: bool,
    /// Until the port is bound.
    pub start_delay: Duration,
    /// From the start to the process' own end.
    pub crash_after: Option<Duration>,
    pub never_answers: bool,
    /// Added to every piece of work.
    pub latency: Duration,
    /// Every n-th piece of work fails.
    pub error_every: Option<u64>,
}

impl Behaviour {
    /// Of a release with these faults on `host`.
    pub fn of(faults: &[Fault], host: &str) -> Self {
        let mut behaviour = Self::default();
        for fault in faults.iter().filter(|fault| fault.on(host)) {
            match fault.kind {
                FaultKind::Selftest => behaviour.self_test_fails = true,
                FaultKind::SlowStart => behaviour.start_delay = Duration::from_secs(30),
                // Before the self-test can pass, so that it is never taken into the pool.
                FaultKind::Crash => behaviour.crash_after = Some(Duration::from_millis(400)),
                FaultKind::Hang => behaviour.never_answers = true,
                FaultKind::Latency => behaviour.latency = Duration::from_millis(400),
                FaultKind::Errors => behaviour.error_every = Some(10),
            }
        }
        behaviour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_one_host_leaves_the_others_alone() {
        let faults = ["crash@host-2", "latency"].map(|text| text.parse().unwrap());
        let here = Behaviour::of(&faults, "host-02");
        let there = Behaviour::of(&faults, "host-03");
        assert!(here.crash_after.is_some() && there.crash_after.is_none());
        assert_eq!((here.latency, there.latency), (Duration::from_millis(400), Duration::from_millis(400)));
    }
}
