//! The database: its tables, how it is opened, and which versions of it this build knows.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::JournalError;

/// `golv`: tells our databases from others'.
const APPLICATION: i64 = 0x676f_6c76;
/// Counts up with every change of the tables.
const VERSION: i64 = 1;
/// How long to wait for another process that writes: a check-point, or a conductor that is being fenced off.
const BUSY: Duration = Duration::from_secs(5);

/// What the log may keep of its space once it is taken in.
const LOG_BYTES: i64 = 16 << 20;

/// `events.line` is what was written, byte for byte. `events.blob` names the body, where it is kept beside the
/// line. `cut` keeps what was cut off a broken tail. Samples are no events: they are not chained, and forgotten.
const TABLES: &str = "
CREATE TABLE streams (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, created INTEGER NOT NULL
) STRICT;
CREATE TABLE events (
    stream INTEGER NOT NULL REFERENCES streams (id), seq INTEGER NOT NULL,
    line BLOB NOT NULL, hash TEXT NOT NULL, blob TEXT, PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY, bytes INTEGER NOT NULL, body BLOB, redacted INTEGER, why TEXT
) STRICT;
CREATE TABLE cut (
    stream INTEGER NOT NULL, seq INTEGER NOT NULL, line BLOB NOT NULL, hash TEXT NOT NULL,
    epoch INTEGER NOT NULL, why TEXT NOT NULL
) STRICT;
CREATE TABLE snapshots (
    stream INTEGER NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, form TEXT NOT NULL,
    digest TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (stream, seq, form)
) STRICT;
CREATE TABLE series (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, keep INTEGER NOT NULL
) STRICT;
CREATE TABLE samples (
    series INTEGER NOT NULL, wall INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (series, wall)
) STRICT, WITHOUT ROWID;
";

/// Commands that were carried out: no events, and forgotten. And what comes before `snapshots.state`, where that is
/// only the last piece of a state. Made where they are missing; no older build minds them.
const LATER: &str = "
CREATE TABLE IF NOT EXISTS snapshot_pieces (
    stream INTEGER NOT NULL, seq INTEGER NOT NULL, form TEXT NOT NULL, piece INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (stream, seq, form, piece)
) STRICT;
CREATE TABLE IF NOT EXISTS answers (
    stream INTEGER NOT NULL, client INTEGER NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (stream, client, id)
) STRICT, WITHOUT ROWID;
";

/// Opens the database for its one writer, and makes it where there is none. It is its owner's alone.
pub(super) fn open_writing(path: &Path) -> Result<Connection, JournalError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| JournalError::Create { path: path.to_owned(), source })?;
    let conn = Connection::open(path).map_err(|source| JournalError::open(path, source))?;
    prepare(&conn, path).map_err(|error| explain(path, error))?;
    Ok(conn)
}

/// Opens it once more beside its writer, to take in what that wrote.
pub(super) fn open_again(path: &Path) -> Result<Connection, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|source| JournalError::open(path, source))?;
    conn.busy_timeout(BUSY)?;
    safely(&conn)?;
    Ok(conn)
}

fn prepare(conn: &Connection, path: &Path) -> Result<(), JournalError> {
    conn.busy_timeout(BUSY)?;
    let empty = conn.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
    if empty {
        conn.pragma_update(None, "page_size", 8192)?;
    } else {
        check(conn, path)?;
    }
    conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // After a burst the log beside it is cut back to this.
    conn.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
    safely(conn)?;
    // What is redacted is overwritten, not only unlinked.
    conn.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    if empty {
        // Two that start at once: the second finds the tables made.
        conn.execute_batch("BEGIN IMMEDIATE")?;
        let made = conn
            .query_row("SELECT count(*) > 0 FROM sqlite_schema", [], |row| row.get::<_, bool>(0))
            .and_then(|made| if made { Ok(()) } else { conn.execute_batch(TABLES) })
            .and_then(|()| conn.pragma_update(None, "application_id", APPLICATION))
            .and_then(|()| conn.pragma_update(None, "user_version", VERSION));
        conn.execute_batch(if made.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        made?;
    }
    let there = "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'answers'";
    if !conn.query_row(there, [], |row| row.get::<_, bool>(0))? {
        conn.execute_batch(LATER)?;
    }
    Ok(())
}

/// FULL: a commit is on the disk, not only in its cache, when it returns. macOS needs fullfsync for that.
fn safely(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "fullfsync", true)?;
    conn.pragma_update(None, "checkpoint_fullfsync", true)
}

/// Opens an existing database for reading only. Where not even the index of the log may be written beside it
/// (a read-only file system), it is read as a file that does not change.
pub(super) fn open_reading(path: &Path) -> Result<Connection, JournalError> {
    match open_read_only(path, "") {
        Err(JournalError::Open { source, path })
            if matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure)
            ) && path.exists() =>
        {
            open_read_only(&path, "&immutable=1")
        }
        other => other,
    }
}

fn open_read_only(path: &Path, more: &str) -> Result<Connection, JournalError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(uri(path) + more, flags)
        .map_err(|source| JournalError::open(path, source))?;
    conn.busy_timeout(BUSY)?;
    check(&conn, path).map_err(|error| explain(path, error))?;
    Ok(conn)
}

/// The path as a `file:` address: everything but letters, digits and `/._-` as `%xx`.
fn uri(path: &Path) -> String {
    use std::{fmt::Write as _, os::unix::ffi::OsStrExt};
    let mut uri = "file:".to_owned();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            uri.push(byte.into());
        } else {
            // Writing to a String can't fail.
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    uri + "?mode=ro"
}

fn check(conn: &Connection, path: &Path) -> Result<(), JournalError> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    if number("application_id")? != APPLICATION {
        return Err(JournalError::Foreign { path: path.to_owned() });
    }
    match number("user_version")? {
        found if found > VERSION => Err(JournalError::Newer { path: path.to_owned(), found, known: VERSION }),
        _ => Ok(()),
    }
}

/// Errors of SQLite while opening are errors of opening; a file that is no database is not ours.
fn explain(path: &Path, error: JournalError) -> JournalError {
    match error {
        JournalError::Sql(source) if source.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            JournalError::Foreign { path: path.to_owned() }
        }
        JournalError::Sql(source) => JournalError::open(path, source),
        other => other,
    }
}
