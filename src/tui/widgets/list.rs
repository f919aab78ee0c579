//! A list that never moves under the finger: what is selected is known by its identity, the order stands still for
//! two seconds after a key, and what fell out of a filter stays until the filter is run again. Until somebody has
//! chosen a row, a list that follows its top keeps the first row selected: what needs somebody is sorted there.

use std::{collections::HashSet, hash::Hash, time::Duration};

use super::table::Rows;
use crate::tui::terminal::Moment;

const STILL: Duration = Duration::from_secs(2);

#[derive(Clone, Debug)]
pub struct List<Id> {
    order: Vec<Id>,
    selected: Option<Id>,
    /// Where the selected one stood, for when it is gone.
    place: usize,
    first: usize,
    touched: Option<Moment>,
    stale: bool,
    follows: bool,
    chosen: bool,
}

impl<Id> Default for List<Id> {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            selected: None,
            place: 0,
            first: 0,
            touched: None,
            stale: true,
            follows: false,
            chosen: false,
        }
    }
}

impl<Id: Clone + Eq + Hash> List<Id> {
    /// Its first row is selected until somebody chooses another: for lists on which no key acts at once.
    pub fn following_the_top() -> Self {
        Self { follows: true, ..Self::default() }
    }

    /// Takes over what there is now, in its wanted order. Within two seconds after a key, what was there keeps its
    /// place and what is new comes to the end; `exists` tells what merely fell out of a filter from what is gone.
    pub fn refresh(&mut self, wanted: Vec<Id>, exists: impl Fn(&Id) -> bool, at: Moment) {
        let still = self.touched.is_some_and(|touched| at.since(touched) < STILL);
        if self.stale || !still || self.order.is_empty() {
            self.order = wanted;
        } else if self.order != wanted {
            self.order.retain(|id| exists(id));
            let there: HashSet<Id> = self.order.iter().cloned().collect();
            self.order.extend(wanted.into_iter().filter(|id| !there.contains(id)));
        }
        self.stale = false;
        match self.position() {
            _ if self.follows && !self.chosen => self.at(0),
            Some(place) => self.place = place,
            None => self.at(self.place),
        }
    }

    /// The filter or the order was changed on purpose: the next refresh takes everything over at once.
    pub fn rerun(&mut self) {
        self.stale = true;
    }

    /// A key was pressed: from now on nothing moves for a while.
    pub fn touch(&mut self, at: Moment) {
        self.touched = Some(at);
    }

    /// When the order may change again; none: at any time.
    pub fn still_until(&self) -> Option<Moment> {
        self.touched.map(|touched| touched.plus(STILL))
    }

    pub fn order(&self) -> &[Id] {
        &self.order
    }
    pub fn len(&self) -> usize {
        self.order.len()
    }
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
    pub fn selected(&self) -> Option<&Id> {
        self.selected.as_ref()
    }

    /// Where the selected one stands.
    pub fn position(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        // It mostly stands where it stood.
        if self.order.get(self.place) == Some(selected) {
            return Some(self.place);
        }
        self.order.iter().position(|id| id == selected)
    }

    /// Somebody selects the row at a place, or the last one.
    pub fn select(&mut self, place: usize) {
        self.chosen = true;
        self.at(place);
    }

    fn at(&mut self, place: usize) {
        self.place = place.min(self.order.len().saturating_sub(1));
        self.selected = self.order.get(self.place).cloned();
    }

    pub fn select_id(&mut self, id: &Id) {
        if let Some(place) = self.order.iter().position(|other| other == id) {
            self.select(place);
        }
    }

    /// Moves the selection by so many rows; stops at the ends.
    pub fn step(&mut self, by: isize) {
        let from = self.position().unwrap_or(self.place);
        self.select(from.saturating_add_signed(by));
    }

    pub fn to_top(&mut self) {
        self.select(0);
    }
    pub fn to_bottom(&mut self) {
        self.select(usize::MAX);
    }

    /// The next row (or the previous one) of which `wanted` holds, around the end. False if there is none.
    pub fn seek(&mut self, forward: bool, wanted: impl Fn(&Id) -> bool) -> bool {
        let count = self.order.len();
        let from = self.position().unwrap_or(0);
        let found = (1..=count)
            .map(|n| if forward { (from + n) % count } else { (from + count - n) % count })
            .find(|place| self.order.get(*place).is_some_and(&wanted));
        if let Some(place) = found {
            self.select(place);
        }
        found.is_some()
    }

    /// Scrolls so that the selected row is among the `rows` shown; a short list starts at its top.
    pub fn scroll(&mut self, rows: usize) {
        if let Some(place) = self.position() {
            self.first = window(self.first, place, rows, self.order.len());
        }
    }

    pub fn first(&self) -> usize {
        self.first
    }

    /// What of it is shown.
    pub fn rows(&self) -> Rows {
        Rows { first: self.first, count: self.len(), selected: self.position(), head: false }
    }
}

/// The first row to show of `count`, so that `place` is seen in a window of `rows`, and as little moves as can be.
/// Where rows are left under the window, its last one says how many.
pub fn window(first: usize, place: usize, rows: usize, count: usize) -> usize {
    let rows = rows.max(1);
    let last = count.saturating_sub(rows);
    let seen = if first < last && rows > 1 { rows - 1 } else { rows };
    if place < first {
        place.min(last)
    } else if place >= first + seen {
        let full = if rows > 1 { rows - 1 } else { rows };
        (place + 1 - full.min(place + 1)).min(last)
    } else {
        first.min(last)
    }
}
