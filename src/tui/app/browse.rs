//! Looking around on a screen: its list, what narrows and orders it, the mouse, Enter and Esc.

use super::{
    cockpit::App,
    dialog::Body,
    mouse::{Pointed, pointed},
    moves::Moves,
    open::{Opened, open},
    request::Request,
    verbs::Target,
};
use crate::{
    domain::name::UnitId,
    tui::{
        keymap::{Action, ScreenName},
        screens::{checklist, decision, record, rollout},
        terminal::{Mouse, Size},
        theme::Role,
        world::World,
    },
};

impl App {
    pub(super) fn open(&mut self, world: &World<'_>) {
        match open(self, world) {
            Opened::Page(page) => self.stack.push(Body::Page(page)),
            Opened::Screen(screen) => self.go(screen),
            Opened::Item(item) => self.select(ScreenName::Checklist, Target::Item(item), world),
            Opened::Nothing => {}
        }
    }

    /// Esc: one thing less at a time, then the start screen.
    pub(super) fn back(&mut self) {
        let cleared = match self.screen {
            ScreenName::Rollout if self.rollout.zoomed => {
                self.rollout.zoomed = false;
                true
            }
            ScreenName::Rollout if !self.rollout.marked.is_empty() => {
                self.rollout.marked.clear();
                true
            }
            ScreenName::Rollout => {
                let narrowed = self.rollout.problems || self.rollout.environment.is_some();
                self.rollout.problems = false;
                self.rollout.environment = None;
                narrowed
            }
            ScreenName::Checklist => {
                let narrowed = self.checklist.problems || self.checklist.mine;
                self.checklist.problems = false;
                self.checklist.mine = false;
                narrowed
            }
            ScreenName::Record => std::mem::take(&mut self.record.loud),
            ScreenName::Decision | ScreenName::Start => false,
        };
        let filtered = self.filter().is_some_and(|filter| !filter.is_empty());
        self.set_filter(String::new());
        if !cleared && !filtered {
            self.go(ScreenName::Start);
        }
    }

    /// What narrows, orders or turns the screen's list. False if the action is something else.
    pub(super) fn narrow(&mut self, action: Action, world: &World<'_>) -> bool {
        match (action, self.screen) {
            (Action::Problems, ScreenName::Rollout) => self.rollout.problems ^= true,
            (Action::Problems, ScreenName::Checklist) => self.checklist.problems ^= true,
            (Action::Problems, ScreenName::Record) => self.record.loud ^= true,
            (Action::Mine, _) => self.checklist.mine ^= true,
            (Action::Sort, ScreenName::Rollout) => self.rollout.sort = self.rollout.sort.next(),
            (Action::Sort, ScreenName::Checklist) => self.checklist.as_written ^= true,
            (Action::Sort, ScreenName::Record) => self.record.oldest_first ^= true,
            (Action::Zoom, ScreenName::Rollout) => self.rollout.zoomed ^= true,
            (Action::Zoom, _) => {
                self.say(world, "z: nothing to zoom on this screen; Enter opens what is selected");
            }
            (Action::Mark, _) => {
                if let Some(unit) = self.focus.unit.clone()
                    && !self.rollout.marked.remove(&unit)
                {
                    self.rollout.marked.insert(unit);
                }
                return true;
            }
            (Action::NextWaiting | Action::PreviousWaiting, _) => {
                if !self.seek(action == Action::NextWaiting, world) {
                    self.say(world, "nothing here needs anybody");
                }
                return true;
            }
            (Action::NextPart | Action::PreviousPart, _) => {
                self.turn(action == Action::NextPart, world);
                return true;
            }
            (Action::Left | Action::Right, ScreenName::Checklist) => {
                self.turn(action == Action::Right, world);
            }
            (Action::Problems | Action::Sort | Action::Left | Action::Right, _) => {}
            _ => return false,
        }
        self.rerun();
        true
    }

    pub(super) fn turn(&mut self, forward: bool, world: &World<'_>) {
        let Some(session) = world.session else { return };
        match self.screen {
            ScreenName::Checklist => self.checklist.turn(session, forward),
            ScreenName::Rollout => {
                let places: Vec<_> = session.plan().environments.keys().collect();
                let at = places
                    .iter()
                    .position(|name| Some(*name) == self.rollout.environment(world))
                    .unwrap_or(0);
                let next = if forward { at + 1 } else { at + places.len().saturating_sub(1) };
                self.rollout.environment = places.get(next % places.len().max(1)).map(|name| (*name).clone());
                self.rerun();
            }
            ScreenName::Decision => {
                let seats = self.glance.tally.as_ref().map_or(0, |tally| tally.seats.len());
                let over = self.decision.list.position().is_some_and(|at| at < seats);
                self.decision.list.select(if over { seats } else { 0 });
            }
            ScreenName::Start | ScreenName::Record => {}
        }
    }

    pub(super) fn seek(&mut self, forward: bool, world: &World<'_>) -> bool {
        let Some(session) = world.session else { return false };
        match self.screen {
            ScreenName::Rollout => {
                self.rollout.list.seek(forward, |id| session.rollout.unit(id).is_some_and(rollout::problem))
            }
            ScreenName::Decision => {
                self.decision.list.seek(forward, |row| matches!(row, decision::Row::InTheWay(_)))
            }
            ScreenName::Checklist => {
                let standings = self.checklist.standings.clone();
                let open = |id: &crate::domain::name::ItemId| {
                    standings.iter().any(|(known, standing)| known == id && !standing.state.ready())
                };
                self.checklist.list.seek(forward, open)
            }
            ScreenName::Record => self.record.list.seek(forward, |seq| {
                world.history.get(*seq).is_some_and(|stamped| {
                    let said = crate::tui::say::say(&stamped.event, world.session);
                    matches!(
                        said.role,
                        Role::StateBad | Role::StateWarn | Role::StateUnproven | Role::VoteNogo
                    )
                })
            }),
            ScreenName::Start => false,
        }
    }

