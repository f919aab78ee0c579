//! A folded session on its way to a client of the same build: its JSON in parts that fit into frames.

use serde::{Deserialize, Serialize};

use crate::{domain::name::SessionId, record::Head};

/// Bytes of state in a part. JSON within JSON grows at most sixfold (control characters), commonly by a tenth.
const PART: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotPart {
    pub session: SessionId,
    /// The last line that is folded into it.
    pub head: Head,
    /// Counts from 1 to `of`.
    pub part: u32,
    pub of: u32,
    pub text: String,
}

/// Cuts a state into parts.
pub fn parts(session: &SessionId, head: &Head, mut state: &str) -> Vec<SnapshotPart> {
    let mut texts = Vec::new();
    loop {
        let (text, rest) = state.split_at(state.floor_char_boundary(PART));
        texts.push(text.to_owned());
        state = rest;
        if state.is_empty() {
            break;
        }
    }
    let of = texts.len() as u32;
    let part = |(text, part)| SnapshotPart { session: session.clone(), head: head.clone(), part, of, text };
    texts.into_iter().zip(1..).map(part).collect()
}

/// Puts the parts together again.
#[derive(Debug, Default)]
pub struct Assembly {
    parts: Vec<SnapshotPart>,
}

impl Assembly {
    /// Takes the next part; the whole text with the last one. A part that does not follow begins anew with it,
    /// and counts only if it is a first one: a snapshot that was overtaken by another is never mixed with it.
    pub fn add(&mut self, part: SnapshotPart) -> Option<(Head, String)> {
        let follows = self.parts.last().is_some_and(|last| {
            (&last.session, &last.head, last.of, last.part + 1)
                == (&part.session, &part.head, part.of, part.part)
        });
        if !follows {
            self.parts.clear();
            if part.part != 1 {
                return None;
            }
        }
        let (done, head) = (part.part == part.of, part.head.clone());
        self.parts.push(part);
        done.then(|| (head, self.parts.drain(..).map(|part| part.text).collect()))
    }
}
