//! A refusal in words: what would lift it, and what is in the way.

use super::{by_command::by_command, obstacles::obstacles};
use crate::domain::refusal::Refusal;

/// The lines under the reason.
pub fn refused(refusal: &Refusal) -> String {
    if !refusal.obstacles.is_empty() {
        return obstacles(&refusal.obstacles);
    }
    if refusal.lift.is_empty() {
        String::new()
    } else {
        format!("  lifted by: {}\n", by_command(&refusal.lift))
    }
}
