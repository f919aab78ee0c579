//! The exported line and its chain, checked as an outsider would.

use std::{io::Write, process::Stdio};

use golive::{
    journal::{Reader, Verdict, export, verify_export},
    record::{Body, Head, Stored},
};

use super::*;

fn exported(place: &Place) -> (Vec<u8>, Head) {
    let mut text = Vec::new();
    let head = export(&Reader::open(&place.path()).unwrap(), &stream(), &mut text).unwrap();
    (text, head)
}

fn sha256sum(bytes: &[u8]) -> String {
    let mut child =
        std::process::Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

/// The chain needs no golive to be checked: coreutils come to the same hashes.
#[test]
fn each_exported_line_names_what_sha256sum_says_of_the_line_before_it() {
    let place = Place::new();
    let (_store, opened) = place.filled(3);
    let (text, head) = exported(&place);
    let mut prev = sha256sum(b"golive\nshop-2.5.0\n");
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap();
        let stored = Stored::read(std::str::from_utf8(line).unwrap()).unwrap();
        assert_eq!(stored.prev.as_str(), prev);
        prev = sha256sum(line);
    }
    assert_eq!(prev, head.hash.as_str());
    assert_eq!(head, opened.head);
}

#[test]
fn a_line_reads_as_what_was_written() {
    let wanted = draft(1, 7);
    let line = wanted.follow(&Head::beginning("shop-2.5.0")).unwrap();
    let read = Stored::read(&line.text).unwrap();
    assert_eq!(
        (read.seq, read.wall, read.session, read.epoch, read.actor, read.kind, read.shape, read.body),
        (
            wanted.seq,
            wanted.wall,
            wanted.session,
            wanted.epoch,
            wanted.actor,
            wanted.kind,
            wanted.shape,
            Body::Inline(wanted.body)
        )
    );
}

/// The bytes of a line are a promise to everybody who ever exported a record.
#[test]
fn the_form_of_a_line_stays_as_it_is() {
    let line = draft_with(1, 1, &serde_json::Value::Null).follow(&Head::beginning("s")).unwrap();
    assert_eq!(
        &*line.text,
        "{\"seq\":1,\"prev\":\"ff4ee9ee258b24e308dcf66e65608446fb9fc3eca75180b0d77d33658b2eaf13\",\
         \"wall\":1772452800000001,\"session\":1000,\"epoch\":1,\
         \"actor\":{\"via\":{\"uid\":1000},\"who\":{\"person\":\"dana\"}},\
         \"kind\":\"rollout.lane-started\",\"shape\":1,\"body\":null}"
    );
    assert_eq!(Stored::read(&line.text).unwrap().body, Body::Inline(Json::of(&()).unwrap()));
}

#[test]
fn a_head_reads_as_it_is_printed() {
    let head = Head::beginning("s");
    assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
    for bad in ["", "12", "12:", "12:zz", ":", "x:y", "-1:00"] {
        assert!(bad.parse::<Head>().is_err(), "{bad}");
    }
}

#[test]
fn a_record_cannot_pass_for_that_of_another_session() {
    let place = Place::new();
    let (_store, _) = place.filled(2);
    let (text, _) = exported(&place);
    let verdict = verify_export(&text[..], "shop-2.4.1", None).unwrap();
    assert!(matches!(verdict, Verdict::Broken { seq: 1, .. }), "{verdict:?}");
}

#[test]
fn any_byte_flipped_in_an_export_is_found_and_its_line_named() {
    let place = Place::new();
    let (_store, _) = place.filled(4);
    let (text, head) = exported(&place);
    assert!(matches!(verify_export(&text[..], &stream(), Some(&head)).unwrap(), Verdict::Intact { .. }));
    let mut line = 1;
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut changed = text.clone();
            changed[at] ^= 1 << bit;
            match verify_export(&changed[..], &stream(), Some(&head)).unwrap() {
                Verdict::Broken { seq, why } => assert_eq!(seq, line, "byte {at} bit {bit}: {why}"),
                other => panic!("byte {at} bit {bit}: {other:?}"),
            }
        }
        line += u64::from(text[at] == b'\n');
    }
}

#[test]
fn any_prefix_of_an_export_is_intact_and_the_given_head_shows_that_it_was_cut() {
    let place = Place::new();
    let (_store, _) = place.filled(5);
    let (text, head) = exported(&place);
    let ends: Vec<_> = (0..text.len()).filter(|&at| text[at] == b'\n').map(|at| at + 1).collect();
    for (lines, end) in std::iter::once(0).chain(ends).enumerate().take(5) {
        let prefix = &text[..end];
        match verify_export(prefix, &stream(), None).unwrap() {
            Verdict::Intact { head, .. } => assert_eq!(head.seq, lines as u64),
            other => panic!("{other:?}"),
        }
        let verdict = verify_export(prefix, &stream(), Some(&head)).unwrap();
        assert!(matches!(&verdict, Verdict::Cut { given, .. } if *given == head), "{verdict:?}");
    }
}
