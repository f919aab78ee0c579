//! The whole plan, and a plan as adopted by a session.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    alarm::Alarm,
    capacity::Limits,
    check::Check,
    clouds::Primaries,
    component::Component,
    drill::Drill,
    environment::{Artifact, Environment, Host, Pool},
    freeze::Freeze,
    people::{Person, Separation},
    poll::{PlanB, PollRules},
    stage::{Stage, Strategy},
    strictness::{Profile, Strictness},
    template::Template,
    traffic::TrafficMap,
};
use crate::domain::{
    checklist::ItemSpec,
    digests::OfPlan,
    name::{
        CheckName, ComponentName, Digest, DrillName, EnvironmentName, PersonName, ProjectName, StageName,
        UnitId,
    },
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub project: ProjectName,
    pub versions: VersionPolicy,
    /// Left out where it is refused, as in every plan that was adopted before it could be anything else.
    #[serde(default, skip_serializing_if = "SecondGoLive::is_refused")]
    pub second: SecondGoLive,
    /// The machine the conductor must live on.
    pub home: Option<String>,
    pub separation: Separation,
    /// The clocks by which the quarters of drills begin; none: those of UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Whether the conductor's socket is shared with a group.
    pub share_group: bool,
    pub people: BTreeMap<PersonName, Person>,
    pub notify: Vec<Notifier>,
    /// A PEM file of authorities that are trusted besides the system's, from the project's directory on. Left out
    /// where there is none, as in every plan that was adopted before there could be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    pub artifact: Artifact,
    pub components: BTreeMap<ComponentName, Component>,
    pub environments: BTreeMap<EnvironmentName, Environment>,
    pub checks: BTreeMap<CheckName, Check>,
    /// Typed and checked; watched by a later build, so `open` refuses a plan that has one.
    pub alarms: Vec<Alarm>,
    pub stages: Vec<Stage>,
    /// Of the project and of its environments, in the order of their names. Left out where there is none, and so are
    /// the maps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freezes: Vec<Freeze>,
    /// By region; [`EVERYWHERE`] for those that have none of their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub traffic: BTreeMap<String, TrafficMap>,
    /// Resiliency drills; left out where there is none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drills: BTreeMap<DrillName, Drill>,
    /// What less strict go-lives leave out; left out where there is but one profile.
    #[serde(default, skip_serializing_if = "Strictness::is_default")]
    pub strictness: Strictness,
    pub poll: PollRules,
    pub plan_b: PlanB,
    /// The items of all checklists, in order.
    pub items: Vec<ItemSpec>,
}

/// The traffic map of every region that has none of its own, and of hosts that name none.
pub const EVERYWHERE: &str = "everywhere";

impl Plan {
    /// Of all that it says; texts and comments of its file do not count.
    pub fn digest(&self) -> Digest {
        Digest::of_value("golive/plan/1", self)
    }

    /// The zone of the project's own clocks.
    pub fn zone(&self) -> &str {
        self.zone.as_deref().unwrap_or("UTC")
    }

    pub fn traffic_of(&self, region: Option<&str>) -> Option<&TrafficMap> {
        let own = region.and_then(|region| self.traffic.get(region));
        own.or_else(|| self.traffic.get(EVERYWHERE))
    }

    pub fn stage(&self, name: &StageName) -> Option<(usize, &Stage)> {
        self.stages.iter().enumerate().find(|(_, stage)| stage.name == *name)
    }

    pub fn pools(&self) -> impl Iterator<Item = (&Environment, &Pool)> {
        self.environments.values().flat_map(|env| env.pools.iter().map(move |pool| (env, pool)))
    }

    /// The environment, pool and host of a unit.
    pub fn unit(&self, unit: &UnitId) -> Option<(&Environment, &Pool, &Host)> {
        self.pools().find_map(|(env, pool)| {
            pool.hosts.iter().find(|host| host.unit == *unit).map(|host| (env, pool, host))
        })
    }

    /// Whether all hosts of the environment are stopped before one is deployed.
    pub fn stops_all(&self, environment: &EnvironmentName) -> bool {
        self.goes_by(environment, |strategy| *strategy == Strategy::StopAll)
    }

    /// Whether one side of the environment is taken after the other.
    pub fn takes_sides(&self, environment: &EnvironmentName) -> bool {
        self.goes_by(environment, |it| matches!(it, Strategy::BlueGreen(_) | Strategy::ZeroDowntime(_)))
    }

    /// Whether one cloud of the environment serves while the others stand by.
    pub fn takes_clouds(&self, environment: &EnvironmentName) -> bool {
        self.goes_by(environment, |it| matches!(it, Strategy::ZeroDowntime(_)))
    }

