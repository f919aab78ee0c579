//! Folded states, so that a long record opens at once. A snapshot is a shortcut and never the truth: one that
//! is damaged, of another form or past the head is passed over, and the events are folded instead.
//!
//! A large one is written a piece at a time, so that whoever appends does not wait for all of it. It is there only
//! once its last piece is, which is written with its digest.

use std::sync::Arc;

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use super::{error::JournalError, store::Store};
use crate::{domain::name::Digest, record::Head};

/// How many are kept a stream.
const KEEP: u32 = 2;
/// Bytes that are written at once: about what a commit of observations is.
const PIECE: usize = 256 << 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The last line that is folded into it.
    pub head: Head,
    pub state: Vec<u8>,
}

/// A snapshot on its way into the journal. `form` names the build and shapes that wrote it: only the same read it.
#[derive(Debug)]
pub(super) struct Keeping {
    stream: Arc<str>,
    form: Arc<str>,
    snapshot: Snapshot,
    /// Pieces that are written.
    pieces: usize,
    digest: Sha256,
    /// All of it is there; what it has replaced is being removed.
    kept: bool,
}

impl Keeping {
    pub fn new(stream: Arc<str>, form: Arc<str>, snapshot: Snapshot) -> Self {
        Self { stream, form, snapshot, pieces: 0, digest: Sha256::new(), kept: false }
    }
}

impl Store {
    /// Keeps a state, all of it.
    pub fn keep_snapshot(
        &mut self,
        stream: &str,
        form: &str,
        snapshot: &Snapshot,
    ) -> Result<(), JournalError> {
        let mut keeping = Keeping::new(stream.into(), form.into(), snapshot.clone());
        while !self.keep_a_piece(&mut keeping)? {}
        Ok(())
    }

    /// The next piece of it, or of what it replaces: one commit of bounded size. True when all is done.
    pub(super) fn keep_a_piece(&mut self, keeping: &mut Keeping) -> Result<bool, JournalError> {
        let tx = self.conn.transaction()?;
        let id: i64 =
            tx.query_row("SELECT id FROM streams WHERE name = ?1", [&*keeping.stream], |row| row.get(0))?;
        if keeping.kept {
            let removed = remove_a_piece(&tx, id)?;
            tx.commit()?;
            return Ok(!removed);
        }
        let (seq, form) = (keeping.snapshot.head.seq, &*keeping.form);
        if keeping.pieces == 0 {
            // Of one that was begun and not ended, or that is there already.
            for table in ["snapshots", "snapshot_pieces"] {
                let delete = format!("DELETE FROM {table} WHERE stream = ?1 AND seq = ?2 AND form = ?3");
                tx.execute(&delete, params![id, seq, form])?;
            }
        }
        let rest = &keeping.snapshot.state[keeping.pieces * PIECE..];
        let piece = &rest[..rest.len().min(PIECE)];
        keeping.digest.update(piece);
        if piece.len() < rest.len() {
            tx.execute(
                "INSERT INTO snapshot_pieces (stream, seq, form, piece, state) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![id, seq, form, keeping.pieces, piece],
            )?;
            tx.commit()?;
            keeping.pieces += 1;
            return Ok(false);
        }
        let digest = Digest::from_bytes(keeping.digest.clone().finalize());
        let hash = keeping.snapshot.head.hash.as_str();
        tx.execute(
            "INSERT INTO snapshots (stream, seq, hash, form, digest, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id, seq, hash, form, digest.as_str(), piece],
        )?;
        tx.execute(
            "DELETE FROM snapshots WHERE stream = ?1 AND (seq, form) NOT IN
             (SELECT seq, form FROM snapshots WHERE stream = ?1 ORDER BY seq DESC LIMIT ?2)",
            params![id, KEEP],
        )?;
        tx.commit()?;
        keeping.kept = true;
        Ok(false)
    }
}

/// Removes a piece that no snapshot ends with. False if there is none.
fn remove_a_piece(conn: &Connection, stream: i64) -> Result<bool, JournalError> {
    let removed = conn.execute(
        "DELETE FROM snapshot_pieces WHERE rowid IN (
             SELECT p.rowid FROM snapshot_pieces p WHERE p.stream = ?1 AND NOT EXISTS (
                 SELECT 1 FROM snapshots s WHERE s.stream = p.stream AND s.seq = p.seq AND s.form = p.form)
             LIMIT 1)",
        [stream],
    )?;
    Ok(removed > 0)
}

/// The newest sound snapshot of the form whose line is in the chain.
pub(super) fn newest(conn: &Connection, stream: i64, form: &str) -> Result<Option<Snapshot>, JournalError> {
    let mut rows = conn.prepare_cached(
        "SELECT s.seq, s.hash, s.digest, s.state FROM snapshots s
         JOIN events e ON e.stream = s.stream AND e.seq = s.seq AND e.hash = s.hash
         WHERE s.stream = ?1 AND s.form = ?2 ORDER BY s.seq DESC",
    )?;
    let mut rows = rows.query(params![stream, form])?;
    while let Some(row) = rows.next()? {
        let seq: u64 = row.get(0)?;
        let mut state = pieces(conn, stream, seq, form)?;
        state.extend_from_slice(row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?);
        let hash = Digest::parse(&row.get::<_, String>(1)?);
        if let Ok(hash) = hash
            && Digest::of(&state).as_str() == row.get::<_, String>(2)?
        {
            return Ok(Some(Snapshot { head: Head { seq, hash }, state }));
        }
    }
    Ok(None)
}

/// What comes before the last piece.
fn pieces(conn: &Connection, stream: i64, seq: u64, form: &str) -> Result<Vec<u8>, JournalError> {
    let of_it = "FROM snapshot_pieces WHERE stream = ?1 AND seq = ?2 AND form = ?3";
    let length: usize = conn
        .prepare_cached(&format!("SELECT coalesce(sum(length(state)), 0) {of_it}"))?
        .query_row(params![stream, seq, form], |row| row.get(0))?;
    // The last piece comes behind it.
    let mut state = Vec::with_capacity(length + PIECE);
    let mut rows = conn.prepare_cached(&format!("SELECT state {of_it} ORDER BY piece"))?;
    let mut rows = rows.query(params![stream, seq, form])?;
    while let Some(row) = rows.next()? {
        state.extend_from_slice(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
    }
    Ok(state)
}
