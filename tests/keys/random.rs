//! Whatever is pressed, at whatever size, in whatever state a session is: nothing panics, and every cell stays in the
//! frame.

use golive::{
    domain::name::UnitId,
    tui::terminal::{Button, Caps, Gesture, Input, Mouse, Size},
};
use proptest::prelude::*;

use super::{
    golive::{at, declared, ready, stopped},
    script::Script,
};

const KEYS: [&str; 52] = [
    "1", "2", "3", "8", "j", "k", "h", "l", "g", "G", "n", "N", "!", "s", "/", "c", "y", "o", "z", "?", ":",
    "u", "v", "D", "Space", "e", "a", "w", "x", "A", "t", "m", "H", "R", "C", "W", "S", "T", "P", "M", "X",
    "F", "E", "Enter", "Esc", "Tab", "Down", "Up", "PgDn", "PgUp", "r", "d",
];

#[derive(Clone, Debug)]
enum Act {
    Key(usize),
    Text(String),
    Paste(String),
    Size(u16, u16),
    Mouse(u16, u16, bool),
    Wait(u64),
    Work,
    Say(String),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => (0..KEYS.len()).prop_map(Act::Key),
        2 => "[a-z0-9 -]{0,12}".prop_map(Act::Text),
        1 => "\\PC{0,20}".prop_map(Act::Paste),
        3 => (1_u16..400, 1_u16..120).prop_map(|(columns, rows)| Act::Size(columns, rows)),
        2 => (0_u16..400, 0_u16..120, any::<bool>()).prop_map(|(x, y, wheel)| Act::Mouse(x, y, wheel)),
        2 => (0_u64..9_000).prop_map(Act::Wait),
        1 => Just(Act::Work),
        1 => "\\PC{0,60}".prop_map(Act::Say),
    ]
}

fn play(script: &mut Script, act: Act) {
    match act {
        Act::Key(at) => {
            script.wait(150).press(KEYS[at]);
        }
        Act::Text(text) => {
            script.text(&text);
        }
        Act::Paste(text) => {
            script.input(Input::Paste(text));
        }
        Act::Size(columns, rows) => {
            script.input(Input::Resize(Size { columns, rows }));
        }
        Act::Mouse(column, row, wheel) => {
            let gesture = if wheel { Gesture::WheelDown } else { Gesture::Down(Button::Left) };
            let at = script.at;
            script.input(Input::Mouse(Mouse { gesture, column, row, at }));
        }
        Act::Wait(millis) => {
            script.wait(millis);
        }
        Act::Work => {
            script.work();
        }
        Act::Say(text) => {
            // What the engine says is shown as it is.
            for unit in ["web-01", "web-02"] {
                let unit = UnitId::new(unit).expect("a name");
                script.signs.progressed(&unit, golive::domain::effect::LaneStep::Start, &text);
                script.signs.answered(&unit, None);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn no_keys_at_any_size_in_any_state_make_it_panic(
        start in 0..5_usize,
        (columns, rows) in (1_u16..=400, 1_u16..=120),
        acts in prop::collection::vec(act(), 0..40),
    ) {
        let mut script = match start {
            0 => at("raj"),
            1 => ready("dana"),
            2 => declared("raj"),
            3 => stopped("raj"),
            _ => at("eve"),
        };
        script.input(Input::Resize(Size { columns, rows }));
        let caps: Caps = script.app.viewer().caps;
        prop_assert_eq!((caps.size.columns, caps.size.rows), (columns, rows));
        for act in acts {
            play(&mut script, act);
            let size = script.app.viewer().size();
            let frame = script.frame();
            prop_assert_eq!((frame.area.width, frame.area.height), (size.columns, size.rows));
        }
    }
}
