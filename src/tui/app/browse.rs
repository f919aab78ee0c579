//! Looking around on a screen: its list, what narrows and orders it, the mouse, Enter and Esc.

use super::{
    cockpit::App,
    dialog::Body,
    moves::Moves,
    open::{Opened, open},
    request::Request,
    verbs::Target,
};
use crate::{
    domain::{name::UnitId, poll::SeatStanding},
    tui::{
        keymap::{Action, ScreenName},
        screens::{checklist, decision, rollout, timeline},
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
        if self.zoomed().is_some_and(std::mem::take) {
            return;
        }
        let cleared = match self.screen {
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
            ScreenName::Timeline => std::mem::take(&mut self.timeline.to_come),
            ScreenName::Record => std::mem::take(&mut self.record.loud),
            ScreenName::Decision => {
                std::mem::take(&mut self.decision.problems) | std::mem::take(&mut self.decision.by_who)
            }
            ScreenName::Start | ScreenName::Compare => false,
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
            (Action::Problems, ScreenName::Timeline) => self.timeline.to_come ^= true,
            (Action::Problems, ScreenName::Record) => self.record.loud ^= true,
            (Action::Mine, _) => self.checklist.mine ^= true,
            (Action::Sort, ScreenName::Rollout) => self.rollout.sort = self.rollout.sort.next(),
            (Action::Sort, ScreenName::Checklist) => self.checklist.as_written ^= true,
            (Action::Sort, ScreenName::Record) => self.record.oldest_first ^= true,
            (Action::Problems, ScreenName::Decision) => self.decision.problems ^= true,
            (Action::Sort, ScreenName::Decision) => self.decision.by_who ^= true,
            (Action::Zoom, _) => {
                match self.zoomed() {
                    Some(zoomed) => *zoomed ^= true,
                    None => self.say(world, "z: this screen has one part; Enter goes on"),
                }
                return true;
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
                let seats = self.decision.seats();
                let over = self.decision.list.position().is_some_and(|at| at < seats);
                self.decision.list.select(if over { seats } else { 0 });
            }
            ScreenName::Start | ScreenName::Compare | ScreenName::Timeline | ScreenName::Record => {}
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
            ScreenName::Timeline => {
                let Some(line) = &self.glance.timeline else { return false };
                self.timeline.list.seek(forward, |key| timeline::under_way(line, key))
            }
            ScreenName::Start | ScreenName::Compare => false,
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
            ScreenName::Decision => match (self.decision.obstacle(&self.glance), self.decision.seat()) {
                (Some(obstacle), _) => obstacle.to_string(),
                (None, Some(role)) => {
                    let seats = self.glance.tally.iter().flat_map(|tally| &tally.seats);
                    seats.filter(|seat| seat.role == *role).map(said_seat).collect()
                }
                (None, None) => String::new(),
            },
            ScreenName::Timeline => {
                let row = self.timeline.list.selected().zip(self.glance.timeline.as_ref());
                let row = row.and_then(|(key, line)| key.find(line));
                row.map(|row| format!("{}, planned {}", row.name(), row.planned.words())).unwrap_or_default()
            }
            ScreenName::Start | ScreenName::Compare => String::new(),
        };
        if text.is_empty() {
            self.say(world, "y: nothing is selected");
            return Vec::new();
        }
        let first = text.lines().next().unwrap_or_default();
        self.say(world, &format!("copied, where the terminal takes it: {first}"));
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
            ScreenName::Timeline => Some(&self.timeline.filter),
            ScreenName::Record => Some(&self.record.filter),
            ScreenName::Decision => Some(&self.decision.filter),
            ScreenName::Start | ScreenName::Compare => None,
        }
    }

    pub(super) fn set_filter(&mut self, filter: String) {
        match self.screen {
            ScreenName::Rollout => self.rollout.filter = filter,
            ScreenName::Checklist => self.checklist.filter = filter,
            ScreenName::Timeline => self.timeline.filter = filter,
            ScreenName::Record => self.record.filter = filter,
            ScreenName::Decision => self.decision.filter = filter,
            ScreenName::Start | ScreenName::Compare => {}
        }
        self.rerun();
    }

    pub(super) fn rerun(&mut self) {
        match self.screen {
            ScreenName::Rollout => self.rollout.rerun(),
            ScreenName::Checklist => self.checklist.rerun(),
            ScreenName::Timeline => self.timeline.rerun(),
            ScreenName::Record => self.record.rerun(),
            ScreenName::Decision => self.decision.rerun(),
            ScreenName::Start | ScreenName::Compare => {}
        }
    }

    pub(super) fn moves(&self) -> Option<&dyn Moves> {
        Some(match self.screen {
            ScreenName::Rollout => &self.rollout.list,
            ScreenName::Checklist => &self.checklist.list,
            ScreenName::Decision => &self.decision.list,
            ScreenName::Timeline => &self.timeline.list,
            ScreenName::Record => &self.record.list,
            ScreenName::Start | ScreenName::Compare => return None,
        })
    }

    pub(super) fn moves_mut(&mut self) -> Option<&mut dyn Moves> {
        Some(match self.screen {
            ScreenName::Rollout => &mut self.rollout.list,
            ScreenName::Checklist => &mut self.checklist.list,
            ScreenName::Decision => &mut self.decision.list,
            ScreenName::Timeline => &mut self.timeline.list,
            ScreenName::Record => &mut self.record.list,
            ScreenName::Start | ScreenName::Compare => return None,
        })
    }

    /// Whether the selected part stands alone, on screens that have parts.
    fn zoomed(&mut self) -> Option<&mut bool> {
        Some(match self.screen {
            ScreenName::Rollout => &mut self.rollout.zoomed,
            ScreenName::Checklist => &mut self.checklist.zoomed,
            ScreenName::Decision => &mut self.decision.zoomed,
            ScreenName::Timeline => &mut self.timeline.zoomed,
            ScreenName::Record => &mut self.record.zoomed,
            ScreenName::Start | ScreenName::Compare => return None,
        })
    }
}

/// `engineering: lee, GO`.
fn said_seat(seat: &SeatStanding) -> String {
    let person = seat.person.as_ref().map_or("nobody", |person| person.as_str());
    let vote = seat.vote.as_ref().map_or("no vote", |vote| vote.kind.word());
    format!("{}: {person}, {vote}", seat.role)
}
