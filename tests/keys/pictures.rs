//! The screens over a real session, as pictures: what a go-live looks like to the person who carries it out.

use golive::domain::{
    checklist::ChecklistCommand,
    command::Command,
    effect::LaneStep,
    name::UnitId,
    plan::{Amount, Canary, CanaryStep, Pause, Plan, Rolling, Strategy, Weight},
    poll::Decision,
    poll::{PollCommand, VoteKind},
    rollout::{Learned, RolloutCommand},
};
use golive::tui::terminal::Caps;
use ratatui::style::Modifier;

use crate::plan_parts::host;

use super::{
    desk::{candidate, item, plan, seat},
    script::Script,
};
use crate::screens::{assert_picture, caps, style_of, text};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 36), (60, 16), (30, 4)];

/// A quarter of an hour before the go-live: some voted, some answered, something is missing.
pub fn deciding(caps: Caps) -> Script {
    let mut plan = plan();
    plan.poll
        .seats
        .push(golive::domain::plan::Seat { deputy: Some(super::desk::who("ana")), ..seat("security") });
    let mut script = Script::new("dana", plan, caps);
    script.desk.observe("2.4.1");
    script.desk.later(golive::domain::time::Span::secs(3 * 86_400 - 860));
    script.desk.observe("2.4.1");
    for (who, command) in [
        (
            "raj",
            Command::Checklist(ChecklistCommand::Tick {
                item: item("support-told"),
                evidence: None,
                file: None,
            }),
        ),
        ("lee", Command::Poll(PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None })),
        (
            "raj",
            Command::Checklist(ChecklistCommand::Answer {
                item: item("on-call"),
                text: "sam until 20:00".into(),
            }),
        ),
    ] {
        script.desk.later(golive::domain::time::Span::secs(1));
        script.desk.say(who, command).expect("said");
    }
    script
}

/// The second host did not start: the line is stopped.
fn stopped(caps: Caps) -> Script {
    let mut script = started(plan(), caps);
    script.faults.insert(
        (UnitId::new("web-02").expect("a name"), LaneStep::Start),
        "payments: connection refused".into(),
    );
    script.work();
    script
}

/// A third of it is done, and the next host under way; what it would go back to was verified by a go-live.
fn calm(caps: Caps) -> Script {
    let mut script = started(plan(), caps);
    let production = script.desk.session.plan().headline().expect("an environment").name.clone();
    script.desk.session.course.proven.insert(production, candidate("2.4.1"));
    script.rounds(14);
    script
}

/// Every host is done, and the last stage bakes.
fn baking(caps: Caps) -> Script {
    let mut plan = plan();
    plan.stages[0].bake = golive::domain::time::Span::minutes(10);
    let mut script = started(plan, caps);
    script.work();
    script
}

/// Six hosts in four batches: the first is done, the second under way, the others wait for theirs.
pub fn in_batches(caps: Caps) -> Script {
    let mut plan = plan();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.capacity.max_parallel = Some(Amount::Count(2));
    environment.capacity.min_healthy = Some(Amount::Count(4));
    environment.pools[0].hosts = (1..=6).map(|n| host(&format!("web-0{n}"), 80)).collect();
    let batches = vec![Amount::Count(1), Amount::Count(2)];
    plan.stages[0].strategy = Strategy::Rolling(Rolling { batches, ..Rolling::default() });
    let mut script = started(plan, caps);
    script.rounds(14);
    script
}

/// Six hosts, of which one has the new version and gets a tenth of the requests, for ten minutes.
fn at_a_share(caps: Caps) -> Script {
    let mut plan = plan();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.capacity.min_healthy = Some(Amount::Count(4));
    environment.pools[0].hosts = (1..=6).map(|n| host(&format!("web-0{n}"), 80)).collect();
    let pause = CanaryStep::Pause(Pause::For(golive::domain::time::Span::minutes(10)));
    let weight = Weight::new(10).map(CanaryStep::Weight).expect("a share");
    plan.stages[0].strategy = Strategy::Canary(Canary { steps: vec![weight, pause] });
    let mut script = started(plan, caps);
    script.work();
    script
}

