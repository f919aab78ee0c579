//! Bodies kept beside their lines, by digest. They can be redacted: the line, its hash and the chain stay.

use rusqlite::{Connection, OptionalExtension, params};

use super::{error::JournalError, store::Store};
use crate::domain::{name::Digest, time::WallTime};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blob {
    Kept(String),
    Redacted {
        wall: WallTime,
        why: String,
    },
    /// Named by a line, but not there.
    Missing,
}

pub(super) fn read(conn: &Connection, digest: &Digest) -> Result<Blob, JournalError> {
    let row = conn
        .prepare_cached("SELECT body, redacted, why FROM blobs WHERE digest = ?1")?
        .query_row([digest.as_str()], |row| {
            Ok((row.get::<_, Option<Vec<u8>>>(0)?, row.get::<_, Option<i64>>(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(match row {
        Some((Some(body), ..)) => Blob::Kept(String::from_utf8_lossy(&body).into_owned()),
        Some((None, Some(wall), why)) => {
            Blob::Redacted { wall: WallTime(wall), why: Option::unwrap_or_default(why) }
        }
        Some((None, None, _)) | None => Blob::Missing,
    })
}

impl Store {
    /// Overwrites a body; what is left says when and why. That it was done is an event, and the caller's to
    /// write. False: there is no such body, or it was redacted before.
    pub fn redact(&mut self, digest: &Digest, wall: WallTime, why: &str) -> Result<bool, JournalError> {
        let changed = self.conn.execute(
            "UPDATE blobs SET body = NULL, redacted = ?2, why = ?3 WHERE digest = ?1 AND body IS NOT NULL",
            params![digest.as_str(), wall.0, why],
        )?;
        // The old pages are still in the log until it is emptied. A reader may keep it from being emptied now;
        // then it is at the next check-point.
        self.check_point()?;
        Ok(changed > 0)
    }
}
