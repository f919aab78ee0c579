//! A go-live by keys: tick, vote, declare, start, hold, roll back.

use golive::{
    domain::{
        command::Command,
        course::Phase,
        effect::{LaneStep, Work},
        event::Event,
        name::UnitId,
        poll::VoteKind,
        rollout::{RolloutCommand, RolloutEvent},
    },
    tui::{keymap::ScreenName, terminal::Input, world::Link},
};

use super::{
    desk::{item, plan, role, who},
    script::Script,
};
use crate::screens::caps;

pub fn at(name: &str) -> Script {
    Script::new(name, plan(), caps(80, 24))
}

/// Everything that GO needs, said at the desk; `raj` looks at the Rollout screen.
pub fn ready(name: &str) -> Script {
    ready_at(at(name))
}

pub fn ready_at(mut script: Script) -> Script {
    script.desk.observe("2.4.1");
    for (person, command) in [
        (
            "raj",
            golive::domain::checklist::ChecklistCommand::Tick {
                item: item("support-told"),
                evidence: None,
                file: None,
            },
        ),
        (
            "raj",
            golive::domain::checklist::ChecklistCommand::Tick {
                item: item("load-test"),
                evidence: Some("41,200 req/min, headroom 8 %".into()),
                file: None,
            },
        ),
        (
            "raj",
            golive::domain::checklist::ChecklistCommand::Answer {
                item: item("on-call"),
                text: "sam until 20:00".into(),
            },
        ),
    ] {
        script.desk.say(person, golive::domain::command::Command::Checklist(command)).expect("said");
    }
    for person in ["lee", "raj"] {
        let vote = golive::domain::poll::PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None };
        script.desk.say(person, golive::domain::command::Command::Poll(vote)).expect("voted");
    }
    script
}

pub fn declared(name: &str) -> Script {
    declared_at(at(name))
}

pub fn declared_at(script: Script) -> Script {
    let mut script = ready_at(script);
    let go = golive::domain::poll::PollCommand::Declare {
        decision: golive::domain::poll::Decision::Go,
        reason: String::new(),
        ask_again: None,
    };
    script.desk.say("dana", golive::domain::command::Command::Poll(go)).expect("declared");
    script
}

/// The second host fails its self-test... or whatever step the plan has: the line stops.
pub fn stopped(name: &str) -> Script {
    let mut script = declared(name);
    script
        .faults
        .insert((UnitId::new("web-02").unwrap(), LaneStep::Start), "payments: connection refused".into());
    let start = golive::domain::rollout::RolloutCommand::Start { stage: None };
    script.desk.say("raj", golive::domain::command::Command::Rollout(start)).expect("started");
    script.work();
    script
}

#[test]
fn an_item_is_ticked_with_space_and_taken_back() {
    let mut script = at("raj");
    script.keys("2").shows("support told").keys("Space");
    let record = script.desk.session.checklist.record(&item("support-told")).expect("a record");
    assert!(record.tick.is_some());
    // The ticked row stays where it is.
    script.shows("✔ support told").keys("u").shows("○ support told");
    assert_eq!(script.sent(), ["item tick", "undo"]);
}

#[test]
fn an_item_that_wants_evidence_asks_for_it() {
    let mut script = at("raj");
    script.keys("2 j Space").shows("shown by").text("k6, 41,200 req/min").wait(500).keys("Enter");
    let record = script.desk.session.checklist.record(&item("load-test")).expect("a record");
    assert_eq!(
        record.tick.as_ref().and_then(|tick| tick.what.as_ref()).map(|e| e.text.as_str()),
        Some("k6, 41,200 req/min")
    );
}

#[test]
fn an_answer_that_says_nothing_is_refused_with_what_would_lift_it() {
    let mut script = at("raj");
    script.keys("2 j j a").text("TBD").wait(500).keys("Enter");
    script.shows("answers nothing").shows("lifted by");
}

