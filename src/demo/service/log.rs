//! The service's log: lines on the output it was given, as whoever started it captures them.

use std::{
    io::{self, Write},
    sync::{Mutex, PoisonError},
};

use crate::clock::Clock;

/// Where the lines go, and how many could not be written.
pub struct Log(Mutex<Lines>);

struct Lines {
    out: Box<dyn Write + Send>,
    lost: u64,
}

impl Log {
    pub fn to(out: Box<dyn Write + Send>) -> Self {
        Self(Lines { out, lost: 0 }.into())
    }

    pub fn info(&self, text: &str) {
        self.line("INFO", text);
    }

    pub fn error(&self, text: &str) {
        self.line("ERROR", text);
    }

    /// Lines that could not be written; the metrics say how many.
    pub fn lost(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lost
    }

    fn line(&self, level: &str, text: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.write(level, text).is_err() {
            lines.lost += 1;
        }
    }
}

impl Lines {
    fn write(&mut self, level: &str, text: &str) -> io::Result<()> {
        let wall = jiff::Timestamp::from_microsecond(Clock::System.read().wall).map_err(io::Error::other)?;
        writeln!(self.out, "{wall:.3} {level:<5} {text}")?;
        self.out.flush()
    }
}
