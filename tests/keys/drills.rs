//! Drills in the cockpit: what is due, an attempt under way that any act of a human fails, and what was found of one.

use golive::domain::{
    comparison::{Side, Sides},
    drill::DrillCommand,
    effect::{LaneStep, PoolState, Seen},
    event::Event,
    name::{CheckName, DrillName, UnitId},
    operation::{OperationCommand, OperationEvent},
    plan::{
        Amount, Capacity, Check, CheckKind, DataCentre, Drill, DrillKind, Driver, ExecVerb, Heartbeat,
        HttpCheck, Plan, Repair, Scale, Verb,
    },
    rollout::RolloutEvent,
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
    let hosts = ["web-02", "web-03"].map(|name| UnitId::new(name).expect("a name")).to_vec();
    with_drill(&mut plan, "replace-web", DrillKind::Replace { hosts });
    let verb = |verb: Verb| {
        let argv = vec![template("ops"), template("{host}")];
        (verb, ExecVerb { argv, timeout: Span::secs(60), env: [].into(), repeatable: false })
    };
    let verbs = [Verb::Observe, Verb::Stop, Verb::Install, Verb::Start, Verb::Replace];
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.driver = Driver::Exec { verbs: verbs.map(verb).into(), dir: None };
    plan
}

fn with_drill(plan: &mut Plan, name: &str, kind: DrillKind) {
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
    let name = DrillName::new(name).expect("a name");
    let drill = Drill {
        name: name.clone(),
        environment: plan.headline().expect("an environment").name.clone(),
        kind,
        probe: CheckName::new("front").expect("a name"),
        interval: Span::secs(1),
        availability: 9_990,
        latency: Span::millis(500),
        tools: vec![CheckName::new("pager").expect("a name")],
        receipts: Span::minutes(5),
    };
    plan.drills.insert(name, drill);
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
    starts(script, drill);
}

