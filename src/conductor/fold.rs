//! Reads a stream of the journal into what it says: from the newest snapshot of this build, or from its first
//! line, each line checked to follow the one before it.

use crate::{
    domain::{project::Project, session::Session},
    journal::{JournalError, PROJECT, Reader, Snapshot, Unfolded, fold},
    record::{Chain, Decoded, FoldError, Folded, Head, Line, Stored, stamped},
    wire::build,
};

/// A stream that can't be read: it is shown as lines only, and nothing is written to it.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Fold(#[from] FoldError),
    #[error("the stream is empty")]
    Empty,
}

impl From<Unfolded> for Unread {
    fn from(error: Unfolded) -> Self {
        match error {
            Unfolded::Journal(error) => Self::Journal(error),
            Unfolded::Fold(error) => Self::Fold(error),
        }
    }
}

/// A session as its stream says.
pub struct Read {
    pub session: Session,
    pub head: Head,
    /// The snapshot from which it was folded; none: from the first line.
    pub from: Option<Snapshot>,
}

/// A session as far as it is durable.
pub fn session(reader: &Reader, stream: &str) -> Result<Read, Unread> {
    session_and(reader, stream, &[])
}

/// The same with lines of the fallback file, which are in no journal yet.
pub fn session_and(reader: &Reader, stream: &str, aside: &[Line]) -> Result<Read, Unread> {
    let mut folded = Folded::beginning(stream);
    let mut from = None;
    if let Some(snapshot) = reader.snapshot(stream, build())? {
        match Folded::from_snapshot(snapshot.head.clone(), &snapshot.state) {
            Ok(from_snapshot) => (folded, from) = (from_snapshot, Some(snapshot)),
            // The events say the same, only more slowly.
            Err(error) => tracing::warn!(%stream, %error, "a snapshot was passed over"),
        }
    }
    let mut folded = fold(reader, stream, folded)?;
    for line in aside {
        folded.take(&line.text, line.blob.as_deref())?;
    }
    let head = folded.head().clone();
    Ok(Read { session: folded.into_session().ok_or(Unread::Empty)?, head, from })
}

/// The project's own stream. There may be none yet.
pub fn project(reader: &Reader) -> Result<(Project, Head), Unread> {
    let mut chain = Chain::from(Head::beginning(PROJECT));
    let mut project = Project::default();
    let known = reader.streams()?.iter().any(|stream| stream.name == PROJECT);
    if known {
        reader.lines(PROJECT, 0, |row| {
            let stored: Stored = chain.follow(row.line).map_err(FoldError::Broken)?;
            match stamped(&stored, row.blob).map_err(FoldError::Undecodable)? {
                Decoded::Known(event) => project.apply(&event),
                Decoded::Unknown { kind, shape, .. } => {
                    return Err(FoldError::Unknown { kind: kind.to_string(), shape }.into());
                }
            }
            Ok::<_, Unread>(())
        })?;
    }
    Ok((project, chain.head().clone()))
}
