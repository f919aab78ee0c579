//! The poll and plan B as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// The go/no-go poll.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// The stage that needs the GO. Absent: the first of production, else the first.
    pub before: Option<String>,
    /// Who is asked: [{ role = "engineering" }, { role = "operations", veto = true }].
    #[schemars(required)]
    pub seats: Option<Vec<Seat>>,
    /// How many seats must be GO. Absent: all required ones.
    #[schemars(range(min = 1))]
    pub quorum: Option<u32>,
    /// How long a vote counts. Absent: "24h".
    pub votes_expire: Option<String>,
    /// How long a declared GO counts. Absent: "4h".
    pub go_expires: Option<String>,
    /// Whether the decider may record what was said by voice. Absent: true.
    pub by_voice: Option<bool>,
    /// Drills of which an attempt must have passed so lately before a GO: { replace-web = "100d" }.
    #[serde(default)]
    pub drills: BTreeMap<String, String>,
}

/// A seat of the poll.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// The role that answers.
    #[schemars(required)]
    pub role: Option<String>,
    /// Who may hold it. Absent: everybody with the role.
    #[serde(default)]
    pub eligible: Vec<String>,
    /// Who is asked when nobody else answers.
    pub deputy: Option<String>,
    /// Whether its GO is needed. Absent: true.
    pub required: Option<bool>,
    /// Whether its NO-GO decides alone. Absent: false.
    #[serde(default)]
    pub veto: bool,
    /// Roles whose people may not hold it ("deployer"), or "author" of the release.
    #[serde(default)]
    pub differs_from: Vec<String>,
    /// What its vote relies on: "artifacts", "steps", "time", "plan-b", "risks", or groups of items. Absent: artifacts, steps, plan B and every required item.
    #[serde(default)]
    pub relies_on: Vec<String>,
}

/// What to do when it goes wrong.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanB {
    /// The person who decides.
    pub decides: Option<String>,
    /// Who is told, as text.
    #[serde(default)]
    pub informs: Vec<String>,
    /// The stage past which there is no way back, or "none". Absent: none.
    pub point_of_no_return: Option<String>,
    /// What to do, in order.
    #[serde(default)]
    pub steps: Vec<String>,
}