fn starts(script: &mut Script, drill: DrillName) {
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

/// Two clouds with roles, of which the primary is to be secondary for a while.
fn clouds() -> Plan {
    let mut plan = super::clouds::plan();
    with_drill(&mut plan, "secondary", DrillKind::Secondary { cloud: None, lasts: Span::minutes(3) });
    plan
}

/// Three hosts in two regions, of which one is to be offline.
fn regions() -> Plan {
    let mut plan = plan();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.capacity = Capacity { min_healthy: Some(Amount::Count(2)), ..Capacity::default() };
    for (at, host) in environment.pools.iter_mut().flat_map(|pool| &mut pool.hosts).enumerate() {
        host.region = Some(if at == 0 { "eu-1" } else { "eu-2" }.to_owned());
    }
    let place = DataCentre::Region("eu-1".into());
    with_drill(&mut plan, "offline", DrillKind::Offline { place, lasts: Span::minutes(10) });
    plan
}

fn leaves(name: &str, plan: Plan, caps: Caps) -> Script {
    let mut script = Script::new("raj", plan, caps);
    script.desk.observe("2.4.1");
    let standby: Vec<_> =
        script.desk.session.rollout.units().iter().filter(|unit| unit.standby).cloned().collect();
    for unit in standby {
        let seen = Seen { pool: PoolState::Out, ..unit.fresh().expect("observed").clone() };
        script.fact(Event::Rollout(RolloutEvent::UnitSeen { unit: unit.id, seen }));
    }
    script.frame();
    let drill = DrillName::new(name).expect("a name");
    let start: golive::domain::command::Command = if name == "offline" {
        DrillCommand::StartOutside { drill, reason: "the map is measured next week".into() }.into()
    } else {
        DrillCommand::Start { drill }.into()
    };
    script.desk.say("raj", start).expect("it begins");
    script
}

/// Until all that leave are out, and somebody counts what still goes there.
fn out(script: &mut Script) {
    for _ in 0..40 {
        let session = &script.desk.session;
        let served = |flight: &golive::domain::effect_log::Flight| {
            matches!(flight.effect.id.target, golive::domain::effect::Target::Served(_))
        };
        if session.flights.iter().any(served) {
            return;
        }
        script.rounds(1);
    }
    panic!("it never came so far\n{}", script.screen());
}

fn counted(there: u64, elsewhere: u64) -> Sides {
    let side = |requests| Side { hosts: 3, requests, errors: 0, waited: None };
    Sides { new: side(there), rest: side(elsewhere) }
}

/// What is out of traffic is said on every screen, with who is primary and how long it lasts.
#[test]
fn a_cloud_that_is_out_of_traffic_says_so_until_it_serves_again() {
    let mut script = leaves("secondary", clouds(), caps(120, 36));
    script.rounds(3).keys("3").shows("drill secondary: eu-2 takes over, 0 of 3 hosts serve");
    out(&mut script);
    script.shows("drill secondary: cloud eu-1 leaves traffic, 3 of 3 hosts out");
    script.counts_now(counted(0, 40)).rounds(2);
    script.shows("cloud eu-1 is out of traffic for 3 min, eu-2 is primary");
    script
        .keys("9")
        .shows("secondary the primary cloud for 3 min in production")
        .shows("attempt 1 under way");
    for _ in 0..100 {
        script.rounds(1);
    }
    script.keys("Esc 9").shows("carried out met: cloud eu-1 out for 3 min");
}

#[test]
fn pictures_of_what_is_out_of_traffic() {
    for (size, unicode) in [((80, 24), true), ((120, 36), true), ((80, 24), false)] {
        let kind = if unicode { "" } else { "-ascii" };
        let (columns, rows) = size;
        let picture = |name: &str, script: &mut Script| {
            assert_picture(&format!("golive/drill-{name}-{columns}x{rows}{kind}"), &script.frame());
        };
        let caps = Caps { unicode, ..caps(columns, rows) };
        for (name, plan) in [("secondary", clouds()), ("offline", regions())] {
            let mut script = leaves(name, plan, caps);
            out(&mut script);
            script.counts_now(counted(0, 40)).rounds(2);
            script.keys("3");
            picture(&format!("{name}-rollout"), &mut script);
            script.keys("9");
            picture(name, &mut script);
        }
    }
}

/// Beside a host stands whether its heart beats.
#[test]
fn a_host_that_misses_beats_is_late_and_then_dead_on_the_screen() {
    let mut plan = plan();
    for environment in plan.environments.values_mut() {
        environment.heartbeat = Some(Heartbeat { every: Span::secs(10), missed: 3 });
    }
    let mut script = Script::new("raj", plan, caps(120, 36));
    script.desk.observe("2.4.1");
    script.frame();
    script.keys("3").shows("✔ alive · a beat every 10 s, dead after 3");
    let unit = UnitId::new("web-01").expect("a name");
    let was =
        script.desk.session.rollout.unit(&unit).and_then(|unit| unit.fresh().cloned()).expect("observed");
    let why = Some("connection refused".to_owned());
    let seen = Seen { health: golive::domain::effect::Health::Sick, why, ..was };
    script.fact(Event::Rollout(RolloutEvent::UnitSeen { unit, seen }));
    script.rounds(0).shows("▲ late, 1 of 3 beats missed");
    for _ in 0..12 {
        script.rounds(1);
    }
    script.shows("✖ DEAD, 3 beats missed");
    assert_picture("golive/heartbeat-dead-120x36", &script.frame());
}

/// What golive does by itself about a dead host stands beside it, and that it is suspended where it is.
#[test]
fn repairs_and_their_suspension_are_on_the_screen() {
    let mut plan = plan();
    for environment in plan.environments.values_mut() {
        environment.heartbeat = Some(Heartbeat { every: Span::secs(10), missed: 1 });
        environment.repair = Some(Repair {
            argv: vec![template("ci/restart")],
            timeout: Span::secs(60),
            cool_down: Span::minutes(5),
            attempts: 3,
            at_once: 1,
            replace: None,
        });
    }
    let mut script = Script::new("raj", plan, caps(80, 24));
    script.desk.observe("2.4.1");
    script.frame();
    let unit = UnitId::new("web-01").expect("a name");
    let was =
        script.desk.session.rollout.unit(&unit).and_then(|unit| unit.fresh().cloned()).expect("observed");
    let why = Some("connection refused".to_owned());
    let seen = Seen { health: golive::domain::effect::Health::Sick, why, ..was };
    script.fact(Event::Rollout(RolloutEvent::UnitSeen { unit: unit.clone(), seen }));
    script.rounds(2);
    script.fact(Event::Operation(OperationEvent::RepairJudged { unit, attempt: 1, alive: false }));
    script.keys("3").shows("repair 1 of 3 by golive did not help");
    script.shows("web-01 is DEAD, no beat for");
    let environment = script.desk.session.plan().stages.last().expect("a stage").environment.clone();
    let reason = "the network is being moved".into();
    let suspend = OperationCommand::SuspendRepairs { environment, reason };
    script.desk.say("raj", golive::domain::command::Command::from(suspend)).expect("suspended");
    script.frame();
    script.shows("repairs SUSPENDED by raj · :repair resume production");
    assert_picture("golive/repairs-suspended-80x24", &script.frame());
    script.keys("9").shows("SUSPENDED by raj");
    assert_picture("golive/repairs-drills-80x24", &script.frame());
}

/// [O20] How many machines there are, the bounds, what is pending, and the last change.
#[test]
fn scaling_is_on_the_screen_with_its_bounds_and_its_last_events() {
    let mut plan = plan();
    let environment = plan.stages.last().expect("a stage").environment.clone();
    for place in plan.environments.values_mut() {
        place.scale = Some(Scale {
            min: 2,
            max: 8,
            step: 2,
            current: vec![template("ci/count")],
            to: vec![template("ci/scale"), template("{count}")],
            timeout: Span::secs(60),
            within: Span::minutes(10),
        });
    }
    let mut script = Script::new("raj", plan, caps(80, 24));
    script.desk.observe("2.4.1");
    script.frame();
    let seen = |current: Option<u32>| {
        let why = current.is_none().then(|| "current was not done within 1 min and was ended".to_owned());
        Event::Operation(OperationEvent::ScaleSeen { environment: environment.clone(), current, why })
    };
    script.fact(seen(None));
    script.keys("9").shows("machines not known: current was not");
    script.keys("Esc");
    script.fact(seen(Some(3)));
    let asked =
        OperationCommand::Scale { environment: environment.clone(), to: 5, reason: "the fair opens".into() };
    script.desk.say("raj", golive::domain::command::Command::from(asked)).expect("asked");
    script.frame();
    script.shows("production goes from 3 to 5 machines, 3 by now");
    script.keys("9");
    assert_picture("golive/scale-pending-80x24", &script.frame());
    script.keys("Esc");
    script.rounds(2);
    script.fact(seen(Some(5)));
    script.rounds(1);
    script.keys("9").shows("machines 5, at least 2, at most 8");
    assert_picture("golive/scale-80x24", &script.frame());
}
