//! The turn, the loop, the single writer, the socket server.

mod awake;
mod background;
mod catching_up;
mod clients;
mod files;
mod fold;
mod host;
mod hosted;
mod hours;
mod keeping;
mod lock;
mod log;
mod peer;
mod people;
mod project;
mod readers;
mod requests;
mod run;
mod samples;
mod sending;
mod serve;
mod setup;
mod socket;
mod take_up;
pub mod turn;
mod unwritable;
mod urgent;

pub use awake::sleep_guard;
pub use background::{LOG, background};
pub use fold::{Unread, project as fold_project, session as fold_session};
pub use lock::Lock;
pub use log::LogFile;
pub use peer::{Logins, Peer};
pub use run::run;
pub use setup::{ConductorError, Ended, IDLE, Setup};
pub use socket::{Share, SocketError, bind};