/// Three earlier sessions have shown what a host takes; of this one none has yet.
fn learned(mut script: Script) -> Script {
    let production = script.desk.session.plan().headline().expect("an environment").name.clone();
    let seconds = golive::domain::time::Span::secs;
    let steps = [(LaneStep::Fetch, seconds(4)), (LaneStep::Drain, seconds(9))].into();
    let learned = Learned { sessions: 3, lane: seconds(50), steps, checks: [].into(), once: [].into() };
    script.desk.session.course.learned.insert(production, learned);
    script
}

/// The line stopped, and what was touched was brought back.
fn rolled_back(caps: Caps) -> Script {
    let mut script = stopped(caps);
    script.faults.clear();
    script.keys("3 R").wait(500).press("R").work();
    script
}

/// Everything was said, GO declared and the stage started: nothing is done yet.
pub fn started(plan: Plan, caps: Caps) -> Script {
    let mut script = Script::new("raj", plan, caps);
    script.desk.observe("2.4.1");
    for command in [
        ChecklistCommand::Tick { item: item("support-told"), evidence: None, file: None },
        ChecklistCommand::Tick {
            item: item("load-test"),
            evidence: Some("41,200 req/min".into()),
            file: None,
        },
        ChecklistCommand::Answer { item: item("on-call"), text: "sam until 20:00".into() },
    ] {
        script.desk.say("raj", Command::Checklist(command)).expect("said");
    }
    for who in ["lee", "raj"] {
        let vote = PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None };
        script.desk.say(who, Command::Poll(vote)).expect("voted");
    }
    let go = PollCommand::Declare { decision: Decision::Go, reason: String::new(), ask_again: None };
    script.desk.say("dana", Command::Poll(go)).expect("declared");
    script.desk.say("raj", Command::Rollout(RolloutCommand::Start { stage: None })).expect("started");
    script
}

/// Without colour, and without anything but ASCII: then every character that is folded still stands for the same.
pub fn pictures(name: &str, keys: &str, script: fn(Caps) -> Script) {
    for (columns, rows) in SIZES {
        for unicode in [true, false] {
            let mut script = script(Caps { unicode, ..caps(columns, rows) });
            script.keys(keys);
            let frame = script.frame();
            if !unicode {
                assert!(text(&frame).is_ascii(), "{}", text(&frame));
            }
            let kind = if unicode { "" } else { "-ascii" };
            assert_picture(&format!("golive/{name}-{columns}x{rows}{kind}"), &frame);
        }
    }
}

/// [W29] The way back is on every screen of a stopped line, and in words.
#[test]
fn a_stopped_line_at_every_size() {
    pictures("rollout", "3", stopped);
    let frame = stopped(caps(80, 24)).keys("3").frame();
    assert!(style_of(&frame, "NEEDS A HUMAN").add_modifier.contains(Modifier::BOLD | Modifier::REVERSED));
    assert!(style_of(&frame, "PRODUCTION").add_modifier.contains(Modifier::BOLD | Modifier::REVERSED));
    assert!(!style_of(&frame, "done").add_modifier.contains(Modifier::REVERSED), "what is well is quiet");
}

/// [W17] [W34] Quiet says as much as trouble: what is under way, for how long of how long, what comes next, and the way back.
#[test]
fn a_calm_rollout_at_every_size() {
    pictures("calm", "3", calm);
    let frame = calm(caps(80, 24)).keys("3").frame();
    assert!(style_of(&frame, "ROLLBACK READY").add_modifier.is_empty(), "what is well is quiet");
    assert!(
        style_of(&frame, "web-02").add_modifier.contains(Modifier::BOLD),
        "the host under way is selected"
    );
    let loud = |cell: &ratatui::buffer::Cell| cell.modifier.contains(Modifier::BOLD | Modifier::REVERSED);
    let shouts = frame.content.iter().filter(|cell| loud(cell)).count();
    assert_eq!(shouts, "PRODUCTIONweb-02".len(), "only where one is and what one looks at");
    assert!(text(&frame).contains("2.5.0 serves 1 of 2, 50 %"), "{}", text(&frame));
    let mut next = calm(caps(80, 24));
    let frame = next.keys("3").rounds(12).frame();
    assert!(style_of(&frame, "web-03").add_modifier.contains(Modifier::BOLD), "{}", text(&frame));
    assert!(
        !style_of(&frame, "web-02").add_modifier.contains(Modifier::BOLD),
        "the mark moves with the work"
    );
}

