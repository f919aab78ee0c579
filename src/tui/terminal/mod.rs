//! The terminal: what comes from it (keys, mouse, pastes), what goes to it (frames as bytes), what it can do,
//! and how it is left as it was found. Must not know what is drawn or what a key means.
//!
//! A local terminal and a teammate's over SSH take the same way: bytes through [`Parser`] in, [`Painter`] out.

mod ansi;
mod browse;
mod caps;
mod input;
mod local;
mod modes;
mod painter;
mod parse;
mod pen;
mod sequence;
mod travel;

pub use browse::browse;
pub use caps::{Caps, Depth};
pub use input::{Button, Code, Gesture, Input, Key, Kind, Modifiers, Moment, Mouse, Size};
pub use local::{Happening, Local, LocalError, happenings, restore_on_panic};
pub use modes::{copy, enter, leave, title};
pub use painter::Painter;
pub use parse::Parser;
