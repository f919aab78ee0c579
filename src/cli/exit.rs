//! The exit statuses: part of the interface, and never renumbered.

use std::process::ExitCode;

use serde::Serialize;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    /// golive itself, or the machine under it, failed.
    Internal = 1,
    /// Wrong use, or an invalid plan.
    Usage = 2,
    /// Refused by a rule.
    Refused = 3,
    /// The rollout failed or was rolled back.
    Failed = 4,
    /// Not ready, or NO-GO.
    NotReady = 5,
    WaitsForHuman = 6,
    JournalUnusable = 7,
}

/// For the end of `golive --help`.
pub const TABLE: &str = "\
Exit status: 0 done, 1 internal error, 2 wrong use or invalid plan, 3 refused by a rule, 4 failed or rolled \
back, 5 not ready or NO-GO, 6 waits for a human, 7 journal unusable";

impl Exit {
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
