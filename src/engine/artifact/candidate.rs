//! What a plan's sources hold of a version: what a session adopts, and what is looked at again before one opens that waited.

use std::collections::BTreeMap;

use super::digest;
use crate::{
    clock::Clock,
    domain::{
        effect::Candidate,
        name::{ComponentName, Version},
        plan::{Plan, Vars},
    },
    engine::EngineDirs,
};

/// Why it can't be said, and where the plan says where to look.
#[derive(Clone, Debug)]
pub struct NotThere {
    pub why: String,
    pub says: String,
}

/// Measures the artifacts of a version: one, or one for each component that has its own.
///
/// # Errors
/// Where one is not there, can't be reached, or does not agree with the digest beside it.
pub async fn candidate(
    plan: &Plan,
    version: Version,
    dirs: &EngineDirs,
    clock: &Clock,
) -> Result<Candidate, NotThere> {
    let measured = async |part: Option<&ComponentName>| {
        let source = plan.source(part);
        let place = source.render(&Vars { version: version.to_string(), ..Vars::default() });
        digest(&place, plan.ca.as_deref(), dirs, clock).await.map_err(|error| {
            let says = match part.filter(|_| *source != plan.artifact.source) {
                Some(part) => format!("[components.{part}] artifact says where it is looked for"),
                None => "[artifact] source says where it is looked for".to_owned(),
            };
            NotThere { why: error.to_string(), says }
        })
    };
    let parts = plan.told_apart();
    if parts.is_empty() {
        return Ok(Candidate::new(version.clone(), measured(None).await?));
    }
    let mut digests = BTreeMap::new();
    for part in parts {
        digests.insert(part.name.clone(), measured(Some(&part.name)).await?);
    }
    Ok(Candidate::of_parts(version, digests))
}
