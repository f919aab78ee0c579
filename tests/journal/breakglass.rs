//! The fallback file, when the journal can't be written.

use golive::journal::{BreakGlass, JournalError, Verdict, on_another_file_system, verify};

use super::*;

const SIZE: u64 = 64 << 10;

#[test]
fn what_was_written_aside_is_read_back_and_taken_into_the_record() {
    let place = Place::new();
    let (mut store, opened) = place.filled(3);
    let second = tempfile::tempdir().unwrap();
    let dirs = [place.dir.path(), second.path()];
    let mut glass = BreakGlass::prepare(&stream(), &dirs, SIZE).unwrap();
    assert_eq!(glass.recover().unwrap(), None);
    let long = json!({ "output": "x".repeat(6_000) });
    glass.write(&opened.head, &draft(4, opened.epoch)).unwrap();
    glass.write(&opened.head, &draft_with(5, opened.epoch, &long)).unwrap();
    drop(glass);

    // Another process, later; one of the files is lost.
    std::fs::remove_file(std::fs::read_dir(second.path()).unwrap().next().unwrap().unwrap().path()).unwrap();
    let mut glass = BreakGlass::prepare(&stream(), &dirs, SIZE).unwrap();
    let found = glass.recover().unwrap().unwrap();
    assert_eq!((&found.follows, found.lines.len(), found.torn), (&opened.head, 2, false));
    let head = store.import(&stream(), &found.lines, &found.answers).unwrap();
    assert_eq!(head, found.lines[1].head());
    assert_eq!(
        verify(&place.path(), &stream(), Some(&head)).unwrap(),
        Verdict::Intact { head: head.clone(), redacted: 0 }
    );
    append(&mut store, opened.epoch, [6]);

    glass.clear().unwrap();
    assert_eq!(glass.recover().unwrap(), None);
    glass.write(&head, &draft(7, 1)).unwrap_err();
    let mut next = draft(6, 1);
    next.seq = 6;
    glass.write(&head, &next).unwrap();
    assert_eq!(glass.recover().unwrap().unwrap().lines.len(), 1);
}

#[test]
fn a_write_that_did_not_finish_is_left_out_and_said_so() {
    let place = Place::new();
    let (_store, opened) = place.filled(1);
    let mut glass = BreakGlass::prepare(&stream(), &[place.dir.path()], SIZE).unwrap();
    glass.write(&opened.head, &draft(2, 1)).unwrap();
    glass.write(&opened.head, &draft(3, 1)).unwrap();
    let path = glass.paths().next().unwrap().to_owned();
    let whole = std::fs::read(&path).unwrap();
    let used = whole.iter().position(|&byte| byte == 0).unwrap();
    let ends: Vec<_> = (0..used).filter(|&at| whole[at] == b'\n').collect();
    for kept in 0..used {
        let mut torn = whole.clone();
        torn[kept..].fill(0);
        std::fs::write(&path, &torn).unwrap();
        let confirmed = ends.iter().filter(|&&end| end < kept).count();
        match glass.recover().unwrap() {
            None => assert_eq!(confirmed, 0, "{kept}"),
            Some(found) => {
                assert_eq!(found.lines.len(), confirmed - 1, "{kept}");
                assert_eq!(found.torn, !ends.contains(&(kept - 1)), "{kept}");
            }
        }
    }
}

#[test]
fn a_changed_line_ends_what_is_taken_back() {
    let place = Place::new();
    let (_store, opened) = place.filled(1);
    let mut glass = BreakGlass::prepare(&stream(), &[place.dir.path()], SIZE).unwrap();
    for seq in 2..=4 {
        glass.write(&opened.head, &draft(seq, 1)).unwrap();
    }
    let path = glass.paths().next().unwrap().to_owned();
    let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
    std::fs::write(&path, text.replace("web-03", "web-30")).unwrap();
    let found = glass.recover().unwrap().unwrap();
    // Line 3 is what was changed; only line 4 can tell, and neither can be trusted further.
    assert_eq!((found.lines.len(), found.torn), (2, true));
}

#[test]
fn space_that_is_used_up_is_an_error_and_the_lines_before_it_stay() {
    let place = Place::new();
    let (_store, opened) = place.filled(0);
    let mut glass = BreakGlass::prepare(&stream(), &[place.dir.path()], 1_000).unwrap();
    glass.write(&opened.head, &draft(1, 1)).unwrap();
    let full = (2..10).find_map(|seq| glass.write(&opened.head, &draft(seq, 1)).err()).unwrap();
    assert!(matches!(full, JournalError::BreakGlassFull { .. }), "{full}");
    assert!(!glass.recover().unwrap().unwrap().lines.is_empty());
}

#[test]
fn lines_that_do_not_follow_the_record_are_set_aside_and_not_lost() {
    let place = Place::new();
    let (mut store, opened) = place.filled(1);
    let mut glass = BreakGlass::prepare(&stream(), &[place.dir.path()], SIZE).unwrap();
    glass.write(&opened.head, &draft(2, 1)).unwrap();
    append(&mut store, opened.epoch, [2]);
    let found = glass.recover().unwrap().unwrap();
    let refused = store.import(&stream(), &found.lines, &[]).unwrap_err();
    assert!(matches!(refused, JournalError::NotNext { head: 2, .. }), "{refused}");
    drop(glass);
    let mut glass = BreakGlass::prepare(&stream(), &[place.dir.path()], SIZE).unwrap();
    assert!(glass.write(&opened.head, &draft(3, 1)).is_err(), "not over what is not sealed");
    let kept = glass.set_aside().unwrap();
    let bytes = std::fs::read(&kept[0]).unwrap();
    let used = bytes.iter().position(|&byte| byte == 0).unwrap();
    assert_eq!(golive::domain::name::Digest::of(&bytes[..used]), found.digest);
    assert_eq!(glass.recover().unwrap(), None);
}

#[test]
fn another_file_system_is_told_from_the_same() {
    let here = tempfile::tempdir().unwrap();
    assert_eq!(on_another_file_system(here.path(), &[here.path()]), None);
    let proc = std::path::Path::new("/proc");
    if proc.exists() {
        assert_eq!(on_another_file_system(here.path(), &[here.path(), proc]), Some(proc));
    }
}
