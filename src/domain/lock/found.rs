//! What stands at a deploy target, and what is written there.

use serde::{Deserialize, Serialize};

use crate::domain::{
    name::{Digest, PersonName, ProjectName, SessionId, Version},
    time::{Span, WallTime},
};

/// A lock whose holder can't be proven gone may be broken after this long.
pub const OLD: Span = Span::hours(1);

/// What is written at the target, as far as the core knows it; the engine adds the process and its machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub project: ProjectName,
    pub session: SessionId,
    pub version: Version,
    /// Who has the watch, or started the stage.
    pub person: Option<PersonName>,
    /// The machine of the conductor.
    pub machine: String,
    pub since: WallTime,
}

/// What was found at the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    Free,
    Taken(Holder),
}

/// Whose lock it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub claim: Claim,
    pub epoch: u32,
    /// Taken under this conductor's own journal: a later epoch, and a later session, take it over.
    pub own: bool,
    pub life: Life,
    /// Of the lock as it is written there.
    pub digest: Digest,
}

/// Whether the conductor that took a lock still lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    Runs,
    /// Proven: by process id, start time and boot on the same machine.
    Gone {
        why: String,
    },
    /// Can't be proven from here; only its age says something.
    Unproven {
        why: String,
    },
}

impl Holder {
    /// This very conductor, where what is written at the target can't be read back.
    pub fn ourselves(claim: &Claim, epoch: u32) -> Self {
        let digest = Digest::of_value("golive/lock/1", &(claim, epoch));
        Self { claim: claim.clone(), epoch, own: true, life: Life::Runs, digest }
    }

    /// One line: who, what, from where, and whether they still live.
    pub fn words(&self, now: WallTime) -> String {
        let Claim { project, session, version, person, machine, since } = &self.claim;
        let person = person.as_ref().map_or("nobody", |person| person.as_str());
        let age = now.since(*since);
        let life = match &self.life {
            Life::Runs => "its conductor runs".to_owned(),
            Life::Gone { why } => format!("stale: {why}"),
            Life::Unproven { why } => format!("can't be proven stale: {why}"),
        };
        format!(
            "locked by {person} for {project} {version} (session {session}, conductor on {machine}, epoch {}), \
             {age} ago; {life}",
            self.epoch
        )
    }

    /// Why it may be broken; else why not yet.
    pub fn breakable(&self, now: WallTime) -> Result<String, String> {
        match &self.life {
            Life::Gone { why } => Ok(why.clone()),
            Life::Runs => Err("its conductor runs".to_owned()),
            Life::Unproven { why } => {
                let age = now.since(self.claim.since);
                if age >= OLD {
                    Ok(format!("by its age only, {age}: {why}"))
                } else {
                    Err(format!(
                        "{why}, and it is only {age} old: by age alone it counts as left after {OLD}"
                    ))
                }
            }
        }
    }
}
