//! The session as its record says: a snapshot, and every line since, each checked to follow the one before it.

use super::{
    chain::{Break, Chain, Followed, Head},
    codec::Decoded,
    event::{Undecodable, stamped},
    packed::{Unpackable, pack, unpack},
};
use crate::domain::{
    event::Stamped,
    session::{NotOpened, Session},
};

/// Why the fold can't go on.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    #[error("the record is broken: {0}")]
    Broken(Break),
    #[error("{0}")]
    Undecodable(#[from] Undecodable),
    #[error("{0}")]
    NotOpened(#[from] NotOpened),
    #[error("{kind} in shape {shape} was written by a newer golive: use that version")]
    Unknown { kind: String, shape: u16 },
    #[error("the snapshot does not read: {0}")]
    Snapshot(Unpackable),
}

impl FoldError {
    /// Whether a newer golive would read it. Otherwise it is an error of what was sent.
    pub fn needs_newer(&self) -> bool {
        matches!(self, FoldError::Unknown { .. })
    }
}

/// A folded session as bytes that the same build reads. It is never kept for another build, nor digested.
pub fn snapshot(session: &Session) -> Result<Vec<u8>, FoldError> {
    pack(session).map_err(FoldError::Snapshot)
}

#[derive(Debug)]
pub struct Folded {
    chain: Chain,
    session: Option<Session>,
}

impl Folded {
    /// Nothing yet: the first line will be the first of the stream.
    pub fn beginning(stream: &str) -> Self {
        Self { chain: Chain::from(Head::beginning(stream)), session: None }
    }

    /// From a [`snapshot`] of the same build.
    pub fn from_snapshot(head: Head, state: &[u8]) -> Result<Self, FoldError> {
        let mut session: Session = unpack(state).map_err(FoldError::Snapshot)?;
        session.rederive();
        Ok(Self { chain: Chain::from(head), session: Some(session) })
    }

    /// The session by itself; none before the first line.
    pub fn into_session(self) -> Option<Session> {
        self.session
    }

    /// None before the first line.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    pub fn head(&self) -> &Head {
        self.chain.head()
    }

    /// Takes the next line in, with the body that is kept beside it, and returns what it says. Lines that it has
    /// already are passed over.
    pub fn take(&mut self, line: &str, beside: Option<&str>) -> Result<Option<Stamped>, FoldError> {
        match self.chain.clone().next(line) {
            Ok(followed) => self.take_followed(followed, beside).map(Some),
            Err(Break::Seq { expected, found }) if found < expected => Ok(None),
            Err(why) => Err(FoldError::Broken(why)),
        }
    }

    /// The same of a line that was checked before to be the next one.
    pub fn take_followed(&mut self, next: Followed, beside: Option<&str>) -> Result<Stamped, FoldError> {
        let event = match stamped(&next.stored, beside)? {
            Decoded::Known(event) => event,
            Decoded::Unknown { kind, shape, .. } => {
                return Err(FoldError::Unknown { kind: kind.to_string(), shape });
            }
        };
        match &mut self.session {
            Some(session) => session.apply(&event),
            none => *none = Some(Session::begin(&event)?),
        }
        self.chain = Chain::from(next.head);
        Ok(event)
    }
}
