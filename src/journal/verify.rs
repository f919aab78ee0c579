//! Checking a record from its first line to its head: what an auditor runs.

use std::{
    io::{BufRead, Read},
    path::Path,
};

use super::{
    blob::Blob,
    error::JournalError,
    reader::{Reader, Row},
    tail,
};
use crate::{
    domain::name::Digest,
    record::{Body, Break, Chain, Head, Line, Stored, Unreadable},
};

/// A line longer than this is none of ours: bodies over 4 KB are kept beside their lines.
const LONGEST_LINE: u64 = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every line is as it was written, and follows from the one before it.
    Intact {
        head: Head,
        /// Bodies that were redacted, with a note of it.
        redacted: u64,
    },
    /// The first line that is not, and why.
    Broken { seq: u64, why: String },
    /// All lines are sound, but the given head is further on: the tail is gone.
    Cut { given: Head, found: Head },
}

/// Checks a stream of the journal at `path`, against a head that was printed where one is given.
pub fn verify(path: &Path, stream: &str, head: Option<&Head>) -> Result<Verdict, JournalError> {
    let reader = Reader::open(path)?;
    // One snapshot of the database for all that is read.
    let tx = reader.conn.unchecked_transaction()?;
    let mut walk = Walk::new(stream, head);
    let walked = reader.lines(stream, 0, |row| walk.row(&reader, row));
    drop(tx);
    match walked {
        Ok(()) => Ok(walk.end()),
        Err(Stop::Broken(verdict)) => Ok(verdict),
        // The line's bytes are no text at all.
        Err(Stop::Failed(JournalError::Broken { seq, why, .. })) => Ok(broken(seq, &why)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Checks an exported record: lines only, since bodies over 4 KB are not in it. Without a head, a change to the
/// very last line can't be found.
pub fn verify_export(
    mut from: impl BufRead,
    stream: &str,
    head: Option<&Head>,
) -> Result<Verdict, JournalError> {
    let mut walk = Walk::new(stream, head);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read =
            from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(JournalError::Export)?;
        if read == 0 {
            return Ok(walk.end());
        }
        let ended = line.pop() == Some(b'\n');
        let followed = if ended {
            tail::text(&line)
                .map_err(|why| walk.broken(&why))
                .and_then(|line| walk.follow(line, Line::hash_of(line)).map(drop))
        } else {
            Err(walk.broken(&Break::Unreadable(Unreadable("the line does not end".into()))))
        };
        if let Err(verdict) = followed {
            return Ok(verdict);
        }
    }
}

fn broken(seq: u64, why: &Break) -> Verdict {
    Verdict::Broken { seq, why: why.to_string() }
}

struct Walk<'a> {
    chain: Chain,
    given: Option<&'a Head>,
    redacted: u64,
    /// A line that does not follow the one before it: either of the two was changed. The next one tells.
    suspect: Option<Head>,
}

/// Why a walk ends before the last line.
enum Stop {
    Broken(Verdict),
    Failed(JournalError),
}

impl From<JournalError> for Stop {
    fn from(error: JournalError) -> Self {
        Self::Failed(error)
    }
}

impl<'a> Walk<'a> {
    fn new(stream: &str, given: Option<&'a Head>) -> Self {
        Self { chain: Chain::from(Head::beginning(stream)), given, redacted: 0, suspect: None }
    }

    /// A line of the database: also against the hash with which it was stored, and the body it names.
    fn row(&mut self, reader: &Reader, row: Row<'_>) -> Result<(), Stop> {
        let hash = Line::hash_of(row.line);
        if hash.as_str() != row.hash {
            return Err(Stop::Broken(match &self.suspect {
                Some(suspect) => self.settle(suspect, None),
                None => broken(row.seq, &Break::Changed),
            }));
        }
        let Some(stored) = self.follow(row.line, hash).map_err(Stop::Broken)? else { return Ok(()) };
        let Body::Blob { digest, .. } = &stored.body else { return Ok(()) };
        let body = match row.blob {
            Some(body) => Some(Digest::of(body.as_bytes())),
            None => match reader.blob(digest)? {
                Blob::Redacted { .. } => {
                    self.redacted += 1;
                    return Ok(());
                }
                Blob::Kept(body) => Some(Digest::of(body.as_bytes())),
                Blob::Missing => None,
            },
        };
        match body {
            Some(found) if found == *digest => Ok(()),
            Some(_) => Err(Stop::Broken(broken(row.seq, &Break::Body))),
            None => Err(Stop::Broken(broken(row.seq, &Break::BodyGone))),
        }
    }

    /// The next line; nothing is said yet of one that does not follow.
    fn follow(&mut self, line: &str, hash: Digest) -> Result<Option<Stored>, Verdict> {
        if let Some(suspect) = &self.suspect {
            return Err(self.settle(suspect, Stored::read(line).ok().as_ref()));
        }
        match self.chain.follow_hashed(line, hash.clone()) {
            Ok(stored) => {
                let head = self.chain.head();
                if self.given.is_some_and(|given| given.seq == head.seq && given.hash != head.hash) {
                    return Err(broken(head.seq, &Break::OtherHead));
                }
                Ok(Some(stored))
            }
            Err(Break::Prev) => {
                self.suspect = Some(Head { seq: self.chain.head().seq + 1, hash });
                Ok(None)
            }
            Err(why) => Err(self.broken(&why)),
        }
    }

    /// Which of two lines that do not fit was changed: if the line after them, or the given head, names the
    /// second as it is, it was the first.
    fn settle(&self, suspect: &Head, next: Option<&Stored>) -> Verdict {
        let named = match (next, self.given) {
            (Some(next), _) => Some(next.prev == suspect.hash),
            (None, Some(given)) if given.seq == suspect.seq => Some(given.hash == suspect.hash),
            _ => None,
        };
        // Before the first line there is only the stream's name: then it is the record of another stream.
        let second_is_sound = suspect.seq > 1 && named.unwrap_or(true);
        broken(if second_is_sound { suspect.seq - 1 } else { suspect.seq }, &Break::Prev)
    }

    fn broken(&self, why: &Break) -> Verdict {
        match &self.suspect {
            Some(suspect) => self.settle(suspect, None),
            None => broken(self.chain.head().seq + 1, why),
        }
    }

    fn end(self) -> Verdict {
        if let Some(suspect) = &self.suspect {
            return self.settle(suspect, None);
        }
        let found = self.chain.head().clone();
        match self.given {
            Some(given) if given.seq > found.seq => Verdict::Cut { given: given.clone(), found },
            _ => Verdict::Intact { head: found, redacted: self.redacted },
        }
    }
}
