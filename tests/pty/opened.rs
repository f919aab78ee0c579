//! A program in a pseudo-terminal: its process, its keys, and what it writes with the time at which that came.

use std::{
    io::{Read as _, Write},
    path::Path,
    sync::mpsc::{Receiver, channel},
};

use golive::clock::Clock;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

pub struct Opened {
    /// Kept, or the program loses its terminal.
    pub master: Box<dyn MasterPty + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    pub keys: Box<dyn Write + Send>,
    /// What was read, and when, in microseconds of the monotonic clock.
    pub bytes: Receiver<(u64, Vec<u8>)>,
}

pub fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

pub fn open(
    program: &Path,
    words: &[&str],
    dir: &Path,
    env: &[(&str, &str)],
    size: PtySize,
) -> anyhow::Result<Opened> {
    let pair = native_pty_system().openpty(size)?;
    let mut command = CommandBuilder::new(program);
    command.args(words);
    command.cwd(dir);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    for (name, value) in env {
        command.env(name, value);
    }
    let mut reader = pair.master.try_clone_reader()?;
    let keys = pair.master.take_writer()?;
    let (send, bytes) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(n @ 1..) = reader.read(&mut buffer) {
            if send.send((Clock::System.read().monotonic, buffer[..n].to_vec())).is_err() {
                return;
            }
        }
    });
    let child = pair.slave.spawn_command(command)?;
    // Or the end of its output never comes.
    drop(pair.slave);
    Ok(Opened { master: pair.master, child, keys, bytes })
}
