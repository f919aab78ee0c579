//! Reads a checklist, whichever of the two ways it is written, into the items of the plan.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::Range,
};

use super::{List, Origin, due, markdown, owner::Owners};
use crate::{
    config::{
        node::Node,
        problem::{Note, Problem},
        schema::checklist_schema,
        shape,
        suggest::advice,
        validate::validate,
    },
    domain::{
        checklist::{Fact, ItemKind, ItemSpec, Owner, Severity},
        name::{CheckName, ItemId, PersonName},
        plan::{Check, Person, Place, Tier},
    },
};

/// What of the plan a list refers to.
pub struct Known<'a> {
    pub people: &'a BTreeMap<PersonName, Person>,
    pub checks: &'a BTreeMap<CheckName, Check>,
}

/// What came of a list.
#[derive(Default)]
pub struct Read {
    pub items: Vec<ItemSpec>,
    pub problems: Vec<Problem>,
    pub notes: Vec<Note>,
    /// What a general list asks for and the plan does not have: said where the plan names the list.
    pub lacks: Vec<String>,
}

pub fn read(list: &List, known: &Known<'_>) -> Read {
    if list.markdown { markdown::read(list, &Owners { people: known.people }) } else { toml(list, known) }
}

struct Reader<'a> {
    list: &'a List,
    known: &'a Known<'a>,
    tree: Node,
    out: Read,
    /// Roles of a general list that nobody has, and how many items name one.
    strangers: (BTreeSet<String>, usize),
    /// Checks of the list that the plan does not declare, and the items that name them.
    undeclared: BTreeMap<String, usize>,
}

fn toml(list: &List, known: &Known<'_>) -> Read {
    let (mut tree, syntax) = Node::parse(&list.source.text);
    let mut out = Read::default();
    for error in &syntax {
        out.problems.push(Problem::new(&list.source, error.span.clone(), &error.what, "correct the TOML"));
    }
    if !syntax.is_empty() {
        return out;
    }
    for departure in validate(&mut tree, checklist_schema()) {
        out.problems.push(Problem::new(&list.source, departure.span, &departure.what, &departure.help));
    }
    let file: shape::Checklist = match serde_json::from_value(tree.to_json()) {
        Ok(file) => file,
        Err(error) => {
            out.problems.push(Problem::new(&list.source, 0..0, &error.to_string(), "correct the list"));
            return out;
        }
    };
    let mut reader =
        Reader { list, known, tree, out, strangers: (BTreeSet::new(), 0), undeclared: BTreeMap::new() };
    reader.items(&file);
    reader.sum_up();
    reader.out
}