/// [R30] [K45] How long it still bakes, and which version runs on each host.
#[test]
fn a_baking_stage_at_every_size() {
    pictures("baking", "3", baking);
    let frame = baking(caps(80, 24)).keys("3").frame();
    for host in ["web-01   2.5.0 ", "web-02   2.5.0 ", "web-03   2.5.0 "] {
        assert!(text(&frame).contains(host), "{}", text(&frame));
    }
    assert!(style_of(&frame, "production baking").add_modifier.contains(Modifier::BOLD));
    assert!(text(&frame).contains("10:00 left, until"), "{}", text(&frame));
}

/// It is over, and it is not a success: no host is shown as done.
#[test]
fn a_rollout_that_was_rolled_back_at_every_size() {
    pictures("rolled-back", "3", rolled_back);
    let frame = rolled_back(caps(80, 24)).keys("3").frame();
    assert!(text(&frame).contains("0 done · 0 failed · 0 working · 2 rolled back"), "{}", text(&frame));
    assert!(!style_of(&frame, "rolled back").add_modifier.contains(Modifier::REVERSED));
    assert!(!text(&frame).contains("R ROLL BACK"), "there is nothing left to bring back");
}

/// [W34] Which batch is taken, and which one each host waits for.
#[test]
fn a_rollout_in_batches_at_every_size() {
    pictures("batches", "3", in_batches);
    let frame = in_batches(caps(80, 24)).keys("3").frame();
    assert!(text(&frame).contains("production 1/6, batch 2 of 4"), "{}", text(&frame));
    assert!(text(&frame).contains("waiting, batch 3"), "{}", text(&frame));
}

/// No host serves, as planned: since when, how long, what was expected, and what comes next.
#[test]
fn a_downtime_at_every_size() {
    let down = |caps: Caps| super::stop_all::down(started(super::stop_all::plan(), caps));
    pictures("down", "3", down);
    let frame = down(caps(80, 24)).keys("3").frame();
    assert!(text(&frame).contains("DOWN since"), "{}", text(&frame));
}

/// What a GO means where every host is stopped before one is deployed.
#[test]
fn a_downtime_to_come_at_every_size() {
    let to_come = |caps: Caps| {
        let mut script = Script::new("dana", super::stop_all::plan(), caps);
        script.desk.observe("2.4.1");
        learned(script)
    };
    pictures("downtime-to-come", "1", to_come);
}

/// A canary at its share: how long it pauses, what comes then, and what its balancer gives it.
#[test]
fn a_canary_at_its_share_at_every_size() {
    pictures("canary", "3", at_a_share);
    let frame = at_a_share(caps(80, 24)).keys("3").frame();
    for words in
        ["production at 10 %, 1/6: paused, 9:59 left", "production 1/6, 10 %, pause", "balancer gives 10 %"]
    {
        assert!(text(&frame).contains(words), "{words}: {}", text(&frame));
    }
}

/// [O47] Two lanes with versions, weights and health: while one side is changed, and while both serve.
#[test]
fn both_sides_of_a_blue_green_environment_at_every_size() {
    let out = |caps: Caps| {
        super::blue_green::until(started(super::blue_green::plan(), caps), super::blue_green::changes)
    };
    let soaks = |caps: Caps| {
        super::blue_green::until(started(super::blue_green::plan(), caps), super::blue_green::soaks)
    };
    pictures("blue-green-out", "3", out);
    pictures("blue-green", "3", soaks);
    let frame = soaks(caps(80, 24)).keys("3").frame();
    for words in ["blue   in    50 %  2.5.0 · 3 of 3 healthy", "green  in    50 %  2.4.1 · 3 of 3 healthy"]
    {
        assert!(text(&frame).contains(words), "{words}: {}", text(&frame));
    }
    let frame = out(caps(80, 24)).keys("3").frame();
    for words in ["blue   OUT    0 %", "green  in   100 %  2.4.1"] {
        assert!(text(&frame).contains(words), "{words}: {}", text(&frame));
    }
}

