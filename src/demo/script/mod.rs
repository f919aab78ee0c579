//! What is played in the demo: scripted teammates, the coach's line, and the whole of it unattended. Everything
//! is decided from the session's state by pure functions; `play` alone talks to the conductor, as any client
//! does, so that nothing in the demo is shown that a team could not do.

mod answers;
mod attend;
mod cast;
mod coach;
mod listen;
mod opener;
mod play;
mod plot;
#[cfg(test)]
mod rehearsal;
mod run_through;
mod team;

pub use attend::{Attended, attend};
pub use cast::Cast;
pub use coach::{Act, Coach, Place, STEPS, coach};
pub use listen::{Tell, Told};
pub use opener::Opener;
pub use play::{PlayError, Plot, play, play_by};
pub use plot::{End, Next, next};
pub use run_through::run_through;
pub use team::{Line, team};
