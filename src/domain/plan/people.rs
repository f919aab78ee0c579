//! Who takes part.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::name::{PersonName, RoleName};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: PersonName,
    pub roles: BTreeSet<RoleName>,
    /// The login that is this person; the name unless said otherwise.
    pub login: String,
    pub contact: Option<String>,
}

impl Person {
    pub fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|r| r.as_str() == role)
    }
}

/// Whether one person may hold the sides of a decision that are usually apart (ask and approve, write and accept).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Separation {
    #[default]
    Required,
    /// A team of one; the header shows it.
    None,
}
