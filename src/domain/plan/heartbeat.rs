//! When a host that is not seen to be alive is late, and when it is dead.

use serde::{Deserialize, Serialize};

use crate::domain::time::Span;

/// How often each host is looked at.
pub const LOOKED_AT: Span = Span::secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Between two beats.
    pub every: Span,
    /// So many missed in a row, and it is dead; before that it is late.
    pub missed: u32,
}
