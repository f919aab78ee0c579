//! Guards against lag and slips: a slow line splits sequences, repeats keys and delivers them late, and none of
//! that may confirm anything. A pure state machine: every key brings its time.

use std::time::Duration;

use crate::tui::terminal::{Code, Key, Kind, Moment};

/// After Esc the tail of a split sequence is swallowed for so long.
const TAIL: Duration = Duration::from_millis(100);
/// The same key again within this is a key held down, not a second press.
const REPEAT: Duration = Duration::from_millis(120);
/// A dialog must have stood on the screen for so long before it is confirmed.
const SEEN: Duration = Duration::from_millis(400);

#[derive(Clone, Copy, Debug, Default)]
pub struct Guard {
    esc: Option<Moment>,
    in_tail: bool,
    last: Option<(Code, Moment)>,
    /// The last key was let go: what follows is a press of its own. Only some terminals say so.
    released: bool,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// A release, or the tail of a split sequence.
    Swallowed,
    /// A key of its own.
    Fresh,
    /// The same key, held down.
    Repeated,
}

/// Why a confirmation does not count yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Early {
    #[error("not yet on the screen long enough to be read: press again")]
    NotSeen,
    #[error("the key is held down: let go, then press again")]
    Held,
}

impl Guard {
    /// Every key passes here first, in order.
    pub fn admit(&mut self, key: &Key) -> Admitted {
        if key.kind == Kind::Release {
            if self.last.is_some_and(|(code, _)| code == key.code) {
                self.released = true;
            }
            return Admitted::Swallowed;
        }
        if self.is_tail(key) {
            return Admitted::Swallowed;
        }
        self.esc = (key.code == Code::Esc).then_some(key.at);
        let again = self.last.is_some_and(|(code, at)| code == key.code && key.at.since(at) < REPEAT);
        let held = key.kind == Kind::Repeat || (again && !self.released);
        self.last = Some((key.code, key.at));
        self.released = false;
        if held { Admitted::Repeated } else { Admitted::Fresh }
    }

    /// `ESC` and then, late, `[` or `O` and what follows up to a letter or `~`: an arrow that was torn apart.
    fn is_tail(&mut self, key: &Key) -> bool {
        let soon = self.esc.is_some_and(|esc| key.at.since(esc) < TAIL);
        let Code::Char(c) = key.code else {
            self.in_tail = false;
            return false;
        };
        if !soon || key.modifiers.ctrl || key.modifiers.alt {
            self.in_tail = false;
            return false;
        }
        if !self.in_tail {
            self.in_tail = matches!(c, '[' | 'O');
            return self.in_tail;
        }
        if !matches!(c, '0'..='9' | ';' | ':' | '<' | '?' | '[') {
            // The final byte ends it.
            self.in_tail = false;
            self.esc = None;
        }
        true
    }

    /// Whether a key that was admitted may confirm a dialog that has been on the screen since `shown`.
    pub fn confirms(admitted: Admitted, shown: Option<Moment>, at: Moment) -> Result<(), Early> {
        if admitted != Admitted::Fresh {
            return Err(Early::Held);
        }
        match shown {
            Some(shown) if at.since(shown) >= SEEN => Ok(()),
            _ => Err(Early::NotSeen),
        }
    }
}
