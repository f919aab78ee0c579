//! The one connection that writes. Everything here blocks; the writer's thread owns it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{
    answers,
    append::{Answered, Batch, Durable},
    check_points::CheckPoints,
    error::{AppendError, JournalError},
    schema,
    tail::{self, Cut},
};
use crate::{
    domain::{name::Digest, time::WallTime},
    record::{Body, Chain, Head, Line, Unwritable},
};

pub struct Store {
    pub(super) conn: Connection,
    /// Behind the connection, with which its thread ends.
    check_points: Option<CheckPoints>,
    path: PathBuf,
    streams: HashMap<Arc<str>, Stream>,
}

/// A stream that this store opened for writing.
#[derive(Clone, Debug)]
struct Stream {
    id: i64,
    epoch: u32,
    head: Head,
}

/// A stream opened for writing, under an epoch of its own: whoever opened it before writes no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub epoch: u32,
    pub head: Head,
    /// A broken tail that was cut off.
    pub cut: Option<Cut>,
}

impl Store {
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let conn = schema::open_writing(path)?;
        Ok(Self { conn, check_points: None, path: path.to_owned(), streams: HashMap::new() })
    }

    /// From now on a thread takes the log beside the database into it. Without one the commits do, as they find it long.
    pub(super) fn take_in_beside(&mut self) {
        match CheckPoints::beside(&mut self.conn, &self.path) {
            Ok(beside) => self.check_points = Some(beside),
            Err(error) => tracing::warn!(%error, "the journal's log is taken in by those who commit"),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a stream, a new one if there is none of the name. The end of its chain is checked; all of it is
    /// checked by `verify`, and by whoever folds it.
    pub fn open_stream(&mut self, name: &Arc<str>, wall: WallTime) -> Result<Opened, JournalError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute(
            "INSERT INTO streams (name, epoch, created) VALUES (?1, 0, ?2) ON CONFLICT DO NOTHING",
            params![&**name, wall.0],
        )?;
        let (id, epoch): (i64, u32) = tx.query_row(
            "UPDATE streams SET epoch = epoch + 1 WHERE name = ?1 RETURNING id, epoch",
            [&**name],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let cut = tail::mend(&tx, id, name, epoch)?;
        let head = head_of(&tx, id, name)?;
        tx.commit()?;
        self.streams.insert(name.clone(), Stream { id, epoch, head: head.clone() });
        Ok(Opened { epoch, head, cut })
    }

    /// Forgets a stream that nothing was written to: what it was opened for did not come about.
    pub fn forget_empty(&mut self, name: &Arc<str>) -> Result<(), JournalError> {
        self.conn.execute(
            "DELETE FROM streams WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE stream = streams.id)",
            [&**name],
        )?;
        self.streams.remove(name);
        Ok(())
    }

    /// Takes the log beside the database into it, and empties it.
    pub fn check_point(&self) -> Result<(), JournalError> {
        let _alone = self.check_points.as_ref().map(CheckPoints::pause);
        Ok(self.conn.pragma_update_and_check(None, "wal_checkpoint", "truncate", |_| Ok(()))?)
    }

    /// Appends batches in their order with one commit. A batch that may not be written fails alone (and with it
    /// those that count on it); a commit that fails fails all, and nothing of them is written.
    pub fn append(&mut self, batches: &[Batch]) -> Vec<Result<Durable, AppendError>> {
        let before = self.streams.clone();
        self.try_append(batches).unwrap_or_else(|error| {
            self.streams = before;
            vec![Err(error); batches.len()]
        })
    }

    fn try_append(&mut self, batches: &[Batch]) -> Result<Vec<Result<Durable, AppendError>>, AppendError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut epochs = HashMap::new();
        let mut written = Vec::with_capacity(batches.len());
        for batch in batches {
            let Some(stream) = self.streams.get_mut(&batch.stream) else {
                written.push(Err(AppendError::NotOpen(batch.stream.to_string())));
                continue;
            };
            // Asked once a commit: within the transaction nobody else can raise it.
            let epoch = if let Some(epoch) = epochs.get(&stream.id) {
                *epoch
            } else {
                let epoch = tx
                    .prepare_cached("SELECT epoch FROM streams WHERE id = ?1")?
                    .query_row([stream.id], |row| row.get::<_, u32>(0))?;
                epochs.insert(stream.id, epoch);
                epoch
            };
            match lines_of(batch, stream, epoch) {
                Err(error) => written.push(Err(error)),
                Ok(lines) => {
                    for line in &lines {
                        insert(&tx, stream.id, line)?;
                    }
                    for (answered, seq) in &batch.answers {
                        answers::keep(&tx, stream.id, answered, *seq)?;
                    }
                    if let Some(last) = lines.last() {
                        stream.head = last.head();
                    }
                    written.push(Ok(Durable {
                        stream: batch.stream.clone(),
                        head: stream.head.clone(),
                        lines,
                    }));
                }
            }
        }
        tx.commit()?;
        Ok(written)
    }

    /// Takes in lines that were written elsewhere while the journal could not be: as they are, if they follow; and the
    /// commands that were answered by them, so that who asks again of any later conductor is told so.
    pub fn import(
        &mut self,
        name: &Arc<str>,
        lines: &[Line],
        answers: &[(Answered, u64)],
    ) -> Result<Head, JournalError> {
        let stream = self.streams.get_mut(name).ok_or_else(|| JournalError::NoStream(name.to_string()))?;
        let mut chain = Chain::from(stream.head.clone());
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for line in lines {
            let stored = chain
                .follow(&line.text)
                .map_err(|_| JournalError::NotNext { stream: name.to_string(), head: stream.head.seq })?;
            let mut line = line.clone();
            // A body named but not at hand would look redacted without a note of it.
            if matches!(stored.body, Body::Inline(_)) {
                line.blob = None;
            }
            insert(&tx, stream.id, &line)?;
        }
        for (answered, seq) in answers {
            answers::keep(&tx, stream.id, answered, *seq)?;
        }
        tx.commit()?;
        stream.head = chain.head().clone();
        Ok(stream.head.clone())
    }
}

