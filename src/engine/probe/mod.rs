//! Yes or no, now: one trait, one file a kind. A probe says what it found; what that means is decided elsewhere.

mod answer;
mod ask;
mod exec;
mod http;
mod parity;
mod said;
mod settings;
mod tcp;

pub use answer::{Answer, Fault};
pub use ask::{Ask, Probe};
