//! A value as few bytes, for the same build only: nothing names its fields or kinds, so that reading is quick and
//! another build would misread it. Never digested, never exported.
//!
//! | what | bytes |
//! |---|---|
//! | whole number | seven bits a byte, the lowest first; the top bit says that more follow; signed ones zigzag |
//! | text | its number among the words so far, from 1; or 0, its length and itself. Short ones become words: a fleet says the same few ten thousand times |
//! | list, table | length, then what is in it |
//! | struct | a byte, then its fields in order. The byte is 0 where all were written. Else one was left out (`skip_serializing_if`): the byte is that one's place, from 1, and from there on a byte before each field says whether it is there |
//! | enum | number of the kind, then what it carries |

use serde::{Deserialize, Serialize};

use super::{error::Unpackable, read::Reader, write::Writer};

/// The bytes of a value.
pub fn pack<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Unpackable> {
    let mut writer = Writer::default();
    value.serialize(&mut writer)?;
    Ok(writer.bytes())
}

/// The value of these bytes, which have to be of this build.
pub fn unpack<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Unpackable> {
    let mut reader = Reader::new(bytes);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}
