//! The files into which a unit's output is written: how they are named and rotated, their last lines, and
//! following them while a step runs. `capture` writes them.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    clock::Clock,
    engine::{ending::EVIDENCE, output::last_bytes, scrub::KeyBlock},
};

/// A file of this length is put aside.
pub const LIMIT: u64 = 8 << 20;
/// How many are kept besides the one that is written to.
const KEPT: u32 = 4;
const EVERY: Duration = Duration::from_millis(200);
/// Of a flood, the newest is shown.
const MOST: u64 = 64 << 10;
/// What somebody is shown who comes later.
const TAIL: usize = 16 << 10;

pub fn path(dir: &Path) -> PathBuf {
    dir.join("output.log")
}

fn old(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("output.log.{number}"))
}

/// Puts the file aside: it becomes the first of the old ones, and the last of them goes.
pub fn shift(dir: &Path) -> io::Result<()> {
    for number in (1..KEPT).rev() {
        match fs::rename(old(dir, number), old(dir, number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path(dir), old(dir, 1))
}

/// The last lines.
pub fn last_words(dir: &Path) -> String {
    end_of(&path(dir), EVIDENCE).unwrap_or_default()
}

/// The last lines of a file, without private keys: what somebody who comes later is shown. What can't be read is
/// empty.
pub fn tail(path: &Path) -> Vec<String> {
    let end = end_of(path, TAIL).unwrap_or_default();
    let mut key = KeyBlock::starting(&end);
    end.lines().filter_map(|line| Some(key.pass(line)?.trim_end().to_owned())).collect()
}

/// At most `limit` bytes, from the start of a line.
fn end_of(path: &Path, limit: usize) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(2 * limit as u64)))?;
    let mut bytes = Vec::new();
    file.take(2 * limit as u64).read_to_end(&mut bytes)?;
    Ok(last_bytes(&String::from_utf8_lossy(&bytes), limit).to_owned())
}

/// Hands over each line written from now on; never ends. What can't be read is not followed.
pub async fn follow(clock: &Clock, path: PathBuf, each: impl Fn(&str) + Send) {
    let mut place = File::open(&path).and_then(|file| Place::at_the_end_of(&file)).ok();
    let mut pending: Vec<u8> = Vec::new();
    let mut key = KeyBlock::default();
    loop {
        clock.sleep(EVERY).await;
        if let Ok(bytes) = read_on(&path, &mut place) {
            pending.extend(bytes);
        }
        let end = |pending: &[u8]| pending.iter().position(|b| *b == b'\n');
        while let Some(end) = end(&pending).or((pending.len() > EVIDENCE).then_some(EVIDENCE)) {
            let line: Vec<u8> = pending.drain(..=end).collect();
            if let Some(line) = key.pass(&String::from_utf8_lossy(&line)) {
                each(line.trim_end());
            }
        }
    }
}

/// How far which file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    file: (u64, u64),
    at: u64,
}

impl Place {
    fn at_the_end_of(file: &File) -> io::Result<Self> {
        let meta = file.metadata()?;
        Ok(Self { file: (meta.dev(), meta.ino()), at: meta.len() })
    }
}

/// What was written since, at most 64 KiB of it. A file that was put aside meanwhile is not read to its end: it
/// is 8 MiB long.
fn read_on(path: &Path, place: &mut Option<Place>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let end = Place::at_the_end_of(&file)?;
    let read = place.filter(|place| place.file == end.file && place.at <= end.at).map_or(0, |place| place.at);
    let from = read.max(end.at.saturating_sub(MOST));
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(end.at - from).read_to_end(&mut bytes)?;
    *place = Some(Place { at: from + bytes.len() as u64, ..end });
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_put_aside_is_followed_by_the_next_from_its_start() {
        let dir = tempfile::tempdir().unwrap();
        let path = path(dir.path());
        fs::write(&path, "one\n").unwrap();
        let mut place = None;
        assert_eq!(read_on(&path, &mut place).unwrap(), b"one\n");
        assert_eq!(read_on(&path, &mut place).unwrap(), b"");
        shift(dir.path()).unwrap();
        fs::write(&path, "two, and longer\n").unwrap();
        assert_eq!(read_on(&path, &mut place).unwrap(), b"two, and longer\n");
    }

    #[test]
    fn the_tail_is_whole_lines_of_the_end_and_no_private_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = path(dir.path());
        assert!(tail(&path).is_empty(), "there is none yet");
        let mut text = "line\n".repeat(5_000);
        text.push_str("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nlast\n");
        fs::write(&path, text).unwrap();
        let lines = tail(&path);
        assert!(lines[0] == "line" && lines.len() > 1_000, "{}", lines.len());
        assert_eq!(lines.last().unwrap(), "last");
        assert!(lines.iter().all(|line| !line.contains("MIIE")));
    }

    #[test]
    fn no_more_than_four_old_files_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..7 {
            fs::write(path(dir.path()), format!("{number}")).unwrap();
            shift(dir.path()).unwrap();
        }
        let kept: Vec<_> = (1..9).filter_map(|n| fs::read_to_string(old(dir.path(), n)).ok()).collect();
        assert_eq!(kept, ["6", "5", "4", "3"]);
    }
}
