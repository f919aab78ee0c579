//! Writes down what a unit's process prints, in a process of its own: `golive capture-output DIR`.
//!
//! The service writes into a named pipe, and this process moves it into a file that is rotated by renaming, so
//! that no line is lost, neither between two files nor while no conductor runs. The service opens the pipe for
//! reading as well: should this process be killed, the service is not (it would be, by SIGPIPE), and what it
//! writes waits in the pipe until the next look at the unit has started another one. It ends when nobody holds
//! the pipe open any more, which is when the service and its children have ended and all is written.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::{
    fs::{FlockOperation, OFlags, fcntl_setfl, flock},
    io::Errno,
};
use tokio::process::Command;

use super::log;
use crate::clock;

/// The word by which golive starts itself as this process.
pub const WORD: &str = "capture-output";

/// A line longer than this may be cut in two by a rotation.
const LONGEST_LINE: u64 = 1 << 20;
const CHUNK: usize = 64 << 10;
/// How often, and for how long each, another process is waited for that is about to end.
const PATIENCE: u32 = 50;
const PAUSE: Duration = Duration::from_millis(10);

fn pipe(dir: &Path) -> PathBuf {
    dir.join("output.pipe")
}

/// Whose turn it is to read the pipe. The lock belongs to the open file, so that it passes to the process that is
/// started with it and ends with that process.
fn turn(dir: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).append(true).open(dir.join("output.lock"))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The end of the pipe for a service that is about to start. It is read from now on. Blocks for half a second at
/// most: so long may the reader of an earlier service take to end.
pub fn open(golive: &Path, dir: &Path) -> io::Result<File> {
    make_pipe(&pipe(dir))?;
    let mut free = turn(dir)?;
    for _ in 0..PATIENCE {
        if free.is_some() {
            break;
        }
        clock::block_for(PAUSE);
        free = turn(dir)?;
    }
    let end = OpenOptions::new().read(true).write(true).open(pipe(dir))?;
    // Somebody who left the earlier service's group may hold the pipe still: whoever reads for them reads for all.
    if let Some(turn) = free.map_or_else(|| turn(dir), |turn| Ok(Some(turn)))? {
        start(golive, dir, turn)?;
    }
    Ok(end)
}

/// Starts another reader where the one that should be there is gone.
pub fn ensure(golive: &Path, dir: &Path) -> io::Result<()> {
    if !pipe(dir).try_exists()? {
        return Ok(());
    }
    turn(dir)?.map_or(Ok(()), |turn| start(golive, dir, turn))
}

/// The pipe is opened here, so that what is written before the process reads is kept. Needs a tokio runtime.
fn start(golive: &Path, dir: &Path, turn: File) -> io::Result<()> {
    // Without waiting for a writer: there may be none any more, and then there is nothing to read.
    let from =
        OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(pipe(dir))?;
    fcntl_setfl(&from, OFlags::empty())?;
    let child = Command::new(golive)
        .arg0("golive")
        .args([WORD.as_ref(), dir.as_os_str()])
        .current_dir("/")
        .env_clear()
        .stdin(from)
        .stdout(turn)
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    // It may outlive us; if not, the runtime reaps it.
    drop(child);
    Ok(())
}

#[cfg(not(target_vendor = "apple"))]
fn make_pipe(path: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    match mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(target_vendor = "apple")]
fn make_pipe(path: &Path) -> io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    let made = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(path).status()?;
    if made.success() { Ok(()) } else { Err(io::Error::other("mkfifo failed")) }
}

/// Waits, for half a second at most, until what an ended process wrote is in its file. Blocks.
pub fn drained(dir: &Path) {
    for _ in 0..PATIENCE {
        let reader = OpenOptions::new()
            .write(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(pipe(dir));
        // Nobody reads it any more (ENXIO), or there is none.
        if reader.is_err() {
            return;
        }
        drop(reader);
        clock::block_for(PAUSE);
    }
}

/// The process itself: reads its standard input until nobody can write to it any more. Its standard output is the
/// lock that says whose turn it is, so nothing is printed.
pub fn run(dir: &Path) -> io::Result<()> {
    // The machine's shutdown tells everybody to end at the same time; what the service says then is wanted.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _deaf = runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()]
            .map(signal)
            .into_iter()
            .collect::<io::Result<Vec<_>>>()
    })?;
    let mut from = io::stdin().lock();
    let mut sink = Sink::new(dir);
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => sink.take(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The files. What can't be written is counted, since nothing may make the service wait, and said in its place.
struct Sink<'a> {
    dir: &'a Path,
    file: Option<File>,
    size: u64,
    lost: u64,
}

impl<'a> Sink<'a> {
    fn new(dir: &'a Path) -> Self {
        Self { dir, file: None, size: 0, lost: 0 }
    }

    fn take(&mut self, bytes: &[u8]) {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (lines, begun) = bytes.split_at(whole);
        self.write(lines);
        let full = self.size >= log::LIMIT && whole > 0 || self.size >= log::LIMIT + LONGEST_LINE;
        // A file that can't be renamed goes on to be written to; the next chunk tries again.
        if full && log::shift(self.dir).is_ok() {
            self.file = None;
        }
        self.write(begun);
    }

    fn write(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && self.try_write(bytes).is_err() {
            self.lost += bytes.len() as u64;
            self.file = None;
        }
    }

    fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            let file = OpenOptions::new().create(true).append(true).open(log::path(self.dir))?;
            self.size = file.metadata()?.len();
            self.file = Some(file);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        if self.lost > 0 {
            writeln!(file, "\n[golive: {} bytes of output could not be written here]", self.lost)?;
            self.lost = 0;
        }
        file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn text(dir: &Path, name: &str) -> String {
        fs::read_to_string(dir.join(name)).unwrap_or_default()
    }

    #[test]
    fn a_full_file_is_put_aside_between_two_lines() {
        let dir = tempfile::tempdir().unwrap();
        let mut sink = Sink::new(dir.path());
        sink.take(b"first\n");
        sink.size = log::LIMIT;
        sink.take(b"second\nthi");
        sink.take(b"rd\n");
        assert_eq!(text(dir.path(), "output.log.1"), "first\nsecond\n");
        assert_eq!(text(dir.path(), "output.log"), "third\n");
    }

    #[test]
    fn an_endless_line_is_put_aside_as_well() {
        let dir = tempfile::tempdir().unwrap();
        let mut sink = Sink::new(dir.path());
        sink.take(b"x");
        sink.size = log::LIMIT + LONGEST_LINE;
        sink.take(b"xx");
        assert_eq!(text(dir.path(), "output.log.1"), "x");
        assert_eq!(text(dir.path(), "output.log"), "xx");
    }

    #[test]
    fn what_could_not_be_written_is_counted_and_said() {
        let dir = tempfile::tempdir().unwrap();
        let blocked = dir.path().join("output.log");
        fs::create_dir(&blocked).unwrap();
        let mut sink = Sink::new(dir.path());
        sink.take(b"lost\n");
        fs::remove_dir(&blocked).unwrap();
        sink.take(b"next\n");
        let said = "\n[golive: 5 bytes of output could not be written here]\nnext\n";
        assert_eq!(text(dir.path(), "output.log"), said);
    }
}
