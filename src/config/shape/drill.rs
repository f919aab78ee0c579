//! Resiliency drills as written.

use schemars::JsonSchema;
use serde::Deserialize;

/// A resiliency drill, due every quarter.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// What is done.
    #[schemars(required)]
    pub kind: Option<DrillKind>,
    /// The environment whose hosts it takes.
    #[schemars(required)]
    pub environment: Option<String>,
    /// The hosts that it takes, by name: for replace.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The cloud that gets no traffic meanwhile: for secondary, where absent it is whoever is primary; for offline.
    pub cloud: Option<String>,
    /// The region that is out of traffic: for offline.
    pub region: Option<String>,
    /// How long it is out of traffic: for secondary and offline. Absent: "5m".
    pub lasts: Option<String>,
    /// A check by HTTP that names no host: asked through the whole drill, as a user would.
    #[schemars(required)]
    pub probe: Option<String>,
    /// Between two questions of the probe. Absent: "1s".
    pub interval: Option<String>,
    /// The share of its answers that must be good, such as "99.9%".
    #[schemars(required)]
    pub availability: Option<String>,
    /// What 99 of 100 good answers must stay within, such as "500ms".
    #[schemars(required)]
    pub latency: Option<String>,
    /// Checks of the environment, one a monitoring tool: each passes once its tool has received an alarm since {since}.
    #[schemars(required)]
    pub tools: Option<Vec<String>>,
    /// How long after the last host the tools are waited for. Absent: "5m".
    pub receipts: Option<String>,
}

/// What a drill does.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DrillKind {
    /// Each of its hosts becomes a new machine of the same name, under the capacity budget.
    Replace,
    /// A cloud gets no traffic for a while and the others serve alone; where clouds have roles, another is primary
    /// meanwhile.
    Secondary,
    /// A data centre, which is a cloud or a region, is out of traffic for a while; only in hours that are off-peak by
    /// its traffic map.
    Offline,
}
