//! What a viewer has chosen on the Timeline screen.

use crate::{
    domain::{
        name::StageName,
        timeline::{Row, Timeline},
    },
    tui::{app::Glance, widgets::List, world::World},
};

/// A row by what it is about: a stage as a whole, or one of the parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Stage(StageName),
    Part(String),
}

impl Key {
    pub fn of(row: &Row) -> Self {
        Self::Part(format!("{:?} {:?}", row.stage, row.what))
    }

    pub fn find<'a>(&self, line: &'a Timeline) -> Option<&'a Row> {
        line.rows.iter().find(|row| Self::of(row) == *self)
    }
}

#[derive(Clone, Debug, Default)]
pub struct State {
    pub list: List<Key>,
    pub filter: String,
    /// Only what is still to come.
    pub to_come: bool,
    pub zoomed: bool,
}

impl State {
    pub fn rerun(&mut self) {
        self.list.rerun();
    }

    /// Until somebody has chosen a row, what is under way is selected.
    pub fn refresh(&mut self, world: &World<'_>, glance: &Glance, rows: u16) {
        let wanted = glance.timeline.as_ref().map(|line| self.wanted(line)).unwrap_or_default();
        let there: std::collections::HashSet<Key> = wanted.iter().cloned().collect();
        self.list.refresh(wanted, |key| there.contains(key), world.at);
        if self.list.still_until().is_none()
            && let Some(line) = &glance.timeline
            && let Some(now) = line.rows.iter().find(|row| row.left.is_some())
        {
            self.list.select_id(&Key::of(now));
        }
        self.list.scroll(rows.into());
    }

    /// The stages with their parts below them.
    fn wanted(&self, line: &Timeline) -> Vec<Key> {
        let filter = self.filter.to_lowercase();
        let mut keys = Vec::new();
        let mut stage = None;
        for row in &line.rows {
            if (self.to_come && row.left.is_none()) || !row.name().to_lowercase().contains(&filter) {
                continue;
            }
            if row.stage != stage {
                stage.clone_from(&row.stage);
                keys.extend(stage.clone().map(Key::Stage));
            }
            keys.push(Key::of(row));
        }
        keys
    }
}
