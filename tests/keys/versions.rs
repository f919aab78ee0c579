//! The matrix of versions over the Rollout screen: which host runs what, and what each way on would do.

use golive::domain::{command::Command, name::UnitId, rollout::RolloutCommand};

use super::golive::{at, declared, stopped};

#[test]
fn a_stopped_line_shows_its_versions_and_every_way_on_with_what_it_would_do() {
    let mut script = stopped("raj");
    script.keys("3").shows("v moves").keys("v");
    script.shows("versions by host").shows("web-02  2.4.1   2.5.0").shows("failed");
    script.shows("T try web-02 again: deploys 2.5.0, attempt 2").shows("X exclude web-02");
    script.shows("PARTIAL at best: 2 of 3").shows("R ROLL BACK: 2.4.1 on 2 hosts");
    script.shows("E END AS IS: not now");
    assert!(script.sent().is_empty(), "it only looks");
    // What it offers is taken by its own key, once one is back on the screen.
    script.keys("Esc T").shows("try again");
}

/// Nobody is shown a way on that the rules refuse to them without the reason.
#[test]
fn while_nothing_went_wrong_there_is_nothing_to_choose_and_the_footer_says_nothing_of_it() {
    let mut script = at("raj");
    script.keys("3 v").shows("v: no host runs another version");
    let mut script = declared("raj");
    script.keys("3 S S").work();
    script.shows("3 done").keys("v").shows("v: no host runs another version");
}

#[test]
fn ended_as_is_the_closed_session_says_on_how_many_hosts_the_new_version_is() {
    let mut script = stopped("dana");
    let reason = "web-02 is being replaced".to_owned();
    script.desk.say("dana", Command::Rollout(RolloutCommand::EndAsIs { reason })).expect("ended");
    script
        .keys("3")
        .shows("▲ the session is closed: ended as is, PARTIAL 1 of 3")
        .keys("v")
        .shows("PARTIAL: 1 of 3 on 2.5.0");
    script.keys("Esc 1").shows("Closed: ended as is, PARTIAL 1 of 3");
}

#[test]
fn the_words_of_the_command_line_lead_to_the_same_page() {
    let mut script = stopped("raj");
    script.keys("3 :").text("rollout versions").wait(500).keys("Enter").shows("versions by host");
    let host = UnitId::new("web-02").unwrap();
    assert!(script.desk.session.rollout.unit(&host).is_some_and(golive::domain::rollout::Unit::troubled));
}
