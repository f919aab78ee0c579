//! A stream folded by two threads says what one would say, and tells the same error first.

use golive::{
    domain::{
        course::CourseEvent,
        event::{Event, Stamped},
        rollout::RolloutEvent,
    },
    journal::{Batch, Reader, Unfolded, fold},
    record::{BLOB_OVER, Draft, FoldError, Folded, Kind, draft},
};

use super::{Place, golden, stream};

/// More than are handed over together, and no multiple of it.
const LINES: u64 = 1_000;

/// An opening, and then everything that can happen, again and again.
fn drafts(epoch: u32) -> Vec<Draft> {
    let events: Vec<Stamped> = golden::lines().map(|carried| golden::decoded(&carried).1).collect();
    let opens = |event: &Stamped| matches!(event.event, Event::Course(CourseEvent::Opened(_)));
    let opening = events.iter().find(|event| opens(event)).unwrap();
    let others = events.iter().filter(|event| !opens(event)).cycle();
    let numbered = |(seq, event): (u64, &Stamped)| {
        let mut event = Stamped { seq, epoch, ..event.clone() };
        // Some bodies are kept beside their lines.
        if let Event::Rollout(RolloutEvent::Excluded { reason, .. }) = &mut event.event {
            *reason = "as the one before. ".repeat(BLOB_OVER / 10);
        }
        draft(&event).unwrap()
    };
    (1..=LINES).zip(std::iter::once(opening).chain(others)).map(numbered).collect()
}

fn kept(change: impl FnOnce(&mut Vec<Draft>)) -> Place {
    let place = Place::new();
    let (mut store, opened) = place.filled(0);
    let mut drafts = drafts(opened.epoch);
    change(&mut drafts);
    assert!(
        drafts.iter().any(|draft| draft.body.text().len() > BLOB_OVER),
        "no body is kept beside its line"
    );
    store.append(&[Batch { stream: stream(), drafts, answers: Vec::new() }]).remove(0).unwrap();
    place
}

fn folded(place: &Place) -> Result<Folded, Unfolded> {
    fold(&Reader::open(&place.path()).unwrap(), &stream(), Folded::beginning(&stream()))
}

/// Kinds that this build does not know are written by the next one.
fn of_tomorrow(drafts: &mut [Draft], seq: usize) {
    drafts[seq - 1].kind = Kind::parse("rollout.of-tomorrow").unwrap();
}

#[test]
fn two_threads_fold_what_one_would() {
    let place = kept(|_| ());
    let reader = Reader::open(&place.path()).unwrap();
    let mut alone = Folded::beginning(&stream());
    reader
        .lines(&stream(), 0, |row| {
            alone.take(row.line, row.blob).unwrap().unwrap();
            Ok::<_, Unfolded>(())
        })
        .unwrap();
    let both = folded(&place).unwrap();
    assert_eq!((both.head(), both.head().seq), (alone.head(), LINES));
    let says = |folded: &Folded| serde_json::to_string(folded.session().unwrap()).unwrap();
    assert_eq!(says(&both), says(&alone));
    // What is there already is not taken in twice.
    let again = fold(&reader, &stream(), both).unwrap();
    assert_eq!(says(&again), says(&alone));
}

/// A line was changed far behind one that only a newer golive reads, and far before: the first is told.
#[test]
fn the_first_thing_that_is_wrong_is_told() {
    let place = kept(|drafts| of_tomorrow(drafts, 300));
    place.tamper("UPDATE events SET line = CAST('{}' AS BLOB) WHERE seq = 900", []);
    let error = folded(&place).unwrap_err();
    assert!(matches!(error, Unfolded::Fold(FoldError::Unknown { .. })), "{error}");

    place.tamper("UPDATE events SET line = CAST('{}' AS BLOB) WHERE seq = 299", []);
    let error = folded(&place).unwrap_err();
    assert!(matches!(error, Unfolded::Fold(FoldError::Broken(_))), "{error}");
}

/// One thread is stopped by the other long before the end.
#[test]
fn a_record_that_can_not_be_taken_in_is_not_read_to_its_end() {
    let place = kept(|drafts| of_tomorrow(drafts, 2));
    let error = folded(&place).unwrap_err();
    assert!(error.to_string().contains("rollout.of-tomorrow"), "{error}");
}
