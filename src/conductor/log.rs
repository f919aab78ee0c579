//! The conductor's log: a file that is rotated before it grows large. It holds no secrets, since nothing that
//! was not scrubbed is logged, and no decisions: those are in the record.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// A file is put aside when it would grow over this.
const LARGEST: u64 = 4 << 20;
/// How many are kept beside the current one: `.1` is the newest.
const KEPT: u32 = 3;

#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    largest: u64,
}

impl LogFile {
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::with_largest(path, LARGEST)
    }

    fn with_largest(path: &Path, largest: u64) -> io::Result<Self> {
        let file = append_to(path)?;
        let size = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, size, largest })
    }

    fn rotate(&mut self) -> io::Result<()> {
        let name = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            if number > 0 {
                name.push(format!(".{number}"));
            }
            PathBuf::from(name)
        };
        for number in (0..KEPT).rev() {
            match fs::rename(name(number), name(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.file = append_to(&self.path)?;
        self.size = 0;
        Ok(())
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.size > 0 && self.size + bytes.len() as u64 > self.largest {
            self.rotate()?;
        }
        let written = self.file.write(bytes)?;
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_rotated_before_it_grows_too_large_and_old_ones_are_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("conductor.log");
        for number in 0..12 {
            // Opened anew now and then, as by a new conductor.
            let mut log = LogFile::with_largest(&path, 25).unwrap();
            writeln!(log, "line {number:02}..").unwrap();
            writeln!(log, "line {number:02}!!").unwrap();
        }
        let mut names: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string()).collect();
        names.sort();
        assert_eq!(
            names.into_iter().map(Result::unwrap).collect::<Vec<_>>(),
            ["conductor.log", "conductor.log.1", "conductor.log.2", "conductor.log.3"]
        );
        let newest = fs::read_to_string(&path).unwrap();
        assert!(newest.ends_with("line 11!!\n") && newest.len() <= 25, "{newest}");
        assert!(fs::read_to_string(dir.path().join("conductor.log.1")).unwrap().contains("line 10"));
    }
}
