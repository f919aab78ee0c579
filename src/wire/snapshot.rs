//! A folded session on its way to a client of the same build: its bytes in parts that fit into frames.

use serde::{Deserialize, Serialize};

use crate::{domain::name::SessionId, record::Head};

/// Bytes of state in a part. As text they are a third more.
const PART: usize = 3 << 18;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotPart {
    pub session: SessionId,
    /// The last line that is folded into it.
    pub head: Head,
    /// Counts from 1 to `of`.
    pub part: u32,
    pub of: u32,
    #[serde(with = "text")]
    pub bytes: Vec<u8>,
}

/// Parts for which room is made beforehand.
const MANY: u32 = 64;

/// Cuts a state into parts.
pub fn parts(session: &SessionId, head: &Head, state: &[u8]) -> Vec<SnapshotPart> {
    let of = state.len().div_ceil(PART).max(1) as u32;
    let bytes = |part: u32| {
        let from = (part as usize - 1) * PART;
        state[from..state.len().min(from + PART)].to_vec()
    };
    let part =
        |part| SnapshotPart { session: session.clone(), head: head.clone(), part, of, bytes: bytes(part) };
    (1..=of).map(part).collect()
}

/// Puts the parts together again.
#[derive(Debug, Default)]
pub struct Assembly {
    last: Option<SnapshotPart>,
    bytes: Vec<u8>,
}

impl Assembly {
    /// Takes the next part; the whole state with the last one. A part that does not follow begins anew with it,
    /// and counts only if it is a first one: a snapshot that was overtaken by another is never mixed with it.
    pub fn add(&mut self, mut part: SnapshotPart) -> Option<(Head, Vec<u8>)> {
        let follows = self.last.take().is_some_and(|last| {
            (&last.session, &last.head, last.of, last.part + 1)
                == (&part.session, &part.head, part.of, part.part)
        });
        if !follows {
            self.bytes.clear();
            if part.part != 1 {
                return None;
            }
            self.bytes.reserve(PART * (part.of.min(MANY) as usize));
        }
        self.bytes.append(&mut part.bytes);
        if part.part == part.of {
            return Some((part.head, std::mem::take(&mut self.bytes)));
        }
        self.last = Some(part);
        None
    }
}

/// Bytes as text that needs no escapes: messages are JSON.
mod text {
    use std::fmt;

    use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
    use serde::{Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_str(Text)
    }

    /// Decodes the text where it stands: it is a megabyte, and the first screen waits for it.
    struct Text;

    impl de::Visitor<'_> for Text {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes as text")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
            STANDARD_NO_PAD.decode(text.as_bytes()).map_err(E::custom)
        }
    }
}
