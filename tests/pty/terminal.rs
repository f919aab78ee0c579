//! A terminal emulator around a program: keys in, a screen out. Waits for what is shown, never for time.

use std::{
    io::Write,
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use golive::clock::Clock;
use portable_pty::{Child, MasterPty};

use super::opened::{self, Opened};

/// No program is silent for this long while something is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Nothing that is waited for takes this long.
const LONGEST: Duration = Duration::from_mins(2);

pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<(u64, Vec<u8>)>,
    screen: vt100::Parser,
    said: Vec<u8>,
}

impl Terminal {
    pub fn start(program: &str, words: &[&str], dir: &Path, env: &[(&str, &str)]) -> Self {
        let Opened { master, child, keys, bytes } =
            opened::open(program.as_ref(), words, dir, env, opened::size(80, 24)).expect("a pty");
        Self { master, child, keys, bytes, screen: vt100::Parser::new(24, 80, 0), said: Vec::new() }
    }

    pub fn type_keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("typed");
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.screen_mut().set_size(rows, columns);
        self.master.resize(opened::size(columns, rows)).expect("resized");
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = self.child.process_id().and_then(|pid| rustix::process::Pid::from_raw(pid.cast_signed()));
        rustix::process::kill_process(pid.expect("a process"), signal).expect("sent");
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.said.extend_from_slice(bytes);
    }

    /// How often these bytes were sent, from the start on.
    pub fn sent(&self, bytes: &str) -> usize {
        let wanted = bytes.as_bytes();
        self.said.windows(wanted.len()).filter(|window| *window == wanted).count()
    }

    /// Whether the program asks to be told of the mouse.
    pub fn takes_mouse(&self) -> bool {
        self.screen.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None
    }

    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    #[track_caller]
    pub fn until(&mut self, words: &str) {
        self.until_true(words, |text| text.contains(words));
    }

    #[track_caller]
    pub fn until_gone(&mut self, words: &str) {
        self.until_true(words, |text| !text.contains(words));
    }

    #[track_caller]
    pub fn until_true(&mut self, words: &str, holds: impl Fn(&str) -> bool) {
        // A screen with a clock on it says something every second, whether or not what is waited for comes.
        let clock = Clock::System;
        let until = clock.read().monotonic + LONGEST.as_micros() as u64;
        while !holds(&self.text()) {
            assert!(clock.read().monotonic < until, "waited for {words:?}; the screen is:\n{}", self.text());
            match self.bytes.recv_timeout(PATIENCE) {
                Ok((_, bytes)) => self.take(&bytes),
                Err(why) => panic!("waited for {words:?} ({why}); the screen is:\n{}", self.text()),
            }
        }
    }

    /// Takes what is still said, until the program has ended.
    #[track_caller]
    pub fn until_ended(&mut self) {
        loop {
            match self.bytes.recv_timeout(PATIENCE) {
                Ok((_, bytes)) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; the screen is:\n{}", self.text()),
            }
        }
        self.child.wait().expect("ended");
    }

    /// The exit status of a program that has ended by itself.
    pub fn status(&mut self) -> u32 {
        self.child.wait().expect("ended").exit_code()
    }

    pub fn full_screen(&self) -> bool {
        self.screen.screen().alternate_screen()
    }
    pub fn screen_hides_cursor(&self) -> bool {
        self.screen.screen().hide_cursor()
    }
    pub fn brackets_pastes(&self) -> bool {
        self.screen.screen().bracketed_paste()
    }
    /// Whether the terminal's driver hands out whole lines, as a shell needs it; in raw mode it does not.
    pub fn cooked(&self) -> bool {
        let modes = self.master.get_termios().expect("its modes");
        format!("{:?}", modes.local_flags).contains("ICANON")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Only what this test started, and only if it has not ended by itself.
        drop(self.child.kill());
    }
}
