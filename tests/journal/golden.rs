//! One stored line of every kind and shape there has ever been, in `golden/`. They decode for ever: a line there
//! is never changed or taken out. A new event, or a new shape of one, adds a line.

use std::collections::BTreeSet;

use golive::{
    domain::event::Stamped,
    record::{Decoded, Stored, draft, kinds, shapes, stamped},
    wire::Carried,
};

const GOLDEN: [&str; 12] = [
    include_str!("golden/checklist.jsonl"),
    include_str!("golden/course.jsonl"),
    include_str!("golden/drill.jsonl"),
    include_str!("golden/effect.jsonl"),
    include_str!("golden/lock.jsonl"),
    include_str!("golden/notice.jsonl"),
    include_str!("golden/operation.jsonl"),
    include_str!("golden/pipeline.jsonl"),
    include_str!("golden/poll.jsonl"),
    include_str!("golden/project.jsonl"),
    include_str!("golden/rollout.jsonl"),
    include_str!("golden/signal.jsonl"),
];

/// Each line with the body beside it, if it has one.
pub fn lines() -> impl Iterator<Item = Carried> {
    GOLDEN.iter().flat_map(|file| file.lines()).map(|row| serde_json::from_str(row).unwrap())
}

pub fn decoded(carried: &Carried) -> (Stored, Stamped) {
    let stored = Stored::read(carried.line.text()).unwrap();
    let beside = carried.body.as_ref().map(golive::record::Json::text);
    match stamped(&stored, beside).unwrap_or_else(|why| panic!("{}: {why}", stored.kind)) {
        Decoded::Known(event) => (stored, event),
        unknown @ Decoded::Unknown { .. } => panic!("{unknown:?}"),
    }
}

#[test]
fn every_line_that_was_ever_stored_still_reads() {
    for carried in lines() {
        let (stored, event) = decoded(&carried);
        assert_eq!((event.seq, event.epoch, event.now.wall), (stored.seq, stored.epoch, stored.wall));
    }
}

/// What is read and written again in the current shape is the same to the byte: nothing is lost on the way.
#[test]
fn every_line_of_a_current_shape_is_written_again_as_it_was_read() {
    for carried in lines() {
        let (stored, event) = decoded(&carried);
        if Some(stored.shape) != shapes().current(&stored.kind) {
            continue;
        }
        let again = draft(&event).unwrap();
        let body = match &stored.body {
            golive::record::Body::Inline(body) => body.clone(),
            golive::record::Body::Blob { .. } => carried.body.clone().unwrap(),
        };
        assert_eq!(again.body.text(), body.text(), "{}", stored.kind);
        assert_eq!((again.kind, again.shape, again.actor), (stored.kind, stored.shape, stored.actor));
    }
}

#[test]
fn every_event_has_a_line_for_each_of_its_shapes() {
    let there: BTreeSet<_> = lines()
        .map(|carried| Stored::read(carried.line.text()).unwrap())
        .map(|stored| (stored.kind, stored.shape))
        .collect();
    assert!(kinds::<golive::domain::event::Event>().len() > 60, "the events are found by asking serde");
    for (kind, current) in shapes().kinds() {
        for shape in 1..=current {
            assert!(there.contains(&(kind.clone(), shape)), "no golden line of {kind} shape {shape}");
        }
    }
}
