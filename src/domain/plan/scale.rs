//! How many machines an environment has is its platform's: it is asked for the number, and told another one.

use serde::{Deserialize, Serialize};

use super::template::Template;
use crate::domain::time::Span;

/// The team's own commands ask and tell the platform. The hosts that golive deploys to are those of the plan: a new
/// machine joins once an adopted plan names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// Never fewer.
    pub min: u32,
    /// Never more.
    pub max: u32,
    /// At the most so many more or fewer at a time.
    pub step: u32,
    /// Prints how many there are.
    pub current: Vec<Template>,
    /// Has the platform come to `{count}`.
    pub to: Vec<Template>,
    /// The longest that either command may take.
    pub timeout: Span,
    /// How long the platform may take until `current` says so.
    pub within: Span,
}
