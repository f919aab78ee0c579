//! Resiliency drills: hosts that are taken through replacement, the criteria as the record has them, attempts until one
//! passes, quarters, and the gate.

use golive::domain::{
    command::Command,
    course::CourseCommand,
    drill::{self, AttemptLine, Book, Criterion, DrillCommand, Due, Finding, Quarter, Standing, due},
    effect::LaneStep,
    name::{DrillName, SessionId},
    next_step::{NextStep, next_step},
    plan::SecondGoLive,
    session::Session,
    time::{Span, WallTime},
};

use super::replace::{flag, small};
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{candidate, unit},
    upkeep::{drills, name},
    world::World,
};

fn begin() -> Command {
    DrillCommand::Start { drill: name() }.into()
}

fn note(fix: &str) -> Command {
    DrillCommand::Note { drill: name(), fix: fix.into() }.into()
}

fn close_it() -> Command {
    DrillCommand::Close { drill: name() }.into()
}

fn world(seed: u64) -> World {
    let mut world = World::changed(seed, &small(), drills);
    world.timings.check = (20_000, 300_000);
    world.run_for(Span::secs(20));
    world
}

fn over(session: &Session) -> bool {
    session.drills.running.is_none()
}

fn attempts(session: &Session) -> Vec<AttemptLine> {
    session.drills.book.get(&name()).unwrap().attempts().cloned().collect()
}

fn last(session: &Session) -> AttemptLine {
    attempts(session).pop().unwrap()
}

fn attempted(world: &mut World) -> AttemptLine {
    world.must("raj", begin());
    world.run_until(Span::minutes(30), over);
    last(world.session())
}

#[track_caller]
fn found(line: &AttemptLine, criterion: Criterion) -> &Finding {
    line.findings.iter().find(|finding| finding.criterion == criterion).unwrap()
}

/// The one criterion that is not met.
#[track_caller]
fn fails(line: &AttemptLine, criterion: Criterion, standing: Standing) -> String {
    assert!(!line.passed());
    let not: Vec<&Finding> = line.findings.iter().filter(|finding| !finding.met()).collect();
    assert_eq!(not.iter().map(|it| it.criterion).collect::<Vec<_>>(), [criterion], "{not:?}");
    assert_eq!(not[0].standing, standing, "{not:?}");
    not[0].shows.clone()
}

/// [O22] The chosen hosts are new machines with the version that should run; the others were not touched; and the drill
/// passes by the record alone.
#[test]
fn a_drill_takes_the_chosen_hosts_through_replacement() {
    let mut world = world(501);
    for host in &mut world.hosts {
        host.kept.insert(candidate("0.0.7"));
    }
    let line = attempted(&mut world);
    assert!(line.passed(), "{:?}", line.findings);
    let new: Vec<bool> = world.hosts.iter().map(|host| !host.kept.contains(&candidate("0.0.7"))).collect();
    assert_eq!(new, [false, true, true, false]);
    assert!(world.hosts.iter().all(|host| host.runs.as_ref().unwrap().as_str() == "2.4.1"));
    assert_eq!(found(&line, Criterion::CarriedOut).shows, "2 hosts replaced");
    assert_eq!(found(&line, Criterion::Notified).shows, "received by pager, graphs");
    assert_eq!(found(&line, Criterion::HandsOff).shows, "no human acted");
    assert!(found(&line, Criterion::Experience).shows.starts_with("p99 12 ms of "), "{:?}", line.findings);
}

/// [O25]
#[test]
fn a_tool_that_stays_silent_fails_the_drill_and_is_named() {
    let mut world = world(502);
    world.check_faults.insert("graphs".into(), Wrong::Fails);
    let line = attempted(&mut world);
    let why = fails(&line, Criterion::Notified, Standing::NotMet);
    assert_eq!(why, "graphs is silent: exit status 1");
    // It is waited for as long as the plan has it, and may still speak.
    let mut world = self::world(503);
    world.check_faults.insert("graphs".into(), Wrong::Fails);
    world.must("raj", begin());
    world.run_until(Span::minutes(30), |session| {
        session.drills.running.as_ref().is_some_and(|attempt| attempt.carried.is_some())
    });
    world.run_for(Span::minutes(1));
    // Until then nothing is said of it.
    let now = drill::so_far(world.session());
    let notified = now.iter().find(|finding| finding.criterion == Criterion::Notified).unwrap();
    assert_eq!(notified.to_string(), "tools notified UNPROVEN: not yet: graphs is silent: exit status 1");
    world.check_faults.clear();
    world.run_until(Span::minutes(5), over);
    assert!(last(world.session()).passed());
}