#[test]
fn what_is_not_allowed_says_why() {
    let mut script = at("raj");
    script.keys("2 j j j Space").shows("Space: plan b is checked automatically");
    script.keys("R").shows("no host has been changed");
    assert!(script.sent().is_empty());
}

#[test]
fn a_seat_votes_go() {
    let mut script = at("lee");
    script.keys("1 v").shows("vote as engineering").wait(500).keys("Enter");
    let vote = &script.desk.session.poll.votes[&who("lee")];
    assert_eq!((&vote.kind, &vote.seat), (&VoteKind::Go, &Some(role("engineering"))));
    script.shows("GO 1");
}

#[test]
fn a_no_go_says_why_or_is_not_cast() {
    let mut script = at("lee");
    script.keys("1 v N Tab Tab Tab Enter").shows("a NO-GO says why");
    script.keys("Tab Tab").text("the load test is of another build").keys("Tab Tab Enter");
    assert!(
        matches!(&script.desk.session.poll.votes[&who("lee")].kind, VoteKind::NoGo { reason } if reason.contains("another build"))
    );
}

#[test]
fn go_is_declared_only_when_nothing_is_in_the_way() {
    let mut script = at("dana");
    script.keys("1").shows("NOT READY").shows("D declare:").keys("D").shows("GO is not possible").keys("Esc");
    assert!(script.desk.session.poll.declared.is_none());

    let mut script = ready("dana");
    script.keys("1").shows("READY: nothing is in the way").keys("D").shows("D: declare GO").keys("D");
    assert_eq!(script.desk.session.course.phase, Phase::Go);
    script.shows("GO since 12:00 · raj presses S");
}

#[test]
fn enter_cancels_a_confirmation_and_a_paste_never_confirms() {
    let mut script = ready("dana");
    script.keys("1 D").input(Input::Paste("D".into()));
    script.shows("a paste confirms nothing").keys("Enter").hides("declare GO ─");
    assert!(script.desk.session.poll.declared.is_none());
}

#[test]
fn a_confirmation_counts_not_sooner_than_400_ms_and_not_while_the_key_repeats() {
    let mut script = ready("dana");
    script.keys("1 D").wait(300).press("D").shows("not yet on the screen long enough");
    assert!(script.desk.session.poll.declared.is_none());
    // Held down: the terminal repeats it every 30 ms.
    for _ in 0..40 {
        script.wait(30).press("D");
    }
    assert!(script.desk.session.poll.declared.is_none());
    script.wait(500).press("D");
    assert!(script.desk.session.poll.declared.is_some());
}

/// [K44] [W5] One key and one more: the question names version and digest, and those are what the driver is handed.
#[test]
fn a_stage_is_started_after_its_preview() {
    let mut script = declared("raj");
    let candidate = script.desk.session.course.release.candidate.clone();
    script.keys("3 S").shows(&format!(
        "production · 2.4.1 → {} {}",
        candidate.version,
        candidate.digest.short()
    ));
    script.shows("first web-01, web-02, web-03").shows("ROLLBACK NOT PROVEN → 2.4.1").keys("S");
    assert_eq!(script.desk.session.course.phase, Phase::UnderWay);
    script.rounds(2);
    let handed: Vec<_> = script
        .desk
        .session
        .flights
        .iter()
        .filter_map(|flight| match &flight.effect.work {
            Work::Step { want, .. } => Some(want.clone()),
            _ => None,
        })
        .collect();
    assert!(!handed.is_empty() && handed.iter().all(|want| *want == candidate), "{handed:?}");
    script.shows("watch: raj").shows("web-01");
}

#[test]
fn hold_acts_on_one_press_on_every_screen_and_continue_asks() {
    for screen in ["1", "2", "3", "8"] {
        let mut script = at("lee");
        script.keys(screen).keys("H");
        assert!(script.desk.session.course.hold.is_some(), "screen {screen}");
        script.shows("HELD");
    }
    let mut script = at("lee");
    script.keys("3 H C").shows("lifts the hold").keys("C").hides("HELD 0:");
    assert!(script.desk.session.course.hold.is_none());
}

