//! Facts about items.

use serde::{Deserialize, Serialize};

use crate::domain::{
    name::{Digest, ItemId},
    time::WallTime,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChecklistEvent {
    Ticked {
        item: ItemId,
        evidence: Option<Evidence>,
    },
    Unticked {
        item: ItemId,
    },
    EvidenceGiven {
        item: ItemId,
        evidence: Evidence,
    },
    Answered {
        item: ItemId,
        text: String,
    },
    MarkedNotApplicable {
        item: ItemId,
        reason: String,
    },
    WaiverAsked {
        item: ItemId,
        reason: String,
        expires: WallTime,
    },
    WaiverApproved {
        item: ItemId,
    },
    Commented {
        item: ItemId,
        text: String,
    },
    /// The last record of this person on this item was taken back by them.
    Undone {
        item: ItemId,
    },
}

/// What somebody gave to show that an item is done, and what it is bound to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// A sentence or a link.
    pub text: String,
    /// The digest of a file, where one was given.
    pub file: Option<Digest>,
    /// The artifact it saw. A new candidate makes it stale.
    pub artifact: Digest,
    /// The steps it saw.
    pub steps: Digest,
}