/// A tool that can't be asked says nothing: unproven, and not passed.
#[test]
fn a_tool_that_can_not_be_asked_leaves_the_drill_unproven() {
    let mut world = world(504);
    world.check_faults.insert("pager".into(), Wrong::Undecided);
    let line = attempted(&mut world);
    assert_eq!(fails(&line, Criterion::Notified, Standing::Unproven), "pager did not say: timed out");
}

/// [O26] With the time of the dip.
#[test]
fn a_dip_of_availability_fails_the_drill_with_its_interval() {
    let mut world = world(505);
    world.must("raj", begin());
    world.run_for(Span::secs(8));
    world.check_faults.insert("front".into(), Wrong::Fails);
    world.run_for(Span::secs(12));
    world.check_faults.clear();
    world.run_until(Span::minutes(30), over);
    let line = last(world.session());
    let why = fails(&line, Criterion::Availability, Standing::NotMet);
    assert!(why.contains("at least 99.90 % wanted; down 12:00:"), "{why}");
    assert!(why.contains(" UTC: exit status 1"), "{why}");
}

/// [O27]
#[test]
fn answers_that_take_too_long_fail_the_drill() {
    let mut world = world(506);
    world.check_faults.insert("front".into(), Wrong::Slow(30));
    let line = attempted(&mut world);
    let why = fails(&line, Criterion::Experience, Standing::NotMet);
    assert!(why.starts_with("p99 360 ms of ") && why.ends_with("at most 200 ms wanted"), "{why}");
}

/// [O28] [S2] One record says both: the host was brought through by a human, so the work went on, and the drill failed.
#[test]
fn a_drill_in_which_a_human_acted_has_failed_and_says_whose_act_it_was() {
    let mut world = world(507);
    world.hosts[1].wrong.push((LaneStep::Start, Wrong::Fails, None));
    world.must("raj", begin());
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.hosts[1].wrong.clear();
    world.must("raj", try_again(&unit("web-02")));
    world.run_until(Span::minutes(30), over);
    let line = last(world.session());
    let why = fails(&line, Criterion::HandsOff, Standing::NotMet);
    assert!(why.starts_with("raj acted (record line "), "{why}");
    assert_eq!(found(&line, Criterion::CarriedOut).shows, "2 hosts replaced", "and yet it came through");
}

/// Whatever a human does counts, a vote too; what was refused was not done.
#[test]
fn any_act_of_a_human_counts_and_a_refused_one_does_not() {
    let mut world = world(508);
    world.must("raj", begin());
    world.refused("raj", flag("web-09"));
    world.refused("raj", begin());
    world.run_until(Span::minutes(30), over);
    assert!(last(world.session()).passed());
    let mut world = self::world(509);
    world.must("raj", begin());
    world.must("dana", tick("basic/announced"));
    world.run_until(Span::minutes(30), over);
    assert!(fails(&last(world.session()), Criterion::HandsOff, Standing::NotMet).starts_with("dana acted"));
}

/// [O29] It stays open, with the attempts and what was mended between them, until one passes.
#[test]
fn a_drill_is_open_until_an_attempt_passes() {
    let mut world = world(510);
    assert!(world.refused("raj", close_it()).reason.contains("stays open: none of 0 attempts passed"));
    world.check_faults.insert("graphs".into(), Wrong::Fails);
    assert!(!attempted(&mut world).passed());
    let refusal = world.refused("raj", begin());
    assert!(refusal.reason.contains("nobody has said what was mended"), "{refusal}");
    world.must("raj", note("the exporter listens again"));
    assert!(!attempted(&mut world).passed());
    let refusal = world.refused("raj", close_it());
    assert!(
        refusal.reason.contains("none of 2 attempts passed; the last: tools notified NOT MET"),
        "{refusal}"
    );
    world.must("raj", note("and its alarm rule is back"));
    world.check_faults.clear();
    assert!(attempted(&mut world).passed());
    world.must("raj", close_it());
    let entry = world.session().drills.book.get(&name()).unwrap();
    assert!(entry.open().is_none() && entry.cases.len() == 1);
    let fixes: Vec<_> =
        attempts(world.session()).iter().map(|it| it.fix.as_ref().map(|it| it.text.clone())).collect();
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(fixes, [said("the exporter listens again"), said("and its alarm rule is back"), None]);
    assert!(world.refused("raj", note("nothing at all to mend")).reason.contains("passed"));
}