/// [W20] What a human is needed for, since when, and who has claimed it, is on the waiting line.
#[test]
fn a_stopped_line_says_who_is_needed_for_what() {
    let mut script = stopped("raj");
    script.desk.later(golive::domain::time::Span::minutes(3));
    script.keys("3").shows("NEEDS A HUMAN 3:");
    script
        .keys("3")
        .shows("NEEDS A HUMAN")
        .shows("web-02 failed start: payments: connection refused")
        .shows("m claim ");
    script.shows("✖ start 2.0 s, payments: connection refused");
    script.shows("10.0.3.7:5433 refused").shows("R ROLL BACK").shows("T try again");
    assert_eq!(script.app.screen(), ScreenName::Rollout);
}

#[test]
fn r_twice_rolls_back_what_was_touched() {
    let mut script = stopped("raj");
    script
        .keys("3 R")
        .shows("R: roll back")
        .shows("2.5.0 → 2.4.1 on 2 of 3 hosts")
        .shows("goes by itself in");
    assert!(script.desk.session.course.hold.is_some(), "armed is held");
    script.keys("R");
    assert!(script.desk.session.pipeline.is_rolling_back());
    script.faults.clear();
    script.work().shows("rolled back");
    assert_eq!(script.desk.session.course.phase, Phase::RolledBack);
    assert_eq!(script.sent(), ["hold", "rollback"]);
}

#[test]
fn armed_and_needed_it_goes_by_itself_after_five_seconds_and_esc_keeps_holding() {
    let mut script = stopped("raj");
    script.keys("3 R").wait(4_000).shows("goes by itself in 1 s");
    assert!(!script.desk.session.pipeline.is_rolling_back());
    script.keys("Esc").wait(10_000).hides("goes by itself");
    assert!(!script.desk.session.pipeline.is_rolling_back() && script.desk.session.course.hold.is_some());
    script.keys("R").wait(5_100);
    assert!(script.desk.session.pipeline.is_rolling_back());
}

#[test]
fn in_calm_an_armed_rollback_expires_and_the_hold_stays() {
    let mut script = declared("raj");
    script.keys("3 S S").work();
    script.keys("R").shows("expires in 15 s").wait(15_100).hides("expires in").shows("no second press");
    assert!(!script.desk.session.pipeline.is_rolling_back() && script.desk.session.course.hold.is_some());
}

#[test]
fn a_conductor_that_is_not_heard_cancels_the_countdown() {
    let mut script = stopped("raj");
    script.keys("3 R");
    script.link = Link::Silent(golive::domain::time::Span::secs(4));
    script.wait(1_000).shows("no word from the conductor").hides("goes by itself").wait(9_000);
    assert!(!script.desk.session.pipeline.is_rolling_back());
}

#[test]
fn nothing_goes_by_itself_once_somebody_else_has_mended_the_line() {
    let mut script = stopped("raj");
    script.keys("3 R").wait(1_500).shows("goes by itself");
    let again = RolloutCommand::TryAgain { unit: UnitId::new("web-02").expect("a name") };
    script.desk.say("raj", Command::Rollout(again)).expect("tried again");
    script.wait(4_000).shows("expires in").hides("goes by itself in").wait(12_000).hides("expires in");
    assert!(!script.desk.session.pipeline.is_rolling_back() && script.desk.session.course.hold.is_some());
}

#[test]
fn an_armed_rollback_is_put_away_when_somebody_else_was_quicker() {
    let mut script = stopped("raj");
    script.keys("3 R").shows("goes by itself");
    let back = RolloutCommand::RollBack { only: Vec::new() };
    script.desk.say("dana", Command::Rollout(back)).expect("rolled back");
    script.wait(200).shows("rolled back already").hides("goes by itself");
    script.wait(3_000).keys("R").shows("already, by dana").hides("expires in");
}

