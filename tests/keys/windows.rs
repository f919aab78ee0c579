//! Windows as they are seen: before a GO, in the start dialog, and past the end.

use golive::domain::{
    plan::{Plan, TimeOfDay, Weekday, Window},
    time::Span,
};

use super::{golive::declared_at, script::Script};
use crate::screens::caps;

/// The desk's noon is Monday 2 March 2026, 13:00 in Berlin; it goes live on Thursday at that time.
fn plan(days: &str, from: &str, to: &str) -> Plan {
    let mut plan = super::desk::plan();
    let place = plan.environments.values_mut().next().unwrap();
    let time = |text| TimeOfDay::parse(text).unwrap();
    let days = Weekday::parse_set(days).unwrap();
    place.window = Some(Window { days, from: time(from), to: time(to), zone: "Europe/Berlin".into() });
    plan
}

/// [R47] In peak it is refused unless a reason and the stage's name are typed; it stays on the screen.
#[test]
fn outside_the_window_the_start_asks_for_a_reason_and_the_name() {
    let mut script = declared_at(Script::new("raj", plan("tue-fri", "13:00", "15:30"), caps(80, 24)));
    script.keys("1").shows("window closes Mar 5 14:30 · expected end unknown");
    script
        .keys("S")
        .shows("start outside the window")
        .shows("window closed until Tue 3 Mar 13:00 Europe/Berlin");
    script.text("the fair opens tonight").wait(500).keys("Enter").text("production").wait(500).keys("Enter");
    assert_eq!(script.sent(), ["start --outside-window"]);
    script.keys("3").shows("outside its window · production");
}

/// [R47] In the window the dialog says when it closes; what is under way by then goes on, and says so.
#[test]
fn in_the_window_the_dialog_says_when_it_closes_and_the_stage_goes_on_past_that() {
    let mut script = declared_at(Script::new("raj", plan("mon", "13:00", "13:20"), caps(80, 24)));
    script.keys("1 S").shows("window closes 12:20 · expected end unknown").keys("S");
    assert_eq!(script.sent(), ["start"]);
    script.keys("3").hides("closed, goes on");
    script.desk.later(Span::minutes(21));
    script.wait(1_000).shows("window closed, goes on · production");
}
