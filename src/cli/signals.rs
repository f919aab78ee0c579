//! The signals by which a command is told to end, for one that has to clean up first.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::Failure;

/// From its making on, none of them ends the process by itself.
pub struct Signals {
    term: Signal,
    hup: Signal,
    int: Signal,
}

impl Signals {
    pub fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::internal(format!("signals can't be taken: {error}")))
        };
        Ok(Self {
            term: listen(SignalKind::terminate())?,
            hup: listen(SignalKind::hangup())?,
            int: listen(SignalKind::interrupt())?,
        })
    }

    /// The next one, by its name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.hup.recv() => "SIGHUP",
            _ = self.int.recv() => "Ctrl-C",
        }
    }
}
