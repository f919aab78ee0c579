//! Zero downtime over clouds, as it is seen: who is primary, what stands by, and that the switch waits to be observed.

use golive::domain::{
    comparison::{Side, Sides},
    name::{CloudName, PoolId},
    plan::{Capacity, Cloud, CloudPauses, CloudRole, CloudStep, Plan, Pool, Step, Strategy, ZeroDowntime},
};

use super::{blue_green::until, golive::declared_at, script::Script};
use crate::{plan_parts::host, screens::caps};

/// Three hosts in the cloud that serves, and three in the one that stands by.
pub fn plan() -> Plan {
    let mut plan = super::desk::plan();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.capacity = Capacity::default();
    let component = environment.pools[0].component.clone();
    let name = |cloud: &str| CloudName::new(cloud).expect("a name");
    let pool = |cloud: &str, from: u16| Pool {
        id: PoolId::new(&format!("production/{cloud}")).expect("a name"),
        component: component.clone(),
        cloud: Some(name(cloud)),
        colour: None,
        hosts: (from..from + 3).map(|n| host(&format!("web-0{n}"), 80)).collect(),
    };
    environment.pools = vec![pool("eu-1", 1), pool("eu-2", 4)];
    let of = |cloud: &str, role| Cloud { name: name(cloud), role, region: None };
    environment.clouds = vec![of("eu-1", CloudRole::Primary), of("eu-2", CloudRole::Secondary)];
    let verify = plan.stages[0].validations.iter().take(1).cloned().collect();
    let pause = CloudPauses { before: vec![CloudStep::Switch], after: Vec::new() };
    plan.stages[0].strategy =
        Strategy::ZeroDowntime(ZeroDowntime { verify, pause, ..ZeroDowntime::default() });
    plan
}

fn at(script: &Script) -> Option<&Step> {
    script.desk.session.pipeline.running().and_then(|run| run.step())
}

pub fn waits(script: &Script) -> bool {
    matches!(at(script), Some(Step::Pause(_)))
}

fn shifts(script: &Script) -> bool {
    matches!(at(script), Some(Step::Shift { .. }))
}

/// The switch is told, and not observed yet.
pub fn told(script: Script) -> Script {
    let mut script = until(script, waits);
    script.keys("3 C C").work();
    until(script, shifts)
}

fn counted(there: u64, elsewhere: u64) -> Sides {
    let side = |requests| Side { hosts: 3, requests, errors: 0, waited: None };
    Sides { new: side(there), rest: side(elsewhere) }
}

/// [O35] The badges say who is primary, the switch waits until it was observed, and the way back says what it costs.
#[test]
fn the_switch_is_paused_before_observed_and_then_the_roles_change() {
    let mut script = declared_at(Script::new("raj", plan(), caps(120, 36)));
    script.keys("3 S").keys("S");
    let mut script = until(script, waits);
    script.keys("3").shows("eu-1  PRI  in").shows("eu-2  SEC  OUT").shows("paused until somebody goes on");
    script.shows("no traffic on it");
    let mut script = told(script);
    script.shows("no request was counted since eu-1 left").shows("eu-1  PRI  OUT").shows("eu-2  SEC  in");
    script.shows("switch to eu-1");
    // By then somebody is called.
    script.counts(counted(40, 2)).work().shows("traffic has not shifted for 2 min").shows("eu-1  PRI  OUT");
    assert!(shifts(&script), "some went past it");
    script.counts(counted(40, 0)).work();
    script.shows("eu-1  SEC  OUT").shows("eu-2  PRI  in");
}
