//! An attempt that is under way: what was seen so far.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Samples;
use crate::domain::{
    name::{CheckName, DrillName, PersonName, UnitId},
    operation::Absence,
    pipeline::Outside,
    time::Now,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub drill: DrillName,
    pub number: u32,
    pub units: Vec<UnitId>,
    pub by: Option<PersonName>,
    pub began: Now,
    pub samples: Samples,
    /// What humans did meanwhile.
    pub acts: Vec<HumanAct>,
    /// How many more there were.
    pub more_acts: u32,
    /// What each tool answered last; none: not asked yet.
    pub tools: BTreeMap<CheckName, Option<Receipt>>,
    /// What was done to the hosts has ended.
    pub carried: Option<Carried>,
    /// Nobody looked for a while, and why.
    pub unobserved: Option<String>,
    /// What golive did by itself meanwhile: no human's act, and told.
    #[serde(default)]
    pub automatic: Vec<String>,
    /// Who began it outside the hours in which it may, and why.
    #[serde(default)]
    pub outside: Option<Box<Outside>>,
}

/// What a human did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HumanAct {
    pub seq: u64,
    pub who: String,
    pub at: Now,
}

/// Whether a monitoring tool says that it received an alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// None: it could not be asked.
    pub received: Option<bool>,
    pub shows: String,
    pub at: Now,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    pub at: Now,
    pub done: u32,
    /// Hosts that did not come through.
    pub left: Vec<UnitId>,
    /// Where they were out of traffic together, how that went.
    #[serde(default)]
    pub away: Option<Box<Absence>>,
}

impl Attempt {
    /// Whether every tool has received its alarm.
    pub fn all_received(&self) -> bool {
        self.tools.values().all(|receipt| receipt.as_ref().is_some_and(|it| it.received == Some(true)))
    }
}