/// The lines of a batch, chained to the stream's head.
fn lines_of(batch: &Batch, stream: &Stream, epoch: u32) -> Result<Vec<Line>, AppendError> {
    let mut head = stream.head.clone();
    let mut lines = Vec::with_capacity(batch.drafts.len());
    for draft in &batch.drafts {
        if draft.epoch != epoch || stream.epoch != epoch {
            let stream = batch.stream.to_string();
            return Err(AppendError::Fenced { stream, given: draft.epoch, now: epoch });
        }
        let line = draft.follow(&head).map_err(|why| match why {
            Unwritable::NotNext { expected, given } => {
                AppendError::NotNext { stream: batch.stream.to_string(), given, expected }
            }
            Unwritable::NotJson(why) => AppendError::Failed(why.to_string()),
        })?;
        head = line.head();
        lines.push(line);
    }
    Ok(lines)
}

fn insert(tx: &Transaction<'_>, stream: i64, line: &Line) -> rusqlite::Result<()> {
    let mut blob = None;
    if let Some(body) = &line.blob {
        let digest = Digest::of(body.as_bytes());
        tx.prepare_cached(
            "INSERT INTO blobs (digest, bytes, body) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET body = excluded.body, redacted = NULL, why = NULL",
        )?
        .execute(params![digest.as_str(), body.len(), body.as_bytes()])?;
        blob = Some(digest);
    }
    tx.prepare_cached("INSERT INTO events (stream, seq, line, hash, blob) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            stream,
            line.seq,
            line.text.as_bytes(),
            line.hash.as_str(),
            blob.as_ref().map(Digest::as_str)
        ])?;
    Ok(())
}

/// The head as stored.
pub(super) fn head_of(conn: &Connection, stream: i64, name: &str) -> Result<Head, JournalError> {
    let last = conn
        .query_row(
            "SELECT seq, hash FROM events WHERE stream = ?1 ORDER BY seq DESC LIMIT 1",
            [stream],
            |row| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?)),
        )
        .optional()?;
    Ok(match last {
        Some((seq, hash)) => Head {
            seq,
            hash: Digest::parse(&hash).map_err(|_| JournalError::Broken {
                stream: name.to_owned(),
                seq,
                why: crate::record::Break::Changed,
            })?,
        },
        None => Head::beginning(name),
    })
}
