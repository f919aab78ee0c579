//! Stages of the pipeline.

use serde::{Deserialize, Serialize};

use super::{
    capacity::Amount,
    clouds::ZeroDowntime,
    once::Once,
    steps::{Pause, Weight},
};
use crate::domain::{
    name::{CheckName, ColourName, EnvironmentName, StageName},
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    pub name: StageName,
    pub environment: EnvironmentName,
    pub select: Select,
    pub strategy: Strategy,
    /// All must pass after the hosts are done.
    pub validations: Vec<CheckName>,
    pub bake: Span,
    /// How long it may take from its start until all that it asks for has passed; none: nobody says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Span>,
    pub promote: Promote,
    /// The stages that must have passed before it may begin; none: the one before it in the plan. Empty: it waits for
    /// nothing but its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Vec<StageName>>,
    /// It starts only in hours that are off-peak in every region of its hosts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off_peak: bool,
    /// What runs once in a go-live, before its hosts or after them; in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub once: Vec<Once>,
}

impl Stage {
    /// The checks that it asks to pass: after its hosts, or at steps on the way.
    pub fn asks_for(&self) -> impl Iterator<Item = &CheckName> {
        let steps = match &self.strategy {
            Strategy::Canary(canary) => canary.steps.as_slice(),
            _ => &[],
        };
        let on_the_way = steps.iter().filter_map(|step| match step {
            CanaryStep::Validate(checks) => Some(checks),
            CanaryStep::Weight(_) | CanaryStep::Pause(_) => None,
        });
        let of_a_side = match &self.strategy {
            Strategy::BlueGreen(sides) => sides.validate.as_slice(),
            Strategy::ZeroDowntime(clouds) => clouds.verify.as_slice(),
            _ => &[],
        };
        self.validations.iter().chain(on_the_way.flatten()).chain(of_a_side)
    }
}

/// Which of the environment's hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Select {
    #[default]
    All,
    /// Those that no earlier stage of the same environment selects.
    Rest,
    Some {
        amount: Option<Amount>,
        region: Option<String>,
        hosts: Vec<crate::domain::name::HostName>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    Rolling(Rolling),
    StopAll,
    Canary(Canary),
    BlueGreen(BlueGreen),
    ZeroDowntime(ZeroDowntime),
    Converge(Converging),
}

impl Default for Strategy {
    fn default() -> Self {
        Strategy::Rolling(Rolling::default())
    }
}

impl Strategy {
    pub const fn word(&self) -> &'static str {
        match self {
            Strategy::Rolling(_) => "rolling",
            Strategy::StopAll => "stop-all",
            Strategy::Canary(_) => "canary",
            Strategy::BlueGreen(_) => "blue-green",
            Strategy::ZeroDowntime(_) => "zero-downtime",
            Strategy::Converge(_) => "converge",
        }
    }

    /// Whether two versions may run side by side on the way.
    pub const fn mixes_versions(&self) -> bool {
        !matches!(self, Strategy::StopAll)
    }
}

/// Host by host under the capacity budget, batch by batch: a batch begins when every host of the one before is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rolling {
    /// The sizes of the first batches; the last one repeats. None: all hosts are one batch.
    pub batches: Vec<Amount>,
    /// The label whose values are taken one after another: `region`, or one of the hosts' own labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Values of that label in the order in which they are taken; the others follow as the plan has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// How many hosts of a batch may fail without stopping the line; a share is rounded down. None: none may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<Amount>,
}

/// The desired version is set, batch by batch or for all at once, and agents do the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Converging {
    /// How far it is set at a time: the next batch begins when every host of the one before has converged.
    pub batches: Rolling,
    /// The explicit word: every host is told at once, whatever the capacity budget says.
    pub all_at_once: bool,
}

/// The new version gets a share of the requests, then a larger one, step by step, and all of them at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// As they were written; where the last weight is not 100, that follows after them.
    pub steps: Vec<CanaryStep>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CanaryStep {
    Weight(Weight),
    Pause(Pause),
    Validate(Vec<CheckName>),
}

/// One colour after the other: out of traffic, changed, validated end to end, back in. Until the other one is changed,
/// the way back is to switch to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlueGreen {
    /// Which one is changed first; none: the first that the plan names.
    pub first: Option<ColourName>,
    /// All must pass on a colour that is out of traffic, before it gets any.
    pub validate: Vec<CheckName>,
    /// How long a colour serves before anything else is done.
    pub soak: Span,
    /// How long the other colour is kept as it was since the first one serves: the soak is part of it.
    pub warm: Span,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promote {
    Automatic,
    #[default]
    Human,
}