    /// Whether a stage of the environment has such a strategy. Few have, so that names are hardly ever read.
    fn goes_by(&self, environment: &EnvironmentName, such: impl Fn(&Strategy) -> bool) -> bool {
        self.stages.iter().any(|stage| such(&stage.strategy) && stage.environment == *environment)
    }

    /// The plan with who is primary by now, where golive switched it.
    fn with_primaries(mut self, primaries: &Primaries) -> Self {
        for (name, primary) in primaries {
            if let Some(environment) = self.environments.get_mut(name) {
                environment.switched_to(primary);
            }
        }
        self
    }

    /// The capacity budget of an environment with so many hosts, as its stages take them.
    pub fn limits(&self, environment: &Environment, hosts: u32) -> Limits {
        self.limits_beside(environment, hosts, environment.spares())
    }

    /// The same where it is known how many of the hosts are spare: no host is looked at.
    pub fn limits_beside(&self, environment: &Environment, hosts: u32, spares: u32) -> Limits {
        if self.stops_all(&environment.name) {
            environment.capacity.limits_of_stop(hosts)
        } else if self.takes_clouds(&environment.name) {
            let sizes = || environment.sides().into_iter().map(|(_, hosts)| hosts);
            let (smallest, largest) = (sizes().min().unwrap_or(1), sizes().max().unwrap_or(1));
            environment.capacity.limits_of_clouds(hosts, smallest, largest)
        } else if self.takes_sides(&environment.name) {
            let largest = environment.sides().into_iter().map(|(_, hosts)| hosts).max();
            environment.capacity.limits_of_sides(hosts, largest.unwrap_or(1))
        } else {
            environment.capacity.limits_beside(hosts.saturating_sub(spares), spares)
        }
    }

    /// Where the poll stands among the stages; every stage from there on needs a GO.
    pub fn poll_index(&self) -> usize {
        self.stages.iter().position(|s| s.name == self.poll.before).unwrap_or(0)
    }

    /// The environment that the header names: that of the stage the poll stands before.
    pub fn headline(&self) -> Option<&Environment> {
        self.stages.get(self.poll_index()).and_then(|stage| self.environments.get(&stage.environment))
    }

    pub fn check(&self, name: &str) -> Option<&Check> {
        self.checks.get(name)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VersionPolicy {
    #[default]
    Mixed,
    /// Two versions may never run at the same time: stop-all only.
    Exclusive,
}

/// What becomes of a go-live that is asked for while another is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondGoLive {
    #[default]
    Refused,
    /// It waits for the end of the one before.
    Queued,
    /// The one before is rolled back and ends.
    Superseding,
}

impl SecondGoLive {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it asks about by reference")]
    fn is_refused(&self) -> bool {
        *self == Self::Refused
    }
}

/// How people are told. Texts go as arguments or a JSON body, never through a shell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notifier {
    Exec { argv: Vec<Template>, timeout: Span },
    Webhook { url: String, timeout: Span },
}

/// A plan with the text it was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    pub plan: Plan,
    pub digest: Digest,
    /// The file as it was, so that an auditor can read what was decided on.
    pub source: String,
    /// The checklists as they were, for the same reason: their items are in the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ListText>,
    #[serde(skip)]
    digests: OfPlan,
}

/// A checklist as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListText {
    pub name: String,
    pub digest: Digest,
    pub text: String,
}

impl ListText {
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), digest: Digest::of(text.as_bytes()), text: text.to_owned() }
    }
}

impl Adopted {
    pub fn new(plan: Plan, source: String) -> Self {
        let digest = plan.digest();
        Self { plan, digest, source, lists: Vec::new(), digests: OfPlan::default() }
    }

    /// The same with another plan in it than was written.
    fn reading(&self, plan: Plan) -> Self {
        let (digest, source, lists) = (self.digest.clone(), self.source.clone(), self.lists.clone());
        Self { plan, digest, source, lists, digests: OfPlan::default() }
    }

    /// What will be done to which machine, and what may go wrong.
    pub(in crate::domain) fn digests(&self) -> &(Digest, Digest) {
        self.digests.of(&self.plan)
    }

    /// As it was written but for who is primary by now: what was written keeps its digest.
    #[must_use]
    pub fn with_primaries(self: &Arc<Self>, primaries: &Primaries) -> Arc<Self> {
        if primaries.is_empty() {
            return self.clone();
        }
        Arc::new(self.reading(self.plan.clone().with_primaries(primaries)))
    }

    /// As it was written but for what a profile leaves out.
    #[must_use]
    pub fn at(&self, profile: Profile) -> Self {
        self.reading(self.plan.at(profile))
    }

    #[must_use]
    pub fn with_lists(self, lists: Vec<ListText>) -> Self {
        Self { lists, ..self }
    }
}
