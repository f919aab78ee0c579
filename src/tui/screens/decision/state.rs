//! What a viewer has selected on the Decision screen: a seat, or one thing in the way.

use crate::{
    domain::{
        name::{ItemId, RoleName},
        refusal::{Obstacle, ObstacleKind},
    },
    tui::{app::Glance, widgets::List, world::World},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    Seat(RoleName),
    /// By what it is about: its wording may change with every answer.
    InTheWay(String),
}

impl Row {
    pub fn of(obstacle: &Obstacle) -> Self {
        Self::InTheWay(format!("{:?} {}", obstacle.kind, obstacle.what))
    }
}

#[derive(Clone, Debug, Default)]
pub struct State {
    pub list: List<Row>,
    /// The first obstacle shown.
    pub first: usize,
}

impl State {
    pub fn refresh(&mut self, world: &World<'_>, glance: &Glance, obstacles: u16) {
        let seats =
            glance.tally.iter().flat_map(|tally| &tally.seats).map(|seat| Row::Seat(seat.role.clone()));
        let wanted: Vec<Row> = seats.chain(glance.to_go.iter().map(Row::of)).collect();
        let there: std::collections::HashSet<Row> = wanted.iter().cloned().collect();
        self.list.refresh(wanted, |row| there.contains(row), world.at);
        let seats = glance.tally.as_ref().map_or(0, |tally| tally.seats.len());
        let shown = usize::from(obstacles.max(1));
        let at = self.list.position().and_then(|at| at.checked_sub(seats)).unwrap_or(0);
        if at < self.first {
            self.first = at;
        } else if at >= self.first + shown {
            self.first = at + 1 - shown;
        }
        self.first = self.first.min(glance.to_go.len().saturating_sub(shown));
    }

    pub fn seat(&self) -> Option<&RoleName> {
        match self.list.selected() {
            Some(Row::Seat(role)) => Some(role),
            _ => None,
        }
    }

    pub fn obstacle<'a>(&self, glance: &'a Glance) -> Option<&'a Obstacle> {
        let selected = self.list.selected()?;
        glance.to_go.iter().find(|obstacle| Row::of(obstacle) == *selected)
    }

    /// The item that the selected obstacle is about.
    pub fn item(&self, glance: &Glance) -> Option<ItemId> {
        match &self.obstacle(glance)?.kind {
            ObstacleKind::Item(id) | ObstacleKind::ShowStopper(id) => ItemId::new(id).ok(),
            _ => None,
        }
    }
}
