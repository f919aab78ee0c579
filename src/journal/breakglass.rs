//! The fallback file: where HOLD and ROLL BACK, and the effects that follow from them, are written while the
//! journal can't be. Its space is taken when the session is opened, so that a full disk does not stop a
//! rollback; a second one lies on another file system where there is one. Nothing else writes here.
//!
//! The file is JSON Lines, padded with zero bytes: first the head it follows, then lines as in a record. A body
//! over 4 KB stands in a line of its own before the line that names it, and a command's id after what it did.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::fs::FallocateFlags;
use serde::{Deserialize, Serialize};

use super::{append::Answered, error::JournalError};
use crate::{
    domain::name::Digest,
    record::{Body, Chain, Draft, Head, Json, Line},
};

/// The first line of a file in use.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    breakglass: u32,
    stream: String,
    follows: Head,
}

/// A body over 4 KB, before the line that names it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Apart {
    text: Json,
}

/// A command that was carried out, after the last line that it wrote.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Done {
    answered: Answered,
    seq: u64,
}

/// The fallback of one session.
#[derive(Debug)]
pub struct BreakGlass {
    stream: Arc<str>,
    files: Vec<Fallback>,
    /// The end of what was written here; none: nothing was.
    chain: Option<Head>,
}

#[derive(Debug)]
struct Fallback {
    path: PathBuf,
    file: File,
    size: u64,
    used: u64,
    /// A write failed: what is in it up to `used` counts, and no more is written.
    failed: bool,
}

/// What a fallback file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    pub path: PathBuf,
    /// The durable head that the first line follows.
    pub follows: Head,
    pub lines: Vec<Line>,
    /// Commands that were carried out, each with the last line that it wrote.
    pub answers: Vec<(Answered, u64)>,
    /// The sha256 of the file up to its zero bytes: the event that seals it names this.
    pub digest: Digest,
    /// Something after the last sound line was left out: a write that did not finish and was never confirmed.
    pub torn: bool,
}

impl BreakGlass {
    /// Takes `bytes` of space for a stream in each of the directories. A file in use is left as it is: see
    /// [`Self::recover`]. An error only if there is no place at all.
    pub fn prepare(stream: &Arc<str>, dirs: &[&Path], bytes: u64) -> Result<Self, JournalError> {
        let name = file_name(stream);
        let mut files = Vec::new();
        let mut failed = None;
        for dir in dirs {
            let path = dir.join(&name);
            match Fallback::prepare(&path, bytes) {
                Ok(file) => files.push(file),
                Err(source) => failed = Some(JournalError::BreakGlass { path, source }),
            }
        }
        match failed {
            Some(error) if files.is_empty() => Err(error),
            _ => Ok(Self { stream: stream.clone(), files, chain: None }),
        }
    }

    /// Where it would be written.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// Writes one event and waits until it is on a disk; the first one follows `durable`, the last durable head
    /// of the journal. Fails if no file took it.
    pub fn write(&mut self, durable: &Head, draft: &Draft) -> Result<Line, JournalError> {
        if self.chain.is_none() && self.files.iter().any(|file| file.used > 0) {
            return Err(self.error(io::Error::other("it holds what was not sealed yet: set it aside first")));
        }
        let cannot = |why: &dyn ToString| self.error(io::Error::other(why.to_string()));
        let line = draft.follow(self.chain.as_ref().unwrap_or(durable)).map_err(|why| cannot(&why))?;
        let mut bytes = Vec::new();
        if self.chain.is_none() {
            let opening =
                Opening { breakglass: 1, stream: self.stream.to_string(), follows: durable.clone() };
            add(&mut bytes, Json::of(&opening).map_err(|why| cannot(&why))?.text());
        }
        if line.blob.is_some() {
            let apart = Apart { text: draft.body.clone() };
            add(&mut bytes, Json::of(&apart).map_err(|why| cannot(&why))?.text());
        }
        add(&mut bytes, &line.text);
        self.put(&bytes)?;
        self.chain = Some(line.head());
        Ok(line)
    }

    /// Into every file that takes it; fails if none does.
    fn put(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        let mut written = false;
        let mut error = None;
        for file in self.files.iter_mut().filter(|file| !file.failed) {
            match file.write(bytes) {
                Ok(()) => written = true,
                Err(why) => {
                    file.failed = true;
                    error = Some(why);
                }
            }
        }
        if written {
            return Ok(());
        }
        Err(error.unwrap_or_else(|| self.error(io::Error::other("no fallback file can be written"))))
    }

