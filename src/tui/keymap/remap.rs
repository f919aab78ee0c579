//! A viewer's own keys over the table's. Everything that is wrong with them is said at start.

use super::{
    action::Action,
    chord::Chord,
    lookup::{Keymap, UNBOUND},
    table::{Level, TABLE},
};
use crate::{
    config::{Problem, Source, advice, keymap::Remap},
    tui::terminal::Code,
};

impl Keymap {
    /// The table with `remaps` in it; a line that is wrong leaves the table's keys and is reported.
    pub fn remapped(source: &Source, remaps: &[Remap]) -> (Self, Vec<Problem>) {
        let mut map = Self::default();
        let mut problems = Vec::new();
        for remap in remaps {
            let Some(action) = Action::named(&remap.action) else {
                let what = format!("unknown action `{}`", remap.action);
                let help = advice(&remap.action, Action::NAMES.iter().copied());
                problems.push(Problem::new(source, remap.action_at.clone(), &what, &help));
                continue;
            };
            if matches!(action, Action::Open | Action::Back) {
                let what = format!("{} can't be remapped", action.name());
                let help = "dialogs are left by Esc and filled by Enter, whatever else changes";
                problems.push(Problem::new(source, remap.action_at.clone(), &what, help));
                continue;
            }
            let mut chords = Vec::new();
            for (text, at) in &remap.chords {
                match allowed(action, text) {
                    Ok(chord) => chords.push(chord),
                    Err((what, help)) => problems.push(Problem::new(source, at.clone(), &what, help)),
                }
            }
            if chords.len() == remap.chords.len() {
                map.set(action, &chords);
            }
        }
        for (one, other, chord) in map.conflicts() {
            let at = remaps
                .iter()
                .find(|r| r.action == one.name() || r.action == other.name())
                .map_or(0..0, |r| r.action_at.clone());
            let what = format!("{chord} is {} and {} on the same screen", one.name(), other.name());
            problems.push(Problem::new(source, at, &what, "give one of them another key"));
        }
        (map, problems)
    }

    fn set(&mut self, action: Action, chords: &[Chord]) {
        for (binding, keys) in TABLE.iter().zip(&mut self.keys) {
            if binding.action == action {
                chords.clone_into(keys);
            }
        }
    }

    /// Two actions on one key of one screen.
    pub fn conflicts(&self) -> Vec<(Action, Action, Chord)> {
        let lines: Vec<_> = self.lines().collect();
        let mut found = Vec::new();
        for (i, (one, keys)) in lines.iter().enumerate() {
            for (other, others) in &lines[i + 1..] {
                let shared = keys.iter().find(|chord| others.contains(chord));
                if let Some(chord) = shared.filter(|_| one.screens.meets(other.screens)) {
                    found.push((one.action, other.action, *chord));
                }
            }
        }
        found
    }
}

/// Whether a key may stand for an action: the rules of the table hold for everybody's keys.
fn allowed(action: Action, text: &str) -> Result<Chord, (String, &'static str)> {
    let chord = Chord::parse(text).map_err(|bad| (bad.to_string(), ""))?;
    if let Code::Char(c) = chord.code
        && UNBOUND.contains(&c)
        && chord == Chord::char(c)
    {
        let help = "r, d and b do nothing, so that a slip beside R, D does nothing; take another key";
        return Err((format!("{c} stays unbound"), help));
    }
    if matches!(chord.code, Code::Esc | Code::Enter) {
        return Err((
            format!("{chord} is taken everywhere"),
            "Esc goes back and Enter opens; take another key",
        ));
    }
    let dangerous = TABLE.iter().any(|b| b.action == action && b.level >= Level::Safe);
    if dangerous && !chord.is_capital() && !matches!(chord.code, Code::F(_)) {
        let help =
            "what touches the decision, the watch or the fleet takes a capital letter or a function key";
        return Err((format!("{} can't be on {chord}", action.name()), help));
    }
    let moves = matches!(action, Action::Bottom | Action::PreviousWaiting);
    if !dangerous && chord.is_capital() && !moves {
        let help = "capitals touch the decision, the watch or the fleet; take a small letter";
        return Err((format!("{} can't be on {chord}", action.name()), help));
    }
    Ok(chord)
}
