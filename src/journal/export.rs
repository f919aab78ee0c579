//! The record as JSON Lines, byte for byte as it was written, so that coreutils can check it.

use std::io::Write;

use super::{error::JournalError, reader::Reader};
use crate::record::Head;

/// Writes every line of the stream, and returns its head.
pub fn export(reader: &Reader, stream: &str, to: &mut dyn Write) -> Result<Head, JournalError> {
    let tx = reader.conn.unchecked_transaction()?;
    reader.lines(stream, 0, |row| {
        to.write_all(row.line.as_bytes()).and_then(|()| to.write_all(b"\n")).map_err(JournalError::Export)
    })?;
    let head = reader.head(stream)?;
    drop(tx);
    to.flush().map_err(JournalError::Export)?;
    Ok(head)
}
