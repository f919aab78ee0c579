//! Whoever is on watch and has no screen open.

use golive::domain::{command::Command, course::CourseCommand, rollout::RolloutCommand};

use super::golive::declared;

/// [W27] A watcher without a screen stands on the waiting line until somebody takes the watch.
#[test]
fn a_watcher_who_is_gone_is_a_banner_until_somebody_takes_the_watch() {
    let mut script = declared("lee");
    let start = RolloutCommand::Start { stage: None };
    script.desk.say("raj", Command::Rollout(start)).expect("started");
    let gone = CourseCommand::WatcherPresent { present: false };
    script.desk.say("raj", Command::Course(gone)).expect("gone");
    script.keys("3").shows("raj is on watch and has no screen open").shows("W takes the watch");
    script.keys("W W").hides("has no screen open").shows("watch: lee");
}
