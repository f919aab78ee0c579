//! Who answers for an item: a role, or a person. A list that came with golive can't know a team's roles, so
//! there a role that nobody has falls back to nobody; in the team's own list it is a mistake.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    checklist::Owner,
    name::{PersonName, RoleName},
    plan::Person,
};

pub struct Owners<'a> {
    pub people: &'a BTreeMap<PersonName, Person>,
}

impl Owners<'_> {
    pub fn has_role(&self, role: &str) -> bool {
        self.people.values().any(|person| person.has(role))
    }

    /// The words that may be meant.
    pub fn known(&self) -> BTreeSet<String> {
        let roles = self.people.values().flat_map(|person| &person.roles).map(ToString::to_string);
        roles.chain(self.people.keys().map(|name| format!("@{name}"))).collect()
    }

    pub fn role(&self, word: &str) -> Option<Owner> {
        self.has_role(word).then(|| RoleName::new(word).ok().map(Owner::Role))?
    }

    pub fn person(&self, word: &str) -> Option<Owner> {
        let name = PersonName::new(word).ok()?;
        self.people.contains_key(&name).then_some(Owner::Person(name))
    }
}
