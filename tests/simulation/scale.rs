//! How the cost grows: 10,000 and 100,000 hosts rolled out and back. Prints figures; run it by name:
//! `cargo test --test domain -- --ignored --nocapture the_cost_an_event`.

use std::time::Duration;

use golive::domain::{
    course::Phase,
    plan::{Amount, Capacity},
    time::Span,
};

use super::{host::Host, people::roll_back, plan::Shape, world::World};

/// Out and back: events, and the time spent in turn and core.
fn out_and_back(hosts: u32) -> (u64, Duration) {
    let shape = Shape {
        hosts,
        capacity: Capacity {
            max_parallel: Some(Amount::Count(200)),
            max_unavailable: Some(Amount::Count(200)),
            min_healthy: None,
        },
        validations: false,
        notify: false,
        ..Shape::default()
    };
    let mut world = World::with(1, &shape, Some("2.4.1"), "2.5.0", false);
    world.journal.keep = false;
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::hours(200));
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::hours(200));
    assert!(world.hosts.iter().all(Host::serves));
    (world.oracle.events, world.spent)
}

#[test]
#[expect(clippy::print_stdout, reason = "figures are what it is for")]
#[ignore = "a measurement, not a test: minutes long, prints figures"]
fn the_cost_an_event_stays_the_same_from_ten_thousand_hosts_to_a_hundred_thousand() {
    let mut before = None;
    for hosts in [10_000, 100_000] {
        let (events, spent) = out_and_back(hosts);
        let each = spent.as_nanos() as f64 / events as f64 / 1_000.0;
        let growth = before.map_or(1.0, |before: Duration| spent.as_secs_f64() / before.as_secs_f64());
        println!("{hosts:>7} hosts: {events:>8} events, {spent:.2?}, {each:.2} µs an event, x{growth:.1}");
        before = Some(spent);
    }
}
