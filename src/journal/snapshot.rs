//! Folded states, so that a long record opens at once. A snapshot is a shortcut and never the truth: one that
//! is damaged, of another form or past the head is passed over, and the events are folded instead.

use rusqlite::{Connection, params};

use super::{error::JournalError, store::Store};
use crate::{domain::name::Digest, record::Head};

/// How many are kept a stream.
const KEEP: u32 = 2;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The last line that is folded into it.
    pub head: Head,
    pub state: Vec<u8>,
}

impl Store {
    /// Keeps a state. `form` names the build and shapes that wrote it: only the same read it.
    pub fn keep_snapshot(
        &mut self,
        stream: &str,
        form: &str,
        snapshot: &Snapshot,
    ) -> Result<(), JournalError> {
        let tx = self.conn.transaction()?;
        let id: i64 = tx.query_row("SELECT id FROM streams WHERE name = ?1", [stream], |row| row.get(0))?;
        tx.execute(
            "INSERT OR REPLACE INTO snapshots (stream, seq, hash, form, digest, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                id,
                snapshot.head.seq,
                snapshot.head.hash.as_str(),
                form,
                Digest::of(&snapshot.state).as_str(),
                snapshot.state
            ],
        )?;
        tx.execute(
            "DELETE FROM snapshots WHERE stream = ?1 AND (seq, form) NOT IN
             (SELECT seq, form FROM snapshots WHERE stream = ?1 ORDER BY seq DESC LIMIT ?2)",
            params![id, KEEP],
        )?;
        tx.commit()?;
        Ok(())
    }
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
        let state: Vec<u8> = row.get(3)?;
        let hash = Digest::parse(&row.get::<_, String>(1)?);
        if let Ok(hash) = hash
            && Digest::of(&state).as_str() == row.get::<_, String>(2)?
        {
            return Ok(Some(Snapshot { head: Head { seq: row.get(0)?, hash }, state }));
        }
    }
    Ok(None)
}
