//! A stage that takes some of an environment's hosts, and finds them in several regions, goes one region at a time: the
//! next one begins when the one before it was validated, has baked and was compared, and in hours that are its own. So
//! does one that begins off-peak and says `by = "region"`, whatever hosts it takes.
//!
//! Two things take the regions together, on purpose. A rollback brings back whatever was changed, everywhere at once under
//! the capacity budget: it waits for no region's turn and for no hours. And a first deploy has no strategy at all, as it
//! has nothing beside it that it could be compared with.

use super::{
    environment::Host,
    project::Plan,
    shutter::{Shutter, of_hours},
    stage::{Converging, Rolling, Select, Stage, Strategy},
    steps::{Pause, Step},
};
use crate::domain::{
    calendar::Opening,
    name::{CheckName, EnvironmentName},
    plan::CheckKind,
    time::Span,
};

/// `by = "all"`: the explicit word for all regions together.
pub const TOGETHER: &str = "all";

/// The hosts of one region that a stage takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region<'a> {
    /// None: of hosts that name none.
    pub name: Option<&'a str>,
    pub hosts: Vec<&'a Host>,
}

/// Whether a stage takes one region after the other, as it says itself, and begins off-peak: when that is depends on the
/// region, so that each begins when it is off-peak there.
fn in_hours_of_their_own(stage: &Stage, hosts: &[&Host]) -> bool {
    let by_region = stage.off_peak && stage.rolling().and_then(Rolling::label) == Some("region");
    by_region && hosts.first().is_some_and(|first| hosts.iter().any(|host| host.region != first.region))
}

/// The name of a region in words: of hosts without one that they have none.
pub const fn region_word(name: Option<&str>) -> &str {
    match name {
        Some(name) => name,
        None => "hosts without a region",
    }
}

impl Rolling {
    /// The label whose values are taken one after another; none: the plan names none, or says that they are taken together.
    pub fn label(&self) -> Option<&str> {
        self.by.as_deref().filter(|by| *by != TOGETHER)
    }

    /// Whether the plan says in so many words that regions are taken together.
    pub fn together(&self) -> bool {
        self.by.as_deref() == Some(TOGETHER)
    }
}

impl Stage {
    /// In what its hosts are taken, where it takes them in batches.
    pub fn rolling(&self) -> Option<&Rolling> {
        match &self.strategy {
            Strategy::Rolling(rolling) | Strategy::Converge(Converging { batches: rolling, .. }) => {
                Some(rolling)
            }
            _ => None,
        }
    }
}

impl Plan {
    /// Whether the stage at `index` goes one region at a time.
    pub fn by_region(&self, index: usize) -> bool {
        self.stages.get(index).is_some_and(|stage| self.goes_by_region(stage, &self.chosen(index)))
    }

    pub(super) fn goes_by_region(&self, stage: &Stage, hosts: &[&Host]) -> bool {
        let at_once = matches!(&stage.strategy, Strategy::Converge(how) if how.all_at_once);
        let separate = stage.rolling().is_some_and(|rolling| !rolling.together() && !at_once);
        separate && (self.some_in_several_regions(stage, hosts) || in_hours_of_their_own(stage, hosts))
    }

    /// Whether these hosts of a stage are some of their environment's, and lie in several regions.
    pub(super) fn some_in_several_regions(&self, stage: &Stage, hosts: &[&Host]) -> bool {
        let Some(first) = hosts.first().filter(|_| matches!(stage.select, Select::Some { .. })) else {
            return false;
        };
        let all = self.environments.get(&stage.environment).map_or(0, |place| place.hosts().count());
        hosts.len() < all && hosts.iter().any(|host| host.region != first.region)
    }

    /// The regions of the stage at `index` in the order in which they are taken; empty: it takes its hosts together.
    pub fn regions(&self, index: usize) -> Vec<Region<'_>> {
        if !self.by_region(index) {
            return Vec::new();
        }
        let hosts = self.selected(index);
        let same = hosts.chunk_by(|one, next| one.region == next.region);
        same.map(|hosts| Region { name: hosts[0].region.as_deref(), hosts: hosts.to_vec() }).collect()
    }

    /// The steps of a stage that goes one region at a time, where each region has so many batches: these begin with batch
    /// `from`, and stand after others.
    pub fn steps_of_regions(&self, index: usize, batches: &[u32], from: u32) -> Vec<Step> {
        let desires = self.converging(index).is_some();
        let mut next = from;
        let mut steps = Vec::new();
        for (nth, count) in batches.iter().enumerate() {
            if nth > 0 {
                steps.extend(self.between_regions(index, next));
            }
            steps.extend((next..next + count).map(|batch| {
                if desires { Step::Desire { batch } } else { Step::Deploy { batch, weight: None } }
            }));
            next += count;
        }
        steps
    }

    /// What stands between a region and the next one, whose first batch this is: what machines look at, its bake, what a
    /// person compares, and the hours of the region that begins.
    pub fn between_regions(&self, index: usize, next: u32) -> Vec<Step> {
        let Some(stage) = self.stages.get(index) else { return Vec::new() };
        let by_hand = |check: &&CheckName| {
            self.checks.get(*check).is_some_and(|check| check.kind == CheckKind::Comparison)
        };
        let (people, machines): (Vec<&CheckName>, Vec<&CheckName>) =
            stage.validations.iter().partition(by_hand);
        let validate = |checks: Vec<&CheckName>| {
            (!checks.is_empty()).then(|| Step::Validate(checks.into_iter().cloned().collect()))
        };
        let bake = (stage.bake > Span::ZERO).then_some(Step::Pause(Pause::Bake(stage.bake)));
        let region = Step::Region { next };
        validate(machines).into_iter().chain(bake).chain(validate(people)).chain([region]).collect()
    }

    /// What opens and closes one region of the stage at `index`, whose hosts begin.
    pub fn opening_of_region<'a>(&'a self, index: usize, region: Option<&'a str>) -> Opening<Shutter<'a>> {
        let Some(stage) = self.stages.get(index) else { return Opening { rules: Vec::new() } };
        of_hours(self, stage, vec![region])
    }

    /// Whether a stage of this environment goes one region at a time.
    pub fn has_regions_in_turn(&self, environment: &EnvironmentName) -> bool {
        let here = |(_, stage): &(usize, &Stage)| stage.environment == *environment;
        self.stages.iter().enumerate().filter(here).any(|(index, _)| self.by_region(index))
    }
}