    /// Keeps a command's id with what it did, so that it is not done twice by the next conductor.
    pub fn answered(&mut self, by: &Answered, seq: u64) -> Result<(), JournalError> {
        let done = Json::of(&Done { answered: by.clone(), seq });
        let done = done.map_err(|why| self.error(io::Error::other(why.to_string())))?;
        self.put(format!("{}\n", done.text()).as_bytes())
    }

    /// What was written before and is not sealed yet: from the file that holds most of it.
    pub fn recover(&self) -> Result<Option<Recovered>, JournalError> {
        most(self.files.iter().map(|file| {
            let failed = |source| JournalError::BreakGlass { path: file.path.clone(), source };
            recover(&file.path, &file.file, &self.stream).map_err(failed)
        }))
    }

    /// Goes on after lines that are in the files already, since the journal still can't be written.
    pub fn go_on(&mut self, after: Head) {
        self.chain = Some(after);
    }

    /// Empties the files, once what they held is sealed in the journal. Their space is kept.
    pub fn clear(&mut self) -> Result<(), JournalError> {
        self.chain = None;
        for file in &mut self.files {
            file.clear().map_err(|source| JournalError::BreakGlass { path: file.path.clone(), source })?;
        }
        Ok(())
    }

    /// Keeps files whose lines could not be taken into the journal under other names, which are returned, and
    /// takes new space in their places.
    pub fn set_aside(&mut self) -> Result<Vec<PathBuf>, JournalError> {
        self.chain = None;
        let mut kept = Vec::new();
        for file in self.files.iter_mut().filter(|file| file.used > 0) {
            let error = |source| JournalError::BreakGlass { path: file.path.clone(), source };
            let digest = Digest::of(&content(&file.file).map_err(error)?);
            let aside = file.path.with_extension(format!("{}.jsonl", digest.short()));
            std::fs::rename(&file.path, &aside).map_err(error)?;
            *file = Fallback::prepare(&file.path, file.size).map_err(error)?;
            kept.push(aside);
        }
        Ok(kept)
    }

    fn error(&self, source: io::Error) -> JournalError {
        let path = self.files.first().map(|file| file.path.clone()).unwrap_or_default();
        JournalError::BreakGlass { path, source }
    }
}

/// What the fallback files of a stream hold, and no journal yet: read by whoever shows a session without a
/// conductor. Nothing is made or changed.
pub fn unsealed(stream: &str, dirs: &[&Path]) -> Result<Option<Recovered>, JournalError> {
    let name = file_name(stream);
    let found = dirs.iter().map(|dir| {
        let path = dir.join(&name);
        let read = File::open(&path).and_then(|file| recover(&path, &file, stream));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map_err(|source| JournalError::BreakGlass { path, source }),
        }
    });
    most(found)
}

/// Gives the space of a stream's fallback files back, where they hold nothing. True: one holds something, and stays.
pub fn discard(stream: &str, dirs: &[&Path]) -> io::Result<bool> {
    let name = file_name(stream);
    let mut stays = false;
    for path in dirs.iter().map(|dir| dir.join(&name)) {
        match File::open(&path).and_then(|file| content(&file)) {
            Ok(content) if content.is_empty() => std::fs::remove_file(&path)?,
            Ok(_) => stays = true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(stays)
}

/// Where fallback files lie: beside the journal, and in the first of the other directories that lies on another
/// file system.
pub fn places<'a>(home: &'a Path, others: &[&'a Path]) -> Vec<&'a Path> {
    let mut places = vec![home];
    places.extend(on_another_file_system(home, others));
    places
}

fn file_name(stream: &str) -> String {
    format!("breakglass-{}.jsonl", Digest::of(stream.as_bytes()).short())
}

/// The one that holds most.
fn most(
    found: impl Iterator<Item = Result<Option<Recovered>, JournalError>>,
) -> Result<Option<Recovered>, JournalError> {
    let mut best: Option<Recovered> = None;
    for found in found {
        if let Some(found) = found?
            && best.as_ref().is_none_or(|best| found.lines.len() > best.lines.len())
        {
            best = Some(found);
        }
    }
    Ok(best)
}

/// The first of the directories that lies on another file system than `beside`.
pub fn on_another_file_system<'a>(beside: &Path, candidates: &[&'a Path]) -> Option<&'a Path> {
    let device = |path: &Path| path.metadata().ok().map(|it| it.dev());
    let here = device(beside)?;
    candidates.iter().copied().find(|dir| device(dir).is_some_and(|there| there != here))
}

