//! Every host stopped before one is deployed, as it is seen: before, while nobody is served, held, and after.

use golive::domain::{
    effect::LaneStep,
    name::UnitId,
    plan::{Capacity, Plan, Strategy},
    rollout::Downtime,
};
use golive::tui::terminal::Caps;

use super::{golive::declared_at, script::Script};
use crate::screens::caps;

pub fn plan() -> Plan {
    let mut plan = super::desk::plan();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.capacity = Capacity::default();
    plan.stages[0].strategy = Strategy::StopAll;
    plan
}

pub fn is_down(script: &Script) -> bool {
    script.desk.session.rollout.downtime.values().any(Downtime::is_now)
}

/// Until nobody serves.
pub fn down(mut script: Script) -> Script {
    for _ in 0..60 {
        if is_down(&script) {
            return script;
        }
        script.rounds(1);
    }
    panic!("nobody was ever down");
}

fn decided(caps: Caps) -> Script {
    declared_at(Script::new("raj", plan(), caps))
}

/// [K48] The downtime is named before anything starts, with how long it will be, or that nobody knows.
#[test]
fn the_downtime_is_named_before_the_start_and_its_length_is_not_guessed() {
    let mut script = decided(caps(120, 36));
    script.keys("1").shows("DOWNTIME, how long is unknown").shows("production are stopped before one is");
    script.keys("3 S").shows("DOWNTIME, how long is unknown").shows("capacity not under 0 of 3");
}

#[test]
fn while_nobody_is_served_every_line_says_so_and_hold_says_what_it_does_not_do() {
    let mut script = decided(caps(120, 36));
    script.keys("3 S S");
    script.shows("production 0/3, fetching");
    let mut script = down(script);
    script.keys("3").shows("DOWN for").shows("no host of production serves").shows("DOWN since");
    script.keys("H").shows("HELD").shows("C or R brings it back, HOLD does not");
    script.keys("C C").work();
    script.shows("3 done").shows("was DOWN");
    assert!(!is_down(&script));
}

/// What releases it stays where the line is short.
#[test]
fn held_in_a_downtime_the_small_screen_too_says_what_brings_the_service_back() {
    let mut script = declared_at(Script::new("raj", plan(), caps(80, 24)));
    script.keys("3 S S");
    let mut script = down(script);
    script.keys("3 H").shows("HELD").shows("nobody is served · C or R, not HOLD");
}

#[test]
fn a_host_that_can_not_be_shown_to_be_stopped_is_named_with_what_may_be_done() {
    let mut script = decided(caps(120, 36));
    let host = UnitId::new("web-02").expect("a name");
    script.faults.insert((host, LaneStep::Prove), "2.4.1 still runs".into());
    script.keys("3 S S").work();
    script.shows("web-02 failed prove-stopped: 2.4.1 still runs").shows("proved stopped");
    script.keys("X").shows("may still run");
}

/// All its hosts are done.
fn live(caps: Caps) -> Script {
    let mut script = decided(caps);
    script.keys("3 S S").work();
    script
}

#[test]
fn how_the_way_back_of_all_looks() {
    super::pictures::pictures("stop-all-back", "3 R", live);
}

/// The way back stops them all again: nobody goes that way without having been told.
#[test]
fn the_way_back_says_beforehand_that_nobody_is_served_meanwhile() {
    let mut script = live(caps(80, 24));
    script.shows("3 done").keys("R").shows("DOWNTIME: all 3 hosts of production are stopped");
    script.shows("all are stopped first, whatever the minimum").hides("newest first");
}
