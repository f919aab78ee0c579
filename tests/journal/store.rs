//! What the store keeps, refuses and forgets.

use std::os::unix::fs::PermissionsExt;

use golive::{
    domain::{name::Digest, time::Span},
    journal::{AppendError, Blob, JournalError, Reader, Sample, Series, Snapshot, Verdict, verify},
};

use super::*;

#[test]
fn what_was_appended_is_there_when_it_is_opened_again() {
    let place = Place::new();
    let (store, opened) = place.filled(3);
    drop(store);
    let again = place.store().open_stream(&stream(), WallTime(1)).unwrap();
    assert_eq!((again.head, again.cut), (opened.head, None));
    let mut seen = Vec::new();
    Reader::open(&place.path())
        .unwrap()
        .lines(&stream(), 1, |row| {
            seen.push((row.seq, row.line.contains(&format!("web-{:02}", row.seq))));
            Ok::<_, JournalError>(())
        })
        .unwrap();
    assert_eq!(seen, [(2, true), (3, true)]);
}

#[test]
fn whoever_opened_a_stream_before_writes_no_more() {
    let place = Place::new();
    let (mut old, before) = place.filled(1);
    let mut new = place.store();
    let after = new.open_stream(&stream(), WallTime(0)).unwrap();
    assert_eq!(after.epoch, before.epoch + 1);
    let refused = old.append(&[batch(before.epoch, [2])]).remove(0).unwrap_err();
    assert!(matches!(refused, AppendError::Fenced { given: 1, now: 2, .. }), "{refused}");
    // Not even if it learns the new epoch: it did not open the stream under it.
    assert!(old.append(&[batch(after.epoch, [2])])[0].is_err());
    append(&mut new, after.epoch, [2]);
}

#[test]
fn a_line_that_is_not_the_next_is_refused_and_the_ones_beside_it_are_written() {
    let place = Place::new();
    let (mut store, opened) = place.filled(2);
    let said = store.append(&[batch(opened.epoch, [4]), batch(opened.epoch, [3]), batch(opened.epoch, [5])]);
    assert!(matches!(said[0], Err(AppendError::NotNext { given: 4, expected: 3, .. })));
    assert_eq!(said[1].as_ref().unwrap().head.seq, 3);
    assert!(matches!(said[2], Err(AppendError::NotNext { given: 5, expected: 4, .. })));
    assert!(matches!(verify(&place.path(), &stream(), None).unwrap(), Verdict::Intact { .. }));
}

#[test]
fn streams_have_chains_of_their_own() {
    let place = Place::new();
    let (mut store, _) = place.filled(2);
    let other: Arc<str> = golive::journal::PROJECT.into();
    let opened = store.open_stream(&other, WallTime(5)).unwrap();
    let said = store.append(&[Batch {
        stream: other.clone(),
        drafts: vec![draft(1, opened.epoch)],
        answers: Vec::new(),
    }]);
    assert_eq!(said[0].as_ref().unwrap().head.seq, 1);
    let streams = Reader::open(&place.path()).unwrap().streams().unwrap();
    let heads: Vec<_> = streams.iter().map(|it| (&*it.name, it.head.seq, it.created)).collect();
    assert_eq!(heads, [("shop-2.5.0", 2, WallTime(0)), ("project", 1, WallTime(5))]);
}

#[test]
fn the_journal_is_its_owners_alone() {
    let place = Place::new();
    let (_store, _) = place.filled(1);
    for entry in std::fs::read_dir(place.dir.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
}

#[test]
fn a_file_that_is_no_journal_or_a_newer_one_is_refused_and_left_as_it_is() {
    let place = Place::new();
    std::fs::write(place.path(), "a text of somebody's\n".repeat(100)).unwrap();
    assert!(matches!(Store::open(&place.path()), Err(JournalError::Foreign { .. })));
    assert!(matches!(Reader::open(&place.path()), Err(JournalError::Foreign { .. })));
    std::fs::remove_file(place.path()).unwrap();
    rusqlite::Connection::open(place.path()).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert!(matches!(Store::open(&place.path()), Err(JournalError::Foreign { .. })));
    std::fs::remove_file(place.path()).unwrap();
    drop(place.filled(1));
    rusqlite::Connection::open(place.path()).unwrap().pragma_update(None, "user_version", 2).unwrap();
    assert!(matches!(Store::open(&place.path()), Err(JournalError::Newer { found: 2, .. })));
}

#[test]
fn reading_makes_no_journal_where_there_is_none() {
    let place = Place::new();
    assert!(Reader::open(&place.path()).is_err());
    assert!(!place.path().exists());
}

#[test]
fn a_redacted_body_is_gone_from_the_disk_and_the_record_stays_intact() {
    let place = Place::new();
    let mut store = place.store();
    let opened = store.open_stream(&stream(), WallTime(0)).unwrap();
    let long = json!({ "output": format!("the password is hunter2 {}", "x".repeat(5_000)) });
    let drafts = vec![draft_with(1, opened.epoch, &long)];
    let line = store
        .append(&[Batch { stream: stream(), drafts, answers: Vec::new() }])
        .remove(0)
        .unwrap()
        .lines
        .remove(0);
    let digest = Digest::of(line.blob.unwrap().as_bytes());
    let reader = Reader::open(&place.path()).unwrap();
    assert!(matches!(reader.blob(&digest).unwrap(), Blob::Kept(body) if body.contains("hunter2")));
    drop(reader);

    assert!(store.redact(&digest, WallTime(9), "a password").unwrap());
    assert!(!store.redact(&digest, WallTime(9), "again").unwrap());
    let reader = Reader::open(&place.path()).unwrap();
    assert_eq!(reader.blob(&digest).unwrap(), Blob::Redacted { wall: WallTime(9), why: "a password".into() });
    assert!(matches!(verify(&place.path(), &stream(), None).unwrap(), Verdict::Intact { redacted: 1, .. }));
    for entry in std::fs::read_dir(place.dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(7).any(|window| window == b"hunter2"));
    }
}

