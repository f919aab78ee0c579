//! The stored shape of each kind and how older ones are brought up to date. A stored shape never changes in
//! place: a change is a new version, and a function from the one before it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::kind::{Kind, kinds};

/// Turns a body of one version into the next; the error says what the body lacks.
pub type Upgrade = fn(Value) -> Result<Value, String>;

/// The shape of one kind that has changed since it was first stored.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub kind: &'static str,
    /// The first turns version 1 into 2, and so on; the current version is one more than there are.
    pub upgrades: &'static [Upgrade],
}

/// All kinds that this build knows.
#[derive(Clone, Debug)]
pub struct Shapes {
    known: BTreeMap<Kind, &'static [Upgrade]>,
}

impl Shapes {
    /// The kinds of the enum `T`, all in version 1 but for those in `changed`. A changed kind that `T` has no
    /// longer is known too: it is decoded by what its upgrades make of it, or not at all.
    pub fn of<'de, T: Deserialize<'de>>(changed: &'static [Shape]) -> Self {
        let mut known: BTreeMap<Kind, &'static [Upgrade]> =
            kinds::<T>().into_iter().map(|kind| (kind, &[] as &[Upgrade])).collect();
        for shape in changed {
            known.extend(Kind::parse(shape.kind).ok().map(|kind| (kind, shape.upgrades)));
        }
        Self { known }
    }

    /// The version in which this build writes the kind; none if it does not know the kind.
    pub fn current(&self, kind: &Kind) -> Option<u16> {
        self.known.get(kind).map(|upgrades| upgrades.len() as u16 + 1)
    }

    pub fn kinds(&self) -> impl Iterator<Item = (&Kind, u16)> {
        self.known.iter().map(|(kind, upgrades)| (kind, upgrades.len() as u16 + 1))
    }

    /// What has to be done to a body of version `shape`, in order; none if the kind or the version is unknown.
    pub(super) fn upgrades(&self, kind: &Kind, shape: u16) -> Option<&'static [Upgrade]> {
        let upgrades = self.known.get(kind)?;
        upgrades.get(usize::from(shape.checked_sub(1)?)..)
    }
}
