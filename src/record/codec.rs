//! Between an event, a two-level enum in serde's external tagging, and its stored kind and body:
//! `{"rollout":{"lane-started":{…}}}` is stored as kind `rollout.lane-started` with the innermost value as
//! its body.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    json::{Json, NotJson},
    kind::Kind,
    shape::Shapes,
};

/// An event that can't be written, or a body that does not have the shape that its kind and version promise.
#[derive(Debug, thiserror::Error)]
pub enum BadEvent {
    #[error("the event is not of the form part.fact: {0}")]
    Form(String),
    #[error("a body of {kind} shape {shape} does not read: {why}")]
    Body { kind: Kind, shape: u16, why: String },
    #[error(transparent)]
    Json(#[from] NotJson),
}

/// What became of a stored event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded<T> {
    Known(T),
    /// Written by a newer build: the session opens read-only until golive is as new. `known` is the newest
    /// version that this build reads.
    Unknown {
        kind: Kind,
        shape: u16,
        known: Option<u16>,
    },
}

/// The kind and body of an event.
pub fn encode<T: Serialize>(event: &T) -> Result<(Kind, Json), BadEvent> {
    let text = serde_json::to_string(event).map_err(|why| NotJson(why.to_string()))?;
    split(&text)
        .and_then(|(part, fact, body)| Some((Kind::parse(&format!("{part}.{fact}")).ok()?, body)))
        .ok_or_else(|| BadEvent::Form(text.chars().take(80).collect()))
        .and_then(|(kind, body)| Ok((kind, Json::within(body)?)))
}

/// Takes serde's compact external tagging apart: `{"part":{"fact":body}}` or `{"part":"fact"}`.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (part, inner) = text.strip_prefix("{\"")?.strip_suffix('}')?.split_once("\":")?;
    if let Some(fact) = inner.strip_prefix('"') {
        return Some((part, fact.strip_suffix('"')?, "null"));
    }
    let (fact, body) = inner.strip_prefix("{\"")?.strip_suffix('}')?.split_once("\":")?;
    Some((part, fact, body))
}

/// The event of a stored kind and body, brought up to date if it was stored in an older shape.
pub fn decode<T: DeserializeOwned>(
    shapes: &Shapes,
    kind: &Kind,
    shape: u16,
    body: &Json,
) -> Result<Decoded<T>, BadEvent> {
    let Some(upgrades) = shapes.upgrades(kind, shape) else {
        return Ok(Decoded::Unknown { kind: kind.clone(), shape, known: shapes.current(kind) });
    };
    let bad = |why: String| BadEvent::Body { kind: kind.clone(), shape, why };
    let brought_up;
    let mut text = body.text();
    if !upgrades.is_empty() {
        let value = serde_json::from_str(text).map_err(|why| bad(why.to_string()))?;
        let value = upgrades.iter().try_fold(value, |value, upgrade| upgrade(value)).map_err(bad)?;
        brought_up = value.to_string();
        text = &brought_up;
    }
    let (part, fact) = kind.words();
    let whole = format!("{{\"{part}\":{{\"{fact}\":{text}}}}}");
    serde_json::from_str(&whole).map(Decoded::Known).map_err(|why| bad(why.to_string()))
}
