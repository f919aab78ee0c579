//! `verify` on a database that somebody changed.

use golive::{
    journal::{Verdict, verify},
    record::Head,
};

use super::*;

fn verdict(place: &Place, head: Option<&Head>) -> Verdict {
    verify(&place.path(), &stream(), head).unwrap()
}

fn line(place: &Place, seq: u64) -> Vec<u8> {
    let conn = rusqlite::Connection::open(place.path()).unwrap();
    conn.query_row("SELECT line FROM events WHERE seq = ?1", [seq.cast_signed()], |row| row.get(0)).unwrap()
}

#[test]
fn an_untouched_record_is_intact_up_to_its_head() {
    let place = Place::new();
    let (_store, opened) = place.filled(20);
    assert_eq!(verdict(&place, None), Verdict::Intact { head: opened.head.clone(), redacted: 0 });
    assert_eq!(verdict(&place, Some(&opened.head)), Verdict::Intact { head: opened.head, redacted: 0 });
}

/// Flipping any one bit of any stored line, the last one included, is found without a head.
#[test]
fn any_byte_flipped_in_a_stored_line_is_found_and_its_line_named() {
    let place = Place::new();
    let (store, _) = place.filled(3);
    drop(store);
    let conn = rusqlite::Connection::open(place.path()).unwrap();
    conn.pragma_update(None, "synchronous", "off").unwrap();
    for seq in 1..=3u64 {
        let sound = line(&place, seq);
        for at in 0..sound.len() {
            let mut changed = sound.clone();
            changed[at] ^= 1 << (at % 8);
            let write = |bytes: &[u8]| {
                conn.execute(
                    "UPDATE events SET line = ?1 WHERE seq = ?2",
                    rusqlite::params![bytes, seq.cast_signed()],
                )
                .unwrap()
            };
            write(&changed);
            match verdict(&place, None) {
                Verdict::Broken { seq: named, .. } => assert_eq!(named, seq, "byte {at}"),
                other => panic!("line {seq} byte {at}: {other:?}"),
            }
            write(&sound);
        }
    }
}

#[test]
fn a_changed_line_with_a_hash_to_match_is_named_by_the_line_after_it() {
    let place = Place::new();
    let (_store, _) = place.filled(5);
    let changed = String::from_utf8(line(&place, 3)).unwrap().replace("web-03", "web-30");
    let hash = golive::record::Line::hash_of(&changed);
    place.tamper(
        "UPDATE events SET line = ?1, hash = ?2 WHERE seq = 3",
        rusqlite::params![changed.as_bytes(), hash.as_str()],
    );
    assert!(matches!(verdict(&place, None), Verdict::Broken { seq: 3, .. }));
}

#[test]
fn a_line_taken_out_is_found() {
    let place = Place::new();
    let (_store, _) = place.filled(5);
    place.tamper("DELETE FROM events WHERE seq = 3", []);
    assert!(matches!(verdict(&place, None), Verdict::Broken { seq: 3, .. }));
}

#[test]
fn a_tail_cut_off_is_found_with_the_head_that_was_printed() {
    let place = Place::new();
    let (_store, opened) = place.filled(5);
    place.tamper("DELETE FROM events WHERE seq > 3", []);
    assert!(matches!(verdict(&place, None), Verdict::Intact { head: Head { seq: 3, .. }, .. }));
    match verdict(&place, Some(&opened.head)) {
        Verdict::Cut { given, found } => assert_eq!((given, found.seq), (opened.head, 3)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_written_anew_is_not_that_of_the_head_that_was_printed() {
    let place = Place::new();
    let (_store, opened) = place.filled(5);
    let other = Head { hash: Head::beginning("other").hash, ..opened.head };
    assert!(matches!(verdict(&place, Some(&other)), Verdict::Broken { seq: 5, .. }));
}

#[test]
fn a_body_beside_its_line_is_checked_too() {
    let place = Place::new();
    let mut store = place.store();
    let opened = store.open_stream(&stream(), WallTime(0)).unwrap();
    let long = draft_with(1, opened.epoch, &json!({ "output": "x".repeat(5_000) }));
    let written = store
        .append(&[Batch { stream: stream(), drafts: vec![long], answers: Vec::new() }])
        .remove(0)
        .unwrap()
        .lines
        .remove(0);
    assert!(written.text.len() < 1_000 && written.blob.is_some());
    assert!(matches!(verdict(&place, None), Verdict::Intact { redacted: 0, .. }));
    place.tamper("UPDATE blobs SET body = CAST(replace(body, 'xxx', 'yyy') AS BLOB)", []);
    assert!(matches!(verdict(&place, None), Verdict::Broken { seq: 1, .. }));
    place.tamper("DELETE FROM blobs", []);
    assert!(matches!(verdict(&place, None), Verdict::Broken { seq: 1, .. }));
}
