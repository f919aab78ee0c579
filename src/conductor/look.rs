//! What a decision rests on is looked at once more before it is decided, where an old look would refuse it.

use std::time::Duration;

use super::{host::Host, turn::Input};
use crate::domain::{
    command::Command,
    effect::{Report, Reported, Target},
    rollout::RolloutCommand,
};

/// A deploy target that does not answer for longer is known as it was seen last.
const LOOK: Duration = Duration::from_secs(1);

impl Host {
    /// Whoever breaks a lock has just heard that its holder is gone: the watch may not have come round since.
    pub async fn look_at_the_lock(&mut self, command: &Command) {
        let Command::Rollout(RolloutCommand::BreakLock { environment, .. }) = command else { return };
        let Some(hosted) = &self.hosted else { return };
        let session = hosted.turn.session();
        let watch = session.flights.get(&Target::Watch(environment.clone()));
        let Some(effect) = watch.map(|flight| flight.effect.id.clone()) else { return };
        let epoch = session.epoch;
        let looked = self.clock.limit(LOOK, hosted.engine.look_at_lock(environment)).await;
        let Some(found) = looked.flatten() else { return };
        let what = Reported::Lock { environment: environment.clone(), found };
        self.give(Input::Report(Report { epoch, effect, what })).await;
    }
}
