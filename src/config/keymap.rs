//! Reads the keymap file: which keys a person wants for which action. Only reads: whether an action exists and
//! whether two keys collide is the cockpit's to say.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::{problem::Problem, source::Source};

/// One line of the file, `action = "key"` or `action = ["key", "key"]`, with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remap {
    pub action: String,
    pub action_at: Range<usize>,
    pub chords: Vec<(String, Range<usize>)>,
}

/// Whether the file leaves the mouse to the terminal: `mouse = false`.
pub fn mouse(source: &Source) -> bool {
    let (table, _) = DeTable::parse_recoverable(&source.text);
    let said = table.get_ref().iter().find(|(key, _)| key.get_ref() == "mouse");
    said.is_none_or(|(_, value)| value.get_ref().as_bool() != Some(false))
}

/// Reads the table `[keys]`; an empty list unbinds.
pub fn read(source: &Source) -> (Vec<Remap>, Vec<Problem>) {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let mut problems: Vec<Problem> = errors
        .iter()
        .map(|error| Problem::new(source, error.span().unwrap_or(0..0), error.message(), ""))
        .collect();
    let mut remaps = Vec::new();
    for (key, value) in table.get_ref() {
        if key.get_ref() == "mouse" {
            if value.get_ref().as_bool().is_none() {
                problems.push(Problem::new(source, value.span(), "not true or false", "mouse = false"));
            }
            continue;
        }
        let keys = value.get_ref().as_table().filter(|_| key.get_ref() == "keys");
        let Some(keys) = keys else {
            let what = format!("unknown key `{}`", key.get_ref());
            problems.push(Problem::new(
                source,
                key.span(),
                &what,
                "the file has mouse = false and one table, [keys]",
            ));
            continue;
        };
        for (action, value) in keys {
            let mut remap =
                Remap { action: action.get_ref().to_string(), action_at: action.span(), chords: Vec::new() };
            let mut take = |value: &toml::Spanned<DeValue<'_>>| {
                if let Some(chord) = value.get_ref().as_str() {
                    remap.chords.push((chord.to_owned(), value.span()));
                } else {
                    let help = "write hold = \"H\" or hold = [\"H\", \"Ctrl-h\"]";
                    problems.push(Problem::new(source, value.span(), "not a key", help));
                }
            };
            match value.get_ref().as_array() {
                Some(list) => list.iter().for_each(&mut take),
                None => take(value),
            }
            remaps.push(remap);
        }
    }
    remaps.sort_by_key(|remap| remap.action_at.start);
    (remaps, problems)
}
