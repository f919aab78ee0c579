//! A JSON value kept as its text, so that what was written is never written again in other words.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
    ser::Error as _,
};
use serde_json::value::RawValue;

/// One JSON value on one line. Checked once, where it comes from outside; what was written here needs no check.
#[derive(Clone)]
pub struct Json(Box<str>);

/// A value that can't be written as JSON, or a text that isn't JSON or isn't on one line.
#[derive(Debug, thiserror::Error)]
#[error("not a JSON value on one line: {0}")]
pub struct NotJson(pub String);

impl Json {
    /// Writes a value; the result has no line break, since JSON escapes those within strings.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, NotJson> {
        let text = serde_json::to_string(value).map_err(|why| NotJson(why.to_string()))?;
        Ok(Self(text.into()))
    }

    /// Takes a text that is one JSON value on one line.
    pub fn from_text(text: String) -> Result<Self, NotJson> {
        on_one_line(&text)?;
        let checked = Self::within(&text)?;
        // White space around it is left out.
        Ok(if checked.text().len() == text.len() { Self(text.into()) } else { checked })
    }

    /// A value within a text that was written here, and so is on one line.
    pub(super) fn within(text: &str) -> Result<Self, NotJson> {
        let checked: &RawValue = serde_json::from_str(text).map_err(|why| NotJson(why.to_string()))?;
        Ok(Self::from_raw(checked))
    }

    pub fn read<T: DeserializeOwned>(&self) -> Result<T, NotJson> {
        serde_json::from_str(self.text()).map_err(|why| NotJson(why.to_string()))
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    pub(super) fn from_raw(raw: &RawValue) -> Self {
        Self(raw.get().into())
    }
}

fn on_one_line(text: &str) -> Result<(), NotJson> {
    let broken = text.bytes().any(|byte| matches!(byte, b'\n' | b'\r'));
    if broken { Err(NotJson("it has a line break".into())) } else { Ok(()) }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        on_one_line(raw.get()).map_err(D::Error::custom)?;
        Ok(Self(raw.into()))
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
