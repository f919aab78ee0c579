//! What the report says of the checklist over the days before a go-live.

use golive::{
    domain::{
        checklist::ChecklistCommand,
        command::Command,
        time::{Span, WallTime},
    },
    report::{Document, gather},
};

use super::desk::{Desk, NOON, item, plan};

fn report(desk: &Desk) -> Document {
    gather(&desk.session, &desk.record, desk.now, None)
}

fn tick(desk: &mut Desk, id: &str) {
    let tick = ChecklistCommand::Tick { item: item(id), evidence: Some("seen".into()), file: None };
    desk.say("raj", Command::Checklist(tick)).unwrap();
}

/// [P39] Items are due days before the go-live: a day later they are late, and the report says day by day how many
/// were open and how many of these late.
#[test]
fn what_is_open_burns_down_day_by_day_and_what_is_late_is_counted() {
    let mut desk = Desk::new(plan());
    desk.later(Span::hours(2));
    tick(&mut desk, "support-told");
    // Due two days before the go-live, which is in three: from tomorrow noon on what is open is late.
    desk.later(Span::hours(30));
    tick(&mut desk, "load-test");
    let lines: Vec<(String, u32, u32, u32)> =
        report(&desk).burn_down.into_iter().map(|line| (line.at, line.open, line.late, line.of)).collect();
    let at = |time: &str, open, late| (format!("2026-03-{time}:00 UTC"), open, late, 4);
    assert_eq!(lines, [at("02 12:00", 3, 0), at("02 14:00", 2, 0), at("03 20:00", 1, 1)]);
}

/// [P54] At the pace so far: a third in thirty hours, so the other two thirds in sixty more.
#[test]
fn when_all_will_be_ready_is_forecast_from_the_pace_so_far() {
    let mut desk = Desk::new(plan());
    assert_eq!(report(&desk).forecast, None, "there is no pace yet");
    desk.later(Span::hours(30));
    assert_eq!(report(&desk).forecast, None, "nothing was done");
    tick(&mut desk, "support-told");
    assert_eq!(desk.now.wall, NOON.plus(Span::hours(30)));
    assert_eq!(report(&desk).forecast.as_deref(), Some("2026-03-06 06:00:00 UTC"));
    tick(&mut desk, "load-test");
    let answer = ChecklistCommand::Answer { item: item("on-call"), text: "sam until 20:00".into() };
    desk.say("raj", Command::Checklist(answer)).unwrap();
    assert_eq!(report(&desk).forecast, None, "all is ready");
    let done = report(&desk).burn_down;
    assert_eq!((done.last().unwrap().open, desk.now.wall > WallTime(0)), (0, true));
}
