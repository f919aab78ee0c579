//! Reading without writing: `status`, `record` and `report` need no conductor, and disturb none.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use super::{blob, blob::Blob, error::JournalError, sample, sample::Sample, schema, snapshot, store, tail};
use crate::{
    domain::{name::Digest, time::WallTime},
    record::Head,
};

pub struct Reader {
    pub(super) conn: Connection,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamInfo {
    pub name: String,
    /// How often it was opened for writing.
    pub epoch: u32,
    pub created: WallTime,
    pub head: Head,
}

/// A stored line as it is handed out: nothing about it has been checked yet.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub seq: u64,
    pub line: &'a str,
    /// The hash with which it was stored.
    pub hash: &'a str,
    /// Its body, where that is stored beside it and not redacted.
    pub blob: Option<&'a str>,
}

/// Refuses a journal that is empty or gone although it is known to have been written.
pub fn not_emptied(path: &Path, was_used: bool) -> Result<(), JournalError> {
    let length = std::fs::metadata(path).map_or(None, |found| Some(found.len()));
    if was_used && length.unwrap_or(0) == 0 {
        return Err(JournalError::Emptied { path: path.to_owned(), gone: length.is_none() });
    }
    Ok(())
}

impl Reader {
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Ok(Self { conn: schema::open_reading(path)? })
    }

    /// All streams, oldest first.
    pub fn streams(&self) -> Result<Vec<StreamInfo>, JournalError> {
        let mut rows = self.conn.prepare("SELECT id, name, epoch, created FROM streams ORDER BY id")?;
        let mut rows = rows.query([])?;
        let mut streams = Vec::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get(1)?;
            let head = store::head_of(&self.conn, row.get(0)?, &name)?;
            streams.push(StreamInfo { name, epoch: row.get(2)?, created: WallTime(row.get(3)?), head });
        }
        Ok(streams)
    }

    pub fn head(&self, stream: &str) -> Result<Head, JournalError> {
        store::head_of(&self.conn, self.id(stream)?, stream)
    }

    /// Hands the lines after number `after` to `each`, in order, until it returns an error of its own.
    pub fn lines<E: From<JournalError>>(
        &self,
        stream: &str,
        after: u64,
        mut each: impl FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let id = self.id(stream)?;
        let mut rows = self
            .conn
            .prepare_cached(
                "SELECT e.seq, e.line, e.hash, b.body FROM events e LEFT JOIN blobs b ON b.digest = e.blob
                 WHERE e.stream = ?1 AND e.seq > ?2 ORDER BY e.seq",
            )
            .map_err(JournalError::from)?;
        let mut rows = rows.query(params![id, after]).map_err(JournalError::from)?;
        while let Some(row) = rows.next().map_err(JournalError::from)? {
            each(read_row(row, stream)?)?;
        }
        Ok(())
    }

    pub fn blob(&self, digest: &Digest) -> Result<Blob, JournalError> {
        blob::read(&self.conn, digest)
    }

    /// The newest sound snapshot that a build of this `form` wrote.
    pub fn snapshot(&self, stream: &str, form: &str) -> Result<Option<snapshot::Snapshot>, JournalError> {
        snapshot::newest(&self.conn, self.id(stream)?, form)
    }

    pub fn samples(&self, series: &str, from: WallTime) -> Result<Vec<Sample>, JournalError> {
        sample::read(&self.conn, series, from)
    }

    pub(super) fn id(&self, stream: &str) -> Result<i64, JournalError> {
        self.conn
            .query_row("SELECT id FROM streams WHERE name = ?1", [stream], |row| row.get(0))
            .optional()?
            .ok_or_else(|| JournalError::NoStream(stream.to_owned()))
    }
}

fn read_row<'a>(row: &'a rusqlite::Row<'_>, stream: &str) -> Result<Row<'a>, JournalError> {
    let seq = row.get::<_, u64>(0)?;
    let broken = |why| JournalError::Broken { stream: stream.to_owned(), seq, why };
    let line = tail::text(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?).map_err(broken)?;
    let hash = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
    let blob = row.get_ref(3)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    let blob = blob.map(tail::text).transpose().map_err(|_| broken(crate::record::Break::Body))?;
    Ok(Row { seq, line, hash, blob })
}
