//! What is live is verified by a test that was declared and passed, or by a person who looked; never by time.

use golive::domain::{
    course::{Phase, close_obstacles},
    event::Event,
    pipeline::{StageState, Verifies, verifies},
    plan::Promote,
    rollout::troubles,
    session::Session,
    time::Span,
};

use golive::report::says as says_of;

use super::ways::{says, small};
use crate::simulation::{host::Wrong, people::*, plan::Shape, world::World};

fn live(shape: &Shape) -> World {
    let mut world = World::new(71, shape);
    world.under_way();
    world.must("raj", tick("basic/looked"));
    world.run_until(Span::hours(1), |session: &Session| {
        matches!(session.pipeline.stages[0].state, StageState::Ready | StageState::Passed)
    });
    world
}

/// [K75] Without a smoke test nothing is verified until a person says that they looked.
#[test]
fn where_nobody_declared_a_smoke_test_a_person_has_to_look() {
    let mut world = live(&Shape { validations: false, promote: Promote::Automatic, ..small() });
    world.run_for(Span::hours(48));
    assert_eq!(world.session().course.phase, Phase::LiveUnverified, "time verifies nothing");
    let left = close_obstacles(world.session(), world.now());
    assert!(left.len() == 1 && left[0].why.contains("nobody declared a smoke test"), "{left:?}");
    says(&world.refused("dana", close()), &["verification", "promotion of the last stage (P)", "raj"]);
    world.must("raj", promote());
    assert_eq!(world.session().course.phase, Phase::Verified);
    let by = world.journal.durable.iter().rev().find_map(|at| match &at.event {
        Event::Course(golive::domain::course::CourseEvent::Verified { untested }) => {
            Some((at.actor.person(), untested.clone(), says_of(&at.event)))
        }
        _ => None,
    });
    let (by, untested, words) = by.unwrap();
    assert_eq!(by.map(ToString::to_string).as_deref(), Some("raj"), "the record names who looked");
    assert_eq!(
        untested.as_deref(),
        Some("no check is declared that tests what is live"),
        "and that nobody tested"
    );
    assert_eq!(words, "promoted what is live; no check is declared that tests what is live");
}

/// [K75] A declared test that passed verifies by itself, where promotion is automatic.
#[test]
fn a_smoke_test_that_passed_verifies_by_itself_where_promotion_is_automatic() {
    let mut world = live(&Shape { promote: Promote::Automatic, ..small() });
    world.reaches(Phase::Verified, Span::minutes(1));
    let tested = |at: &golive::domain::event::Stamped| {
        matches!(at.event, Event::Course(golive::domain::course::CourseEvent::Verified { untested: None }))
    };
    world.run_for(Span::secs(1));
    assert!(world.journal.durable.iter().any(tested), "a test says so");
}

/// [K75] A smoke test that fails calls a human, who is told of the way back; nothing is verified meanwhile, and what
/// is asked for after going live keeps the session open as well.
#[test]
fn a_smoke_test_that_fails_calls_a_human_and_verifies_nothing() {
    let mut world = World::new(72, &Shape { promote: Promote::Automatic, ..small() });
    world.check_faults.insert("smoke".into(), Wrong::Fails);
    world.under_way();
    world.run_until(Span::hours(1), |session| !troubles(session).is_empty());
    let list = troubles(world.session());
    assert!(
        list[0].words().contains("smoke") && list[0].lift(world.session()).contains("roll back (R)"),
        "{list:?}"
    );
    world.run_for(Span::hours(24));
    assert_ne!(world.session().course.phase, Phase::Verified);
    says(&world.refused("raj", promote()), &["validation smoke"]);
    says(&world.refused("dana", close()), &["can't be closed yet"]);
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
}

#[test]
fn a_promotion_that_is_a_persons_is_asked_for_on_the_last_stage_too() {
    let mut world = live(&small());
    world.run_for(Span::hours(48));
    assert_eq!(world.session().course.phase, Phase::LiveUnverified);
    let Verifies::Person { why } = verifies(world.session(), world.now()) else { panic!("by itself") };
    assert!(why.contains("a person's"), "{why}");
    world.must("dana", hold());
    says(&world.refused("raj", promote()), &["HOLD"]);
    world.must("dana", go_on());
    world.must("raj", promote());
    assert_eq!(world.session().course.phase, Phase::Verified);
}
