//! What is deployed: a version with the digest of its content.

use std::{collections::BTreeMap, fmt, ops::Deref, sync::Arc};

use serde::{Deserialize, Serialize};

use super::Parts;
use crate::domain::name::{ComponentName, Digest, Version};

/// A version with the digest of its content. What a fleet runs are few of them, each many times: all that are clones of
/// one are one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Candidate(Arc<Content>);

/// What a candidate is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Content {
    pub version: Version,
    pub digest: Digest,
    /// Where the parts of a release have artifacts of their own: the digest of each; `digest` is of all of them. Left
    /// out of a release of one artifact.
    #[serde(default, skip_serializing_if = "Parts::is_empty")]
    pub parts: Parts,
}

impl Candidate {
    pub fn new(version: Version, digest: Digest) -> Self {
        Self(Arc::new(Content { version, digest, parts: Parts::NONE }))
    }

    /// A release of several artifacts.
    pub fn of_parts(version: Version, parts: BTreeMap<ComponentName, Digest>) -> Self {
        let digest = Digest::of_value("golive/parts/1", &parts);
        Self(Arc::new(Content { version, digest, parts: parts.into() }))
    }

    /// What a unit of this part is to have of it.
    #[must_use]
    pub fn of(&self, part: Option<&ComponentName>) -> Self {
        if self.parts.is_empty() {
            return self.clone();
        }
        let own = part.and_then(|part| self.parts.get(part));
        Self::new(self.version.clone(), own.unwrap_or(&self.digest).clone())
    }
}

impl Deref for Candidate {
    type Target = Content;

    #[inline]
    fn deref(&self) -> &Content {
        &self.0
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.version, self.digest.short())
    }
}
