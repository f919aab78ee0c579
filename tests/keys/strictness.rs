//! What a less strict go-live leaves out, on every screen where it would have been asked for.

use golive::{
    domain::{
        name::{ItemId, StageName},
        plan::{Plan, Profile},
    },
    tui::terminal::Caps,
};

use super::{
    desk::{item, plan},
    golive::{declared_at, ready_at},
    pictures::pictures,
    script::Script,
};
use crate::screens::caps;

/// The project's own profile asks for no bake, and only shows one item.
fn relaxed(caps: Caps) -> Script {
    ready_at(Script::new("raj", plan_of(), caps))
}

fn plan_of() -> Plan {
    let mut plan = plan();
    plan.strictness.own = Profile::Relaxed;
    plan.strictness.standard.bakes = vec![StageName::new("production").unwrap()];
    let load_test: ItemId = item("load-test");
    plan.strictness.relaxed.items = vec![load_test];
    plan
}

/// Before the decision, at the decision, and where it is started: with what is left out, in words.
#[test]
fn a_less_strict_go_live_on_its_screens() {
    pictures("strictness-decision", "1", relaxed);
    pictures("strictness-checklist", "2", relaxed);
    pictures("strictness-start", "3 S", |caps| declared_at(Script::new("raj", plan_of(), caps)));
}

/// [R6] The profile stands in the header of every screen, what it leaves out where it would have been asked for, and never
/// as passed.
#[test]
fn what_is_left_out_is_said_on_each_screen_with_a_gate() {
    let mut script = relaxed(caps(120, 36));
    for key in ["1", "2", "3", "7", "8"] {
        script.keys(key).shows("LIVE RELAXED");
    }
    script.keys("1").shows("left out by relaxed: bake of");
    script.keys("3 :").text("rollout pipeline").wait(500).keys("Enter").shows("bake left out by relaxed");
}
