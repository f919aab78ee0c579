//! Who is played by the script, and who by the person at the keyboard.

use crate::domain::{
    checklist::{ItemSpec, Owner},
    name::{PersonName, RoleName},
    plan::{Person, Plan},
};

/// The item that is left to the newcomer, so that there is one to tick.
const LEFT_TO_YOU: &str = "users-told";

/// The people of the plan; one of them may be the newcomer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cast {
    /// None: everybody is scripted.
    pub you: Option<PersonName>,
    /// Whether an item is left to the newcomer.
    pub ticks: bool,
}

impl Cast {
    /// Everybody is scripted.
    pub fn unattended() -> Self {
        Self::default()
    }

    /// The newcomer plays whoever has this login.
    pub fn with(plan: &Plan, login: &str) -> Self {
        let you = plan.people.values().find(|person| person.login == login);
        Self { you: you.map(|person| person.name.clone()), ticks: true }
    }

    /// The newcomer has ticked enough: the others do that.
    #[must_use]
    pub fn without_ticking(self) -> Self {
        Self { ticks: false, ..self }
    }

    pub fn scripted(&self, person: &PersonName) -> bool {
        self.you.as_ref() != Some(person)
    }

    /// A scripted person with the role.
    pub fn with_role(&self, plan: &Plan, role: &str) -> Option<PersonName> {
        plan.people.values().find(|p| p.has(role) && self.scripted(&p.name)).map(|p| p.name.clone())
    }

    /// Whether the newcomer holds this seat: then nobody else takes it.
    pub fn seat_is_yours(&self, plan: &Plan, role: &RoleName) -> bool {
        let person = self.you.as_ref().and_then(|you| plan.people.get(you));
        person.is_some_and(|person| person.has(role.as_str()))
    }

    /// Whether this item waits for the newcomer.
    pub fn item_is_yours(&self, item: &ItemSpec) -> bool {
        self.you.is_some() && self.ticks && item.id.as_str().rsplit('/').next() == Some(LEFT_TO_YOU)
    }

    /// Who of the script speaks for an item: its owner, else somebody with the owner's role, else anybody.
    pub fn speaks_for(&self, plan: &Plan, item: &ItemSpec) -> Option<PersonName> {
        let owner = match &item.owner {
            Owner::Person(person) => self.scripted(person).then(|| person.clone()),
            Owner::Role(role) => self.with_role(plan, role.as_str()),
            Owner::Nobody => None,
        };
        let anybody =
            || plan.people.values().map(|p: &Person| &p.name).find(|name| self.scripted(name)).cloned();
        owner.or_else(anybody)
    }
}
