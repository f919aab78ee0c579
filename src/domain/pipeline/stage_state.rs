//! How a stage stands, in one word.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageState {
    #[default]
    Waiting,
    Rolling,
    Validating,
    Baking,
    /// Everything passed; waits for its promotion.
    Ready,
    Passed,
    RollingBack,
    RolledBack,
}

impl StageState {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Rolling => "rolling",
            Self::Validating => "validating",
            Self::Baking => "baking",
            Self::Ready => "ready",
            Self::Passed => "passed",
            Self::RollingBack => "rolling back",
            Self::RolledBack => "rolled back",
        }
    }

    pub const fn running(self) -> bool {
        matches!(self, Self::Rolling | Self::Validating | Self::Baking | Self::Ready)
    }
}
