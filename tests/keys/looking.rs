//! What only looks, and what takes one's own record back, on every screen.

use golive::{
    domain::{
        checklist::ChecklistCommand,
        command::Command,
        course::CourseCommand,
        effect::Candidate,
        poll::{PollCommand, VoteKind},
        time::Span,
    },
    tui::{
        keymap::ScreenName,
        terminal::{Caps, Depth},
        theme::{Look, Role, Themes},
    },
};

use ratatui::style::Modifier;

use super::{
    desk::{candidate, item},
    golive::{at, ready, stopped},
    script::Script,
};
use crate::screens::{caps, style_of};

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

/// A key that means nothing here is not met with silence: it says where it means something, or which keys there are.
#[test]
fn a_key_that_does_nothing_here_says_so() {
    let mut script = at("raj");
    script.keys("Esc T").shows("T does nothing here; on Rollout (3): try the failed or unknown host again");
    script.keys("5").shows("5 is no screen: 1 Decision 2 Checklist 3 Rollout 4 Compare 7 Timeline 8 Record");
    script.keys("Q").shows("Q does nothing: ? shows the keys");
}

/// Until the session has come nothing is known of it: no screen says that none is open, and nothing is green.
#[test]
fn before_the_session_has_come_every_screen_says_that_it_connects() {
    for screen in ScreenName::ALL {
        let words = if screen == ScreenName::Record {
            "connecting…"
        } else {
            "nothing is known of the session yet"
        };
        for (columns, rows) in [(80, 24), (60, 16), (120, 36)] {
            let caps = Caps { depth: Depth::True, ..caps(columns, rows) };
            let mut script = Script::new("raj", super::desk::plan(), caps);
            script.before_it_has_come();
            script.app.go(screen);
            script.shows(words).hides("no session is open");
            let frame = script.frame();
            let look = Look::new(&Themes::default().load("dark").expect("a theme"), &caps);
            let green = look.style(Role::StateOk).fg;
            assert!(frame.content.iter().all(|cell| cell.style().fg != green), "{screen:?}");
        }
    }
}

/// [P49] What saw the candidate before says when it was replaced, and by which: evidence and votes.
#[test]
fn stale_evidence_and_votes_say_when_the_candidate_changed() {
    for (columns, rows) in [(80, 24), (120, 36)] {
        let mut script =
            super::golive::ready_at(Script::new("dana", super::desk::plan(), caps(columns, rows)));
        let vote = Command::Poll(PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None });
        script.desk.say("lee", vote).expect("voted");
        script.desk.later(Span::minutes(5));
        let (was, is) = (candidate("2.5.0"), candidate("2.5.1"));
        let adopt = CourseCommand::AdoptCandidate { candidate: is.clone() };
        script.desk.say("dana", Command::Course(adopt)).expect("adopted");
        let short = |c: &Candidate| c.digest.short()[..4].to_owned();
        let words = format!("candidate changed 12:05 ({}… → {}…)", short(&was), short(&is));
        // Beside the list it is broken in two lines.
        let words = if columns > 80 { "candidate changed 12:05" } else { &words };
        script.keys("2 n").shows("load test").shows("stale").shows(words);
        script.keys("1").shows(words);
        let frame = script.frame();
        assert!(style_of(&frame, "GO stale").add_modifier.contains(Modifier::UNDERLINED));
    }
}

#[test]
fn the_selected_group_has_a_place_on_the_narrowest_screen_too() {
    let mut plan = super::desk::plan();
    for (n, spec) in plan.items.iter_mut().enumerate() {
        spec.group = format!("Group number {n}");
    }
    let groups = plan.items.len();
    assert!(groups > 3, "{groups} groups have room");
    let mut script = Script::new("raj", plan, caps(60, 16));
    script.keys("2");
    for _ in 0..groups {
        let screen = script.keys("Tab").screen();
        let tabs = screen.lines().nth(2).expect("a row of groups").to_owned();
        assert!(tabs.contains("[Group number"), "{screen}");
        assert!(!tabs.ends_with('·'), "{screen}");
    }
}

#[test]
fn why_space_does_nothing_stands_on_the_screen_once() {
    let mut script = at("raj");
    let words = "Space: plan b is checked automatically";
    let times = |script: &mut Script| script.screen().matches(words).count();
    script.keys("2 j j j");
    assert_eq!(times(&mut script), 1);
    script.keys("Space");
    assert_eq!(times(&mut script), 1);
}
