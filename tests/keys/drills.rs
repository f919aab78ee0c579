//! Drills in the cockpit: what is due, an attempt under way that any act of a human fails, and what was found of one.

use golive::domain::{
    drill::DrillCommand,
    effect::LaneStep,
    name::{CheckName, DrillName, UnitId},
    operation::OperationCommand,
    plan::{Check, CheckKind, Drill, DrillKind, Driver, ExecVerb, HttpCheck, Plan, Verb},
    time::Span,
};

use golive::tui::terminal::Caps;

use super::{desk::plan, script::Script};
use crate::{
    plan_parts::template,
    screens::{assert_picture, caps, text},
};

fn check(name: &str, kind: CheckKind) -> (CheckName, Check) {
    let name = CheckName::new(name).expect("a name");
    let (timeout, interval) = (Span::secs(2), Span::secs(10));
    (name.clone(), Check { name, kind, timeout, retries: 0, interval, runbook: None })
}

/// Three hosts that can be replaced, and a drill with two of them.
fn drilled() -> Plan {
    let mut plan = plan();
    let verb = |verb: Verb| {
        let argv = vec![template("ops"), template("{host}")];
        (verb, ExecVerb { argv, timeout: Span::secs(60), env: [].into(), repeatable: false })
    };
    let verbs = [Verb::Observe, Verb::Stop, Verb::Install, Verb::Start, Verb::Replace];
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.driver = Driver::Exec { verbs: verbs.map(verb).into(), dir: None };
    let http = HttpCheck {
        url: template("https://shop.example/"),
        method: "GET".into(),
        headers: [].into(),
        status: (200, 299),
        latency: None,
        contains: None,
        json: None,
        version_pointer: None,
    };
    let heard =
        || CheckKind::Exec { argv: vec![template("heard"), template("{since}")], dir: None, env: [].into() };
    plan.checks.extend([check("front", CheckKind::Http(http)), check("pager", heard())]);
    let name = DrillName::new("replace-web").expect("a name");
    let unit = |name: &str| UnitId::new(name).expect("a name");
    let drill = Drill {
        name: name.clone(),
        environment: environment.name.clone(),
        kind: DrillKind::Replace { hosts: vec![unit("web-02"), unit("web-03")] },
        probe: CheckName::new("front").expect("a name"),
        interval: Span::secs(1),
        availability: 9_990,
        latency: Span::millis(500),
        tools: vec![CheckName::new("pager").expect("a name")],
        receipts: Span::minutes(5),
    };
    plan.drills.insert(name, drill);
    plan
}

fn at(who: &str, size: (u16, u16), unicode: bool) -> Script {
    let caps = Caps { unicode, ..caps(size.0, size.1) };
    let mut script = Script::new(who, drilled(), caps);
    script.desk.observe("2.4.1");
    script.frame();
    script
}

fn began(script: &mut Script) {
    let drill = DrillName::new("replace-web").expect("a name");
    script
        .desk
        .say("raj", golive::domain::command::Command::from(DrillCommand::Start { drill }))
        .expect("it begins");
}

/// The first of its hosts is being made anew.
fn replacing(script: &mut Script) {
    began(script);
    for _ in 0..40 {
        let lane = script.desk.session.rollout.unit(&UnitId::new("web-02").expect("a name"));
        if lane.and_then(|unit| unit.lane.as_ref()).is_some_and(|lane| lane.step() == LaneStep::Install) {
            break;
        }
        script.rounds(1);
    }
    script.rounds(0);
}

#[test]
fn the_drills_are_a_key_away_with_when_each_is_due() {
    let mut script = at("raj", (80, 24), true);
    script.keys("9").shows("replace-web · replace web-02, web-03 in production · due in Q1 2026");
    script.shows("never tried: golive drill start replace-web").shows("none is flagged for replacement");
    let unit = UnitId::new("web-02").expect("a name");
    let flag = OperationCommand::Flag { unit, reason: "its disk makes noises".into() };
    script.desk.say("raj", golive::domain::command::Command::from(flag)).expect("flagged");
    script.keys("Esc 9").shows("web-02 flagged for replacement by raj: its disk makes noises");
    assert!(script.sent().is_empty(), "it only looks");
}

/// While it runs the second line says so on every screen, and what a key would do to it.
#[test]
fn a_drill_under_way_says_that_whatever_a_human_does_fails_it() {
    let mut script = at("raj", (120, 36), true);
    replacing(&mut script);
    script.keys("1").shows("◐ drill replace-web: 0 of 2 hosts replaced, web-02 install");
    script.shows("hands off, or it fails");
    script.keys("9").shows("attempt 1 under way").shows("hands off UNPROVEN: no human acted so far");
    script.keys("Esc H").shows("HOLD");
    script.keys("9").shows("hands off NOT MET: raj acted");
}

/// What starts one asks for the project's name: no key does it.
#[test]
fn a_drill_is_started_by_its_words_and_the_name_of_the_project() {
    let mut script = at("raj", (80, 24), true);
    script.keys(":").text("drill start replace-web").wait(500).keys("Enter").shows("drill start");
    assert!(script.sent().is_empty(), "the name is typed first");
    script.keys("Esc :").text("drill list").wait(500).keys("Enter").shows("drills and hosts");
}

#[test]
fn pictures_of_drills() {
    for (size, unicode) in [((80, 24), true), ((120, 36), true), ((80, 24), false)] {
        let kind = if unicode { "" } else { "-ascii" };
        let (columns, rows) = size;
        let picture = |name: &str, script: &mut Script| {
            let frame = script.frame();
            assert!(!text(&frame).is_empty());
            assert_picture(&format!("golive/drill-{name}-{columns}x{rows}{kind}"), &frame);
        };
        let mut script = at("raj", size, unicode);
        replacing(&mut script);
        script.keys("3");
        picture("rollout", &mut script);
        script.keys("9");
        picture("under-way", &mut script);
        // No answer says here how long it took: that stays unproven, and the drill open.
        script.keys("Esc").work();
        for _ in 0..200 {
            if script.desk.session.drills.running.is_none() {
                break;
            }
            script.rounds(1);
        }
        script.keys("9");
        picture("over", &mut script);
    }
}
