//! A version that is superseded, as it is seen while it is brought back and after.

use golive::domain::{
    command::Command,
    course::CourseCommand,
    effect::LaneStep,
    name::{UnitId, Version},
    plan::SecondGoLive,
    rollout::RolloutCommand,
};

use super::{golive::declared_at, script::Script};
use crate::screens::caps;

#[test]
fn what_takes_its_place_is_named_while_it_is_brought_back_and_when_it_is_closed() {
    let mut plan = super::desk::plan();
    plan.second = SecondGoLive::Superseding;
    let mut script = declared_at(Script::new("raj", plan, caps(80, 24)));
    script.faults.insert((UnitId::new("web-02").unwrap(), LaneStep::Start), "refused".into());
    script.desk.say("raj", Command::Rollout(RolloutCommand::Start { stage: None })).expect("started");
    script.work();
    script.faults.clear();
    let by = Version::new("2.6.0").unwrap();
    script.desk.say("raj", Command::Course(CourseCommand::Supersede { by })).expect("superseded");
    script.keys("3").shows("ROLLING BACK to 2.4.1, 2.6.0 takes its place");
    script.work();
    script.shows("↩ the session is closed: superseded");
}
