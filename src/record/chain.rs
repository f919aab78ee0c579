//! The hash chain of a stream: every line names the hash of the line before it.
//!
//! The first line names the hash of the stream's name, so that a record can't be passed off as another's:
//! `printf 'golive\n%s\n' NAME | sha256sum`. Every further one: `sed -n 1p FILE | tr -d '\n' | sha256sum`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::line::{Line, Stored, Unreadable};
use crate::domain::name::Digest;

/// The end of a chain: the number of its last line and that line's hash. Number 0 is the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub seq: u64,
    pub hash: Digest,
}

impl Head {
    /// The head of a stream in which nothing has been written.
    pub fn beginning(stream: &str) -> Self {
        Self { seq: 0, hash: Digest::of(format!("golive\n{stream}\n").as_bytes()) }
    }
}

impl fmt::Display for Head {
    /// `1042:9f3c…` with all 64 digits: what declarations and reports print and `--head` reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// A text that is not a head.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a head: write the number and the 64 digits as they were printed, 1042:9f3c…")]
pub struct BadHead(String);

impl FromStr for Head {
    type Err = BadHead;

    fn from_str(text: &str) -> Result<Self, BadHead> {
        let bad = || BadHead(text.chars().take(80).collect());
        let (seq, hash) = text.trim().split_once(':').ok_or_else(bad)?;
        Ok(Self { seq: seq.parse().map_err(|_| bad())?, hash: Digest::parse(hash).map_err(|_| bad())? })
    }
}

/// Why a line is not the next of its chain.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    #[error("{0}")]
    Unreadable(Unreadable),
    #[error("its number is {found}, expected {expected}")]
    Seq { expected: u64, found: u64 },
    #[error("it was changed: it and its neighbour do not fit together")]
    Prev,
    #[error("it was changed: its hash is not the one it was stored with")]
    Changed,
    #[error("its body was changed: it does not have the digest that the line names")]
    Body,
    #[error("its body is gone and no redaction was noted")]
    BodyGone,
    #[error("it is not the line of the given head")]
    OtherHead,
}

/// A line that follows the one before it.
#[derive(Debug)]
pub struct Followed {
    pub stored: Stored,
    /// The chain's end with it.
    pub head: Head,
}

/// Walks along a chain.
#[derive(Clone, Debug)]
pub struct Chain {
    head: Head,
}

impl Chain {
    pub fn from(head: Head) -> Self {
        Self { head }
    }

    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Takes the next line, and returns what it says; the chain stands where it was if it is not the next one.
    pub fn follow(&mut self, line: &str) -> Result<Stored, Break> {
        self.follow_hashed(line, Line::hash_of(line))
    }

    /// As `follow`, with the line's place in the chain.
    pub fn next(&mut self, line: &str) -> Result<Followed, Break> {
        let stored = self.follow(line)?;
        Ok(Followed { stored, head: self.head.clone() })
    }

    /// As `follow`, where the line's hash is known already.
    pub fn follow_hashed(&mut self, line: &str, hash: Digest) -> Result<Stored, Break> {
        let stored = Stored::read(line).map_err(Break::Unreadable)?;
        let expected = self.head.seq + 1;
        if stored.seq != expected {
            return Err(Break::Seq { expected, found: stored.seq });
        }
        if stored.prev != self.head.hash {
            return Err(Break::Prev);
        }
        self.head = Head { seq: expected, hash };
        Ok(stored)
    }
}
