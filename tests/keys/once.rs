//! What runs once in a go-live, as it is seen: before the start, while it runs, when it failed, and on the way back.

use golive::domain::{
    course::{CourseEvent, ReopenedBecause},
    decide::report,
    effect::{Outcome, Report, Reported},
    effect_log::Outlived,
    event::Event,
    name::{OnceName, StageName, Version},
    plan::{Amount, Once, Plan, Rolling, Strategy, When},
    project::OnceLeft,
    time::Span,
};
use golive::tui::terminal::Caps;

use super::{golive::declared_at, pictures::started, script::Script};
use crate::{
    plan_parts::template,
    screens::{caps, text},
};

/// Batches of one host; a migration before them, which nothing takes back, and an announcement after them.
pub fn plan() -> Plan {
    let mut plan = super::desk::plan();
    let one = |name: &str, when, back: bool| Once {
        name: OnceName::new(name).unwrap(),
        run: vec![template("bin/once"), template(name)],
        when,
        timeout: Span::minutes(5),
        back: if back { vec![template("bin/once"), template("back"), template(name)] } else { vec![] },
    };
    plan.stages[0].strategy =
        Strategy::Rolling(Rolling { batches: vec![Amount::Count(1)], ..Rolling::default() });
    plan.stages[0].once = vec![one("migrate", When::Before, false), one("announce", When::After, true)];
    plan
}

/// It runs for 12 s by now.
pub fn runs(caps: Caps) -> Script {
    runs_in(plan(), caps)
}

fn runs_in(plan: Plan, caps: Caps) -> Script {
    let mut script = started(plan, caps);
    let runs = |script: &Script| script.desk.session.pipeline.stages.iter().any(|run| !run.once.is_empty());
    while !runs(&script) {
        script.rounds(1);
    }
    script.wait(12_000);
    script
}

/// It failed: no host is touched.
pub fn failed(caps: Caps) -> Script {
    let mut script = started(plan(), caps);
    script.once_fails = Some("exit status 3: no such table".into());
    script.rounds(6);
    script
}

/// What is known of it after its conductor was ended.
fn reported(script: &mut Script, what: Reported) {
    let session = &script.desk.session;
    let flight = session.flights.iter().find(|flight| flight.effect.follows()).expect("it is followed");
    let report_of = Report { epoch: session.epoch, effect: flight.effect.id.clone(), what };
    for event in report(session, report_of, script.desk.now) {
        script.fact(event);
    }
    script.wait(1_000);
}

/// Its conductor was ended while it ran, and the next one has found it.
fn outlived(caps: Caps) -> Script {
    let mut script = runs(caps);
    let because = ReopenedBecause::Started;
    script.fact(Event::Course(CourseEvent::Reopened { epoch: 1, because }));
    script.desk.observe("2.4.1");
    let since = Some(script.desk.now.wall);
    reported(&mut script, Reported::Outlived(Outlived { pid: 4711, since }));
    script
}

/// It is on the screen with the word that ends it; where nobody saw how it ended, whoever has looked says so.
#[test]
fn one_that_has_outlived_its_conductor_is_seen_and_whoever_has_looked_vouches_for_it() {
    let mut script = outlived(caps(120, 36));
    script.keys("3").shows("migrate still runs (process 4711, since ").shows("and its conductor was ended");
    script.keys("M").hides("you have looked").keys("Esc");
    let why = "how it ended nobody saw".to_owned();
    reported(&mut script, Reported::Ended(Outcome::Inconclusive { why }));
    script.keys("3").shows("NEEDS A HUMAN").shows("migrate of production unknown: how it ended nobody saw");
    script.keys("M").shows("mark migrate done").shows("you have looked");
    script.text("I looked").keys("Tab").text("migrate").wait(500).keys("Enter");
    script.work();
    script.shows("3 done");
}

#[test]
fn what_runs_once_is_said_before_the_start_and_while_it_runs() {
    let mut script = declared_at(Script::new("raj", plan(), caps(120, 36)));
    script.keys("3 S").shows("once: migrate before any host, nothing takes it back");
    let mut script = runs(caps(120, 36));
    script.keys("3").shows("migrate runs, once, for 0:14, at most 5 min");
    script.shows("then");
    script.work();
    script.shows("3 done");
}

#[test]
fn what_it_does_is_said_beside_that_it_is_late_and_what_it_would_take_back() {
    let mut late = plan();
    late.stages[0].budget = Some(Span::secs(10));
    late.stages[0].bake = Span::ZERO;
    let mut script = runs_in(late, caps(80, 24));
    script.keys("3").shows("over its 10 s · production").shows("migrate runs, once");
    script.shows("→ 2.4.1 · only what ran once · kept on 3 of 3").hides("on 0 hosts");
}

#[test]
fn one_that_failed_is_tried_again_or_forced_past_by_its_name() {
    let mut script = failed(caps(120, 36));
    script
        .keys("3")
        .shows("NEEDS A HUMAN")
        .shows("migrate of production failed: exit status 3: no such table");
    script.keys("F").shows("go on without migrate").keys("Esc");
    script.keys("T").shows("migrate, which runs once").shows("run it again");
    script.once_fails = None;
    script.keys("T").work();
    script.shows("3 done");
}

#[test]
fn the_way_back_says_beforehand_what_it_does_not_take_back() {
    let mut script = runs(caps(120, 36));
    script.work();
    script.keys("3 R").shows("migrate of production is done, and nothing takes it back");
    script.shows("announce of production is done; a rollback runs bin/once back announce");
}

/// What a release before this one left is typed by its name, and never goes by itself; what this one ran is said, and the
/// same capital goes.
#[test]
fn a_rollback_past_what_an_earlier_release_left_asks_for_its_name() {
    let left = OnceLeft {
        version: Version::new("2.4.5").unwrap(),
        stage: StageName::new("production").unwrap(),
        once: OnceName::new("split-orders").unwrap(),
        ended: "ended as is".to_owned(),
        done: true,
        runs_with: None,
    };
    let mut script = runs(caps(120, 36));
    let production = script.desk.session.pipeline.stages[0].environment.clone();
    script.desk.session.course.left.once.insert(production, vec![left]);
    script.work();
    script.keys("3 R").shows("what split-orders changed stays, and 2.4.1 runs with it");
    script.wait(20_000).keys("R Enter");
    assert!(script.desk.session.rollout.rollbacks.is_empty(), "R alone goes nowhere");
    script.keys("Esc 3 R").text("split-orders").wait(500).keys("Enter");
    assert_eq!(script.desk.session.rollout.rollbacks.len(), 1);

    let mut script = runs(caps(120, 36));
    script.work();
    script.keys("3 R").shows("nothing takes it back").hides("changed stays").keys("R");
    assert_eq!(script.desk.session.rollout.rollbacks.len(), 1, "R twice, as ever");
}

#[test]
fn a_step_that_runs_once_at_every_size() {
    super::pictures::pictures("once-runs", "3", runs);
    super::pictures::pictures("once-failed", "3", failed);
    super::pictures::pictures("once-outlived", "3", outlived);
    let frame = failed(caps(80, 24)).keys("3").frame();
    assert!(text(&frame).contains("migrate of production failed"), "{}", text(&frame));
}
