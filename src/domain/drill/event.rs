//! Facts of drills.

use serde::{Deserialize, Serialize};

use super::AttemptLine;
use crate::domain::{
    name::{DrillName, UnitId},
    pipeline::Outside,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillEvent {
    /// An attempt began; everything a human does from here to its end counts against it.
    Started {
        drill: DrillName,
        attempt: u32,
        units: Vec<UnitId>,
        /// Who began it outside the hours in which it may, and why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outside: Option<Box<Outside>>,
    },
    /// It came to its end, and this is what the record says of it.
    Ended { drill: DrillName, attempt: Box<AttemptLine> },
    /// What was mended after an attempt that did not pass.
    Noted { drill: DrillName, attempt: u32, fix: String },
}
