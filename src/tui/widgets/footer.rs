//! The last line of every screen, and the page of keys: both from the one table.

use crate::tui::{
    canvas::{Canvas, Line},
    keymap::{Action, Keymap, Level, ScreenName, Situation},
    text::width,
    theme::Role,
};

struct Hint {
    key: String,
    word: String,
    allowed: bool,
    /// Stays to the last.
    kept: bool,
    /// What a click on it may do: only what looks.
    click: Option<Action>,
}

/// Draws the keys that count now, as many as fit; `?` always.
pub fn footer(
    canvas: &mut Canvas<'_>,
    y: u16,
    keymap: &Keymap,
    screen: ScreenName,
    situation: &impl Situation,
) {
    let room = canvas.width().saturating_sub(1);
    let mut line = Line::new();
    for (i, hint) in fitting(keymap, screen, situation, room.into()).into_iter().enumerate() {
        if i > 0 {
            line.push(Role::TextDim, GAP);
        }
        line.push(if hint.allowed { Role::Key } else { Role::TextDim }, hint.key);
        line.push(Role::TextDim, format!(" {}", hint.word));
    }
    canvas.line(1, y, room, &line);
}

/// What a click on a column of the footer does: only what looks, never what records or touches the fleet.
pub fn clicked(
    width: u16,
    column: u16,
    keymap: &Keymap,
    screen: ScreenName,
    situation: &impl Situation,
) -> Option<Action> {
    let mut x = 1;
    for hint in fitting(keymap, screen, situation, width.saturating_sub(1).into()) {
        let end = x + cells(&hint);
        if (x..end).contains(&usize::from(column)) {
            return hint.click;
        }
        x = end + GAP.len();
    }
    None
}

const GAP: &str = "  ";

fn cells(hint: &Hint) -> usize {
    width(&hint.key) + 1 + width(&hint.word)
}

fn fitting(keymap: &Keymap, screen: ScreenName, situation: &impl Situation, room: usize) -> Vec<Hint> {
    let mut hints = hints(keymap, screen, situation);
    let total =
        |hints: &[Hint]| hints.iter().map(cells).sum::<usize>() + GAP.len() * hints.len().saturating_sub(1);
    while total(&hints) > room {
        // What stands further back in the table goes first.
        let Some(last) = hints.iter().rposition(|hint| !hint.kept) else { break };
        hints.remove(last);
    }
    hints
}

fn hints(keymap: &Keymap, screen: ScreenName, situation: &impl Situation) -> Vec<Hint> {
    let mut hints = Vec::new();
    for (binding, keys) in keymap.lines() {
        let Some(key) = keys.first().filter(|_| binding.screens.has(screen) && !binding.word.is_empty())
        else {
            continue;
        };
        if binding.action == Action::Keys {
            let word = "screens".to_owned();
            hints.push(Hint { key: screens(keymap), word, allowed: true, kept: false, click: None });
        }
        let (word, allowed) = match situation.judge(binding.when) {
            Ok(()) => (binding.word.to_owned(), true),
            Err(why) if binding.insists && !why.short.is_empty() => {
                (format!("{}:{}", binding.word, why.short), false)
            }
            Err(_) => continue,
        };
        let kept = matches!(binding.action, Action::Keys | Action::Hold | Action::RollBack);
        let click = (binding.level == Level::Looks && allowed).then_some(binding.action);
        hints.push(Hint { key: key.to_string(), word, allowed, kept, click });
    }
    hints
}

/// `1-3 8`: the keys of the screens that exist.
fn screens(keymap: &Keymap) -> String {
    let keys: Vec<String> = keymap
        .lines()
        .filter(|(binding, _)| binding.action.screen().is_some())
        .filter_map(|(_, keys)| keys.first().map(ToString::to_string))
        .collect();
    let mut text = String::new();
    let mut i = 0;
    while i < keys.len() {
        let digit = |k: &String| k.parse::<u32>().ok();
        let mut end = i;
        while end + 1 < keys.len()
            && digit(&keys[end]).map(|d| d + 1) == digit(&keys[end + 1])
            && digit(&keys[end]).is_some()
        {
            end += 1;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&keys[i]);
        if end > i {
            text.push(if end > i + 1 { '-' } else { ' ' });
            text.push_str(&keys[end]);
        }
        i = end + 1;
    }
    text
}

/// Where the words begin, beside the keys.
pub const HANG: usize = 12;

/// Every key of a screen, what it does, and where it does nothing now, why.
pub fn help_lines(keymap: &Keymap, screen: ScreenName, situation: &impl Situation) -> Vec<Line> {
    let mut lines = Vec::new();
    for (binding, keys) in keymap.lines() {
        if !binding.screens.has(screen) || keys.is_empty() {
            continue;
        }
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        let why = situation.judge(binding.when).err();
        let role = if why.is_none() { Role::Key } else { Role::TextDim };
        let says = if why.is_none() { Role::Text } else { Role::TextDim };
        let line = Line::of(role, format!("{:<HANG$}", keys.join(" "))).add(says, binding.says);
        let care = match binding.level {
            Level::Looks | Level::Records => "",
            Level::Safe => " · at once",
            Level::Twice => " · asks, then again",
            Level::Typed => " · asks for a reason and a name",
        };
        match why {
            // Why not stands under it: it is a sentence, and a line has no room for both.
            Some(why) => {
                lines.push(line);
                lines.push(Line::new().dim(format!("{:HANG$}not now: {}", "", why.full)));
            }
            None => lines.push(line.dim(care)),
        }
    }
    lines
}
