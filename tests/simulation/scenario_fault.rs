//! What a scenario has go wrong with a step or a check.

use golive::domain::{effect::LaneStep, name::Version};
use serde::Deserialize;

use super::{host::Wrong, plan::unit, world::World};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    host: Option<String>,
    check: Option<String>,
    step: Option<LaneStep>,
    does: String,
    /// Only while this version is deployed.
    version: Option<String>,
}

impl Fault {
    pub fn into(self, world: &mut World) {
        let wrong = match self.does.as_str() {
            "fails" => Wrong::Fails,
            "hangs" => Wrong::Hangs,
            "says nothing" => Wrong::Undecided,
            "lies" => Wrong::Lies,
            "is slow" => Wrong::Slow(20),
            other => panic!("{other:?}: use fails, hangs, says nothing, lies or is slow"),
        };
        match (self.host, self.step, self.check) {
            (Some(host), Some(step), None) => {
                let only = self.version.map(|version| Version::new(&version).unwrap());
                let index = world.index[&unit(&host)];
                world.hosts[index].wrong.push((step, wrong, only));
            }
            (None, None, Some(check)) => {
                world.check_faults.insert(check, wrong);
            }
            _ => panic!("a fault names host and step, or check"),
        }
    }
}
