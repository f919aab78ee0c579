//! The connection to the conductor, and the folded session. It starts a conductor where none runs, and decides
//! nothing: what a command leads to is seen in the record that comes back.

#[expect(clippy::module_inception, reason = "the file is named after the one type it holds")]
mod client;
mod connection;
mod error;
mod hearing;
mod reach;
mod urgent;

pub use client::{Client, Happening, SILENCE};
pub use error::ClientError;
pub use reach::{Launch, Way, reach};
pub use urgent::REMEDY;

pub use crate::wire::{
    Answer, AskedOfProject, CommandId, ConductorInfo, ForConductor, JournalState, Live, Measured, Mode, Open,
    Place, Present, QueuedInfo, Sample, SessionInfo, Topic, Unsayable, Unwritable, UrgentAnswer, UrgentNo,
    Welcome, urgent_form,
};
