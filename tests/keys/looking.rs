//! What only looks, and what takes one's own record back, on every screen.

use golive::domain::{
    checklist::ChecklistCommand,
    command::Command,
    poll::{PollCommand, VoteKind},
};

use super::{
    desk::item,
    golive::{at, ready, stopped},
};

#[test]
fn u_takes_back_ones_own_last_record_from_every_screen_and_says_which() {
    for screen in ["1", "2", "3", "8", "Esc"] {
        let mut script = at("raj");
        let tick = ChecklistCommand::Tick { item: item("support-told"), evidence: None, file: None };
        script.desk.say("raj", Command::Checklist(tick)).expect("ticked");
        script.keys(screen).keys("u").shows("takes back your tick on support told");
        let record = script.desk.session.checklist.record(&item("support-told"));
        assert!(record.is_none_or(|record| record.tick.is_none()), "screen {screen}");
    }
}

#[test]
fn u_takes_back_a_vote_where_that_came_last_and_nothing_once_declared() {
    let mut script = at("lee");
    let vote = PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None };
    script.desk.say("lee", Command::Poll(vote)).expect("voted");
    script.keys("8 u").shows("takes back your vote, GO");
    assert!(script.desk.session.poll.votes.is_empty());

    let mut script = ready("dana");
    script.keys("1 D D u").shows("u: ");
    assert_eq!(script.sent(), ["declare"]);
}

#[test]
fn z_shows_the_selected_part_alone_on_every_screen_that_has_parts_and_esc_shows_the_rest_again() {
    for (screen, hidden) in [("1", "Plan B"), ("2", "Tab"), ("3", "Safety"), ("8", "Record")] {
        let mut script = stopped("raj");
        script.keys(screen).shows(hidden).keys("z").hides(hidden).keys("Esc").shows(hidden);
        script.keys("z").hides(hidden).keys("z").shows(hidden);
    }
}

#[test]
fn c_shows_what_happened_since_on_every_screen() {
    for screen in ["1", "2", "3", "8", "Esc"] {
        stopped("raj").keys(screen).keys("c").shows("since I last looked").shows("web-02").keys("Esc");
    }
}

#[test]
fn every_list_is_filtered_and_narrowed_and_its_waiting_rows_are_found() {
    let mut script = at("dana");
    script.keys("1 /").text("operations").keys("Enter").shows("/ operations").hides("engineering ");
    script.keys("Esc").shows("engineering");
    script.keys("s").shows("s by who lifts it").keys("Esc").hides("s by who");
    script.keys("n").keys("N");
    let mut script = ready("dana");
    script.keys("1 !").shows("! what waits only").hides("engineering ").keys("!").shows("engineering");
    for screen in ["2", "3", "8"] {
        let mut script = stopped("raj");
        script.keys(screen).keys("/").text("zzz").keys("Enter").shows("/ zzz").keys("Esc").hides("/ zzz");
        script.keys("! s n N");
    }
}

#[test]
fn a_link_is_opened_and_only_a_web_link() {
    let mut script = at("raj");
    let shown = |text: &str| ChecklistCommand::GiveEvidence {
        item: item("load-test"),
        evidence: text.into(),
        file: None,
    };
    script.desk.say("raj", Command::Checklist(shown("file:///etc/passwd"))).expect("given");
    script.keys("2 j o").shows("o: what is selected has no link");
    script
        .desk
        .say("raj", Command::Checklist(shown("see (https://ci.example/4412), page 2")))
        .expect("given");
    script.keys("o");
    let opened = golive::tui::app::Request::Browse("https://ci.example/4412".into());
    assert!(script.requests.contains(&opened), "{:?}", script.requests);
}
