//! Blue/green, as it is seen: the steps of a side, the soak, and what the way back costs at each moment.

use golive::domain::{
    effect::LaneStep,
    name::{ColourName, PoolId, UnitId},
    plan::{BlueGreen, Capacity, Pause, Plan, Pool, Step, Strategy},
    time::Span,
};

use super::{golive::declared_at, script::Script};
use crate::{plan_parts::host, screens::caps};

/// Three blue hosts and three green ones.
pub fn plan() -> Plan {
    let mut plan = super::desk::plan();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.capacity = Capacity::default();
    let component = environment.pools[0].component.clone();
    let side = |colour: &str, from: u16| Pool {
        id: PoolId::new(&format!("production/{colour}")).expect("a name"),
        component: component.clone(),
        cloud: None,
        colour: Some(ColourName::new(colour).expect("a name")),
        hosts: (from..from + 3).map(|n| host(&format!("web-0{n}"), 80)).collect(),
    };
    environment.pools = vec![side("blue", 1), side("green", 4)];
    let validate = plan.stages[0].validations.iter().take(1).cloned().collect();
    let (soak, warm) = (Span::minutes(10), Span::minutes(30));
    plan.stages[0].strategy = Strategy::BlueGreen(BlueGreen { first: None, validate, soak, warm });
    plan
}

fn at(script: &Script) -> Option<&Step> {
    script.desk.session.pipeline.running().and_then(|run| run.step())
}

pub fn soaks(script: &Script) -> bool {
    matches!(at(script), Some(Step::Pause(Pause::Soak(_))))
}

/// The first side is out, and changed.
pub fn changes(script: &Script) -> bool {
    let changing = |script: &Script| {
        script
            .desk
            .session
            .rollout
            .working()
            .any(|(_, unit)| unit.lane.as_ref().is_some_and(|lane| lane.step() == LaneStep::Install))
    };
    matches!(at(script), Some(Step::Gather { at: LaneStep::Alive, .. })) && changing(script)
}

pub fn until(mut script: Script, holds: fn(&Script) -> bool) -> Script {
    for _ in 0..60 {
        if holds(&script) {
            return script;
        }
        script.rounds(1);
    }
    let step = at(&script).cloned();
    panic!("it never came so far: {step:?}\n{}", script.screen());
}

fn decided() -> Script {
    declared_at(Script::new("raj", plan(), caps(120, 36)))
}

/// [O53] What the way back costs stands there all the time, and changes when green is changed.
#[test]
fn the_way_back_is_a_switch_until_the_other_side_is_changed_and_then_a_redeploy() {
    let mut script = decided();
    script.keys("3 S").shows("blue first, out of traffic: 3 of 6 serve alone").keys("S");
    let mut script = until(script, changes);
    script.keys("3").shows("no traffic on it").shows("blue   OUT");
    let mut script = until(script, soaks);
    script.shows("switch to green, about 2 s").shows("production 3/6, soaks");
    script.shows("then the other side kept warm").hides("redeploy, about");
    // Pressed once it says the same.
    script.keys("R").shows("switch to green, about 2 s").keys("Esc C C");
    script.wait(600_000).rounds(1).shows("other side warm").shows("switch to green");
    let other = |script: &Script| matches!(at(script), Some(Step::Gather { batch: 1, at: LaneStep::Alive }));
    script.wait(1_200_000);
    let mut script = until(script, other);
    script.shows("redeploy, about").hides("switch to green");
}

#[test]
fn a_side_that_does_not_start_gets_no_traffic_and_says_which_serves() {
    let mut script = decided();
    let bad = UnitId::new("web-02").expect("a name");
    script.faults.insert((bad, LaneStep::Start), "payments: connection refused".into());
    script.keys("3 S S").work();
    script.shows("web-02 failed start").shows("blue   OUT").shows("green  in   100 %");
    script.keys("R").shows("no traffic on it");
}

/// Whoever looks sees at once what keeps the other side in, and not only once somebody is called for it.
#[test]
fn what_keeps_a_side_from_being_taken_out_is_said_while_it_waits() {
    let mut script = decided();
    let bad = UnitId::new("web-02").expect("a name");
    script.faults.insert((bad, LaneStep::Start), "payments: connection refused".into());
    script.keys("3 S S").work().left_out("web-02");
    let mut script = until(script, soaks);
    script.wait(600_000).rounds(1).wait(1_200_000);
    let fetches =
        |script: &Script| matches!(at(script), Some(Step::Gather { batch: 1, at: LaneStep::Fetch }));
    let mut script = until(script, fetches);
    script.work().shows("green is not taken out: 2 hosts of 3 on the other side would serve alone");
}
