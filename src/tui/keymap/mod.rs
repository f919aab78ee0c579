//! The keys, as data: one table says what each does, where, when, and how dangerous it is. Footer, help and manual
//! come from it. Must not act: it turns a key into an [`Action`], or says why not.

mod action;
mod chord;
mod guard;
mod lookup;
mod remap;
mod table;
mod when;

pub use action::{Action, ScreenName, Screens};
pub use chord::{BadChord, Chord};
pub use guard::{Admitted, Early, Guard};
pub use lookup::{Keymap, Meant};
pub use table::{Binding, Level, TABLE};
pub use when::{Situation, When, Why};
