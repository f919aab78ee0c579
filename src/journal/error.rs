//! What can go wrong with a journal, in words that say what to do.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::record::Break;

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("open the journal {}: {source}", path.display())]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("create the journal {}: {source}", path.display())]
    Create { path: PathBuf, source: std::io::Error },
    #[error(
        "{} is {}, although sessions were led here: put a copy of it back (golive record verify --head checks it), or \
         move {} away to begin anew",
        path.display(), if *gone { "gone" } else { "empty" }, path.parent().unwrap_or(path).display()
    )]
    Emptied { path: PathBuf, gone: bool },
    #[error("{} is not a journal of golive", path.display())]
    Foreign { path: PathBuf },
    #[error(
        "the journal {} was written by a newer golive (schema {found}, this one knows {known}): use that version",
        path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("there is no stream {0} in the journal: golive sessions lists them")]
    NoStream(String),
    #[error(
        "line {seq} of {stream} is broken: {why}; nothing more is written to it, golive record verify says more"
    )]
    Broken { stream: String, seq: u64, why: Break },
    #[error("the lines kept aside do not follow line {head} of {stream}: they stay in their file")]
    NotNext { stream: String, head: u64 },
    #[error("read or write the journal: {0}")]
    Sql(#[from] rusqlite::Error),
    #[error("write out the record: {0}")]
    Export(std::io::Error),
    #[error("the fallback file {}: {source}", path.display())]
    BreakGlass { path: PathBuf, source: std::io::Error },
    #[error("the fallback file {} is used up: {needed} bytes needed, {left} left", path.display())]
    BreakGlassFull { path: PathBuf, needed: usize, left: usize },
    #[error("start a thread for the journal: {0}")]
    Thread(std::io::Error),
    #[error("the journal's writer has ended")]
    Gone,
}

impl JournalError {
    /// Whether it is about the journal's place just now, rather than about what is in it: it may pass.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::Create { .. } | Self::Sql(_) | Self::BreakGlass { .. })
    }

    pub(super) fn open(path: &Path, source: rusqlite::Error) -> Self {
        Self::Open { path: path.to_owned(), source }
    }
}

/// Why an append is not durable. Nothing of the batch is in the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    #[error("another conductor has taken over {stream} (epoch {now}; this one has {given})")]
    Fenced { stream: String, given: u32, now: u32 },
    #[error("line {given} of {stream} is not the next one, {expected}: one before it was not written")]
    NotNext { stream: String, given: u64, expected: u64 },
    #[error("the stream {0} was not opened for writing")]
    NotOpen(String),
    #[error("the disk is full: {0}")]
    Full(String),
    #[error("{0}")]
    Failed(String),
    #[error("the journal's writer has ended")]
    Gone,
}

impl From<rusqlite::Error> for AppendError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(error.to_string()),
            _ => Self::Failed(format!("write the journal: {error}")),
        }
    }
}
