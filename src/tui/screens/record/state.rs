//! What a viewer has chosen on the Record screen.

use crate::{
    domain::{course::CourseEvent, event::Event},
    tui::{say::say, terminal::Moment, widgets::List, world::World},
};

/// The clock's own entries, every ten seconds: they would crowd out everything else.
pub fn ticks(event: &Event) -> bool {
    matches!(event, Event::Course(CourseEvent::Ticked))
}

#[derive(Clone, Debug, Default)]
pub struct State {
    pub list: List<u64>,
    pub filter: String,
    /// Only what is worth the message line.
    pub loud: bool,
    /// Newest first, or as written.
    pub oldest_first: bool,
    pub zoomed: bool,
    seen: Option<(u64, Moment)>,
}

impl State {
    pub fn rerun(&mut self) {
        self.list.rerun();
        self.seen = None;
    }

    pub fn refresh(&mut self, world: &World<'_>, rows: u16) {
        let still = self.list.still_until().filter(|until| *until > world.at).unwrap_or_default();
        let last = world.history.iter().next_back().map_or(0, |stamped| stamped.seq);
        if self.seen != Some((last, still)) {
            let filter = self.filter.to_lowercase();
            let mut wanted: Vec<u64> = world
                .history
                .iter()
                .filter(|stamped| {
                    if !self.loud && filter.is_empty() {
                        return !ticks(&stamped.event);
                    }
                    let said = say(&stamped.event, world.session);
                    let who = stamped.actor.to_string();
                    (!self.loud || said.loud)
                        && (said.words.to_lowercase().contains(&filter)
                            || who.to_lowercase().contains(&filter))
                })
                .map(|stamped| stamped.seq)
                .collect();
            if !self.oldest_first {
                wanted.reverse();
            }
            self.list.refresh(wanted, |seq| world.history.get(*seq).is_some(), world.at);
            self.seen = Some((last, still));
        }
        self.list.scroll(rows.into());
    }
}
