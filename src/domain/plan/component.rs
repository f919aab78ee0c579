//! The parts of a project that are deployed by themselves, and the order among them.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    capacity::{Capacity, Limits},
    check::Check,
    environment::{Artifact, Balancer, Driver, Environment, Host},
    host_check::{ALIVE, SELF_TEST},
    project::Plan,
    stage::Strategy,
    template::Template,
};
use crate::domain::{
    effect::Candidate,
    name::{CheckName, ComponentName, PersonName, UnitId},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    pub name: ComponentName,
    pub tier: Tier,
    pub owner: Option<PersonName>,
    pub failure: FailureMode,
    pub depends: Vec<ComponentName>,
    /// Run by somebody else; nothing is deployed to it.
    pub external: bool,
    /// What makes it a part that is deployed beside others. Left out where it says nothing of that, as in every plan
    /// that was adopted before it could.
    #[serde(default, skip_serializing_if = "Own::says_nothing")]
    pub own: Own,
}

/// What a component has of its own, where several are deployed in one release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// Its hosts wait for those of this one, in every stage that takes both.
    pub after: Option<ComponentName>,
    /// For how many of them.
    pub barrier: Threshold,
    /// Where its artifact comes from; none: the project's.
    pub artifact: Option<Artifact>,
    /// How its units are changed; none: as the environment says.
    pub driver: Option<Driver>,
    pub alive: LaneCheck,
    pub self_test: LaneCheck,
    /// It has no place in the balancer: nothing takes its hosts out of traffic, and none has to.
    pub unbalanced: bool,
    /// Its own budget, over its hosts alone.
    pub capacity: Option<Capacity>,
}

impl Own {
    fn says_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// How many hosts of the component before have to serve the new version first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Threshold {
    Hosts(u32),
    All,
}

impl Default for Threshold {
    fn default() -> Self {
        Self::Hosts(1)
    }
}

/// Which check a host of this component is asked in its lane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaneCheck {
    /// The one that the project names so.
    #[default]
    Project,
    /// None: what its driver sees is all that is known.
    None,
    Check(CheckName),
}

/// 1 critical, 2 important, 3 nice to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Tier(u8);

impl Tier {
    pub const CRITICAL: Tier = Tier(1);

    pub fn new(tier: u8) -> Option<Self> {
        (1..=3).contains(&tier).then_some(Self(tier))
    }
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Tier {
    type Error = String;
    fn try_from(tier: u8) -> Result<Self, String> {
        Self::new(tier).ok_or_else(|| format!("tier {tier}: a tier is 1, 2 or 3"))
    }
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> u8 {
        tier.0
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureMode {
    #[default]
    Down,
    Degrade,
}

/// In one stage the hosts of a component wait until so many of another one serve the new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barrier {
    pub component: ComponentName,
    pub after: ComponentName,
    pub hosts: u32,
    /// So many there are of them in the stage.
    pub of: u32,
}

impl Barrier {
    /// `the first healthy web host`, `2 healthy web hosts`, `all 4 web hosts, healthy`.
    pub fn wants(&self) -> String {
        let Self { after, hosts, of, .. } = self;
        match hosts {
            1 => format!("the first healthy {after} host"),
            all if all == of => format!("all {of} {after} hosts, healthy"),
            some => format!("{some} healthy {after} hosts"),
        }
    }

    /// `worker waits for the first healthy web host`.
    pub fn words(&self) -> String {
        format!("{} waits for {}", self.component, self.wants())
    }
}

/// In the order in which they are deployed: what comes after another one stands after it, and else by name.
pub fn in_order(components: &BTreeMap<ComponentName, Component>) -> Vec<&Component> {
    let mut left: Vec<&Component> = components.values().filter(|it| !it.external).collect();
    let mut order: Vec<&Component> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |it: &&Component| {
            let after = it.own.after.as_ref();
            after.is_some_and(|after| left.iter().any(|other| other.name == *after && other.name != it.name))
        };
        // A circle is another rule's to say; it must only not go on for ever.
        let at = left.iter().position(|it| !waits(it)).unwrap_or(0);
        order.push(left.remove(at));
    }
    order
}

impl Plan {
    /// The components that are deployed, in the order in which they are.
    pub fn deployed(&self) -> Vec<&Component> {
        in_order(&self.components)
    }

    /// Whether a release has several parts.
    pub fn has_parts(&self) -> bool {
        self.components.len() > 1 && self.components.values().filter(|it| !it.external).nth(1).is_some()
    }

    fn own(&self, part: Option<&ComponentName>) -> Option<&Own> {
        Some(&self.components.get(part?)?.own)
    }

    /// How the units of this part are changed in an environment.
    pub fn driver<'a>(&'a self, environment: &'a Environment, part: Option<&ComponentName>) -> &'a Driver {
        self.own(part).and_then(|own| own.driver.as_ref()).unwrap_or(&environment.driver)
    }

