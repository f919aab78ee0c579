//! Commands that were carried out, kept in the same commit as what they did: one whose answer was lost with its
//! conductor is not done twice by the next.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{append::Answered, error::JournalError, reader::Reader};

/// How many lines back a command may lie and still be asked again.
const KEPT: u64 = 2_000;
/// The most that are handed out.
const MOST: u32 = 1_024;

pub(super) fn keep(tx: &Transaction<'_>, stream: i64, by: &Answered, seq: u64) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO answers (stream, client, id, seq) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![stream, by.client.cast_signed(), by.id, seq])?;
    tx.prepare_cached("DELETE FROM answers WHERE stream = ?1 AND seq < ?2")?
        .execute(params![stream, seq.saturating_sub(KEPT)])?;
    Ok(())
}

impl Reader {
    /// The stream in which a command was carried out.
    pub fn answered_in(&self, by: &Answered) -> Result<Option<String>, JournalError> {
        if !there(&self.conn)? {
            return Ok(None);
        }
        let found = self.conn.query_row(
            "SELECT s.name FROM answers a JOIN streams s ON s.id = a.stream WHERE a.client = ?1 AND a.id = ?2",
            params![by.client.cast_signed(), by.id],
            |row| row.get(0),
        );
        Ok(found.optional()?)
    }

    /// The last commands of a stream that were carried out, each with the last line that it wrote, oldest first.
    pub fn answers(&self, stream: &str) -> Result<Vec<(Answered, u64)>, JournalError> {
        if !there(&self.conn)? {
            return Ok(Vec::new());
        }
        let mut found = self
            .conn
            .prepare("SELECT client, id, seq FROM answers WHERE stream = ?1 ORDER BY seq DESC LIMIT ?2")?;
        let rows = found.query_map(params![self.id(stream)?, MOST], |row| {
            let answered = Answered { client: row.get::<_, i64>(0)?.cast_unsigned(), id: row.get(1)? };
            Ok((answered, row.get(2)?))
        })?;
        let mut answers = rows.collect::<Result<Vec<_>, _>>()?;
        answers.reverse();
        Ok(answers)
    }
}

fn there(conn: &Connection) -> Result<bool, JournalError> {
    let asked = conn.query_row("SELECT 1 FROM sqlite_schema WHERE name = 'answers'", [], |_| Ok(()));
    Ok(asked.optional()?.is_some())
}
