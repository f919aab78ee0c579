//! Moments, as reports have them.

use jiff::Timestamp;

use crate::domain::time::WallTime;

/// UTC to the second: reports are read in other zones than they were made in.
pub fn utc(moment: WallTime) -> String {
    Timestamp::from_microsecond(moment.0)
        .map_or_else(|_| "a time out of range".into(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}