    /// What takes the units of this part out of traffic there.
    pub fn balancer<'a>(
        &'a self,
        environment: &'a Environment,
        part: Option<&ComponentName>,
    ) -> &'a Balancer {
        const NONE: &Balancer = &Balancer::None;
        if self.own(part).is_some_and(|own| own.unbalanced) { NONE } else { &environment.balancer }
    }

    fn lane_check(&self, which: Option<&LaneCheck>, project: &str) -> Option<&Check> {
        match which {
            None | Some(LaneCheck::Project) => self.check(project),
            Some(LaneCheck::None) => None,
            Some(LaneCheck::Check(name)) => self.checks.get(name),
        }
    }

    /// What shows that a unit of this part answers.
    pub fn alive(&self, part: Option<&ComponentName>) -> Option<&Check> {
        self.lane_check(self.own(part).map(|own| &own.alive), ALIVE)
    }

    /// What a unit of this part is asked before it rejoins.
    pub fn self_test(&self, part: Option<&ComponentName>) -> Option<&Check> {
        self.lane_check(self.own(part).map(|own| &own.self_test), SELF_TEST)
    }

    /// Where the artifact of this part comes from.
    pub fn source(&self, part: Option<&ComponentName>) -> &Template {
        let own = self.own(part).and_then(|own| own.artifact.as_ref());
        &own.unwrap_or(&self.artifact).source
    }

    /// The parts whose content is told apart by a digest each; none: one artifact is that of all of them.
    pub fn told_apart(&self) -> Vec<&Component> {
        let deployed = self.deployed();
        let apart = deployed.len() > 1 && deployed.iter().any(|it| it.own.artifact.is_some());
        if apart { deployed } else { Vec::new() }
    }

    /// Whether a candidate has a digest for each part of this plan. One of a release with other parts can't be gone
    /// back to.
    pub fn fits(&self, candidate: &Candidate) -> bool {
        let apart = self.told_apart();
        apart.len() == candidate.parts.len() && apart.iter().all(|it| candidate.parts.contains_key(&it.name))
    }

    /// Whether a check is asked of each host in its lane.
    pub fn runs_in_lanes(&self, check: &CheckName) -> bool {
        let named = |which: &LaneCheck| matches!(which, LaneCheck::Check(name) if name == check);
        matches!(check.as_str(), ALIVE | SELF_TEST)
            || self.components.values().any(|it| named(&it.own.alive) || named(&it.own.self_test))
    }

    /// Which hosts of the stage at `index` wait for which others.
    pub fn barriers(&self, index: usize) -> Vec<Barrier> {
        if !self.has_parts() {
            return Vec::new();
        }
        let counts = self.parts_of(index);
        let hosts = |name: &ComponentName| counts.iter().find(|(part, _)| *part == name).map(|(_, n)| *n);
        let barrier = |component: &Component| {
            let after = component.own.after.clone()?;
            hosts(&component.name)?;
            let of = hosts(&after)?;
            let hosts = match component.own.barrier {
                Threshold::Hosts(hosts) => hosts.clamp(1, of),
                Threshold::All => of,
            };
            // What comes in a later region is not there when the first host waits.
            let hosts = self.by_then(index, &component.name, &after).map_or(hosts, |there| hosts.min(there));
            Some(Barrier { component: component.name.clone(), after, hosts, of })
        };
        self.deployed().into_iter().filter_map(barrier).collect()
    }

    /// How many hosts of another component have had their turn when the first of this one has its own, where the stage goes
    /// one region at a time; none: it does not.
    pub(super) fn by_then(
        &self,
        index: usize,
        component: &ComponentName,
        after: &ComponentName,
    ) -> Option<u32> {
        let mut there = 0;
        for region in self.regions(index) {
            let parts = self.parts_among(index, &region.hosts);
            let of = |name: &ComponentName| parts.iter().find(|(part, _)| *part == name).map_or(0, |it| it.1);
            there += of(after);
            if of(component) > 0 {
                return Some(there);
            }
        }
        None
    }

    /// The parts of the stage at `index`, each with how many hosts of it are taken, in the order of deployment.
    pub fn parts_of(&self, index: usize) -> Vec<(&ComponentName, u32)> {
        self.parts_among(index, &self.selected(index))
    }

    /// The same of these hosts of it.
    pub(super) fn parts_among(&self, index: usize, hosts: &[&Host]) -> Vec<(&ComponentName, u32)> {
        let Some(environment) = self.stages.get(index).and_then(|it| self.environments.get(&it.environment))
        else {
            return Vec::new();
        };
        let parts = environment.part_of();
        let mut counts: Vec<(&ComponentName, u32)> = Vec::new();
        for host in hosts {
            let Some(part) = parts.get(&host.unit) else { continue };
            match counts.iter_mut().find(|(known, _)| known == part) {
                Some((_, count)) => *count += 1,
                None => counts.push((part, 1)),
            }
        }
        let order: Vec<&ComponentName> = self.deployed().into_iter().map(|it| &it.name).collect();
        counts.sort_by_key(|(part, _)| order.iter().position(|it| it == part));
        counts
    }

    /// The budget of one part in an environment with so many hosts of it. What the environment declares as shares holds
    /// for each part; what it declares as numbers is the environment's, and a part of several hosts then keeps one.
    pub fn limits_of(&self, environment: &Environment, part: &ComponentName, hosts: u32) -> Limits {
        let stops = self
            .stages
            .iter()
            .any(|stage| stage.environment == environment.name && stage.strategy == Strategy::StopAll);
        if stops {
            return environment.capacity.limits_of_stop(hosts);
        }
        match self.own(Some(part)).and_then(|own| own.capacity.as_ref()) {
            Some(own) => own.limits(hosts),
            None => environment.capacity.of_a_part(hosts),
        }
    }
}

impl Environment {
    /// The component of each unit, where several are deployed here.
    pub fn part_of(&self) -> HashMap<&UnitId, &ComponentName> {
        let several = self.pools.iter().any(|pool| pool.component != self.pools[0].component);
        let pools = self.pools.iter().filter(|_| several);
        pools.flat_map(|pool| pool.hosts.iter().map(|host| (&host.unit, &pool.component))).collect()
    }
}
