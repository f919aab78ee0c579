//! When the log beside the database is taken into it: a little at a time, by a thread and a connection of its own, so
//! that no commit waits for it. Only a log that has grown long nevertheless, since it was never still, is taken in by the
//! commit that finds it so; by then little of it is left to take. Must not write anything else.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{Builder, JoinHandle},
};

use rusqlite::{Connection, hooks::Wal};

use super::{error::JournalError, schema};

/// Pages of 8 KB that come into the log between two times.
const STEP: u32 = 256;
/// Pages of a log that a commit takes in itself: 64 MB.
const LONG: i32 = 8_000;

/// The thread. It ends with the connection whose commits it follows; this is to be dropped after that.
pub(super) struct CheckPoints {
    /// Held while the log is taken in: SQLite turns a second one away.
    taking: Arc<Mutex<()>>,
    thread: Option<JoinHandle<()>>,
}

impl CheckPoints {
    /// Takes the log of this connection's database in from now on; its commits do no more, unless it is long.
    pub fn beside(writing: &mut Connection, path: &Path) -> Result<Self, JournalError> {
        let taking = Arc::new(Mutex::new(()));
        let (ask, asked) = sync_channel(1);
        let (path, held) = (path.to_owned(), taking.clone());
        let thread = Builder::new().name("check-points".into()).spawn(move || take_in(&path, &asked, &held));
        let thread = Some(thread.map_err(JournalError::Thread)?);
        let mut last = 0;
        writing.wal_hook(Some(move |log: &mut Wal, pages| {
            grown(log, pages, &mut last, &ask);
            Ok(())
        }))?;
        Ok(Self { taking, thread })
    }

    /// Nothing is taken in beside until this is dropped.
    pub fn pause(&self) -> MutexGuard<'_, ()> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CheckPoints {
    fn drop(&mut self) {
        // One that panicked has said so, and nothing is lost: the log is read wherever the journal is.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A commit is in the log, which now has so many pages.
fn grown(log: &mut Wal, pages: i32, last: &mut i32, ask: &SyncSender<()>) {
    if pages >= LONG {
        // Turned away while it is being taken in beside: the next commit comes here again.
        let _ = log.checkpoint();
    } else if pages.abs_diff(*last) >= STEP {
        *last = pages;
        // Full: it is asked for already.
        let _ = ask.try_send(());
    }
}

fn take_in(path: &Path, asked: &Receiver<()>, taking: &Mutex<()>) {
    let mut conn = None;
    while asked.recv().is_ok() {
        let _one = taking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = once(&mut conn, path) {
            tracing::warn!(%error, "the journal's log was not taken into it: a commit does it once it is long");
        }
    }
}

fn once(conn: &mut Option<Connection>, path: &Path) -> Result<(), JournalError> {
    if conn.is_none() {
        *conn = Some(schema::open_again(path)?);
    }
    // As far as nobody reads an older state; nobody is waited for.
    conn.as_ref().map_or(Ok(()), |conn| conn.pragma_query(None, "wal_checkpoint", |_| Ok(())))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::params;

    /// A database with a log, and its connection.
    fn database(dir: &Path) -> Connection {
        let conn = schema::open_writing(&dir.join("journal.db")).unwrap();
        conn.execute_batch("CREATE TABLE filling (bytes BLOB NOT NULL)").unwrap();
        conn
    }

    /// Commits so many pages, one each.
    fn fill(conn: &Connection, pages: i32) {
        for _ in 0..pages {
            conn.execute("INSERT INTO filling (bytes) VALUES (?1)", params![vec![7_u8; 8_000]]).unwrap();
        }
    }

    fn length(dir: &Path) -> u64 {
        std::fs::metadata(dir.join("journal.db")).unwrap().len()
    }

    #[test]
    fn a_commit_takes_nothing_in_while_the_log_is_short_and_another_thread_does() {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = database(dir.path());
        let beside = CheckPoints::beside(&mut conn, &dir.path().join("journal.db")).unwrap();
        let before = length(dir.path());
        let pause = beside.pause();
        // More than what SQLite leaves in a log by itself.
        fill(&conn, 1_200);
        assert_eq!(length(dir.path()), before, "a commit took the log in");
        drop(pause);
        while length(dir.path()) < before + 1_200 * 8_192 {
            std::thread::yield_now();
        }
        drop(conn);
    }

    #[test]
    fn a_log_that_nobody_took_in_for_long_is_taken_in_by_a_commit() {
        let dir = tempfile::tempdir().unwrap();
        let conn = database(dir.path());
        let (ask, asked) = sync_channel(1);
        let mut last = 0;
        conn.execute_batch("PRAGMA synchronous = off; PRAGMA wal_autocheckpoint = 0").unwrap();
        let mut conn = conn;
        conn.wal_hook(Some(move |log: &mut Wal, pages| {
            grown(log, pages, &mut last, &ask);
            Ok(())
        }))
        .unwrap();
        let before = length(dir.path());
        let some = vec![7_u8; 4 << 20];
        while length(dir.path()) == before {
            conn.execute("INSERT INTO filling (bytes) VALUES (?1)", params![some]).unwrap();
        }
        let log = std::fs::metadata(dir.path().join("journal.db-wal")).unwrap().len();
        assert!((LONG as u64 * 8_192..(LONG as u64 + 2_000) * 8_192).contains(&log), "{log} bytes");
        assert!(asked.try_recv().is_ok(), "it was asked for before");
    }
}
