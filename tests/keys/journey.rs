//! A check that people run by a key, and stages by themselves.

use std::collections::BTreeMap;

use golive::domain::{
    checklist::{ItemKind, Severity},
    command::Command,
    effect::Work,
    effect_log::EffectEvent,
    event::{Event, Stamped},
    name::CheckName,
    plan::{Check, CheckKind, Template},
    poll::{Decision, PollCommand, VoteKind},
    time::Span,
};

use super::{desk::plan, script::Script};
use crate::screens::caps;

/// [P19] A user's journey runs on one key and after each stage; what it said stands as its evidence.
#[test]
fn one_key_runs_the_journey_and_so_does_each_stage() {
    let journey: CheckName = "journey".parse().expect("a name");
    let mut plan = plan();
    let kind = CheckKind::Exec {
        argv: vec![Template::new("ci/journey").expect("a text")],
        dir: None,
        env: BTreeMap::new(),
    };
    let (timeout, interval) = (Span::minutes(1), Span::secs(10));
    let check = Check { name: journey.clone(), kind, timeout, retries: 0, interval, runbook: None };
    plan.checks.insert(journey.clone(), check);
    plan.stages[0].validations = vec![journey.clone()];
    let kind = ItemKind::Check { check: journey.clone() };
    plan.items = vec![super::desk::spec("user-journey", kind, Severity::Required)];
    let mut script = Script::new("raj", plan, caps(80, 24));
    script.desk.observe("2.4.1");
    script.keys("2").shows("○ user journey").keys("t").work();
    let runs = |script: &Script| {
        let of = |at: &&Stamped| {
            matches!(&at.event, Event::Effect(EffectEvent::Started { effect })
                if matches!(&effect.work, Work::Check { check, .. } if *check == journey))
        };
        script.desk.record.iter().filter(of).count()
    };
    assert_eq!(runs(&script), 1, "{}", script.screen());
    script.shows("✔ user journey").shows("ok");
    for person in ["lee", "raj"] {
        let vote = PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None };
        script.desk.say(person, Command::Poll(vote)).expect("voted");
    }
    let go = PollCommand::Declare { decision: Decision::Go, reason: String::new(), ask_again: None };
    script.desk.say("dana", Command::Poll(go)).expect("declared");
    script.keys("3 S S").work();
    assert_eq!(runs(&script), 2, "{}", script.screen());
}

/// [K60] A check is asked at its interval, and when it was asked last and will be again stands with its item. One that
/// has not answered for two intervals is stale, is not ready, and is green again only once it answers.
#[test]
fn a_check_says_when_it_is_asked_and_is_stale_once_two_answers_are_missing() {
    let database: CheckName = "database".parse().expect("a name");
    let mut plan = plan();
    let kind = CheckKind::Tcp { address: Template::new("db:5432").expect("a text"), banner: None };
    let (timeout, interval) = (Span::secs(5), Span::minutes(1));
    let check = Check { name: database.clone(), kind, timeout, retries: 0, interval, runbook: None };
    plan.checks.insert(database.clone(), check);
    plan.items =
        vec![super::desk::spec("database-up", ItemKind::Check { check: database }, Severity::Required)];
    let mut script = Script::new("raj", plan, caps(80, 24));
    script.desk.observe("2.4.1");
    script.keys("2").shows("asked    now, since 12:00:0");
    script.rounds(1).wait(500).shows("✔ database up").shows(" · next 12:01:0").shows(", every 1 min");
    script.wait(110_000).shows("✔ database up").shows(" · now, since 12:01:");
    script.wait(20_000).shows("◌ database up").shows("stale").shows("last answer 2 min");
    script.keys("1").shows("NOT READY").keys("2");
    script.rounds(1).wait(500).shows("✔ database up");
}
