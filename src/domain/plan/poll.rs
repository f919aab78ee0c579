//! The go/no-go poll as declared, and plan B.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    name::{DrillName, PersonName, RoleName, StageName},
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollRules {
    /// The stage that needs the GO. Absent in a plan: the first production stage, else the first.
    pub before: StageName,
    pub seats: Vec<Seat>,
    /// How many seats must be GO or GO IF (met). Absent: all required ones.
    pub quorum: Option<u32>,
    /// How long a vote counts.
    pub votes_expire: Span,
    /// How long a declared GO counts.
    pub go_expires: Span,
    /// Whether the decider may record what was said by voice.
    pub by_voice: bool,
    /// Drills of which an attempt must have passed so lately before the release may go.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drills: BTreeMap<DrillName, Span>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    pub role: RoleName,
    /// Who may hold it; empty: everybody with the role.
    pub eligible: Vec<PersonName>,
    pub deputy: Option<PersonName>,
    pub required: bool,
    /// A NO-GO of this seat decides alone.
    pub veto: bool,
    /// Who may not hold it: the people with one of these roles (`deployer`), or the `author` of the release.
    pub differs_from: Vec<RoleName>,
    /// The groups this seat's vote relies on; empty: artifacts, steps, plan B, every required item.
    pub relies_on: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanB {
    pub decides: Option<PersonName>,
    pub informs: Vec<String>,
    pub point_of_no_return: PointOfNoReturn,
    pub steps: Vec<String>,
}

impl PlanB {
    /// Who decides on it; where nobody is named, the role.
    pub fn decider(&self) -> &str {
        self.decides.as_ref().map_or("the decider", PersonName::as_str)
    }

    /// Its steps, each with its number: `1. point the name at the other region`.
    pub fn numbered(&self) -> impl Iterator<Item = String> {
        self.steps.iter().enumerate().map(|(i, step)| format!("{}. {step}", i + 1))
    }

    /// `dana decides: 1. point the name at the other region; 2. …`
    pub fn words(&self) -> String {
        let steps: Vec<String> = self.numbered().collect();
        match &*steps {
            [] => format!("{} decides", self.decider()),
            steps => format!("{} decides: {}", self.decider(), steps.join("; ")),
        }
    }
}

/// Past which stage there is no way back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointOfNoReturn {
    #[default]
    None,
    Stage(StageName),
}
