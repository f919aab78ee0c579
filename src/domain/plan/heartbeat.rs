//! When a host that is not seen to be alive is late, and when it is dead; and what golive does about it by itself.

use serde::{Deserialize, Serialize};

use super::template::Template;
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

/// What is done about a host that is dead, without asking anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// The command that repairs one host. Whether it did is seen by the beat.
    pub argv: Vec<Template>,
    /// The longest it may take.
    pub timeout: Span,
    /// From the beginning of one repair of a host to the next.
    pub cool_down: Span,
    /// So many that did not help, and it is given up.
    pub attempts: u32,
    /// Hosts that may be dead at once. Where more are, none is repaired and a human is asked: one fault takes them all.
    pub at_once: u32,
    /// A host that was given up is replaced, so many at once; none: a human is asked.
    pub replace: Option<u32>,
}
