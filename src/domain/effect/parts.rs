//! The digests of the parts of a release, where it has several artifacts. Most have one: then there is nothing to compare,
//! to copy or to give back.

use std::{collections::BTreeMap, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::name::{ComponentName, Digest};

type Digests = BTreeMap<ComponentName, Digest>;

/// The digest of each part. None, and never an empty table: it is one artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parts(Option<Box<Digests>>);

impl Parts {
    pub const NONE: Self = Self(None);

    /// Whether it is one artifact.
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl From<Digests> for Parts {
    fn from(digests: Digests) -> Self {
        Self((!digests.is_empty()).then(|| Box::new(digests)))
    }
}

impl Deref for Parts {
    type Target = Digests;

    fn deref(&self) -> &Digests {
        static EMPTY: Digests = BTreeMap::new();
        self.0.as_deref().unwrap_or(&EMPTY)
    }
}

impl Serialize for Parts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Digests::deserialize(from).map(Self::from)
    }
}
