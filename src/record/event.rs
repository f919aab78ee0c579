//! The events of a go-live as stored lines, and back.

use std::sync::LazyLock;

use serde_json::Value;

use super::{
    codec::{BadEvent, Decoded, decode, encode},
    json::{Json, NotJson},
    line::{Body, Draft, Stored},
    shape::{Shape, Shapes},
};
use crate::domain::{
    event::{Event, Stamped},
    time::Now,
};

/// Kinds whose shape has changed since they were first stored. To change one: change the event, add the function
/// that turns the last shape into the new one, and add a line of the new shape to the golden files. A line there
/// is never changed or taken out.
const CHANGED: &[Shape] = &[
    // The second can end PARTIAL, the third superseded.
    Shape { kind: "course.closed", upgrades: &[Ok, Ok] },
    Shape { kind: "project.session-ended", upgrades: &[Ok, Ok] },
    Shape { kind: "course.verified", upgrades: &[|_| Ok(serde_json::json!({ "untested": null }))] },
    // The third can say that a host is down by the balancer's own check, the fourth when its agent looked.
    Shape { kind: "rollout.unit-seen", upgrades: &[|body| Ok(nothing_ended(body, "/seen")), Ok, Ok] },
    // The second can name a unit's place in the pool, the third how requests are shared out: an older golive knows
    // neither.
    // The fourth can prove that a host is stopped, the fifth replace one and ask a tool since when, the sixth set what
    // agents read, the seventh names the keys that may be replaced, the eighth runs a command once, the ninth looks for what a
    // conductor left behind and counts one region alone.
    Shape { kind: "effect.started", upgrades: &[Ok, Ok, Ok, Ok, Ok, |body| Ok(over_no_key(body)), Ok, Ok] },
    // The second can be a drill's.
    Shape { kind: "signal.run-asked", upgrades: &[Ok] },
    Shape { kind: "effect.ended", upgrades: &[|body| Ok(nothing_ended(body, "/outcome/seen")), Ok, Ok, Ok] },
    // The eighth says which hosts wait for which others, the ninth knows what runs once, the tenth goes one region at a
    // time.
    Shape {
        kind: "pipeline.stage-started",
        upgrades: &[one_batch, batch_by_batch, Ok, Ok, Ok, Ok, Ok, Ok, Ok],
    },
    // Hosts can wait for each other. The third knows soaks, and sides that are kept warm, as the fifth above; the fourth
    // hosts that agents change, as the sixth above; the fifth traffic that shifts from one cloud to another, as the seventh.
    // The sixth can run a command once, as the ninth above; the seventh begins a region, as the tenth.
    Shape { kind: "pipeline.step-began", upgrades: &[Ok, Ok, Ok, Ok, Ok, Ok] },
];

/// A stage took its hosts as one batch, of which none might fail.
fn one_batch(mut body: Value) -> Result<Value, String> {
    let hosts = body.get("units").and_then(Value::as_array).map(Vec::len);
    let hosts = hosts.ok_or("it names no units")?;
    if let Some(body) = body.as_object_mut() {
        body.insert("batches".into(), serde_json::json!([{ "hosts": hosts, "tolerates": 0 }]));
    }
    Ok(body)
}

/// A stage took its batches one after another, and did nothing else.
fn batch_by_batch(mut body: Value) -> Result<Value, String> {
    let batches = body.get("batches").and_then(Value::as_array).map(Vec::len).ok_or("it names no batches")?;
    let step = |batch| serde_json::json!({ "deploy": { "batch": batch, "weight": null } });
    if let Some(body) = body.as_object_mut() {
        body.insert("steps".into(), (0..batches).map(step).collect());
    }
    Ok(body)
}

/// What was seen of a unit did not say whether its process had ended by itself.
fn nothing_ended(mut body: Value, place: &str) -> Value {
    if let Some(seen) = body.pointer_mut(place).and_then(Value::as_object_mut) {
        seen.insert("ended".into(), Value::Null);
    }
    body
}

/// A wish allowed revisions of whatever key had them: of no key it is known that somebody was shown it.
fn over_no_key(mut body: Value) -> Value {
    if let Some(wish) = body.pointer_mut("/effect/work/desire/wish").and_then(Value::as_object_mut) {
        wish.insert("over".into(), Value::Array(Vec::new()));
    }
    body
}

/// What this build reads and writes.
pub fn shapes() -> &'static Shapes {
    static SHAPES: LazyLock<Shapes> = LazyLock::new(|| Shapes::of::<Event>(CHANGED));
    &SHAPES
}

/// Why a stored event can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    #[error("line {seq}: {source}")]
    Event { seq: u64, source: BadEvent },
    #[error("line {seq}: the actor does not read: {source}")]
    Actor { seq: u64, source: NotJson },
    #[error(
        "line {seq}: the body is kept beside the line and was redacted or lost, so what follows from it is not known"
    )]
    NoBody { seq: u64 },
}

/// The event as it is to be written.
pub fn draft(event: &Stamped) -> Result<Draft, BadEvent> {
    let (kind, body) = encode(&event.event)?;
    let shape = shapes().current(&kind).ok_or_else(|| BadEvent::Form(kind.to_string()))?;
    Ok(Draft {
        seq: event.seq,
        wall: event.now.wall,
        session: event.now.session,
        epoch: event.epoch,
        actor: Json::of(&event.actor)?,
        kind,
        shape,
        body,
    })
}

/// The event that a line stored. `beside` is the body, for a line that does not hold its own.
pub fn stamped(stored: &Stored, beside: Option<&str>) -> Result<Decoded<Stamped>, Undecodable> {
    let seq = stored.seq;
    let event = |source| Undecodable::Event { seq, source };
    let apart;
    let body = match (&stored.body, beside) {
        (Body::Inline(body), _) => body,
        (Body::Blob { .. }, Some(text)) => {
            apart = Json::from_text(text.to_owned()).map_err(|why| event(why.into()))?;
            &apart
        }
        (Body::Blob { .. }, None) => return Err(Undecodable::NoBody { seq }),
    };
    Ok(match decode::<Event>(shapes(), &stored.kind, stored.shape, body).map_err(event)? {
        Decoded::Unknown { kind, shape, known } => Decoded::Unknown { kind, shape, known },
        Decoded::Known(event) => Decoded::Known(Stamped {
            seq,
            now: Now { wall: stored.wall, session: stored.session },
            epoch: stored.epoch,
            actor: stored.actor.read().map_err(|source| Undecodable::Actor { seq, source })?,
            event,
        }),
    })
}
