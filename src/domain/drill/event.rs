//! Facts of drills.

use serde::{Deserialize, Serialize};

use super::AttemptLine;
use crate::domain::name::{DrillName, UnitId};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillEvent {
    /// An attempt began; everything a human does from here to its end counts against it.
    Started { drill: DrillName, attempt: u32, units: Vec<UnitId> },
    /// It came to its end, and this is what the record says of it.
    Ended { drill: DrillName, attempt: Box<AttemptLine> },
    /// What was mended after an attempt that did not pass.
    Noted { drill: DrillName, attempt: u32, fix: String },
}
