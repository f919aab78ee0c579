//! What a viewer has selected on the Decision screen: a seat, or one thing in the way.

use crate::{
    domain::{
        name::{ItemId, RoleName},
        poll::SeatState,
        refusal::{Obstacle, ObstacleKind},
    },
    tui::{
        app::Glance,
        widgets::{List, window},
        world::World,
    },
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
    /// The first seat shown.
    pub first_seat: usize,
    /// The first obstacle shown.
    pub first: usize,
    pub filter: String,
    /// Only seats without a GO, and what is in the way.
    pub problems: bool,
    /// What is in the way by who can lift it, instead of as a release lead wants it.
    pub by_who: bool,
    pub zoomed: bool,
}

impl State {
    /// Takes over what there is; `rows` are there for seats, and for obstacles.
    pub fn refresh(&mut self, world: &World<'_>, glance: &Glance, rows: impl Fn(usize) -> (u16, u16)) {
        let wanted = self.wanted(glance);
        let there: std::collections::HashSet<Row> = wanted.iter().cloned().collect();
        self.list.refresh(wanted, |row| there.contains(row), world.at);
        let seats = self.seats();
        let (for_seats, for_obstacles) = rows(seats);
        let at = self.list.position().unwrap_or(0);
        self.first_seat = window(self.first_seat, at.min(seats.saturating_sub(1)), for_seats.into(), seats);
        let obstacles = self.list.len() - seats;
        self.first = window(self.first, at.saturating_sub(seats), for_obstacles.into(), obstacles);
    }

    /// The filter or the order was changed on purpose.
    pub fn rerun(&mut self) {
        self.list.rerun();
    }

    /// How many of the rows are seats: they come first.
    pub fn seats(&self) -> usize {
        self.list.order().iter().take_while(|row| matches!(row, Row::Seat(_))).count()
    }

    fn wanted(&self, glance: &Glance) -> Vec<Row> {
        let filter = self.filter.to_lowercase();
        let holds = |text: &str| filter.is_empty() || text.to_lowercase().contains(&filter);
        let seats = glance.tally.iter().flat_map(|tally| &tally.seats);
        let seats = seats.filter(|seat| !self.problems || seat.state != SeatState::Go).filter(|seat| {
            holds(seat.role.as_str()) || seat.person.as_ref().is_some_and(|person| holds(person.as_str()))
        });
        let mut wanted: Vec<Row> = seats.map(|seat| Row::Seat(seat.role.clone())).collect();
        let mut obstacles: Vec<&Obstacle> = glance
            .in_the_way
            .iter()
            .filter(|one| holds(&one.what) || holds(&one.why) || holds(&one.who))
            .collect();
        if self.by_who {
            obstacles.sort_by(|a, b| a.who.is_empty().cmp(&b.who.is_empty()).then(a.who.cmp(&b.who)));
        }
        wanted.extend(obstacles.into_iter().map(Row::of));
        wanted
    }

    pub fn seat(&self) -> Option<&RoleName> {
        match self.list.selected() {
            Some(Row::Seat(role)) => Some(role),
            _ => None,
        }
    }

    pub fn obstacle<'a>(&self, glance: &'a Glance) -> Option<&'a Obstacle> {
        let selected = self.list.selected()?;
        glance.in_the_way.iter().find(|obstacle| Row::of(obstacle) == *selected)
    }

    /// The item that the selected obstacle is about.
    pub fn item(&self, glance: &Glance) -> Option<ItemId> {
        match &self.obstacle(glance)?.kind {
            ObstacleKind::Item(id) | ObstacleKind::ShowStopper(id) => ItemId::new(id).ok(),
            _ => None,
        }
    }
}