/// [W29] Two presses from every screen; from a filter, the palette or a dialog after Esc.
#[test]
fn a_rollback_is_two_keys_away_from_a_filter_after_esc() {
    let mut script = stopped("raj");
    script.keys("3 /").text("web").keys("Esc R R");
    assert!(script.desk.session.pipeline.is_rolling_back());
    for way in ["1 R R", "2 R R", "3 R R", "3 Enter R R", "8 R R", "3 : Esc R R", "3 X Esc R R"] {
        let mut script = stopped("raj");
        script.keys(way);
        assert!(script.desk.session.pipeline.is_rolling_back(), "{way}:\n{}", script.screen());
    }
}

#[test]
fn excluding_a_host_takes_a_reason_and_its_typed_name() {
    let mut script = stopped("raj");
    script
        .keys("3 X")
        .shows("type the name")
        .text("its disk is broken")
        .keys("Enter Enter")
        .shows("type web-02 to confirm");
    script
        .input(Input::Paste("web-02".into()))
        .shows("typed, never pasted")
        .text("web-02")
        .wait(500)
        .keys("Enter");
    assert_eq!(script.sent(), ["rollout exclude"]);
    script.shows("excluded");
}

#[test]
fn the_palette_finds_a_command_by_its_letters_and_asks_as_its_key_does() {
    let mut script = stopped("raj");
    script.keys("3 :").text("rollb").shows("rollback").wait(500).keys("Enter").shows("R: roll back");
    script
        .keys("Esc :")
        .text("rollback web-02")
        .wait(500)
        .keys("Enter")
        .shows("back to 2.4.1 on web-02")
        .keys("R");
    let rollback = &script.desk.session.rollout.rollbacks.values().next().expect("a rollback");
    assert!(rollback.narrow && rollback.units.len() == 1);
}

#[test]
fn someone_who_is_nobody_in_people_may_look_and_not_act() {
    let mut script = at("eve");
    script.keys("3 H").shows("eve");
    assert!(script.sent().is_empty() && script.desk.session.course.hold.is_none());
}

#[test]
fn filter_problems_and_esc_narrow_the_hosts_and_widen_them_again() {
    let mut script = stopped("raj");
    script.keys("3 /").text("web-03").keys("Enter").shows("/ web-03").hides("web-01  ");
    script
        .keys("Esc")
        .shows("web-01")
        .keys("!")
        .shows("! problems only")
        .hides("web-03  ")
        .keys("Esc")
        .shows("web-03");
    script.keys("?").shows("keys · Rollout").shows("asks, then again").keys("Esc").keys("q");
    assert!(script.requests.contains(&golive::tui::app::Request::Leave));
}

/// `M` is for an unknown host only; it shows what is known of it, takes a reason and its typed name, and what was
/// observed is in the record.
#[test]
fn marking_a_host_done_takes_a_reason_and_its_typed_name_and_records_what_was_observed() {
    let mut script = stopped("raj");
    script.keys("3 M").shows("web-02 is failed, not unknown");
    script.unknown("web-02", "interrupted while it started");
    script.keys("M").shows("M: mark done").shows("interrupted while it started").shows("type the name");
    script.text("it answers, seen by hand").keys("Enter Enter").shows("type web-02 to confirm");
    script.text("web-01").wait(500).keys("Enter").shows("type web-02 to confirm");
    script.input(Input::Paste("web-02".into())).shows("typed, never pasted");
    assert!(script.sent().is_empty(), "{:?}", script.sent());
    script.keys("Backspace").text("2").wait(500).keys("Enter");
    assert_eq!(script.sent(), ["rollout mark-done"], "{}", script.screen());
    let marked = script.desk.record.iter().find_map(|stamped| match &stamped.event {
        Event::Rollout(RolloutEvent::MarkedDone { observed, reason, .. }) => Some((observed, reason)),
        _ => None,
    });
    let (observed, reason) = marked.expect("it is recorded");
    assert!(observed.starts_with("sick, runs 2.4.1, pool out"), "{observed}");
    assert_eq!(reason, "it answers, seen by hand");
}
