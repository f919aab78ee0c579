//! The stored line: one event as it is written, exported and hashed. The order and names of its fields never
//! change; a line is written once and kept as written.

use std::{fmt::Write as _, sync::Arc};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{
    chain::Head,
    json::{Json, NotJson},
    kind::{BadKind, Kind},
};
use crate::domain::{
    name::Digest,
    time::{SessionTime, WallTime},
};

/// Bodies longer than this many bytes are stored beside the line, by digest, so that they can be redacted
/// without breaking the chain.
pub const BLOB_OVER: usize = 4096;
/// What a line takes besides its body.
const ROUGHLY: usize = 400;

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub seq: u64,
    pub wall: WallTime,
    pub session: SessionTime,
    pub epoch: u32,
    pub actor: Json,
    pub kind: Kind,
    pub shape: u16,
    pub body: Json,
}

/// A line with its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub seq: u64,
    pub text: Arc<str>,
    pub hash: Digest,
    /// The body, where it is stored beside the line.
    pub blob: Option<Arc<str>>,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub seq: u64,
    pub prev: Digest,
    pub wall: WallTime,
    pub session: SessionTime,
    pub epoch: u32,
    pub actor: Json,
    pub kind: Kind,
    pub shape: u16,
    pub body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Inline(Json),
    /// Stored beside the line; `bytes` is its length.
    Blob {
        digest: Digest,
        bytes: u64,
    },
}

/// Why a draft is not the next line.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    #[error("line {given} is not the next one, {expected}")]
    NotNext { expected: u64, given: u64 },
    #[error(transparent)]
    NotJson(#[from] NotJson),
}

/// A text that is not a line of a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a line of a record: {0}")]
pub struct Unreadable(pub String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read<'a> {
    seq: u64,
    prev: &'a str,
    wall: WallTime,
    session: SessionTime,
    epoch: u32,
    #[serde(borrow)]
    actor: &'a RawValue,
    kind: &'a str,
    shape: u16,
    #[serde(borrow, default, deserialize_with = "present")]
    body: Option<&'a RawValue>,
    blob: Option<&'a str>,
    bytes: Option<u64>,
}

/// A body that is there, even if it is `null`: that of a fact without particulars.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

impl Draft {
    /// The line that follows `prev`.
    pub fn follow(&self, prev: &Head) -> Result<Line, Unwritable> {
        let expected = prev.seq + 1;
        if self.seq != expected {
            return Err(Unwritable::NotNext { expected, given: self.seq });
        }
        let text = self.body.text();
        let apart = text.len() > BLOB_OVER;
        let mut line = String::with_capacity(ROUGHLY + if apart { 0 } else { text.len() });
        // By hand: everything in it is JSON already, and a million lines are written.
        let written = write!(
            line,
            r#"{{"seq":{},"prev":"{}","wall":{},"session":{},"epoch":{},"actor":{},"kind":"{}","shape":{},"#,
            self.seq,
            prev.hash.as_str(),
            self.wall.0,
            self.session.0,
            self.epoch,
            self.actor.text(),
            self.kind.as_str(),
            self.shape,
        )
        .and_then(|()| {
            if apart {
                write!(line, r#""blob":"{}","bytes":{}}}"#, Digest::of(text.as_bytes()).as_str(), text.len())
            } else {
                write!(line, r#""body":{text}}}"#)
            }
        });
        written.map_err(|why| Unwritable::NotJson(NotJson(why.to_string())))?;
        let blob = apart.then(|| Arc::from(text));
        Ok(Line { seq: self.seq, hash: Line::hash_of(&line), text: line.into(), blob })
    }
}

impl Line {
    /// The sha256 of the line's bytes, without a newline.
    pub fn hash_of(line: &str) -> Digest {
        Digest::of(line.as_bytes())
    }

    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash.clone() }
    }
}

impl Stored {
    pub fn read(line: &str) -> Result<Self, Unreadable> {
        let read: Read<'_> = serde_json::from_str(line).map_err(|why| Unreadable(why.to_string()))?;
        let bad = |why: &dyn std::fmt::Display| Unreadable(why.to_string());
        let body = match (read.body, read.blob, read.bytes) {
            (Some(body), None, None) => Body::Inline(Json::from_raw(body)),
            (None, Some(digest), Some(bytes)) => {
                Body::Blob { digest: Digest::parse(digest).map_err(|why| bad(&why))?, bytes }
            }
            _ => return Err(bad(&"it has neither a body nor the digest and length of one, or both")),
        };
        Ok(Self {
            seq: read.seq,
            prev: Digest::parse(read.prev).map_err(|why| bad(&why))?,
            wall: read.wall,
            session: read.session,
            epoch: read.epoch,
            actor: Json::from_raw(read.actor),
            kind: Kind::parse(read.kind).map_err(|why: BadKind| bad(&why))?,
            shape: read.shape,
            body,
        })
    }
}
