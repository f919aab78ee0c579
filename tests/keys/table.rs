//! The one table of keys, and a viewer's own keys over it.

use golive::{
    config::{Source, keymap::read},
    tui::{
        keymap::{Action, Chord, Keymap, Level, Meant, ScreenName, Situation, TABLE, When, Why},
        terminal::Code,
    },
};

struct Anything;

impl Situation for Anything {
    fn judge(&self, _: When) -> Result<(), Why> {
        Ok(())
    }
}

fn remapped(text: &str) -> (Keymap, Vec<String>) {
    let source = Source::new("keys.toml", text);
    let (remaps, problems) = read(&source);
    assert_eq!(problems, []);
    let (map, problems) = Keymap::remapped(&source, &remaps);
    (map, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn no_key_means_two_things_on_one_screen() {
    assert_eq!(Keymap::default().conflicts(), []);
}

#[test]
fn what_touches_the_decision_the_watch_or_the_fleet_is_a_capital_and_nothing_else_is() {
    for binding in TABLE {
        let moves = matches!(binding.action, Action::Bottom | Action::PreviousWaiting);
        for chord in binding.chords {
            let capital = chord.is_capital() && !moves;
            assert_eq!(capital, binding.level >= Level::Safe, "{chord} {:?}", binding.action);
        }
    }
}

#[test]
fn a_capital_means_the_same_on_every_screen() {
    for one in TABLE {
        for other in TABLE {
            if let Some(chord) = one.chords.iter().find(|c| c.is_capital() && other.chords.contains(c)) {
                assert_eq!(one.action, other.action, "{chord}");
            }
        }
    }
}

#[test]
fn screens_that_do_not_exist_are_not_bound() {
    for screen in ScreenName::ALL {
        for digit in ['5', '6'] {
            assert!(Keymap::default().binding(screen, Chord::char(digit)).is_none(), "{digit}");
        }
    }
}

#[test]
fn r_d_and_b_do_nothing_and_say_what_one_may_have_meant() {
    for screen in ScreenName::ALL {
        for c in ['r', 'd', 'b'] {
            let meant = Keymap::default().meaning(screen, Chord::char(c), &Anything);
            assert!(matches!(meant, Meant::Hint(ref hint) if hint.starts_with(c)), "{c}: {meant:?}");
        }
    }
}

#[test]
fn a_viewers_own_keys_replace_those_of_the_table() {
    let (map, problems) = remapped("[keys]\nhold = [\"F2\", \"K\"]\nfilter = \"f\"\nlink = []\n");
    assert_eq!(problems, Vec::<String>::new());
    let on = |chord| map.binding(ScreenName::Rollout, chord).map(|b| b.action);
    assert_eq!(on(Chord::char('K')), Some(Action::Hold));
    assert_eq!(on(Chord::of(Code::F(2))), Some(Action::Hold));
    assert_eq!(on(Chord::char('H')), None);
    assert_eq!(on(Chord::char('f')), Some(Action::Filter));
    assert_eq!(on(Chord::char('o')), None);
}

#[test]
fn everything_wrong_with_a_keymap_is_said_with_its_line() {
    let text = "[keys]\nholt = \"H\"\nroll-back = \"r\"\npromote = \"p\"\nfilter = \"Q\"\nsort = \"n\"\nopen = \"l\"\nzoom = \"Ctrl-\"\n";
    let (map, problems) = remapped(text);
    let wanted = [
        "keys.toml:2:1: unknown action `holt`: did you mean `hold`?",
        "keys.toml:3:13: r stays unbound",
        "keys.toml:4:11: promote can't be on p",
        "keys.toml:5:10: filter can't be on Q",
        "keys.toml:7:1: open can't be remapped",
        "keys.toml:8:8: `Ctrl-` is not a key",
        "n is next-waiting and sort on the same screen",
    ];
    assert_eq!(problems.len(), wanted.len(), "{problems:#?}");
    for wanted in wanted {
        assert!(problems.iter().any(|p| p.contains(wanted)), "{wanted} in {problems:#?}");
    }
    let still = map.binding(ScreenName::Rollout, Chord::char('R')).map(|b| b.action);
    assert_eq!(still, Some(Action::RollBack), "a wrong line leaves the table's key");
}

#[test]
fn chords_are_read_as_they_are_written() {
    for (_, keys) in Keymap::default().lines() {
        for chord in keys {
            assert_eq!(Chord::parse(&chord.to_string()), Ok(*chord));
        }
    }
}
