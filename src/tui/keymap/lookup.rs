//! Which action a key asks for on a screen, under the viewer's own keymap.

use super::{
    action::{Action, ScreenName},
    chord::Chord,
    table::{Binding, TABLE},
    when::{Situation, Why},
};
use crate::tui::terminal::Code;

/// What a key means here and now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    Act(Action),
    /// It means something, but not now.
    NotNow(Action, Why),
    /// It means nothing here: what it means elsewhere, or what one may have meant.
    Hint(String),
}

/// The table with the viewer's own keys in it.
#[derive(Clone, Debug)]
pub struct Keymap {
    /// Beside each line of the table, the keys that count.
    pub(super) keys: Vec<Vec<Chord>>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { keys: TABLE.iter().map(|binding| binding.chords.to_vec()).collect() }
    }
}

impl Keymap {
    /// Every line of the table with its keys, in the table's order.
    pub fn lines(&self) -> impl Iterator<Item = (&'static Binding, &[Chord])> {
        TABLE.iter().zip(self.keys.iter().map(Vec::as_slice))
    }

    pub fn binding(&self, screen: ScreenName, chord: Chord) -> Option<&'static Binding> {
        self.lines()
            .find(|(binding, keys)| binding.screens.has(screen) && keys.contains(&chord))
            .map(|(binding, _)| binding)
    }

    /// The first key of an action on a screen, as the footer shows it.
    pub fn chord(&self, screen: ScreenName, action: Action) -> Option<Chord> {
        self.lines()
            .find(|(binding, _)| binding.action == action && binding.screens.has(screen))
            .and_then(|(_, keys)| keys.first().copied())
    }

    pub fn meaning(&self, screen: ScreenName, chord: Chord, situation: &impl Situation) -> Meant {
        let Some(binding) = self.binding(screen, chord) else {
            return Meant::Hint(self.hint(chord));
        };
        match situation.judge(binding.when) {
            Ok(()) => Meant::Act(binding.action),
            Err(why) => Meant::NotNow(binding.action, why),
        }
    }

    /// What is said of a key that does nothing here. No key is met with silence.
    fn hint(&self, chord: Chord) -> String {
        if let Some(words) = slip(chord) {
            return words.to_owned();
        }
        if let Code::Char('0'..='9') = chord.code {
            let screens = self.lines().filter_map(|(binding, keys)| {
                Some(format!("{} {}", keys.first()?, binding.action.screen()?.word()))
            });
            return format!("{chord} is no screen: {}", screens.collect::<Vec<_>>().join(" "));
        }
        let elsewhere =
            ScreenName::ALL.into_iter().find_map(|screen| Some((screen, self.binding(screen, chord)?)));
        let Some((screen, binding)) = elsewhere else {
            return format!("{chord} does nothing: ? shows the keys, : finds a command by its words");
        };
        let way = self.lines().find(|(binding, _)| binding.action.screen() == Some(screen));
        let way = way.and_then(|(_, keys)| keys.first()).map_or(String::new(), |key| format!(" ({key})"));
        format!("{chord} does nothing here; on {}{way}: {}", screen.word(), binding.says)
    }
}

/// `r`, `d` and `b` stay unbound on every screen: a slip on them must not do anything.
pub(super) const UNBOUND: [char; 3] = ['r', 'd', 'b'];

fn slip(chord: Chord) -> Option<&'static str> {
    if chord == Chord::char('r') {
        Some("r does nothing: R rolls back, Ctrl-L redraws, t runs a check")
    } else if chord == Chord::char('d') {
        Some("d does nothing: D declares, Ctrl-d moves down, x is not applicable")
    } else if chord == Chord::char('b') {
        Some("b does nothing: R rolls back, Esc goes back, PgUp moves up")
    } else {
        None
    }
}
