//! The mouse: a click selects, shows or goes to a screen, the wheel moves what is under it. It records nothing,
//! confirms nothing and touches nothing: whatever is more than looking is said with a key.

use super::{chrome, cockpit::App, request::Request, verbs::Target};
use crate::{
    domain::rollout::Trouble,
    tui::{
        keymap::{Action, Level, ScreenName},
        screens::{
            checklist, decision,
            layout::{Class, list_width},
            record, rollout, timeline,
        },
        terminal::{Button, Gesture, Mouse},
        widgets::{End, clicked, header_at},
        world::World,
    },
};

/// Rows that a notch of the wheel moves.
const NOTCH: usize = 3;

/// Where a screen's list stands.
struct Place {
    top: u16,
    rows: u16,
    /// It ends here: beside it stands the detail.
    width: u16,
}

impl App {
    pub(super) fn mouse(&mut self, mouse: &Mouse, world: &World<'_>) -> Vec<Request> {
        let wheel = match mouse.gesture {
            Gesture::WheelUp => Some(Action::Up),
            Gesture::WheelDown => Some(Action::Down),
            _ => None,
        };
        if !self.stack.is_empty() {
            if let Some(action) = wheel {
                self.stack.wheel(action, NOTCH);
            }
            return Vec::new();
        }
        let size = self.room(world);
        if let Some(action) = wheel {
            self.wheel(action, mouse, world);
        } else if mouse.gesture == Gesture::Down(Button::Left) {
            if mouse.row + 1 == size.rows {
                return self.click_footer(mouse.column, world);
            }
            // On the smallest screens the verdict comes first.
            let tiny = Class::of(size.columns, size.rows) == Class::Tiny;
            if mouse.row == u16::from(!tiny) {
                self.click_waiting(world);
            } else if mouse.row == u16::from(tiny) {
                self.click_header(mouse.column, world);
            } else if !self.click_tab(mouse, world) {
                self.click_row(mouse, world);
            }
        }
        Vec::new()
    }

    fn place(&self, world: &World<'_>) -> Option<Place> {
        let size = self.room(world);
        let (columns, rows) = (size.columns, size.rows);
        let class = Class::of(columns, rows);
        let small = class <= Class::Small;
        let beside = |needs: u16| list_width(columns, rows, needs);
        let (top, shown, width) = match self.screen {
            ScreenName::Start | ScreenName::Compare => return None,
            ScreenName::Rollout => (
                if small { 3 } else { 5 },
                self.rollout.list_rows(columns, rows),
                beside(rollout::list_needs(self.rollout.widths)),
            ),
            ScreenName::Checklist => {
                (if small { 3 } else { 5 }, checklist::list_rows(columns, rows), beside(checklist::NEEDS))
            }
            ScreenName::Timeline => (4, timeline::list_rows(columns, rows), beside(timeline::NEEDS)),
            ScreenName::Record => (3, record::list_rows(columns, rows), beside(record::NEEDS)),
            ScreenName::Decision => {
                let (seats, obstacles) = decision::list_rows(columns, rows, self.decision.seats());
                (3, if small { obstacles } else { seats + 1 + obstacles }, beside(decision::NEEDS))
            }
        };
        Some(Place { top, rows: shown, width })
    }

    /// The wheel moves the selection of the list under it; over the detail it moves nothing: Enter opens that as a
    /// page, which scrolls.
    fn wheel(&mut self, action: Action, mouse: &Mouse, world: &World<'_>) {
        let over = self.place(world).is_some_and(|place| mouse.column < place.width);
        if let Some(list) = self.moves_mut().filter(|_| over) {
            for _ in 0..NOTCH {
                list.moved(action, 3, world.at);
            }
        }
    }

    fn click_footer(&mut self, column: u16, world: &World<'_>) -> Vec<Request> {
        let width = self.viewer.size().columns;
        let keymap = &self.viewer.keymap;
        let Some(action) = clicked(width, column, keymap, self.screen, &self.glance) else {
            return Vec::new();
        };
        let line = keymap.lines().find(|(binding, _)| binding.action == action);
        // The footer says so already; a slip in it must not make a click do more than look.
        let Some((_, [chord, ..])) = line.filter(|(binding, _)| binding.level == Level::Looks) else {
            return Vec::new();
        };
        let chord = *chord;
        self.act(action, chord, world)
    }

    /// What is released leads to the decision about it, its clock and its watch to the hosts.
    fn click_header(&mut self, column: u16, world: &World<'_>) {
        let header = chrome::header(world, &self.glance);
        match header_at(&header, self.viewer.size().columns, column) {
            Some(End::Release) => self.go(ScreenName::Decision),
            Some(End::Watch) => self.go(ScreenName::Rollout),
            None => {}
        }
    }

    /// What everything waits for leads to what it names: the host that needs somebody; else to the hosts while something
    /// is under way; else to what is first in the way.
    fn click_waiting(&mut self, world: &World<'_>) {
        let Some(session) = world.session else { return };
        if let Some(unit) = self.glance.troubles.first().and_then(Trouble::unit) {
            return self.select(ScreenName::Rollout, Target::Unit(unit.clone()), world);
        }
        if self.screen == ScreenName::Checklist && checklist::speaks_to_me(world, &self.glance) {
            self.checklist.mine = true;
            self.checklist.rerun();
            self.refresh(world);
            self.checklist.list.to_top();
        } else if session.pipeline.running().is_some() || session.course.started.is_some() {
            self.go(ScreenName::Rollout);
            self.refresh(world);
            self.seek(true, world);
        } else {
            self.go(ScreenName::Decision);
            self.decision.filter.clear();
            self.rerun();
            self.refresh(world);
            self.decision.list.select(self.decision.seats());
        }
    }

    /// A group of the checklist.
    fn click_tab(&mut self, mouse: &Mouse, world: &World<'_>) -> bool {
        let size = self.room(world);
        let rows = if Class::of(size.columns, size.rows) <= Class::Small { 1 } else { 2 };
        let tabs = 2..2 + rows;
        if self.screen != ScreenName::Checklist || !tabs.contains(&mouse.row) || self.checklist.zoomed {
            return false;
        }
        let Some(session) = world.session else { return false };
        let groups = checklist::groups(&self.checklist, session);
        let at = checklist::group_at(&groups, size.columns, rows, mouse.column, mouse.row - 2);
        if let Some(group) = at.and_then(|at| groups.get(at)) {
            self.checklist.group = Some(group.name.clone());
            self.checklist.rerun();
            self.checklist.list.to_top();
        }
        true
    }

    fn click_row(&mut self, mouse: &Mouse, world: &World<'_>) {
        let Some(place) = self.place(world) else { return };
        let inside = (place.top..place.top.saturating_add(place.rows)).contains(&mouse.row);
        if !inside || mouse.column >= place.width {
            return;
        }
        let row = usize::from(mouse.row - place.top);
        let size = self.room(world);
        let at = if self.screen == ScreenName::Decision {
            let seats = self.decision.seats();
            let (first_seat, first) = (self.decision.first_seat, self.decision.first);
            let (shown, _) = decision::list_rows(size.columns, size.rows, seats);
            match row.checked_sub(shown.into()) {
                // A seat; on a small screen none is shown.
                None => first_seat + row,
                // Between seats and obstacles stands a heading.
                Some(0) if shown > 0 => return,
                Some(row) => seats + first + row - usize::from(shown > 0),
            }
        } else {
            self.moves().map_or(0, super::moves::Moves::first_row) + row
        };
        if let Some(list) = self.moves_mut() {
            // Under the last row there is nothing to select.
            if at < list.rows() {
                list.pick(at);
            }
        }
    }
}
