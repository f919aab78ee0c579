//! Dialogs: what stands over a screen and takes the keys. They are a stack; each has an id, knows when it was first
//! seen, and says what it wants done as data. Must not do anything itself.

mod confirm;
mod form;
mod page;
mod palette;
mod stack;

pub use confirm::{Confirm, Countdown, Lapse};
pub use form::{Field, FieldKind, Form};
pub use page::Page;
pub use palette::{Candidate, Offered, Palette, Pick};
pub use stack::{Body, Dialog, Reply, Stack};
