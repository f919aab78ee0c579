//! Stored shapes: what this build knows, what it brings up to date, and what it leaves alone.

use golive::record::{Decoded, Kind, Shape, Shapes, decode, encode};
use serde::{Deserialize, Serialize};

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Whole {
    Rollout(Lane),
    Course(Course),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Lane {
    LaneStarted { host: String, tries: u32 },
    Held,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Course {
    Said(String),
    Moved(u32, u32),
}

const CHANGED: &[Shape] = &[Shape {
    kind: "rollout.lane-started",
    upgrades: &[
        |mut body| {
            let name = body.get_mut("name").map(serde_json::Value::take).ok_or("it has no name")?;
            Ok(json!({ "host": name }))
        },
        |mut body| {
            body["tries"] = 1.into();
            Ok(body)
        },
    ],
}];

fn read(kind: &str, shape: u16, body: &serde_json::Value) -> Result<Decoded<Whole>, String> {
    let shapes = Shapes::of::<Whole>(CHANGED);
    decode(&shapes, &Kind::parse(kind).unwrap(), shape, &Json::of(body).unwrap())
        .map_err(|why| why.to_string())
}

#[test]
fn the_kinds_are_those_of_the_enum_itself() {
    let shapes = Shapes::of::<Whole>(CHANGED);
    let kinds: Vec<_> = shapes.kinds().map(|(kind, shape)| (kind.to_string(), shape)).collect();
    let wanted = [("course.moved", 1), ("course.said", 1), ("rollout.held", 1), ("rollout.lane-started", 3)];
    assert_eq!(kinds, wanted.map(|(kind, shape)| (kind.to_owned(), shape)));
}

#[test]
fn every_form_of_a_fact_comes_back_as_it_was() {
    let shapes = Shapes::of::<Whole>(CHANGED);
    let all = [
        Whole::Rollout(Lane::LaneStarted { host: "we\"b\":{\n}-\u{1F680}".into(), tries: 3 }),
        Whole::Rollout(Lane::Held),
        Whole::Course(Course::Said("\"}".into())),
        Whole::Course(Course::Moved(1, 2)),
    ];
    for event in all {
        let (kind, body) = encode(&event).unwrap();
        let shape = shapes.current(&kind).unwrap();
        assert_eq!(decode::<Whole>(&shapes, &kind, shape, &body).unwrap(), Decoded::Known(event));
    }
    let (kind, body) = encode(&Whole::Rollout(Lane::Held)).unwrap();
    assert_eq!((kind.as_str(), body.text()), ("rollout.held", "null"));
}

#[test]
fn old_shapes_are_brought_up_to_date_step_by_step() {
    let now = |tries| Decoded::Known(Whole::Rollout(Lane::LaneStarted { host: "web-01".into(), tries }));
    assert_eq!(read("rollout.lane-started", 1, &json!({ "name": "web-01" })), Ok(now(1)));
    assert_eq!(read("rollout.lane-started", 2, &json!({ "host": "web-01" })), Ok(now(1)));
    assert_eq!(read("rollout.lane-started", 3, &json!({ "host": "web-01", "tries": 2 })), Ok(now(2)));
    assert!(read("rollout.lane-started", 1, &json!({})).unwrap_err().contains("it has no name"));
}

#[test]
fn what_a_newer_build_wrote_is_unknown_and_not_an_error() {
    let unknown =
        |kind: &str, shape, known| Ok(Decoded::Unknown { kind: Kind::parse(kind).unwrap(), shape, known });
    assert_eq!(read("rollout.lane-started", 4, &json!({})), unknown("rollout.lane-started", 4, Some(3)));
    assert_eq!(read("rollout.teleported", 1, &json!({})), unknown("rollout.teleported", 1, None));
    assert_eq!(read("rollout.held", 0, &json!(null)), unknown("rollout.held", 0, Some(1)));
}

#[test]
fn a_body_that_is_not_of_its_shape_is_an_error_that_names_it() {
    let why = read("rollout.lane-started", 3, &json!({ "host": 7 })).unwrap_err();
    assert!(why.contains("rollout.lane-started shape 3"), "{why}");
}

#[test]
fn what_is_no_two_level_enum_is_not_stored() {
    assert!(encode(&json!({ "a": 1 })).is_err());
    assert!(encode(&json!("word")).is_err());
    assert!(encode(&json!({ "Part": { "fact": 1 } })).is_err());
    assert!(encode(&json!({ "part": { "fact": 1, "other": 2 } })).is_err());
}
