//! Strictness profiles as written.

use schemars::JsonSchema;
use serde::Deserialize;

/// How strict go-lives are: strict is all that the plan says.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Without what [strictness.standard] and [strictness.relaxed] leave out.
    Relaxed,
    /// Without what [strictness.standard] leaves out.
    Standard,
    /// Everything.
    Strict,
}

/// What the two less strict profiles leave out. Alarms, capacity and self-tests are never left out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Strictness {
    /// What the standard profile leaves out of the plan.
    #[serde(default)]
    pub standard: LeftOut,
    /// What the relaxed one leaves out besides.
    #[serde(default)]
    pub relaxed: LeftOut,
}

/// What a profile leaves out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Validations that no stage asks for.
    #[serde(default)]
    pub validations: Vec<String>,
    /// Stages whose bakes are not waited for.
    #[serde(default)]
    pub bakes: Vec<String>,
    /// Required checklist items that are only shown, such as "basic/announced".
    #[serde(default)]
    pub items: Vec<String>,
}