fn add(bytes: &mut Vec<u8>, line: &str) {
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
}

impl Fallback {
    fn prepare(path: &Path, bytes: u64) -> io::Result<Self> {
        let is_new = !path.exists();
        Self::with_space(path, bytes).inspect_err(|_| {
            if is_new {
                // Too little space is none: what was taken of it is given back.
                let _ = std::fs::remove_file(path);
            }
        })
    }

    fn with_space(path: &Path, bytes: u64) -> io::Result<Self> {
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let size = file.metadata()?.len().max(bytes);
        match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, size) {
            Ok(()) => {}
            // A file system that can't set space aside: what is written takes it.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => fill(&file, size)?,
            Err(error) => return Err(error.into()),
        }
        file.sync_all()?;
        let used = content(&file)?.len() as u64;
        Ok(Self { path: path.to_owned(), file, size, used, failed: false })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        let left = (self.size - self.used) as usize;
        if bytes.len() > left {
            let path = self.path.clone();
            return Err(JournalError::BreakGlassFull { path, needed: bytes.len(), left });
        }
        self.file
            .write_all_at(bytes, self.used)
            .and_then(|()| self.file.sync_data())
            .map_err(|source| JournalError::BreakGlass { path: self.path.clone(), source })?;
        self.used += bytes.len() as u64;
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        // All that was ever written, a torn end included.
        let used = content(&self.file)?.len() as u64;
        zero(&self.file, 0, used.max(self.used))?;
        self.file.sync_data()?;
        (self.used, self.failed) = (0, false);
        Ok(())
    }
}

fn recover(path: &Path, file: &File, stream: &str) -> io::Result<Option<Recovered>> {
    let content = content(file)?;
    // Only what ends in a line break was ever confirmed.
    let whole = content.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let Ok(text) = std::str::from_utf8(&content[..whole]) else {
        return Err(io::Error::other("it is not text"));
    };
    let mut read = text.split_terminator('\n');
    let Some(opening) = read.next() else { return Ok(None) };
    let opening: Opening = serde_json::from_str(opening)?;
    if opening.breakglass != 1 || opening.stream != stream {
        return Err(io::Error::other("it belongs to another session, or to a newer golive"));
    }
    let mut chain = Chain::from(opening.follows.clone());
    let mut answers = Vec::new();
    let (mut lines, mut apart, mut sound) = (Vec::new(), None::<Json>, whole == content.len());
    for line in read {
        if let Ok(Apart { text }) = serde_json::from_str(line) {
            apart = Some(text);
            continue;
        }
        if let Ok(Done { answered, seq }) = serde_json::from_str(line) {
            answers.push((answered, seq));
            continue;
        }
        let Ok(stored) = chain.follow(line) else {
            sound = false;
            break;
        };
        let body = apart.take().filter(|body| match &stored.body {
            Body::Blob { digest, .. } => Digest::of(body.text().as_bytes()) == *digest,
            Body::Inline(_) => false,
        });
        lines.push(Line {
            seq: stored.seq,
            text: line.into(),
            hash: chain.head().hash.clone(),
            blob: body.map(|body| body.text().into()),
        });
    }
    Ok(Some(Recovered {
        path: path.to_owned(),
        follows: opening.follows,
        lines,
        answers,
        digest: Digest::of(&content),
        torn: !sound,
    }))
}

/// The file up to its first zero byte.
fn content(file: &File) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let mut at = 0;
    let mut chunk = vec![0; 64 << 10];
    loop {
        let read = file.read_at(&mut chunk, at)?;
        let used = chunk[..read].iter().position(|&byte| byte == 0).unwrap_or(read);
        content.extend_from_slice(&chunk[..used]);
        if used < chunk.len() {
            return Ok(content);
        }
        at += read as u64;
    }
}

fn fill(file: &File, size: u64) -> io::Result<()> {
    zero(file, file.metadata()?.len(), size)
}

fn zero(file: &File, from: u64, to: u64) -> io::Result<()> {
    let zeros = vec![0; 64 << 10];
    let mut at = from;
    while at < to {
        let length = (to - at).min(zeros.len() as u64);
        file.write_all_at(&zeros[..length as usize], at)?;
        at += length;
    }
    Ok(())
}
