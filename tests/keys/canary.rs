//! A canary, as it is seen: at a share, at a pause, and going on by hand.

use golive::domain::{
    plan::{Canary, CanaryStep, Pause, Strategy, Weight},
    time::Span,
};

use super::{golive::declared_at, script::Script};
use crate::screens::caps;

fn weight(percent: u8) -> CanaryStep {
    CanaryStep::Weight(Weight::new(percent).unwrap())
}

fn canary(pause: Pause) -> Script {
    let mut plan = super::desk::plan();
    let steps = vec![weight(40), CanaryStep::Pause(pause), weight(60)];
    plan.stages[0].strategy = Strategy::Canary(Canary { steps });
    let mut script = declared_at(Script::new("raj", plan, caps(80, 24)));
    script.keys("3 S S").shows("production 0/3, 40 %").shows("waiting, batch 2");
    script.work();
    script
}

#[test]
fn a_pause_says_how_long_it_lasts_and_what_comes_then() {
    let mut script = canary(Pause::For(Span::minutes(10)));
    script.shows("production at 40 %, 1/3: paused, 10:00 left").shows("then 60 %");
    script.shows("production 1/3, 40 %, pause");
    script.wait(240_000).shows("paused, 6:00 left");
    // Nobody cuts it short.
    script.keys("C").shows("C: production pauses for 5 min 59 s more");
    script.wait(360_000).work().shows("3 done");
}

#[test]
fn a_pause_that_waits_for_a_person_says_so_and_c_goes_on() {
    let mut script = canary(Pause::Human);
    script.shows("production at 40 %, 1/3: paused until somebody goes on").shows("C, then 60 %");
    script.keys("C").shows("ends the pause").keys("C").work().shows("3 done");
}
