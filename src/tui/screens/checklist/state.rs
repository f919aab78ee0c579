//! What a viewer has chosen on the Checklist screen: which group, whose items, which item.

use crate::{
    domain::{
        checklist::{ItemSpec, ItemStanding, ItemState, Owner, standing},
        name::{ItemId, PersonName},
        session::Session,
    },
    tui::{terminal::Moment, widgets::List, world::World},
};

#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each narrows or orders the list by a key of its own")]
pub struct State {
    pub list: List<ItemId>,
    /// The group's name; none: the first that has something open.
    pub group: Option<String>,
    pub filter: String,
    pub problems: bool,
    pub mine: bool,
    /// Open first, or as the checklist has them.
    pub as_written: bool,
    pub zoomed: bool,
    seen: Option<(u64, u64, Moment)>,
    /// How every item stands, in the plan's order.
    pub standings: Vec<(ItemId, ItemStanding)>,
}

impl State {
    pub fn rerun(&mut self) {
        self.list.rerun();
        self.seen = None;
    }

    pub fn refresh(&mut self, world: &World<'_>, rows: u16) {
        let Some(session) = world.session else { return };
        let second = world.now.wall.0.unsigned_abs() / 1_000_000;
        let still = self.list.still_until().filter(|until| *until > world.at).unwrap_or_default();
        let looked = (session.seq, second, still);
        if self.seen != Some(looked) {
            let items = &session.plan().items;
            self.standings =
                items.iter().map(|spec| (spec.id.clone(), standing(session, spec, world.now))).collect();
            let known = |name: &String| items.iter().any(|spec| spec.group == *name);
            if !self.group.as_ref().is_some_and(known) {
                self.group = self.first_open(session);
            }
            let wanted = self.wanted(session, world);
            self.list.refresh(wanted, |id| items.iter().any(|spec| spec.id == *id), world.at);
            self.seen = Some(looked);
        }
        self.list.scroll(rows.into());
    }

    pub fn groups(session: &Session) -> Vec<&str> {
        let mut groups: Vec<&str> = Vec::new();
        for spec in &session.plan().items {
            if !groups.contains(&spec.group.as_str()) {
                groups.push(&spec.group);
            }
        }
        groups
    }

    /// The next group, or the previous one, around the end.
    pub fn turn(&mut self, session: &Session, forward: bool) {
        let groups = Self::groups(session);
        let count = groups.len().max(1);
        let at = groups.iter().position(|name| Some(*name) == self.group.as_deref()).unwrap_or(0);
        let next = if forward { (at + 1) % count } else { (at + count - 1) % count };
        self.group = groups.get(next).map(|name| (*name).to_owned());
        self.rerun();
        self.list.to_top();
    }

    pub fn standing(&self, id: &ItemId) -> Option<&ItemStanding> {
        self.standings.iter().find(|(known, _)| known == id).map(|(_, standing)| standing)
    }

    fn first_open(&self, session: &Session) -> Option<String> {
        let open = session
            .plan()
            .items
            .iter()
            .find(|spec| !spec.post_live && self.standing(&spec.id).is_some_and(|s| !s.state.ready()));
        open.or(session.plan().items.first()).map(|spec| spec.group.clone())
    }

    fn wanted(&self, session: &Session, world: &World<'_>) -> Vec<ItemId> {
        let filter = self.filter.to_lowercase();
        // Searching and "mine" look through all groups: one rarely knows where a thing stands.
        let everywhere = !filter.is_empty() || self.mine || self.problems;
        let mut items: Vec<&ItemSpec> = session
            .plan()
            .items
            .iter()
            .filter(|spec| everywhere || Some(&spec.group) == self.group.as_ref())
            .filter(|spec| !self.mine || world.me().is_some_and(|me| is_of(session, spec, me)))
            .filter(|spec| !self.problems || self.standing(&spec.id).is_none_or(|s| !s.state.ready()))
            .filter(|spec| {
                filter.is_empty()
                    || spec.title.to_lowercase().contains(&filter)
                    || spec.owner.word().to_lowercase().contains(&filter)
            })
            .collect();
        if !self.as_written {
            items.sort_by_key(|spec| self.standing(&spec.id).map_or(0, |standing| need(standing.state)));
        }
        items.into_iter().map(|spec| spec.id.clone()).collect()
    }
}

/// What is not ready first, in the order of the states.
const fn need(state: ItemState) -> u8 {
    if state.ready() { 9 } else { 0 }
}

/// Whether an item waits for this person: theirs, or their role's.
pub fn is_of(session: &Session, spec: &ItemSpec, person: &PersonName) -> bool {
    match &spec.owner {
        Owner::Nobody => false,
        Owner::Person(owner) => owner == person,
        Owner::Role(role) => session.plan().people.get(person).is_some_and(|p| p.has(role.as_str())),
    }
}
