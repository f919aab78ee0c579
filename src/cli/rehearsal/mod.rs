//! What `golive rehearse` is made of: where its record is kept, who says what, and how what it has shown is told.

mod played;
mod room;
mod told;

pub use played::{Rehearsed, rehearse};
pub use room::Room;
pub use told::Told;
