//! How strict a go-live is: which of the plan's validations, bakes and checklist items it is asked for. The strictest
//! profile is all that the plan says; what each of the others leaves out is declared, and only that may be left out.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::domain::{
    checklist::Severity,
    name::{CheckName, ItemId, StageName},
    time::Span,
};

/// From the least to the most that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    Relaxed,
    Standard,
    /// Everything that the plan says.
    #[default]
    Strict,
}

impl Profile {
    pub const ALL: [Profile; 3] = [Self::Strict, Self::Standard, Self::Relaxed];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Relaxed => "relaxed",
            Self::Standard => "standard",
            Self::Strict => "strict",
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|profile| profile.word() == text);
        known.ok_or_else(|| format!("{text:?} is not a profile: strict, standard or relaxed"))
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What a profile is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Not asked for, in whichever stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<CheckName>,
    /// Stages whose bakes are not waited for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bakes: Vec<StageName>,
    /// Shown, and blocking nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemId>,
}

impl LeftOut {
    pub fn is_empty(&self) -> bool {
        self.validations.is_empty() && self.bakes.is_empty() && self.items.is_empty()
    }

    /// Whether it leaves out something that the other does not.
    pub fn is_more_than(&self, other: &Self) -> bool {
        other.and(self) != *other
    }

    fn and(&self, other: &Self) -> Self {
        fn all<T: Clone + PartialEq>(one: &[T], other: &[T]) -> Vec<T> {
            let more = other.iter().filter(|it| !one.contains(it));
            one.iter().chain(more).cloned().collect()
        }
        Self {
            validations: all(&self.validations, &other.validations),
            bakes: all(&self.bakes, &other.bakes),
            items: all(&self.items, &other.items),
        }
    }

    /// Each in words: `validation load`, `bake of beta`, `item readiness/capacity`.
    pub fn words(&self) -> Vec<String> {
        let validations = self.validations.iter().map(|check| format!("validation {check}"));
        let bakes = self.bakes.iter().map(|stage| format!("bake of {stage}"));
        let items = self.items.iter().map(|item| format!("item {item} (only shown)"));
        validations.chain(bakes).chain(items).collect()
    }
}

/// The project's profiles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strictness {
    /// The project's own.
    #[serde(default)]
    pub own: Profile,
    #[serde(default, skip_serializing_if = "LeftOut::is_empty")]
    pub standard: LeftOut,
    /// Besides what the standard one leaves out.
    #[serde(default, skip_serializing_if = "LeftOut::is_empty")]
    pub relaxed: LeftOut,
    /// The validations that a stage asks for and that the profile of the plan at hand leaves out of it; none where the
    /// plan is as it was written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unasked: BTreeMap<StageName, Vec<CheckName>>,
}

impl Strictness {
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// All that a profile leaves out.
    pub fn left_out(&self, profile: Profile) -> LeftOut {
        match profile {
            Profile::Strict => LeftOut::default(),
            Profile::Standard => self.standard.clone(),
            Profile::Relaxed => self.standard.and(&self.relaxed),
        }
    }
}

impl Plan {
    /// The plan as a profile has it: without what that leaves out.
    #[must_use]
    pub fn at(&self, profile: Profile) -> Self {
        let out = self.strictness.left_out(profile);
        let mut plan = self.clone();
        for stage in &mut plan.stages {
            let (left, asked): (Vec<CheckName>, Vec<CheckName>) =
                stage.validations.drain(..).partition(|check| out.validations.contains(check));
            stage.validations = asked;
            if !left.is_empty() {
                plan.strictness.unasked.insert(stage.name.clone(), left);
            }
            if out.bakes.contains(&stage.name) {
                stage.bake = Span::ZERO;
            }
        }
        for item in plan.items.iter_mut().filter(|item| out.items.contains(&item.id)) {
            item.severity = Severity::Advisory;
        }
        plan
    }
}
