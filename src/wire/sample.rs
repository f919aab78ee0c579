//! Samples: what somebody measures beside the go-live, such as the requests that failed. They are no events: the
//! latest of each counts, and no rule looks at them. Bounded, since anything may send them.

use serde::{Deserialize, Serialize};

use crate::domain::{
    name::EnvironmentName,
    time::{Span, WallTime},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub environment: EnvironmentName,
    /// What is measured, as a screen shows it: `failed requests`.
    pub name: String,
    pub measured: Measured,
    /// When it reached the conductor.
    pub at: WallTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// So many of so many.
    Count {
        count: u64,
        of: u64,
    },
    Time(Span),
}

impl Sample {
    /// Samples in one message, and kept for a project.
    pub const MOST: usize = 32;
    /// After this long without a new one it says nothing about now.
    pub const FRESH: Span = Span::secs(5);
    /// Characters of a name.
    const NAME: usize = 40;

    /// Why it is not passed on; none: it is.
    pub fn flaw(&self) -> Option<&'static str> {
        if self.name.trim().is_empty() || self.name.chars().count() > Self::NAME {
            Some("a sample's name has 1 to 40 characters")
        } else if self.name.chars().any(char::is_control) {
            Some("a sample's name has no control characters")
        } else {
            None
        }
    }
}