impl Reader<'_> {
    fn span(&self, place: &Place) -> Range<usize> {
        self.tree.find(place)
    }

    fn bad(&mut self, place: &Place, what: &str, help: &str) {
        let problem = Problem::new(&self.list.source, self.span(place), what, help);
        self.out.problems.push(problem);
    }

    fn items(&mut self, file: &shape::Checklist) {
        let title = file.title.clone().unwrap_or_else(|| self.list.name.clone());
        let written = file.items.as_deref().unwrap_or_default();
        if written.is_empty() && file.items.is_some() {
            self.bad(&Place::of(&["items"]), "the list has no items", "add [[items]]");
        }
        let mut ids = HashSet::new();
        for (at, item) in written.iter().enumerate() {
            let place = Place::of(&["items"]).index(at);
            if let Some(item) = self.item(item, &title, &place, &mut ids) {
                self.out.items.push(item);
            }
        }
    }

    fn item(
        &mut self,
        item: &shape::Item,
        list_title: &str,
        place: &Place,
        ids: &mut HashSet<String>,
    ) -> Option<ItemSpec> {
        let kind = self.kind(item, place);
        let owner = self.owner(item.owner.as_deref(), &place.key("owner"));
        let due = match item.due.as_deref().map(due::parse) {
            None => None,
            Some(Ok(due)) => due,
            Some(Err(())) => {
                let text = item.due.as_deref().unwrap_or_default();
                self.bad(
                    &place.key("due"),
                    &format!("{text:?} is not a due time"),
                    "write T-14d, T-4h or T-0",
                );
                None
            }
        };
        let id = item.id.as_deref()?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || !id.chars().all(plain) {
            self.bad(
                &place.key("id"),
                &format!("{id:?} is not an id"),
                "use lower-case letters, digits and dashes: it is typed on a command line",
            );
        }
        if !ids.insert(id.to_owned()) {
            self.bad(&place.key("id"), &format!("two items have the id {id}"), "an id is unique in its list");
        }
        let title = item.title.clone()?;
        if title.trim().is_empty() {
            self.bad(
                &place.key("title"),
                &format!("the item {id} has no title"),
                "say in one line what must be so",
            );
        }
        Some(ItemSpec {
            id: ItemId::new(&format!("{}/{id}", self.list.name)).ok()?,
            title,
            why: item.why.clone().unwrap_or_default(),
            group: item.group.clone().unwrap_or_else(|| list_title.to_owned()),
            kind: kind?,
            tier: Tier::new(item.tier.unwrap_or(2))?,
            severity: match item.severity {
                Some(shape::Severity::ShowStopper) => Severity::ShowStopper,
                Some(shape::Severity::Required) | None => Severity::Required,
                Some(shape::Severity::Advisory) => Severity::Advisory,
            },
            owner,
            due,
            post_live: item.post_live,
        })
    }

    fn kind(&mut self, item: &shape::Item, place: &Place) -> Option<ItemKind> {
        use shape::ItemKind as Written;
        let kind = item.kind.unwrap_or(match (&item.check, &item.fact) {
            (Some(_), _) => Written::Check,
            (None, Some(_)) => Written::Fact,
            (None, None) => Written::Hand,
        });
        for (key, there, of) in
            [("check", item.check.is_some(), Written::Check), ("fact", item.fact.is_some(), Written::Fact)]
        {
            if there && kind != of {
                self.bad(
                    &place.key(key),
                    &format!("`{key}` means nothing here"),
                    &format!("use kind = \"{key}\", or take it out"),
                );
            }
        }
        match kind {
            Written::Hand => Some(ItemKind::Hand { evidence: false }),
            Written::Evidence => Some(ItemKind::Hand { evidence: true }),
            Written::Question => Some(ItemKind::Question),
            Written::Check => {
                let Some(word) = &item.check else {
                    self.bad(place, "the item names no check", "add check = \"smoke\"");
                    return None;
                };
                let Ok(check) = CheckName::new(word) else {
                    self.bad(
                        &place.key("check"),
                        &format!("{word:?} is not a name"),
                        "name a check of the plan",
                    );
                    return None;
                };
                if self.known.checks.contains_key(&check) {
                    return Some(ItemKind::Check { check });
                }
                *self.undeclared.entry(word.clone()).or_default() += 1;
                if self.list.origin == Origin::Team {
                    let what = format!(
                        "the check {word:?} is not declared: this item is ticked by hand, with evidence"
                    );
                    let note = Note::new(&self.list.source, &self.span(&place.key("check")), &what, false);
                    self.out.notes.push(note);
                }
                Some(ItemKind::Hand { evidence: true })
            }
            Written::Fact => {
                let Some(word) = &item.fact else {
                    self.bad(place, "the item names no fact", "add fact = \"rollback-ready\"");
                    return None;
                };
                let fact = Fact::ALL.iter().find(|(name, _)| name == word).map(|(_, fact)| *fact);
                if fact.is_none() {
                    let help = advice(word, Fact::ALL.iter().map(|(name, _)| *name));
                    self.bad(&place.key("fact"), &format!("{word:?} is not a fact"), &help);
                }
                fact.map(|fact| ItemKind::Fact { fact })
            }
        }
    }

    fn owner(&mut self, word: Option<&str>, place: &Place) -> Owner {
        let owners = Owners { people: self.known.people };
        let Some(word) = word else { return Owner::Nobody };
        let found = match word.strip_prefix('@') {
            Some(name) => owners.person(name),
            None => owners.role(word),
        };
        if let Some(owner) = found {
            return owner;
        }
        if self.list.origin == Origin::General {
            self.strangers.0.insert(word.to_owned());
            self.strangers.1 += 1;
        } else {
            let known = owners.known();
            let what = match word.strip_prefix('@') {
                Some(name) => format!("there is no person {name:?}"),
                None => format!("nobody has the role {word:?}"),
            };
            self.bad(place, &what, &advice(word, known.iter().map(String::as_str)));
        }
        Owner::Nobody
    }

    /// What a general list asked for and the plan does not have: one note for each kind, not one an item.
    fn sum_up(&mut self) {
        if self.list.origin == Origin::Team {
            return;
        }
        let name = &self.list.name;
        let mut say = |what: String| self.out.lacks.push(format!("checklist {name}: {what}"));
        let (roles, items) = &self.strangers;
        if !roles.is_empty() {
            let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
            let noun = if *items == 1 { "item is" } else { "items are" };
            let word = if roles.len() == 1 { "role" } else { "roles" };
            say(format!("nobody has the {word} {}: {items} {noun} owned by nobody", roles.join(", ")));
        }
        for (check, items) in &self.undeclared {
            let noun = if *items == 1 { "item is" } else { "items are" };
            say(format!("the check {check:?} is not declared: {items} {noun} ticked by hand, with evidence"));
        }
    }
}