#[test]
fn a_snapshot_that_is_damaged_or_of_another_build_is_passed_over() {
    let place = Place::new();
    let (mut store, opened) = place.filled(2);
    let first = Snapshot { head: opened.head, state: b"two".to_vec() };
    store.keep_snapshot(&stream(), "build 1", &first).unwrap();
    let second = Snapshot { head: append(&mut store, opened.epoch, [3]).head, state: b"three".to_vec() };
    store.keep_snapshot(&stream(), "build 1", &second).unwrap();
    let newest = || Reader::open(&place.path()).unwrap().snapshot(&stream(), "build 1").unwrap();
    assert_eq!(newest(), Some(second));
    place.tamper("UPDATE snapshots SET state = x'00' WHERE seq = 3", []);
    assert_eq!(newest(), Some(first));
    assert_eq!(Reader::open(&place.path()).unwrap().snapshot(&stream(), "build 2").unwrap(), None);
}

/// Killed between two pieces: what was there before is read, and nothing stays behind of what was begun.
#[test]
fn a_snapshot_that_lacks_a_piece_is_none_and_old_pieces_go() {
    let place = Place::new();
    let (mut store, opened) = place.filled(2);
    let large = |byte: u8| vec![byte; 1 << 20];
    let first = Snapshot { head: opened.head, state: large(1) };
    store.keep_snapshot(&stream(), "build 1", &first).unwrap();
    let newest = || Reader::open(&place.path()).unwrap().snapshot(&stream(), "build 1").unwrap();
    let pieces = || {
        let conn = rusqlite::Connection::open(place.path()).unwrap();
        conn.query_row("SELECT count(*) FROM snapshot_pieces", [], |row| row.get::<_, u32>(0)).unwrap()
    };
    let each = pieces();
    assert!(newest() == Some(first.clone()) && each > 1);
    let second = Snapshot { head: append(&mut store, opened.epoch, [3]).head, state: large(2) };
    store.keep_snapshot(&stream(), "build 1", &second).unwrap();
    place.tamper("DELETE FROM snapshot_pieces WHERE seq = 3 AND piece = 1", []);
    assert!(newest() == Some(first));
    // As if it had been killed before the last piece.
    place.tamper("DELETE FROM snapshots WHERE seq = 3", []);
    for seq in 4..=6 {
        let next = Snapshot { head: append(&mut store, opened.epoch, [seq]).head, state: large(seq as u8) };
        store.keep_snapshot(&stream(), "build 1", &next).unwrap();
        assert!(newest() == Some(next));
    }
    assert_eq!(pieces(), 2 * each);
}

#[test]
fn samples_are_forgotten_when_their_series_says_so() {
    let place = Place::new();
    let mut store = place.store();
    let hour = Series { name: "errors".into(), keep: Span::hours(1) };
    let day = Series { name: "latency".into(), keep: Span::days(1) };
    let at = |span: Span| WallTime::default().plus(span);
    for series in [&hour, &day] {
        let samples = [Span::ZERO, Span::hours(2)].map(|span| Sample { wall: at(span), value: 0.5 });
        store.add_samples(series, &samples).unwrap();
    }
    assert_eq!(store.forget_samples(at(Span::hours(2))).unwrap(), 1);
    let reader = Reader::open(&place.path()).unwrap();
    assert_eq!(reader.samples("errors", WallTime(0)).unwrap().len(), 1);
    assert_eq!(reader.samples("latency", WallTime(0)).unwrap().len(), 2);
    assert_eq!(reader.samples("latency", WallTime(1)).unwrap().len(), 1);
    assert_eq!(reader.samples("nobody's", WallTime(0)).unwrap(), []);
}
