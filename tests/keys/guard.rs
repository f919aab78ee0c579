//! Lag forges keys: none of what it forges may confirm anything.

use golive::tui::{
    keymap::{Admitted, Early, Guard},
    terminal::{Code, Key, Kind, Moment},
};

const fn ms(n: u64) -> Moment {
    Moment(n * 1_000)
}

fn press(c: char, at: u64) -> Key {
    Key::press(Code::Char(c), ms(at))
}

fn run(keys: &[Key]) -> Vec<Admitted> {
    let mut guard = Guard::default();
    keys.iter().map(|key| guard.admit(key)).collect()
}

use Admitted::{Fresh, Repeated, Swallowed};

#[test]
fn the_tail_of_a_split_sequence_is_swallowed_for_a_tenth_of_a_second() {
    let esc = Key::press(Code::Esc, ms(0));
    // An arrow, torn apart: its A must not approve a waiver.
    assert_eq!(
        run(&[esc, press('[', 20), press('A', 40), press('A', 60)]),
        [Fresh, Swallowed, Swallowed, Fresh]
    );
    assert_eq!(run(&[esc, press('O', 20), press('R', 40)]), [Fresh, Swallowed, Swallowed]);
    let moved =
        [esc, press('[', 5), press('1', 6), press(';', 7), press('5', 8), press('C', 9), press('j', 10)];
    assert_eq!(run(&moved), [Fresh, Swallowed, Swallowed, Swallowed, Swallowed, Swallowed, Fresh]);
    // Later, or without a bracket, it is a person.
    assert_eq!(run(&[esc, press('[', 120), press('A', 140)]), [Fresh, Fresh, Fresh]);
    assert_eq!(run(&[esc, press('R', 20)]), [Fresh, Fresh]);
}

#[test]
fn the_same_key_within_120_ms_is_a_key_held_down() {
    assert_eq!(
        run(&[press('R', 0), press('R', 119), press('R', 238), press('R', 358)]),
        [Fresh, Repeated, Repeated, Fresh]
    );
    assert_eq!(run(&[press('R', 0), press('j', 50), press('R', 100)]), [Fresh, Fresh, Fresh]);
}

#[test]
fn a_release_decides_where_the_terminal_tells_it() {
    let release = Key { kind: Kind::Release, ..press('R', 30) };
    let repeat = Key { kind: Kind::Repeat, ..press('R', 600) };
    assert_eq!(run(&[press('R', 0), release, press('R', 60)]), [Fresh, Swallowed, Fresh]);
    assert_eq!(run(&[press('R', 0), repeat]), [Fresh, Repeated], "held long, and slowly repeated");
}

#[test]
fn a_confirmation_counts_only_after_its_dialog_was_on_the_screen_for_400_ms() {
    let shown = Some(ms(1_000));
    assert_eq!(Guard::confirms(Fresh, shown, ms(1_399)), Err(Early::NotSeen));
    assert_eq!(Guard::confirms(Fresh, shown, ms(1_400)), Ok(()));
    assert_eq!(Guard::confirms(Fresh, None, ms(9_000)), Err(Early::NotSeen), "never drawn");
    assert_eq!(Guard::confirms(Repeated, shown, ms(9_000)), Err(Early::Held));
}
