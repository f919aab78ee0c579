//! The mouse looks: it selects, scrolls and goes to what a click names. It never records and never touches the fleet.

use golive::tui::{
    app::Request,
    keymap::ScreenName,
    terminal::{Button, Gesture, Input, Mouse},
};

use super::{
    golive::{at, stopped},
    script::Script,
};

fn mouse(script: &mut Script, gesture: Gesture, column: u16, row: u16) {
    let at = script.at;
    script.input(Input::Mouse(Mouse { gesture, column, row, at }));
}

/// Clicks on the first place where the words stand.
fn click(script: &mut Script, words: &str) {
    let screen = script.screen();
    let found = screen.lines().enumerate().find_map(|(row, line)| Some((line.find(words)?, row, line)));
    let (at, row, line) = found.unwrap_or_else(|| panic!("{words:?} is not on the screen:\n{screen}"));
    let column = golive::tui::text::width(&line[..at]);
    mouse(script, Gesture::Down(Button::Left), column as u16, row as u16);
}

fn commands(script: &Script) -> usize {
    script.requests.iter().filter(|request| matches!(request, Request::Send(_))).count()
}

#[test]
fn a_click_selects_a_row() {
    let mut script = stopped("raj");
    script.keys("3");
    click(&mut script, "web-03");
    assert_eq!(script.app.focus().unit.as_ref().map(golive::domain::name::UnitId::as_str), Some("web-03"));
    // On nothing it selects nothing.
    mouse(&mut script, Gesture::Down(Button::Left), 5, 9);
    assert_eq!(script.app.focus().unit.as_ref().map(golive::domain::name::UnitId::as_str), Some("web-03"));
    script.keys("1");
    click(&mut script, "operations");
    script.shows("▸✔ operations");
    script.keys("2");
    click(&mut script, "load test");
    assert_eq!(script.app.focus().item.as_ref().map(golive::domain::name::ItemId::as_str), Some("load-test"));
}

#[test]
fn the_wheel_moves_the_list_under_it_and_scrolls_a_page() {
    let mut script = stopped("raj");
    script.keys("8");
    let first = script.screen();
    mouse(&mut script, Gesture::WheelDown, 5, 5);
    assert_ne!(script.screen(), first);
    mouse(&mut script, Gesture::WheelUp, 5, 5);
    script.keys("?").shows("no new host, promotion");
    for _ in 0..40 {
        mouse(&mut script, Gesture::WheelDown, 5, 5);
    }
    script.shows("leave; everything runs on").hides("no new host, promotion");
}

#[test]
fn a_click_in_the_footer_does_only_what_looks() {
    let mut script = stopped("raj");
    script.keys("3");
    for words in ["H HOLD", "R ROLL BACK", "T try again", "X exclude", "F force", "m claim"] {
        click(&mut script, words);
        assert_eq!(commands(&script), 0, "{words}");
        script.shows("Safety").hides("Esc");
    }
    click(&mut script, "? keys");
    script.shows("keys · Rollout").keys("Esc");
    let mut script = at("lee");
    script.keys("1");
    for words in ["v vote", "D declare", "H HOLD"] {
        click(&mut script, words);
    }
    assert_eq!(commands(&script), 0);
    click(&mut script, "c since");
    script.shows("since I last looked");
}

#[test]
fn a_click_on_a_group_shows_it() {
    let mut plan = super::desk::plan();
    plan.items[0].group = "Monitoring".into();
    let mut script = Script::new("raj", plan, crate::screens::caps(80, 24));
    script.keys("2 Tab");
    let before = script.screen();
    click(&mut script, "Monitoring");
    let after = script.screen();
    assert!(after.contains("[Monitoring") && (before != after || before.contains("[Monitoring")), "{after}");
}

#[test]
fn nothing_is_confirmed_by_a_click() {
    let mut script = stopped("raj");
    script.keys("3 R").wait(1_000);
    for row in 0..24 {
        for column in (0..80).step_by(3) {
            mouse(&mut script, Gesture::Down(Button::Left), column, row);
        }
    }
    assert!(!script.desk.session.pipeline.is_rolling_back());
    assert_eq!(script.app.screen(), ScreenName::Rollout);
}

/// What everything waits for, clicked: there one comes to where it stands. It is only looked at.
#[test]
fn a_click_on_the_waiting_line_goes_where_it_is_decided() {
    let mut script = super::golive::stopped("raj");
    script.keys("8");
    click(&mut script, "NEEDS A HUMAN");
    script.shows("▸✖ web-02").shows("Safety");
    let mut script = super::golive::at("raj");
    script.keys("8");
    click(&mut script, "NOT READY");
    script.shows("Roll call");
    assert_eq!(commands(&script), 0);
}

#[test]
fn a_click_on_the_waiting_line_selects_what_it_names() {
    let mut script = super::golive::at("raj");
    script.keys("1 j j");
    let screen = script.screen();
    let first = screen.lines().nth(1).and_then(|line| line.split("first: ").nth(1)).expect("what is first");
    let first = first.split(',').next().expect("its name").to_owned();
    click(&mut script, "NOT READY");
    assert!(script.screen().lines().any(|line| line.starts_with('▸') && line.contains(&first)), "{first}");
    // On the checklist it is about the viewer's own items.
    script.keys("2");
    click(&mut script, "wait for you");
    script.shows("m mine only");
    assert_eq!(commands(&script), 0);
}

#[test]
fn a_click_on_the_header_goes_to_what_it_shows() {
    let mut script = stopped("raj");
    script.keys("8");
    click(&mut script, "2.4.1→2.5.0");
    assert_eq!(script.app.screen(), ScreenName::Decision);
    click(&mut script, "watch: raj");
    assert_eq!(script.app.screen(), ScreenName::Rollout);
    script.keys("8");
    let screen = script.screen();
    let left = screen.lines().next().and_then(|line| line.split("     ").next()).expect("a gap");
    let gap = golive::tui::text::width(left) as u16;
    mouse(&mut script, Gesture::Down(Button::Left), gap + 2, 0);
    assert_eq!(script.app.screen(), ScreenName::Record, "between them stands nothing");
    assert_eq!(commands(&script), 0);
}
