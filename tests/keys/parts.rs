//! A release of two components, as it is seen.

use std::collections::BTreeMap;

use golive::domain::{
    name::{ComponentName, PoolId, UnitId},
    plan::{Amount, Component, FailureMode, LaneCheck, Own, Plan, Pool, Threshold, Tier},
};
use golive::tui::terminal::Caps;

use super::{golive::declared_at, pictures::started, script::Script};
use crate::{
    plan_parts::host,
    screens::{caps, text},
};

fn component(name: &str, own: Own) -> (ComponentName, Component) {
    let name = ComponentName::new(name).unwrap();
    let (tier, failure) = (Tier::CRITICAL, FailureMode::Down);
    let one =
        Component { name: name.clone(), tier, owner: None, failure, depends: vec![], external: false, own };
    (name, one)
}

/// Four hosts of web, and two workers that wait for the first of them.
pub fn plan() -> Plan {
    let mut plan = super::desk::plan();
    let worker = Own {
        after: Some(ComponentName::new("web").unwrap()),
        barrier: Threshold::Hosts(1),
        alive: LaneCheck::None,
        unbalanced: true,
        ..Own::default()
    };
    plan.components = BTreeMap::from([component("web", Own::default()), component("worker", worker)]);
    let environment = plan.environments.values_mut().next().unwrap();
    environment.capacity.max_parallel = Some(Amount::Count(2));
    environment.capacity.min_healthy = Some(Amount::Count(4));
    let pool = |component: &str, prefix: &str, hosts: u32| Pool {
        id: PoolId::new(&format!("{component}@production")).unwrap(),
        component: ComponentName::new(component).unwrap(),
        cloud: None,
        colour: None,
        hosts: (1..=hosts)
            .map(|n| {
                let mut host = host(&format!("{prefix}-0{n}"), 80);
                host.unit = UnitId::new(&format!("{component}@{}", host.name)).unwrap();
                host
            })
            .collect(),
    };
    environment.pools = vec![pool("web", "web", 4), pool("worker", "job", 2)];
    plan
}

/// The first host of web is under way, and no worker.
pub fn waiting(caps: Caps) -> Script {
    let mut script = started(plan(), caps);
    script.rounds(4);
    script
}

#[test]
fn who_waits_for_whom_is_said_while_they_wait_and_before_the_start() {
    let mut script = declared_at(Script::new("raj", plan(), caps(120, 36)));
    script.keys("3 S").shows("worker: 2 hosts, 1 at once").shows("waits for the first healthy web host");
    script.keys("S").shows("worker waits for the first healthy web host: 0 of 1").shows("waits for web");
    script.rounds(16);
    script.hides("waits for");
}

#[test]
fn a_release_of_two_components_at_every_size() {
    super::pictures::pictures("parts", "3", waiting);
    let frame = waiting(caps(80, 24)).keys("3").frame();
    assert!(text(&frame).contains("worker waits for the first healthy web host: 0 of 1"), "{}", text(&frame));
}
