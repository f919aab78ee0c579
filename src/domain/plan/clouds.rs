//! Zero downtime over clouds: one is primary and serves, the others stand by. A cloud that stands by is changed and
//! verified without traffic, takes over, and the one that served until then is changed in its turn.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    environment::{CloudRole, Environment, Host, Pool},
    project::Plan,
    steps::{Pause, Step},
};
use crate::domain::{
    counted::counted,
    effect::LaneStep,
    name::{CheckName, CloudName, EnvironmentName},
    time::Span,
};

/// How long the shift of traffic may take to be observed before somebody is called, where the plan does not say.
pub const SHIFT_WITHIN: Span = Span::minutes(2);

/// What the team declared of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZeroDowntime {
    /// All clouds, in the order in which they are changed; empty: those that stand by as the plan names them, then the
    /// primary.
    pub order: Vec<CloudName>,
    /// Which of them takes over; none: the first that is changed.
    pub takes_over: Option<CloudName>,
    /// All must pass on a cloud that is changed and without traffic.
    pub verify: Vec<CheckName>,
    pub pause: CloudPauses,
    /// How long the shift of traffic may take to be observed before somebody is called.
    pub within: Span,
}

impl Default for ZeroDowntime {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            takes_over: None,
            verify: Vec::new(),
            pause: CloudPauses::default(),
            within: SHIFT_WITHIN,
        }
    }
}

/// Where it waits until somebody continues.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudPauses {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<CloudStep>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<CloudStep>,
}

/// A step as a person names it: `apply b`, `verify b`, `switch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CloudStep {
    Apply(CloudName),
    Verify(CloudName),
    Switch,
}

/// A text that names no step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a step of zero-downtime")]
pub struct NoCloudStep(String);

impl FromStr for CloudStep {
    type Err = NoCloudStep;
    fn from_str(text: &str) -> Result<Self, NoCloudStep> {
        let cloud = |name: &str| CloudName::new(name).map_err(|_| NoCloudStep(text.to_owned()));
        match text.split_once(' ') {
            None if text == "switch" => Ok(Self::Switch),
            Some(("apply", name)) => cloud(name).map(Self::Apply),
            Some(("verify", name)) => cloud(name).map(Self::Verify),
            _ => Err(NoCloudStep(text.to_owned())),
        }
    }
}

impl TryFrom<String> for CloudStep {
    type Error = NoCloudStep;
    fn try_from(text: String) -> Result<Self, NoCloudStep> {
        text.parse()
    }
}

impl From<CloudStep> for String {
    fn from(step: CloudStep) -> String {
        step.to_string()
    }
}

impl fmt::Display for CloudStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply(cloud) => write!(f, "apply {cloud}"),
            Self::Verify(cloud) => write!(f, "verify {cloud}"),
            Self::Switch => f.write_str("switch"),
        }
    }
}

/// Where a cloud takes over from another one with fewer hosts: what that means for each of them, `2 hosts of b carry what
/// 4 of a did, 2.0 times as much each`.
pub fn takes_over_with_fewer((to, there): (&str, u32), (from, here): (&str, u32)) -> Option<String> {
    if there == 0 || there >= here {
        return None;
    }
    let tenths = here * 10 / there;
    let hosts = counted(u64::from(there), "host");
    Some(format!(
        "{hosts} of {to} carry what {here} of {from} did, {}.{} times as much each",
        tenths / 10,
        tenths % 10
    ))
}

/// Who is primary where, as golive switched it last, and who was by the plan then: whoever edits the roles after that
/// says who is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Primary {
    pub cloud: CloudName,
    pub declared: CloudName,
}

impl Primary {
    /// Whether it was not overtaken by who edited the plan.
    pub fn stands(&self, plan: &Plan, environment: &EnvironmentName) -> bool {
        let here = plan.environments.get(environment);
        here.is_some_and(|here| here.primary() == Some(&self.declared)) && plan.takes_clouds(environment)
    }
}

pub type Primaries = std::collections::BTreeMap<EnvironmentName, Primary>;

impl Plan {
    /// Whether a host gets no traffic but where a release calls it in: it is spare, or of a cloud that is not the primary
    /// one. `switched` is the cloud that golive has made primary since the plan was read.
    pub fn stands_by(
        &self,
        environment: &Environment,
        pool: &Pool,
        host: &Host,
        switched: Option<&CloudName>,
    ) -> bool {
        let primary = || switched.or(environment.primary());
        host.spare || self.takes_clouds(&environment.name) && pool.cloud.as_ref() != primary()
    }
}

impl Environment {
    /// The cloud that serves; none: there is not exactly one.
    pub fn primary(&self) -> Option<&CloudName> {
        let mut primary = self.clouds.iter().filter(|cloud| cloud.role == CloudRole::Primary);
        primary.next().map(|cloud| &cloud.name).filter(|_| primary.next().is_none())
    }

