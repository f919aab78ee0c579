//! Spare hosts, as they are seen: one stands in for another while a release is on its way.

use golive::domain::{
    effect::PoolState,
    event::Event,
    plan::{Amount, Canary, CanaryStep, Pause, Plan, Strategy, Weight},
    rollout::RolloutEvent,
};
use golive::tui::terminal::Caps;

use super::{pictures::started, script::Script};
use crate::{plan_parts::host, screens::caps};

/// Four hosts of which none may be missed, and a spare one.
fn plan() -> Plan {
    let mut plan = super::desk::plan();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.capacity.min_healthy = Some(Amount::Percent(10_000));
    environment.pools[0].hosts = (1..=5).map(|n| host(&format!("web-0{n}"), 80)).collect();
    environment.pools[0].hosts[4].spare = true;
    let weight = Weight::new(25).map(CanaryStep::Weight).expect("a share");
    plan.stages[0].strategy =
        Strategy::Canary(Canary { steps: vec![weight, CanaryStep::Pause(Pause::Human)] });
    plan
}

/// The spare host stands by, until the release calls it in.
fn standing_by(caps: Caps) -> Script {
    let mut script = started(plan(), caps);
    let spare = script.desk.session.rollout.units().iter().find(|unit| unit.spare).expect("a spare host");
    let (unit, mut seen) = (spare.id.clone(), spare.fresh().expect("it was seen").clone());
    seen.pool = PoolState::Out;
    script.fact(Event::Rollout(RolloutEvent::UnitSeen { unit, seen }));
    script
}

/// At a quarter of the requests, paused until somebody goes on: the spare host serves.
fn called_in(caps: Caps) -> Script {
    let mut script = standing_by(caps);
    script.work();
    script
}

#[test]
fn a_spare_host_at_every_size() {
    super::pictures::pictures("surge", "3", called_in);
    let mut script = called_in(caps(80, 24));
    script.keys("3 C C").work();
    script.shows("done, spare");
    super::pictures::pictures("surge-plan", "3", standing_by);
}
