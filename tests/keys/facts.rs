//! What becomes of hosts, told to a script as a fact.

use golive::domain::{event::Event, name::UnitId, rollout::RolloutEvent};

use super::script::Script;

impl Script {
    /// Nobody knows how the host stands: its step was interrupted.
    pub fn unknown(&mut self, unit: &str, why: &str) -> &mut Self {
        let unit = UnitId::new(unit).expect("a name");
        self.fact(Event::Rollout(RolloutEvent::LaneUnknown { unit, why: why.into() }));
        self
    }

    /// Somebody leaves the host out.
    pub fn left_out(&mut self, unit: &str) -> &mut Self {
        let unit = UnitId::new(unit).expect("a name");
        self.fact(Event::Rollout(RolloutEvent::Excluded { unit, reason: "its disk is broken".into() }));
        self
    }
}