/// While nobody looked nothing was shown.
#[test]
fn a_conductor_that_was_away_leaves_the_drill_unproven() {
    let mut world = world(511);
    world.must("raj", begin());
    world.run_for(Span::secs(10));
    world.kill();
    world.run_until(Span::minutes(30), |session| over(session) || session.rollout.any_troubled());
    if !over(world.session()) {
        let stuck = world.session().rollout.troubled().next().unwrap().id.clone();
        world.must("raj", try_again(&stuck));
        world.run_until(Span::minutes(30), over);
    }
    let line = last(world.session());
    let shows = found(&line, Criterion::Availability);
    assert_eq!((shows.standing, shows.shows.as_str()), (Standing::Unproven, "the conductor was away"));
    assert!(!line.passed());
}

/// Another change that is pending keeps it from beginning, and it keeps the rollout.
#[test]
fn a_drill_and_another_change_exclude_each_other() {
    let mut world = world(512);
    world.must("raj", flag("web-01"));
    assert!(world.refused("raj", begin()).obstacles.iter().any(|it| it.what == "web-01"));
    let mut world = self::world(513);
    world.prepare();
    world.decide_go();
    world.must("raj", begin());
    let refusal = world.refused("raj", start());
    assert!(refusal.obstacles.iter().any(|it| it.what == "drill replace-web"), "{refusal}");
}

/// It would be erased without ever entering the book.
#[test]
fn no_session_ends_in_the_middle_of_a_drill_by_whatever_way() {
    let mut world = World::changed(515, &small(), |plan| {
        drills(plan);
        plan.second = SecondGoLive::Superseding;
    });
    world.run_for(Span::secs(20));
    world.must("raj", begin());
    let abandon = CourseCommand::Abandon { reason: "the date has moved".into() };
    for way in
        [CourseCommand::Close, abandon, CourseCommand::Supersede { by: candidate("2.6.0").version.clone() }]
    {
        let refusal = world.refused("dana", Command::Course(way));
        assert!(refusal.obstacles.iter().any(|it| it.why == "2 hosts being replaced"), "{refusal}");
    }
    assert!(!world.session().course.is_over());
}

/// What comes next is said as it is: nobody's act while a drill runs, and what was mended once one did not pass.
#[test]
fn what_comes_next_is_never_a_drill_that_can_not_begin() {
    let mut world = World::changed(516, &small(), |plan| {
        drills(plan);
        plan.poll.drills.insert(name(), Span::days(90));
    });
    world.run_for(Span::secs(20));
    world.check_faults.insert("graphs".into(), Wrong::Fails);
    world.must("raj", begin());
    world.run_for(Span::secs(5));
    let next = |world: &World| next_step(world.session(), world.now());
    let (step, in_the_way) = next(&world);
    assert!(matches!(&step, NextStep::Nobody(what) if what.starts_with("drill replace-web: ")), "{step:?}");
    assert!(in_the_way.iter().any(|it| it.what == "drill replace-web"), "{in_the_way:?}");
    world.run_until(Span::minutes(30), over);
    let lift = |world: &World| {
        let (_, list) = next(world);
        list.into_iter().find(|it| it.what == "drill replace-web").unwrap().lift
    };
    assert!(lift(&world).ends_with("(golive drill note replace-web)"), "{}", lift(&world));
    world.must("raj", note("the exporter listens again"));
    assert!(lift(&world).ends_with("(golive drill start replace-web)"), "{}", lift(&world));
    let refusal = world.refused("raj", note("and once more, in other words"));
    assert!(refusal.reason.contains("is noted"), "{refusal}");
}