/// Lanes of clouds with their roles, versions, weights and health: at the pause before the switch, and while that waits to
/// be observed.
#[test]
fn the_clouds_of_an_environment_at_every_size() {
    let waits =
        |caps: Caps| super::blue_green::until(started(super::clouds::plan(), caps), super::clouds::waits);
    let told = |caps: Caps| super::clouds::told(started(super::clouds::plan(), caps));
    pictures("clouds-waiting", "3", waits);
    pictures("clouds-switching", "3", told);
    let frame = waits(caps(80, 24)).keys("3").frame();
    for words in
        ["eu-1  PRI  in   100 %  2.4.1 · 3 of 3 healthy", "eu-2  SEC  OUT    0 %  2.5.0 · 3 of 3 healthy"]
    {
        assert!(text(&frame).contains(words), "{words}: {}", text(&frame));
    }
}

/// [R49] Each figure with both sides beside each other, their difference, and the verdict.
#[test]
fn both_sides_of_a_comparison_at_every_size() {
    pictures("compare", "4", super::compare::counted);
}

/// [W34] What earlier sessions took is said as that, before and while hosts of this one are under way.
#[test]
fn expected_times_that_earlier_sessions_have_shown_at_every_size() {
    pictures("learned", "3", |caps| learned(started(plan(), caps)));
    pictures("learned-decision", "1", |caps| learned(deciding(caps)));
    for (mut script, keys) in
        [(learned(started(plan(), caps(80, 24))), "3"), (learned(deciding(caps(80, 24))), "1")]
    {
        let frame = script.keys(keys).frame();
        assert!(text(&frame).contains("(from 3 sessions)"), "{}", text(&frame));
    }
}

/// Every host with what ran, what is wanted and what runs, and what each way on would do.
#[test]
fn the_versions_of_a_stopped_line_at_every_size() {
    pictures("versions", "3 v", stopped);
    let frame = stopped(caps(80, 24)).keys("3 v").frame();
    assert!(text(&frame).contains("host    before  wanted  runs"), "{}", text(&frame));
}

/// [P50] What was expected of each part, what it took, what the end hangs on, and when it comes.
#[test]
fn the_timeline_at_every_size() {
    pictures("timeline", "7", |caps| learned(in_batches(caps)));
    pictures("timeline-before", "7", |caps| learned(deciding(caps)));
    pictures("timeline-back", "7", rolled_back);
    let mut script = learned(in_batches(caps(80, 24)));
    script.keys("7").shows("to go · besides 1 decision").shows("Critical path").shows("bake 10 min");
    // What is under way is selected, a key moves on, and what is over can be left out.
    script.shows("production: batch 2 of 4: 2 hosts").keys("j").shows("production: batch 3 of 4: 2 hosts");
    script.keys("!").shows("! still to come").hides("batch 1 of 4").keys("Esc").shows("batch 1 of 4");
    script.keys("/").text("bake").keys("Enter").hides("batch 2 of 4: 2 hosts \u{2500}");
    script.keys("Esc H").shows("ETA unknown: HELD by raj");
    // Nothing keeps hosts from going back, and a stage that was given up takes no longer.
    script.keys("R R").hides("ETA unknown").shows("rollback of production");
}

#[test]
fn the_rollback_armed_over_a_stopped_line() {
    pictures("armed", "3 R", stopped);
}

#[test]
fn the_decision_before_the_go_live() {
    pictures("decision", "1", deciding);
}

#[test]
fn the_checklist_before_the_go_live() {
    pictures("checklist", "2", deciding);
}

#[test]
fn the_record_of_a_stopped_line() {
    pictures("record", "8", stopped);
}

#[test]
fn the_start_screen_over_an_open_session() {
    pictures("start", "Esc", deciding);
}

#[test]
fn the_keys_and_the_palette() {
    pictures("help", "3 ?", stopped);
    pictures("palette", "3 :", stopped);
}

#[test]
fn no_screen_panics_at_any_size() {
    for columns in [1, 2, 9, 35, 36, 59, 75, 76, 109, 110, 400] {
        for rows in [1, 2, 3, 5, 6, 19, 20, 29, 30, 120] {
            let mut script = deciding(caps(columns, rows));
            for keys in [
                "1", "2", "3", "7", "8", "Esc", "?", "Esc", ":", "Esc", "3", "G", "1", "v", "Esc", "H", "C",
                "Esc",
            ] {
                script.keys(keys);
            }
        }
    }
}
