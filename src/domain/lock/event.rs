//! Facts about locks at deploy targets. That a lock was taken or released is in the effects, and in what is seen.

use serde::{Deserialize, Serialize};

use super::Found;
use crate::domain::name::{Digest, EnvironmentName};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockEvent {
    /// The lock was looked at and differs from what was known.
    Seen { environment: EnvironmentName, found: Found },
    /// A person tries to take it again.
    TriedAgain { environment: EnvironmentName },
    /// A person lets a lock be taken over that another conductor has left: this very one, and no other. It is taken by the
    /// next start, or by what is under way.
    Broken { environment: EnvironmentName, lock: Digest, holder: String, proof: String, reason: String },
}

impl LockEvent {
    /// What happened, in a sentence that reads after its actor's name.
    pub fn words(&self) -> String {
        match self {
            Self::Seen { environment, found: Found::Free } => format!("saw that {environment} is not locked"),
            Self::Seen { environment, found: Found::Taken(holder) } => {
                let claim = &holder.claim;
                let who = claim.person.as_ref().map_or("nobody", |person| person.as_str());
                let (project, session, epoch) = (&claim.project, &claim.session, holder.epoch);
                format!("saw {environment} locked by {who} for {project}, session {session}, epoch {epoch}")
            }
            Self::TriedAgain { environment } => format!("tries again to lock {environment}"),
            Self::Broken { environment, holder, proof, reason, .. } => {
                format!(
                    "lets the lock on {environment} be taken over by what is started or under way here, and takes \
                     nothing yet: {holder}; proof: {proof}; because: {reason}"
                )
            }
        }
    }
}
