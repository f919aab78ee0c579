//! A JSON value kept as its text, so that what was written is never written again in other words.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};
use serde_json::value::RawValue;

/// One JSON value on one line.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

/// A value that can't be written as JSON, or a text that isn't JSON or isn't on one line.
#[derive(Debug, thiserror::Error)]
#[error("not a JSON value on one line: {0}")]
pub struct NotJson(pub String);

impl Json {
    /// Writes a value; the result has no line break, since JSON escapes those within strings.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, NotJson> {
        let text = serde_json::to_string(value).map_err(|why| NotJson(why.to_string()))?;
        Self::from_text(text)
    }

    /// Takes a text that is one JSON value on one line.
    pub fn from_text(text: String) -> Result<Self, NotJson> {
        if text.contains(['\n', '\r']) {
            return Err(NotJson("it has a line break".into()));
        }
        RawValue::from_string(text).map(Self).map_err(|why| NotJson(why.to_string()))
    }

    pub fn read<T: DeserializeOwned>(&self) -> Result<T, NotJson> {
        serde_json::from_str(self.0.get()).map_err(|why| NotJson(why.to_string()))
    }

    pub fn text(&self) -> &str {
        self.0.get()
    }

    pub(super) fn raw(&self) -> &RawValue {
        &self.0
    }

    pub(super) fn from_raw(raw: &RawValue) -> Self {
        Self(raw.to_owned())
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        if raw.get().contains(['\n', '\r']) {
            return Err(D::Error::custom("a JSON value with a line break, where one line is wanted"));
        }
        Ok(Self(raw))
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
