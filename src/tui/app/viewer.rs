//! What belongs to one viewer's terminal and taste.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::tui::{
    keymap::Keymap,
    terminal::{Caps, Size},
    theme::{Look, Theme},
    words::{NoWords, Vocabulary},
};

#[derive(Clone)]
pub struct Viewer {
    pub caps: Caps,
    pub look: Look,
    pub keymap: Keymap,
    pub zone: TimeZone,
    /// What the palette takes.
    pub words: Vocabulary,
}

impl Viewer {
    pub fn new(caps: Caps, theme: &Theme, keymap: Keymap, zone: TimeZone) -> Self {
        Self { look: Look::new(theme, &caps), caps, keymap, zone, words: Arc::new(NoWords) }
    }

    #[must_use]
    pub fn with_words(self, words: Vocabulary) -> Self {
        Self { words, ..self }
    }

    pub fn size(&self) -> Size {
        self.caps.size
    }
}
