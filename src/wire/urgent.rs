//! HOLD and ROLL BACK in a form that never changes, so that a terminal of one version can stop what a conductor
//! of another does: `{"urgent":{"id":"…","session":"…","what":"hold"}}`, answered by
//! `{"urgent-answer":{"id":"…","done":true,"say":"…"}}`. It is taken before any other word, and from a client
//! whose protocol is not understood otherwise.

use serde::{Deserialize, Serialize};

use super::frame::{WireError, read};
use crate::domain::name::SessionId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urgent {
    /// A repeated one gets the first answer.
    pub id: String,
    pub session: SessionId,
    pub what: UrgentWhat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UrgentWhat {
    Hold,
    RollBack,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentAnswer {
    pub id: String,
    pub done: bool,
    /// One line for a person: what happens now, or why not.
    pub say: String,
}

impl Urgent {
    /// Reads a frame that may be of another version: whatever else it holds is passed over.
    pub fn read(frame: &[u8]) -> Result<Self, WireError> {
        #[derive(Deserialize)]
        struct Only {
            urgent: Urgent,
        }
        read::<Only>(frame).map(|only| only.urgent)
    }
}

impl UrgentAnswer {
    pub fn read(frame: &[u8]) -> Result<Self, WireError> {
        #[derive(Deserialize)]
        struct Only {
            #[serde(rename = "urgent-answer")]
            answer: UrgentAnswer,
        }
        read::<Only>(frame).map(|only| only.answer)
    }
}
