//! A TOML checklist as written.

use schemars::JsonSchema;
use serde::Deserialize;

/// A checklist.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// The list's title.
    #[schemars(required)]
    pub title: Option<String>,
    /// One line about it.
    pub about: Option<String>,
    /// Its items, in order.
    #[schemars(required)]
    pub items: Option<Vec<Item>>,
}

/// An item.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Unique in the list, stable: lower-case letters, digits and dashes.
    #[schemars(required)]
    pub id: Option<String>,
    /// What must be so, in one line.
    #[schemars(required)]
    pub title: Option<String>,
    /// Why anybody should care, in one line.
    pub why: Option<String>,
    /// The heading it stands under. Absent: the list's title.
    pub group: Option<String>,
    /// How it is fulfilled. Absent: hand, or what `check` or `fact` says.
    pub kind: Option<ItemKind>,
    /// The declared check that fulfils it.
    pub check: Option<String>,
    /// What the session knows by itself: "artifact-recorded", "rollback-ready", "hosts-observed", "hosts-healthy", "plan-b-decided" or "seats-covered".
    pub fact: Option<String>,
    /// 1 critical, 2 important, 3 nice to have. Absent: 2.
    #[schemars(range(min = 1, max = 3))]
    pub tier: Option<u8>,
    /// Absent: required.
    pub severity: Option<Severity>,
    /// A role, or "@name" for a person. Absent: nobody.
    pub owner: Option<String>,
    /// When it is due: "T-14d", "T-4h", "T-0". Absent: T-0.
    pub due: Option<String>,
    /// Asked after the last stage is live instead of before the poll.
    #[serde(default)]
    pub post_live: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ItemKind {
    /// Ticked by a person.
    Hand,
    /// Ticked by a person, with evidence.
    Evidence,
    /// A question whose answer must say something.
    Question,
    /// A declared check.
    Check,
    /// Computed from the session itself.
    Fact,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Forces NO-GO whatever the votes; can't be waived.
    ShowStopper,
    Required,
    /// Shown, blocks nothing.
    Advisory,
}
