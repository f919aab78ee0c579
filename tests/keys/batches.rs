//! A rollout in batches, as it is seen.

use golive::domain::plan::{Amount, Rolling, Strategy};

use super::{golive::declared_at, script::Script};
use crate::screens::caps;

#[test]
fn the_stage_says_which_batch_is_taken_and_each_host_which_one_it_waits_for() {
    let mut plan = super::desk::plan();
    let batches = vec![Amount::Count(1)];
    plan.stages[0].strategy = Strategy::Rolling(Rolling { batches, ..Rolling::default() });
    let mut script = declared_at(Script::new("raj", plan, caps(80, 24)));
    script.keys("3 S S").shows("production 0/3, batch 1 of 3");
    script.shows("waiting, batch 2").shows("waiting, batch 3").hides("waiting, batch 1");
    script.work().shows("3 done").hides("batch");
}
