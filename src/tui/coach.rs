//! The line that leads a newcomer: what to do next, and on which screen. It stands below everything else, so that
//! it covers nothing.

use super::{
    canvas::Line,
    keymap::{Action, Keymap, ScreenName, Screens},
    theme::Role,
};
use crate::domain::{name::SessionId, session::Session};

/// What is said. A key stands in it by its action's name, as in `{start}`: the viewer may have changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coach {
    /// `DEMO 3/7`.
    pub mark: String,
    /// Where it is done.
    pub screens: Screens,
    pub here: String,
    /// The way there, said on every other screen.
    pub elsewhere: String,
    /// The session it speaks of, and the last event it has seen of it; none: it speaks of no session.
    pub seen: Option<(SessionId, u64)>,
}

/// The screen keeps at least so many rows for itself.
const ROOM: u16 = 9;
/// It takes no more than so many.
const MOST: usize = 2;

impl Coach {
    /// Whether this is known to a viewer of this session. Who is led by what they can't see yet is led astray.
    pub fn is_seen(&self, session: Option<&Session>) -> bool {
        let (Some((id, seq)), Some(session)) = (&self.seen, session) else { return true };
        session.course.id != *id || session.seq >= *seq
    }

    /// Its rows on a terminal of this size: none where there is room for nothing but the verdict.
    pub fn lines(&self, screen: ScreenName, keymap: &Keymap, columns: u16, rows: u16) -> Vec<Line> {
        let room = usize::from(columns).saturating_sub(2);
        if rows <= ROOM || room == 0 {
            return Vec::new();
        }
        let there = self.screens.has(screen);
        let words = if there || self.elsewhere.is_empty() { &self.here } else { &self.elsewhere };
        let line = Line::of(Role::ModeDemo, self.mark.as_str())
            .add(Role::Accent, format!("  {}", with_keys(words, screen, keymap)));
        let mut lines = line.wrapped(room);
        lines.truncate(MOST.min(usize::from(rows - ROOM)));
        lines
    }
}

/// The text with the keys in it.
fn with_keys(text: &str, screen: ScreenName, keymap: &Keymap) -> String {
    let mut said = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            continue;
        };
        let action = Action::named(name);
        let chord = action.and_then(|action| {
            let here = keymap.chord(screen, action);
            here.or_else(|| ScreenName::ALL.into_iter().find_map(|other| keymap.chord(other, action)))
        });
        said.push_str(&chord.map_or_else(|| name.to_owned(), |chord| chord.to_string()));
        rest = after;
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(coach: &Coach, screen: ScreenName, columns: u16, rows: u16) -> Vec<String> {
        let lines = coach.lines(screen, &Keymap::default(), columns, rows);
        lines.iter().map(Line::words).collect()
    }

    #[test]
    fn it_names_the_keys_of_today_and_the_way_to_the_screen() {
        let coach = Coach {
            mark: "DEMO 3/7".into(),
            screens: Screens::of([ScreenName::Rollout]),
            here: "{start}, and {start} again".into(),
            elsewhere: "{rollout} shows the hosts".into(),
            seen: None,
        };
        assert_eq!(said(&coach, ScreenName::Rollout, 80, 24), ["DEMO 3/7  S, and S again"]);
        assert_eq!(said(&coach, ScreenName::Record, 80, 24), ["DEMO 3/7  3 shows the hosts"]);
    }

    #[test]
    fn what_is_long_takes_a_second_row_and_a_tiny_terminal_has_none_to_spare() {
        let coach = Coach {
            mark: "DEMO".into(),
            screens: Screens::ALL,
            here: "word ".repeat(30),
            elsewhere: String::new(),
            seen: None,
        };
        assert_eq!(said(&coach, ScreenName::Decision, 80, 24).len(), 2);
        assert_eq!(said(&coach, ScreenName::Decision, 80, 10).len(), 1);
        assert!(said(&coach, ScreenName::Decision, 80, 9).is_empty());
    }
}
