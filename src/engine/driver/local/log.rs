//! The output of a unit's process: one file that is appended to, rotated by size, and followed while a step runs.
//!
//! The process holds the file open for as long as it lives, so rotation copies and cuts it. Lines written
//! between the two are lost; at 8 MiB a file that is a fair price for needing no logging daemon.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    clock::Clock,
    engine::{ending::EVIDENCE, output::last_bytes, scrub::KeyBlock},
};

const LIMIT: u64 = 8 << 20;
const KEPT: u32 = 4;
const EVERY: Duration = Duration::from_millis(200);

pub fn path(dir: &Path) -> PathBuf {
    dir.join("output.log")
}

fn old(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("output.log.{number}"))
}

/// Opens the file for appending, which is what makes cutting it safe.
pub fn open(dir: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path(dir))
}

/// Rotates the file if it has grown too large.
pub fn rotate(dir: &Path) -> io::Result<()> {
    let path = path(dir);
    match fs::metadata(&path) {
        Ok(meta) if meta.len() > LIMIT => {}
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    for number in (1..KEPT).rev() {
        match fs::rename(old(dir, number), old(dir, number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::copy(&path, old(dir, 1))?;
    OpenOptions::new().write(true).open(&path)?.set_len(0)
}

/// The last lines.
pub fn last_words(dir: &Path) -> String {
    tail(dir).unwrap_or_default()
}

fn tail(dir: &Path) -> io::Result<String> {
    let mut file = File::open(path(dir))?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(2 * EVIDENCE as u64)))?;
    let mut bytes = Vec::new();
    file.take(2 * EVIDENCE as u64).read_to_end(&mut bytes)?;
    Ok(last_bytes(&String::from_utf8_lossy(&bytes), EVIDENCE).to_owned())
}

/// Hands over each line written from now on; never ends. What can't be read is not followed.
pub async fn follow(clock: &Clock, path: PathBuf, each: impl Fn(&str) + Send) {
    let mut at = fs::metadata(&path).map(|meta| meta.len()).unwrap_or_default();
    let mut pending: Vec<u8> = Vec::new();
    let mut key = KeyBlock::default();
    loop {
        clock.sleep(EVERY).await;
        if let Ok((bytes, end)) = read_on(&path, at) {
            at = end;
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

/// What was written since, at most 64 KiB of it: of a flood, the newest.
fn read_on(path: &Path, at: u64) -> io::Result<(Vec<u8>, u64)> {
    const MOST: u64 = 64 << 10;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    // A shorter file was rotated.
    let from = if at > length { 0 } else { at }.max(length.saturating_sub(MOST));
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(length - from).read_to_end(&mut bytes)?;
    let end = from + bytes.len() as u64;
    Ok((bytes, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_is_rotated_and_its_writer_goes_on_at_the_start() {
        use std::io::Write as _;
        let dir = tempfile::tempdir().unwrap();
        let mut writer = open(dir.path()).unwrap();
        writer.write_all(&vec![b'x'; LIMIT as usize + 1]).unwrap();
        rotate(dir.path()).unwrap();
        writer.write_all(b"next\n").unwrap();
        assert_eq!(last_words(dir.path()), "next\n");
        assert_eq!(fs::metadata(old(dir.path(), 1)).unwrap().len(), LIMIT + 1);
        rotate(dir.path()).unwrap();
        assert!(!old(dir.path(), 2).exists());
    }
}
