//! Broken ends, and what opening makes of them.

use golive::journal::{JournalError, Verdict, verify};
use proptest::prelude::*;

use super::*;

#[test]
fn a_broken_tail_is_cut_off_reported_and_kept_aside() {
    let place = Place::new();
    drop(place.filled(10));
    place.tamper("UPDATE events SET line = zeroblob(200) WHERE seq >= 9", []);
    let mut store = place.store();
    let opened = store.open_stream(&stream(), WallTime(0)).unwrap();
    let cut = opened.cut.unwrap();
    assert_eq!((cut.from, cut.lines, opened.head.seq), (9, 2, 8));
    append(&mut store, opened.epoch, [9]);
    assert!(matches!(verify(&place.path(), &stream(), None).unwrap(), Verdict::Intact { .. }));
    let kept: i64 = rusqlite::Connection::open(place.path())
        .unwrap()
        .query_row("SELECT count(*) FROM cut WHERE seq >= 9", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 2);
}

#[test]
fn a_broken_line_with_sound_ones_after_it_is_no_tail_and_the_stream_is_not_written_to() {
    let place = Place::new();
    drop(place.filled(10));
    place
        .tamper("UPDATE events SET line = CAST(replace(line, 'web-05', 'web-50') AS BLOB) WHERE seq = 5", []);
    let refused = place.store().open_stream(&stream(), WallTime(0)).unwrap_err();
    assert!(matches!(refused, JournalError::Broken { seq: 5, .. }), "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever a crash leaves of the write-ahead log: what opens is a prefix of what was written, whole.
    #[test]
    fn any_prefix_of_the_log_opens_as_a_prefix_of_the_record(kept in 0.0..1.0f64, batches in 1..8u64) {
        let place = Place::new();
        let (mut store, opened) = place.filled(0);
        let mut heads = vec![opened.head];
        for number in 0..batches {
            heads.push(append(&mut store, opened.epoch, number * 3 + 1..=number * 3 + 3).head);
        }
        // The files as they are on the disk while the conductor still runs, the log cut anywhere.
        let crashed = Place::new();
        std::fs::copy(place.path(), crashed.path()).unwrap();
        let log = std::fs::read(place.path().with_extension("db-wal")).unwrap();
        let length = (log.len() as f64 * kept) as usize;
        std::fs::write(crashed.path().with_extension("db-wal"), &log[..length]).unwrap();
        drop(store);

        // So little may be left that there are no tables yet: then they are made.
        let reopened = crashed.store().open_stream(&stream(), WallTime(0)).unwrap();
        prop_assert!(heads.contains(&reopened.head), "{:?}", reopened.head);
        prop_assert_eq!(reopened.cut, None);
        let verdict = verify(&crashed.path(), &stream(), None).unwrap();
        prop_assert!(matches!(verdict, Verdict::Intact { .. }), "{:?}", verdict);
    }

    /// Any number of lines may have reached the disk: each prefix opens and goes on.
    #[test]
    fn any_prefix_of_a_record_opens_and_is_continued(count in 0..40u64, kept in 0..40u64) {
        let kept = kept.min(count);
        let place = Place::new();
        drop(place.filled(count));
        rusqlite::Connection::open(place.path())
            .unwrap()
            .execute("DELETE FROM events WHERE seq > ?1", [kept.cast_signed()])
            .unwrap();
        let mut store = place.store();
        let opened = store.open_stream(&stream(), WallTime(0)).unwrap();
        prop_assert_eq!((opened.head.seq, &opened.cut), (kept, &None));
        append(&mut store, opened.epoch, [kept + 1]);
        let verdict = verify(&place.path(), &stream(), None).unwrap();
        prop_assert!(matches!(verdict, Verdict::Intact { .. }), "{:?}", verdict);
    }
}
