//! Moving in a list, whatever it holds.

use std::hash::Hash;

use crate::tui::{keymap::Action, terminal::Moment, widgets::List};

pub trait Moves {
    /// True if the action moved in the list.
    fn moved(&mut self, action: Action, page: u16, at: Moment) -> bool;
    fn pick(&mut self, row: usize);
    fn rows(&self) -> usize;
    fn first_row(&self) -> usize;
}

impl<Id: Clone + Eq + Hash> Moves for List<Id> {
    fn moved(&mut self, action: Action, page: u16, at: Moment) -> bool {
        let page = isize::try_from(page.max(2)).unwrap_or(2);
        match action {
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::PageDown => self.step(page - 1),
            Action::PageUp => self.step(1 - page),
            Action::HalfDown => self.step(page / 2),
            Action::HalfUp => self.step(-page / 2),
            Action::Top => self.to_top(),
            Action::Bottom => self.to_bottom(),
            _ => return false,
        }
        self.touch(at);
        true
    }

    fn pick(&mut self, row: usize) {
        self.select(row);
    }
    fn rows(&self) -> usize {
        self.len()
    }
    fn first_row(&self) -> usize {
        self.first()
    }
}