    pub(super) fn copied(&mut self, world: &World<'_>) -> Vec<Request> {
        let marked: Vec<&str> = self.rollout.marked.iter().map(UnitId::as_str).collect();
        let text = match self.screen {
            ScreenName::Rollout if !marked.is_empty() => marked.join("\n"),
            ScreenName::Rollout => self.focus.unit.as_ref().map_or(String::new(), ToString::to_string),
            ScreenName::Checklist => self.focus.spec(world).map_or(String::new(), |spec| spec.title.clone()),
            ScreenName::Record => self
                .record
                .list
                .selected()
                .and_then(|seq| serde_json::to_string(world.history.get(*seq)?).ok())
                .unwrap_or_default(),
            _ => self.decision.obstacle(&self.glance).map_or(String::new(), ToString::to_string),
        };
        if text.is_empty() {
            self.say(world, "y: nothing is selected");
            return Vec::new();
        }
        self.say(world, "copied, where the terminal takes it");
        vec![Request::Copy(text)]
    }

    pub(super) fn select(&mut self, screen: ScreenName, target: Target, world: &World<'_>) {
        self.go(screen);
        match target {
            Target::Unit(unit) => {
                let environment = world.session.and_then(|session| session.rollout.unit(&unit));
                self.rollout = rollout::State::default();
                self.rollout.environment = environment.map(|unit| unit.environment.clone());
                self.refresh(world);
                self.rollout.list.select_id(&unit);
            }
            Target::Item(item) => {
                let spec = world.session.and_then(|s| s.plan().items.iter().find(|spec| spec.id == item));
                self.checklist = checklist::State::default();
                self.checklist.group = spec.map(|spec| spec.group.clone());
                self.refresh(world);
                self.checklist.list.select_id(&item);
            }
        }
    }

    pub(super) fn filter(&self) -> Option<&str> {
        match self.screen {
            ScreenName::Rollout => Some(&self.rollout.filter),
            ScreenName::Checklist => Some(&self.checklist.filter),
            ScreenName::Record => Some(&self.record.filter),
            ScreenName::Start | ScreenName::Decision => None,
        }
    }

    pub(super) fn set_filter(&mut self, filter: String) {
        match self.screen {
            ScreenName::Rollout => self.rollout.filter = filter,
            ScreenName::Checklist => self.checklist.filter = filter,
            ScreenName::Record => self.record.filter = filter,
            ScreenName::Start | ScreenName::Decision => {}
        }
        self.rerun();
    }

    pub(super) fn rerun(&mut self) {
        match self.screen {
            ScreenName::Rollout => self.rollout.rerun(),
            ScreenName::Checklist => self.checklist.rerun(),
            ScreenName::Record => self.record.rerun(),
            ScreenName::Start | ScreenName::Decision => {}
        }
    }

    pub(super) fn moves(&self) -> Option<&dyn Moves> {
        Some(match self.screen {
            ScreenName::Rollout => &self.rollout.list,
            ScreenName::Checklist => &self.checklist.list,
            ScreenName::Decision => &self.decision.list,
            ScreenName::Record => &self.record.list,
            ScreenName::Start => return None,
        })
    }

    pub(super) fn moves_mut(&mut self) -> Option<&mut dyn Moves> {
        Some(match self.screen {
            ScreenName::Rollout => &mut self.rollout.list,
            ScreenName::Checklist => &mut self.checklist.list,
            ScreenName::Decision => &mut self.decision.list,
            ScreenName::Record => &mut self.record.list,
            ScreenName::Start => return None,
        })
    }

    pub(super) fn mouse(&mut self, mouse: &Mouse, world: &World<'_>) {
        if !self.stack.is_empty() {
            return;
        }
        let Size { columns, rows } = self.room(world);
        let small = rows < 20 || columns < 76;
        let seats = self.glance.tally.as_ref().map_or(0, |tally| tally.seats.len());
        let (top, shown) = match self.screen {
            ScreenName::Start => return,
            ScreenName::Rollout => (if small { 3 } else { 5 }, rollout::list_rows(columns, rows)),
            ScreenName::Checklist => (if small { 3 } else { 5 }, checklist::list_rows(columns, rows)),
            ScreenName::Record => (3, record::list_rows(columns, rows)),
            ScreenName::Decision => {
                let (seats, obstacles) = decision::list_rows(columns, rows, seats);
                (3, seats + 1 + obstacles)
            }
        };
        let (seats, first) = match self.screen {
            ScreenName::Decision => (seats, self.decision.first),
            _ => (usize::MAX, self.moves().map_or(0, Moves::first_row)),
        };
        match pointed(mouse, top, shown) {
            Pointed::Row(row) => {
                let row = usize::from(row);
                // Between seats and obstacles stands a heading.
                let place = match row {
                    _ if self.screen != ScreenName::Decision => first + row,
                    row if row < seats => row,
                    row if row == seats => return,
                    row => first + row - 1,
                };
                if let Some(list) = self.moves_mut() {
                    list.pick(place);
                }
            }
            Pointed::Wheel(by) => {
                let action = if by > 0 { Action::Down } else { Action::Up };
                for _ in 0..by.unsigned_abs() {
                    if let Some(list) = self.moves_mut() {
                        list.moved(action, 3, world.at);
                    }
                }
            }
            Pointed::Nothing => {}
        }
    }
}
