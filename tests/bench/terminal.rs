//! A program in a pseudo-terminal, as whoever sits before it sees it: when the first byte comes after a key, how
//! many bytes, and what stands on the screen.

use std::{
    io::Write,
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use anyhow::{Context, bail};
use portable_pty::{Child, MasterPty};

use super::{
    figure::micros,
    opened::{self, Opened},
};

pub const COLUMNS: u16 = 200;
pub const ROWS: u16 = 60;
/// Nothing that is waited for takes this long.
const PATIENCE: Duration = Duration::from_mins(1);
/// A screen on which nothing came for this long is complete.
const QUIET: Duration = Duration::from_millis(30);

pub struct Terminal {
    /// Kept, or the program loses its terminal.
    _master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    /// What was read, and when.
    bytes: Receiver<(u64, Vec<u8>)>,
    screen: vt100::Parser,
    pub started: u64,
}

/// What came after a key.
pub struct Echo {
    /// From the key to the first byte, in microseconds.
    pub first: u64,
    pub bytes: usize,
}

impl Terminal {
    pub fn start(program: &Path, words: &[&str], dir: &Path, env: &[(&str, &Path)]) -> anyhow::Result<Self> {
        let mut set = vec![("COLORTERM", "truecolor")];
        for (name, value) in env {
            set.push((name, value.to_str().context("a path that is no text")?));
        }
        let started = micros();
        let Opened { master, child, keys, bytes } =
            opened::open(program, words, dir, &set, opened::size(COLUMNS, ROWS))?;
        let screen = vt100::Parser::new(ROWS, COLUMNS, 0);
        Ok(Self { _master: master, child, keys, bytes, screen, started })
    }

    pub fn pid(&self) -> anyhow::Result<u32> {
        self.child.process_id().context("it has no process")
    }

    pub fn type_keys(&mut self, keys: &str) -> anyhow::Result<()> {
        Ok(self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush())?)
    }

    /// Waits until all the words are on the screen; returns when the byte came that completed them.
    pub fn until(&mut self, words: &[&str]) -> anyhow::Result<u64> {
        let mut last = self.started;
        loop {
            let text = self.screen.screen().contents();
            if words.iter().all(|word| text.contains(word)) {
                return Ok(last);
            }
            match self.bytes.recv_timeout(PATIENCE) {
                Ok((at, bytes)) => {
                    self.screen.process(&bytes);
                    last = at;
                }
                Err(why) => bail!("waited for {words:?} ({why}); the screen is:\n{text}"),
            }
        }
    }

    /// Takes what comes until nothing has come for a while; returns how many bytes that were.
    pub fn until_quiet(&mut self) -> anyhow::Result<usize> {
        let mut total = 0;
        loop {
            match self.bytes.recv_timeout(QUIET) {
                Ok((_, bytes)) => {
                    total += bytes.len();
                    self.screen.process(&bytes);
                }
                Err(RecvTimeoutError::Timeout) => return Ok(total),
                Err(RecvTimeoutError::Disconnected) => bail!("the program has ended"),
            }
        }
    }

    /// Reads what comes for this long; returns how many bytes that were.
    pub fn read_for(&mut self, span: Duration) -> anyhow::Result<usize> {
        let (end, mut total) = (micros() + span.as_micros() as u64, 0);
        loop {
            let left = end.saturating_sub(micros());
            if left == 0 {
                return Ok(total);
            }
            match self.bytes.recv_timeout(Duration::from_micros(left)) {
                Ok((_, bytes)) => {
                    total += bytes.len();
                    self.screen.process(&bytes);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => bail!("the program has ended"),
            }
        }
    }

    /// Presses a key and waits for the first byte that comes after it, and for what follows within `settle`.
    /// Whatever was written before the key was pressed is taken first, so that it can't pass for an answer.
    pub fn press(&mut self, key: &str, settle: Duration) -> anyhow::Result<Echo> {
        while let Ok((_, bytes)) = self.bytes.try_recv() {
            self.screen.process(&bytes);
        }
        let pressed = micros();
        self.type_keys(key)?;
        let (at, bytes) = self.bytes.recv_timeout(PATIENCE).context("no byte came after a key")?;
        self.screen.process(&bytes);
        let rest = self.read_for(settle)?;
        Ok(Echo { first: at.saturating_sub(pressed), bytes: bytes.len() + rest })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Only what was started here; one that has ended by itself is fine.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
