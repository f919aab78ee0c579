//! Stages as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{NumberOrText, TextOr};

/// A step of the pipeline.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The stage's name.
    #[schemars(required)]
    pub name: Option<String>,
    /// The environment it changes.
    #[schemars(required)]
    pub environment: Option<String>,
    /// Which hosts: "all", "rest", or a table. Absent: all.
    pub select: Option<TextOr<Select>>,
    /// How: a table with `kind`, or its kind alone. Absent: rolling.
    pub strategy: Option<TextOr<Strategy>>,
    /// Checks that must pass after the hosts are done; "comparison" is built in.
    #[serde(default)]
    pub validations: Vec<String>,
    /// How long it must run before it may be promoted, such as "10m". Absent: not at all.
    pub bake: Option<String>,
    /// How long it may take from its start until all that it asks for has passed, such as "2h". Longer is said, and stops
    /// nothing. Absent: nobody says so.
    pub budget: Option<String>,
    /// Who promotes. Absent: human.
    pub promote: Option<Promote>,
    /// The stages that must have passed before it may begin, such as ["beta", "gamma"]. Absent: the one before it in the
    /// file. []: it waits for nothing but its start. Stages that do not wait for each other bake beside each other; hosts
    /// of one stage only are changed at a time.
    pub after: Option<Vec<String>>,
    /// "off-peak": it starts only in hours that are off-peak in every region of its hosts, by their traffic maps; the
    /// environment's own window counts as well. Where it goes one region at a time each begins in its own hours: with
    /// `by = "region"` in its strategy, whatever hosts it selects.
    pub window: Option<StageWindow>,
    /// Commands that run once in a go-live, however many batches its hosts are taken in, such as the migration of a
    /// database.
    #[serde(default)]
    pub once: Vec<Once>,
}

/// A command that runs once in a go-live.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Once {
    /// Its name, such as "migrate".
    #[schemars(required)]
    pub name: Option<String>,
    /// The command as a list of arguments, with {version} and {environment}. It finds `GOLIVE_ONCE`,
    /// `GOLIVE_STAGE`, `GOLIVE_ENVIRONMENT`, `GOLIVE_VERSION` and `GOLIVE_WAY` (forward or back) in its environment. Status 0 is done. Where it
    /// is interrupted or out of time, a person says what becomes of it: it is never run again by itself.
    #[schemars(required)]
    pub run: Option<Vec<String>>,
    /// Before the first host of the stage is touched, or when all of them are done. Absent: before.
    pub when: Option<OnceWhen>,
    /// How long it may take, such as "5m"; `back` as well. Absent: "5m".
    pub timeout: Option<String>,
    /// The command that takes it back in a rollback: what ran before the hosts once all of them are back, what ran after
    /// them before they go. It is run after whatever was begun, also what failed. Absent: nothing takes it back.
    pub back: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnceWhen {
    /// Before the first host is touched.
    Before,
    /// When all hosts are done, before the stage is validated.
    After,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StageWindow {
    /// By the traffic maps of its regions.
    OffPeak,
}

/// Which hosts: those of a region or named ones, and how many of them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// How many: a number or a share such as "5%". Absent: all that match.
    pub count: Option<NumberOrText>,
    /// Only hosts of this region.
    pub region: Option<String>,
    /// Only these hosts: names, or ranges such as "web-[01:03]".
    #[serde(default)]
    pub hosts: Vec<String>,
}

/// How a stage changes its hosts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    /// Absent: rolling.
    pub kind: Option<StrategyKind>,
    /// rolling, converge: the sizes of the first batches, numbers or shares such as "30%"; the last one repeats. Absent: all
    /// hosts are one batch.
    #[serde(default)]
    pub batches: Vec<NumberOrText>,
    /// rolling, converge: the label whose values are taken one after another: "region", or one of the hosts' own labels. A
    /// stage that selects some of an environment's hosts in several regions goes one region at a time by itself: each is
    /// validated, bakes and is compared before the next one begins. So does one with `window = "off-peak"` and
    /// "region". "all": its regions are taken together.
    pub by: Option<String>,
    /// rolling, converge: values of that label that come first, in this order. zero-downtime: all clouds, in the order in which
    /// they are changed. Absent: those that stand by, then the primary.
    #[serde(default)]
    pub order: Vec<String>,
    /// rolling: how many hosts of a batch may fail without stopping the line; a number or a share, rounded down.
    /// Absent: none.
    pub failures: Option<NumberOrText>,
    /// converge: every host is told at once, whatever the capacity budget says. Absent: false.
    pub all_at_once: Option<bool>,
    /// canary: what is done, in this order; each a table with one key.
    #[serde(default)]
    pub steps: Vec<CanaryStep>,
    /// blue-green: the colour that is changed first. Absent: the first that the environment names.
    pub first: Option<String>,
    /// blue-green: checks that must pass on a colour that is out of traffic, before it gets any.
    #[serde(default)]
    pub validate: Vec<String>,
    /// blue-green: how long a colour serves before anything else is done, such as "10m". Absent: not at all.
    pub soak: Option<String>,
    /// blue-green: how long the other colour is kept as it was since the first one serves, the soak included; until it
    /// is changed, the way back is to switch to it. Absent: as long as the soak.
    pub warm: Option<String>,
    /// zero-downtime: the cloud that takes over. Absent: the first that is changed.
    pub takes_over: Option<String>,
    /// zero-downtime: checks that must pass on a cloud that is changed and without traffic.
    #[serde(default)]
    pub verify: Vec<String>,
    /// zero-downtime: where it waits until somebody continues.
    pub pause: Option<CloudPauses>,
    /// zero-downtime: how long the shift of traffic may take to be observed before somebody is called. Absent: "2m".
    pub within: Option<String>,
}

/// Steps by their names: "apply b", "verify b", "switch".
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloudPauses {
    /// It waits before these.
    #[serde(default)]
    pub before: Vec<String>,
    /// It waits after these.
    #[serde(default)]
    pub after: Vec<String>,
}

/// One step of a canary.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CanaryStep {
    /// The new version's share in percent, such as 5 or "5%".
    pub weight: Option<NumberOrText>,
    /// A length of time such as "10m", or "human": until somebody continues.
    pub pause: Option<String>,
    /// Checks that must pass before the next step.
    pub validate: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StrategyKind {
    /// Host by host under the capacity budget.
    #[default]
    Rolling,
    /// Stops everything, then starts the new version.
    StopAll,
    /// A share of the hosts first, then more of them, with pauses and checks between.
    Canary,
    /// One colour after the other: out of traffic, changed, validated, back in.
    BlueGreen,
    /// A cloud that stands by is changed and verified, takes over, and the primary is changed after it.
    ZeroDowntime,
    /// Sets the desired version; agents pull it.
    Converge,
}

impl StrategyKind {
    pub const ALL: [(&'static str, StrategyKind); 6] = [
        ("rolling", Self::Rolling),
        ("stop-all", Self::StopAll),
        ("canary", Self::Canary),
        ("blue-green", Self::BlueGreen),
        ("zero-downtime", Self::ZeroDowntime),
        ("converge", Self::Converge),
    ];

    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("rolling", |(word, _)| *word)
    }
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Promote {
    /// Goes on by itself when everything is fulfilled.
    Automatic,
    /// Waits for a person.
    Human,
}
