//! Where a session stands as a whole.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    #[default]
    Preparing,
    /// Somebody has voted.
    Polling,
    /// GO is declared; nothing starts by itself.
    Go,
    UnderWay,
    /// The last stage is rolled out.
    LiveUnverified,
    Verified,
    NoGo,
    RollingBack,
    RolledBack,
    Closed,
}

impl Phase {
    pub const fn word(self) -> &'static str {
        match self {
            Phase::Preparing => "preparing",
            Phase::Polling => "polling",
            Phase::Go => "GO",
            Phase::UnderWay => "under way",
            Phase::LiveUnverified => "live, unverified",
            Phase::Verified => "verified",
            Phase::NoGo => "NO-GO",
            Phase::RollingBack => "rolling back",
            Phase::RolledBack => "rolled back",
            Phase::Closed => "closed",
        }
    }
}