#[test]
fn nothing_is_flagged_while_a_drill_runs_and_an_unknown_drill_is_named_as_such() {
    let mut world = world(517);
    world.must("raj", begin());
    let refusal = world.refused("raj", flag("web-01"));
    assert!(refusal.obstacles.iter().any(|it| it.what == "drill replace-web"), "{refusal}");
    world.run_until(Span::minutes(30), over);
    assert!(last(world.session()).passed());
    let other = || DrillName::new("replace-db").unwrap();
    for command in [
        DrillCommand::Close { drill: other() },
        DrillCommand::Note { drill: other(), fix: "the exporter listens again".into() },
    ] {
        let refusal = world.refused("raj", command.into());
        assert_eq!(refusal.reason, "there is no drill replace-db");
        assert!(refusal.lift.contains("one of replace-web"), "{refusal}");
    }
}

/// A host that stopped in a replacement is no rollout's: nobody is told to roll back.
#[test]
fn a_replacement_that_stopped_asks_for_what_can_be_done_about_it() {
    let mut world = world(518);
    world.hosts[1].wrong.push((LaneStep::Start, Wrong::Fails, None));
    world.must("raj", begin());
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    assert_eq!(next_step(world.session(), world.now()).0, NextStep::HumanAtHost);
}

/// A day of 2026, at noon UTC.
fn day(month: i8, day: i8) -> WallTime {
    let at = jiff::civil::date(2026, month, day).at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    WallTime(at.timestamp().as_microsecond())
}

fn passed(at: WallTime) -> AttemptLine {
    let met = |criterion| Finding { criterion, standing: Standing::Met, shows: String::new() };
    let findings = vec![met(Criterion::CarriedOut), met(Criterion::HandsOff)];
    let session = SessionId::new("1").unwrap();
    AttemptLine { number: 1, session, by: None, began: at, ended: at, findings, fix: None, outside: None }
}

/// [O21] Quarters of the calendar, by the project's clocks.
#[test]
fn a_drill_is_due_every_quarter_and_overdue_in_the_next_one() {
    let quarter = |quarter| Quarter { year: 2026, quarter };
    let mut book = Book::default();
    book.declared(&name(), day(2, 10));
    assert_eq!(due(&book, &name(), "UTC", day(3, 31)), Due::By(quarter(1)));
    assert_eq!(due(&book, &name(), "UTC", day(4, 1)), Due::Overdue { since: quarter(1) });
    // A pass resets it.
    book.attempted(&name(), &passed(day(4, 2)));
    assert_eq!(due(&book, &name(), "UTC", day(6, 30)), Due::Passed { next: quarter(3) });
    assert_eq!(due(&book, &name(), "UTC", day(7, 1)), Due::By(quarter(3)));
    assert_eq!(due(&book, &name(), "UTC", day(10, 1)), Due::Overdue { since: quarter(3) });
    // The clocks are the project's: an hour before midnight in UTC the next quarter has begun in Berlin.
    let late = WallTime(day(9, 30).0).plus(Span::minutes(11 * 60 + 30));
    assert_eq!(due(&book, &name(), "UTC", late), Due::By(quarter(3)));
    assert_eq!(due(&book, &name(), "Europe/Berlin", late), Due::Overdue { since: quarter(3) });
    assert_eq!(quarter(4).next(), Quarter { year: 2027, quarter: 1 });
}

/// An attempt that did not pass does not reset it.
#[test]
fn only_an_attempt_that_passes_counts_for_its_quarter() {
    let mut book = Book::default();
    book.declared(&name(), day(2, 10));
    let failed = AttemptLine { findings: Vec::new(), ..passed(day(3, 1)) };
    book.attempted(&name(), &failed);
    assert!(due(&book, &name(), "UTC", day(4, 1)).is_overdue());
}

/// [O30] Where the plan asks for it no release goes without a drill that passed lately.
#[test]
fn a_gate_may_require_that_a_drill_has_passed_lately() {
    let mut world = World::changed(514, &small(), |plan| {
        drills(plan);
        plan.poll.drills.insert(name(), Span::days(90));
    });
    world.timings.check = (20_000, 300_000);
    world.prepare();
    world.must("dana", vote_go());
    world.must("raj", vote_go());
    let refusal = world.refused("dana", declare_go());
    let why = "drill replace-web: no attempt has passed; lifted by: an attempt that passes";
    assert!(refusal.obstacles.iter().any(|it| it.to_string().starts_with(why)), "{refusal}");
    assert!(attempted(&mut world).passed());
    world.must("dana", declare_go());
    world.must("raj", start());
}
