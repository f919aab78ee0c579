//! What belongs to one viewer's terminal and taste.

use jiff::tz::TimeZone;

use crate::tui::{
    keymap::Keymap,
    terminal::{Caps, Size},
    theme::{Look, Theme},
};

#[derive(Clone, Debug)]
pub struct Viewer {
    pub caps: Caps,
    pub look: Look,
    pub keymap: Keymap,
    pub zone: TimeZone,
}

impl Viewer {
    pub fn new(caps: Caps, theme: &Theme, keymap: Keymap, zone: TimeZone) -> Self {
        Self { look: Look::new(theme, &caps), caps, keymap, zone }
    }

    pub fn size(&self) -> Size {
        self.caps.size
    }
}
