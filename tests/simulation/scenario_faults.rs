//! What is wrong in a scenario from its beginning.

use golive::domain::{effect::LaneStep, name::Version};
use serde::Deserialize;

use super::{host::Wrong, once, plan::unit, world::World};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    host: Option<String>,
    check: Option<String>,
    /// What runs once: `migrate`, `announce`, or `back of migrate`.
    once: Option<String>,
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
        match (self.host, self.step, self.check, self.once) {
            (Some(host), Some(step), None, None) => {
                let only = self.version.map(|version| Version::new(&version).unwrap());
                let index = world.index[&unit(&host)];
                world.hosts[index].wrong.push((step, wrong, only));
            }
            (None, None, Some(check), None) => {
                world.check_faults.insert(check, wrong);
            }
            (None, None, None, Some(once)) => {
                let way = once.strip_prefix("back of ").map_or((once.as_str(), false), |once| (once, true));
                world.once.wrong.insert((once::name(way.0), way.1), wrong);
            }
            _ => panic!("a fault names host and step, or check, or once"),
        }
    }
}
