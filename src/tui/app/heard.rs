//! What of the live stream this viewer's screen shows: what no screen shows is not sent.

use std::collections::BTreeSet;

use super::cockpit::App;
use crate::{domain::name::UnitId, tui::keymap::ScreenName};

/// What is listened to beside the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The host whose output is listened to.
    pub output: Option<UnitId>,
    /// The hosts of which it is heard how they answer and get on.
    pub signs: BTreeSet<UnitId>,
}

/// Hosts listened to over and under those that are seen, so that a step of the selection asks for nothing.
const MARGIN: usize = 16;

impl App {
    /// What is to be listened to, if the screen shows something that is not in `heard`, or nothing of it any more.
    /// The output of a host that is only passed over is not asked for: `rests` says that the selection stands still.
    pub fn to_hear(&self, heard: &Heard, rests: bool) -> Option<Heard> {
        let seen = self.seen_hosts();
        let page = self.stack.unit();
        let output = page.or(self.focus.unit.as_ref());
        let enough = seen.iter().all(|unit| heard.signs.contains(unit));
        let same = heard.output.as_ref() == output || !(rests || page.is_some());
        if enough && same && seen.is_empty() == heard.signs.is_empty() {
            return None;
        }
        let order = self.rollout.list.order();
        let first = self.rollout.list.first().saturating_sub(MARGIN);
        let count = if seen.is_empty() { 0 } else { seen.len() + 2 * MARGIN };
        let signs = order.iter().skip(first).take(count).chain(&self.focus.unit).cloned().collect();
        Some(Heard { output: output.cloned(), signs })
    }

    /// Whether how this host answers and gets on is on the screen.
    pub fn shows(&self, unit: &UnitId) -> bool {
        self.focus.unit.as_ref() == Some(unit) || self.seen_hosts().contains(unit)
    }

    fn seen_hosts(&self) -> &[UnitId] {
        if self.screen() == ScreenName::Rollout { self.rollout.seen_hosts() } else { &[] }
    }
}