    /// Another cloud is primary than was declared, where that is one of them and the plan was not edited since.
    pub(super) fn switched_to(&mut self, now: &Primary) {
        if self.primary() != Some(&now.declared) || self.clouds.iter().all(|cloud| cloud.name != now.cloud) {
            return;
        }
        for cloud in &mut self.clouds {
            cloud.role = if cloud.name == now.cloud { CloudRole::Primary } else { CloudRole::Secondary };
        }
    }
}

/// The clouds in their order, each once.
pub struct InOrder<'a> {
    changed: Vec<&'a CloudName>,
    takes_over: &'a CloudName,
    leaves: &'a CloudName,
}

impl ZeroDowntime {
    /// The clouds in the order in which they are changed. Whoever is primary is last, whatever the plan says: with each
    /// go-live that is another one, and the plan stays as it was written.
    pub fn changed<'a>(&'a self, environment: &'a Environment) -> Vec<&'a CloudName> {
        let primary = environment.primary();
        let named: Vec<&CloudName> = if self.order.is_empty() {
            environment.clouds.iter().map(|cloud| &cloud.name).collect()
        } else {
            self.order.iter().collect()
        };
        named.into_iter().filter(|name| Some(*name) != primary).chain(primary).collect()
    }

    /// None: there is no primary, or nobody who could take over from it.
    pub fn in_order<'a>(&'a self, environment: &'a Environment) -> Option<InOrder<'a>> {
        let changed = self.changed(environment);
        let leaves = environment.primary()?;
        let first = changed.iter().copied().find(|name| *name != leaves);
        // One that serves already has taken over in an earlier go-live.
        let takes_over = self.takes_over.as_ref().filter(|over| *over != leaves).or(first)?;
        Some(InOrder { changed, takes_over, leaves })
    }

    /// The hosts as batches take them: a cloud after the other.
    pub(super) fn ordered<'a>(
        &self,
        mut hosts: Vec<&'a Host>,
        environment: &'a Environment,
    ) -> Vec<&'a Host> {
        let Some(order) = self.in_order(environment) else { return hosts };
        let batches = order.batches();
        let sides = environment.side_of();
        hosts.sort_by_key(|host| {
            let side = sides.get(&host.unit).copied();
            batches.iter().position(|cloud| Some(cloud.as_str()) == side)
        });
        hosts
    }

    /// What is done, in this order.
    pub(super) fn steps(&self, environment: &Environment) -> Vec<Step> {
        let Some(order) = self.in_order(environment) else { return Vec::new() };
        let batches = order.batches();
        let batch = |cloud: &CloudName| batches.iter().position(|it| *it == cloud).unwrap_or_default() as u32;
        let mut steps = Vec::new();
        for cloud in &order.changed {
            let of = batch(cloud);
            let takes_over = *cloud == order.takes_over;
            let out = Step::Gather { batch: of, at: LaneStep::Drain };
            let change = if takes_over {
                Step::Gather { batch: of, at: LaneStep::Alive }
            } else {
                Step::Stand { batch: of }
            };
            // The one that was primary left with the switch, and is out already.
            let apply = if *cloud == order.leaves { vec![change] } else { vec![out, change] };
            self.with_pauses(&CloudStep::Apply((*cloud).clone()), apply, &mut steps);
            if !self.verify.is_empty() {
                let verify = vec![Step::Validate(self.verify.clone())];
                self.with_pauses(&CloudStep::Verify((*cloud).clone()), verify, &mut steps);
            }
            if takes_over {
                let from = batch(order.leaves);
                let switch = vec![
                    Step::Return { batch: of },
                    Step::Gather { batch: from, at: LaneStep::Drain },
                    Step::Shift { to: of, from },
                ];
                self.with_pauses(&CloudStep::Switch, switch, &mut steps);
            }
        }
        // After the last one nothing comes that could wait: the stage waits for its promotion there.
        if matches!(steps.last(), Some(Step::Pause(_))) {
            steps.pop();
        }
        steps
    }

    fn with_pauses(&self, named: &CloudStep, of: Vec<Step>, steps: &mut Vec<Step>) {
        let pause = |at: &[CloudStep]| at.contains(named).then_some(Step::Pause(Pause::Human));
        steps.extend(pause(&self.pause.before));
        steps.extend(of);
        steps.extend(pause(&self.pause.after));
    }
}

impl<'a> InOrder<'a> {
    /// The cloud that serves from the switch on.
    pub const fn takes_over(&self) -> &'a CloudName {
        self.takes_over
    }

    /// The cloud that serves until then.
    pub const fn leaves(&self) -> &'a CloudName {
        self.leaves
    }

    /// In the order of their batches: who leaves follows at once on who takes over.
    fn batches(&self) -> Vec<&'a CloudName> {
        let mut batches: Vec<&CloudName> =
            self.changed.iter().copied().filter(|name| *name != self.leaves).collect();
        let after = batches.iter().position(|name| *name == self.takes_over);
        batches.insert(after.map_or(batches.len(), |at| at + 1), self.leaves);
        batches
    }
}
