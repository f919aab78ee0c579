//! Reads a file that people write, and refuses what can't be one: a device or a pipe (which might never end), what
//! is far too large, and what is not text.

use std::{fs, io::Read as _, path::Path};

use super::{problem::Problem, read::plain_error, source::Source};

/// Why it is not read, what to do, and where in the file, if it is about a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub missing: bool,
    pub what: String,
    pub help: String,
    /// The text as far as it is text, and the first byte that is not.
    at: Option<(String, usize)>,
}

impl Unreadable {
    fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { missing: false, what: what.into(), help: help.into(), at: None }
    }

    /// With the file's name, and its line where there is one.
    pub fn problem(&self, path: &Path) -> Problem {
        match &self.at {
            Some((text, at)) => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                Problem::new(&Source::new(&name, text), *at..*at, &self.what, &self.help)
            }
            None => Problem::unreadable(path, &self.what, &self.help),
        }
    }
}

/// The text of `path`, which has at most `largest` bytes.
pub fn read(path: &Path, largest: u64) -> Result<String, Unreadable> {
    let found = fs::metadata(path).map_err(|error| {
        if path.is_symlink() && error.kind() == std::io::ErrorKind::NotFound {
            return Unreadable::new("it is a link that leads nowhere", "point it to the file, or remove it");
        }
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        Unreadable { missing, ..Unreadable::new(plain_error(&error), "add the file, or correct its name") }
    })?;
    if !found.is_file() {
        let what = if found.is_dir() { "it is a directory" } else { "it is not a file" };
        return Err(Unreadable::new(what, "name a text file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(largest + 1).read_to_end(&mut bytes))
        .map_err(|error| Unreadable::new(plain_error(&error), "make it readable for this login"))?;
    if bytes.len() as u64 > largest {
        let what = format!("it is larger than {} MiB", largest >> 20);
        return Err(Unreadable::new(what, "name the file that was meant"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let line = text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1;
        let what = format!("it is not UTF-8 text: see line {line}");
        Unreadable { at: Some((text, at)), ..Unreadable::new(what, "save it as UTF-8") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_a_text_file_is_refused_before_it_is_read() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let why = |name: &str| read(&at(name), 1 << 20).unwrap_err().what;
        std::os::unix::fs::symlink("/dev/zero", at("endless")).unwrap();
        std::os::unix::fs::symlink("nowhere", at("dangling")).unwrap();
        fs::create_dir(at("dir")).unwrap();
        fs::write(at("huge"), vec![b'x'; (1 << 20) + 1]).unwrap();
        assert_eq!(why("endless"), "it is not a file");
        assert_eq!(why("dangling"), "it is a link that leads nowhere");
        assert_eq!(why("dir"), "it is a directory");
        assert_eq!(why("huge"), "it is larger than 1 MiB");
        assert!(read(&at("missing"), 1).unwrap_err().missing);
    }

    #[test]
    fn a_byte_that_is_no_text_is_named_by_its_place() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("golive.toml");
        fs::write(&path, b"a = 1\nb = \"\xff\"\n").unwrap();
        let problem = read(&path, 100).unwrap_err().problem(&path);
        assert_eq!((problem.line, problem.column), (2, 6));
        assert_eq!(problem.what, "it is not UTF-8 text: see line 2");
    }
}
