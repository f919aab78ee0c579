//! The link of what is selected, for `o`.

use super::cockpit::App;
use crate::{
    domain::{
        effect::LaneStep,
        name::{ItemId, UnitId},
        plan::SELF_TEST,
    },
    tui::{keymap::ScreenName, world::World},
};

impl App {
    /// The link of what is selected: of an item its evidence, of a host the runbook of the check it fails, of an event
    /// whatever stands in it.
    pub(super) fn link(
        &self,
        item: Option<&ItemId>,
        unit: Option<&UnitId>,
        world: &World<'_>,
    ) -> Option<String> {
        let session = world.session?;
        if let Some(record) = item.and_then(|item| session.checklist.record(item)) {
            return record.evidence.iter().rev().find_map(|given| url(&given.what.text));
        }
        if let Some(lane) = unit.and_then(|unit| session.rollout.unit(unit)?.lane.as_ref()) {
            let check = match lane.step() {
                LaneStep::SelfTest => SELF_TEST,
                _ => "alive",
            };
            return session.plan().check(check)?.runbook.as_deref().and_then(url);
        }
        let seq = self.record.list.selected().filter(|_| self.screen == ScreenName::Record)?;
        url(&crate::tui::say::say(&world.history.get(*seq)?.event, Some(session)).words)
    }
}

/// The first link in a text; of no other kind than a browser opens.
fn url(text: &str) -> Option<String> {
    let words =
        text.split_whitespace().map(|word| word.trim_matches(['(', ')', '<', '>', '"', ',', ';', '.']));
    words
        .filter(|word| word.starts_with("https://") || word.starts_with("http://"))
        .find(|word| word.bytes().all(|byte| byte.is_ascii_graphic()))
        .map(str::to_owned)
}
