//! An item of a checklist as declared.

use serde::{Deserialize, Serialize};

use crate::domain::{
    name::{CheckName, ItemId, PersonName, RoleName},
    plan::Tier,
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemSpec {
    /// `list/item`, unique in the plan.
    pub id: ItemId,
    pub title: String,
    /// Why anybody should care: one line.
    pub why: String,
    pub group: String,
    pub kind: ItemKind,
    pub tier: Tier,
    pub severity: Severity,
    pub owner: Owner,
    /// How long before the go-live time it is due; none: at the go-live time.
    pub due: Option<Span>,
    /// Asked after the last stage is live, and before closing, instead of before the poll.
    pub post_live: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemKind {
    /// Ticked by a person; with `evidence`, a link, a file's digest or a sentence is required.
    Hand { evidence: bool },
    /// A question whose answer must say something.
    Question,
    /// A declared check, run on its schedule.
    Check { check: CheckName },
    /// Computed from the session itself.
    Fact { fact: Fact },
}

/// What the session knows by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The artifact was read and its digest recorded.
    ArtifactRecorded,
    /// A proven earlier version is kept on every host.
    RollbackReady,
    /// Every host of the plan was observed, and recently.
    HostsObserved,
    /// Every environment and unit answers and is healthy.
    HostsHealthy,
    /// Plan B names who decides.
    PlanBDecided,
    /// Every seat of the poll can be taken by a different person.
    SeatsCovered,
}

impl Fact {
    pub const ALL: [(&'static str, Fact); 6] = [
        ("artifact-recorded", Fact::ArtifactRecorded),
        ("rollback-ready", Fact::RollbackReady),
        ("hosts-observed", Fact::HostsObserved),
        ("hosts-healthy", Fact::HostsHealthy),
        ("plan-b-decided", Fact::PlanBDecided),
        ("seats-covered", Fact::SeatsCovered),
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Forces NO-GO whatever the votes; can't be waived.
    ShowStopper,
    Required,
    /// Shown, blocks nothing.
    Advisory,
}

/// Who answers for an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    Nobody,
    Role(RoleName),
    Person(PersonName),
}

impl Owner {
    pub fn word(&self) -> &str {
        match self {
            Owner::Nobody => "-",
            Owner::Role(role) => role.as_str(),
            Owner::Person(person) => person.as_str(),
        }
    }
}
