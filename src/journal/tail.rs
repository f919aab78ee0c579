//! The end of a stream, looked at when it is opened for writing. A tail of broken lines is what a disk leaves
//! that lied about having written: it is cut off, kept aside and reported. A broken line with sound ones after
//! it is no tail: somebody changed it, and the stream is written to no more.

use rusqlite::{Transaction, params};

use super::error::JournalError;
use crate::{
    domain::name::Digest,
    record::{Break, Chain, Head},
};

/// How many lines are looked at.
const LINES: u64 = 256;

/// What was cut off. The lines stay in the table `cut`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The first line that is gone.
    pub from: u64,
    pub lines: u64,
    pub why: String,
}

struct Written {
    seq: u64,
    line: Vec<u8>,
    hash: String,
}

/// Checks the last lines of a stream, and cuts a broken tail off.
pub(super) fn mend(
    tx: &Transaction<'_>,
    stream: i64,
    name: &str,
    epoch: u32,
) -> Result<Option<Cut>, JournalError> {
    let lines = last_lines(tx, stream)?;
    let Some(first) = lines.first() else { return Ok(None) };
    // The line before those looked at is taken as it says; `verify` looks at all of them.
    let mut chain = Chain::from(if first.seq == 1 { Head::beginning(name) } else { before(first, name)? });
    for (at, line) in lines.iter().enumerate() {
        let Err(why) = follow(&mut chain, line) else { continue };
        if lines[at + 1..].iter().any(is_sound) {
            return Err(JournalError::Broken { stream: name.to_owned(), seq: line.seq, why });
        }
        return cut(tx, stream, line.seq, epoch, &why).map(Some);
    }
    Ok(None)
}

fn last_lines(tx: &Transaction<'_>, stream: i64) -> Result<Vec<Written>, JournalError> {
    let mut rows = tx.prepare(
        "SELECT seq, line, hash FROM
         (SELECT seq, line, hash FROM events WHERE stream = ?1 ORDER BY seq DESC LIMIT ?2) ORDER BY seq",
    )?;
    let lines = rows.query_map(params![stream, LINES], |row| {
        Ok(Written { seq: row.get(0)?, line: row.get(1)?, hash: row.get(2)? })
    })?;
    Ok(lines.collect::<Result<_, _>>()?)
}

/// The head that the first of the lines looked at claims to follow.
fn before(first: &Written, name: &str) -> Result<Head, JournalError> {
    let read = std::str::from_utf8(&first.line)
        .map_err(|why| why.to_string())
        .and_then(|line| crate::record::Stored::read(line).map_err(|why| why.to_string()));
    match read {
        Ok(stored) => Ok(Head { seq: first.seq - 1, hash: stored.prev }),
        Err(why) => Err(JournalError::Broken {
            stream: name.to_owned(),
            seq: first.seq,
            why: Break::Unreadable(crate::record::Unreadable(why)),
        }),
    }
}

fn follow(chain: &mut Chain, written: &Written) -> Result<(), Break> {
    let line = text(&written.line)?;
    let mut next = chain.clone();
    next.follow(line)?;
    if next.head().hash.as_str() != written.hash {
        return Err(Break::Changed);
    }
    *chain = next;
    Ok(())
}

/// Whether a line, by itself, is as it was written.
fn is_sound(written: &Written) -> bool {
    text(&written.line).is_ok() && Digest::of(&written.line).as_str() == written.hash
}

pub(super) fn text(line: &[u8]) -> Result<&str, Break> {
    std::str::from_utf8(line).map_err(|why| Break::Unreadable(crate::record::Unreadable(why.to_string())))
}

fn cut(tx: &Transaction<'_>, stream: i64, from: u64, epoch: u32, why: &Break) -> Result<Cut, JournalError> {
    let why = why.to_string();
    tx.execute(
        "INSERT INTO cut (stream, seq, line, hash, epoch, why)
         SELECT stream, seq, line, hash, ?3, ?4 FROM events WHERE stream = ?1 AND seq >= ?2",
        params![stream, from, epoch, why],
    )?;
    // Pieces that no snapshot ends with any more go with the next that is kept.
    tx.execute("DELETE FROM snapshots WHERE stream = ?1 AND seq >= ?2", params![stream, from])?;
    let lines = tx.execute("DELETE FROM events WHERE stream = ?1 AND seq >= ?2", params![stream, from])?;
    Ok(Cut { from, lines: lines as u64, why })
}
