//! While the journal can't be written: everything is refused but HOLD and ROLL BACK; those go ahead on the
//! fallback, and are sealed into the journal when it is back.

use golive::domain::{
    course::{CourseEvent, Phase},
    event::Event,
    time::Span,
};

use super::ways::{says, small, stopped};
use crate::simulation::{
    people::*,
    plan::candidate,
    world::{Happening, World},
};

fn full(world: &mut World) {
    world.soon(Span(1), Happening::JournalFull(true));
    // The next append fails: a claim, a tick, anything.
    world.run_for(Span::millis(1));
    world.say("raj", tick("basic/looked"));
    world.run_for(Span::secs(1));
    assert!(world.turn.broken().is_some(), "{}", world.story());
}

#[test]
fn what_was_not_durable_did_not_happen_and_its_asker_is_told() {
    let mut world = World::new(51, &small());
    world.run_for(Span::secs(5));
    world.timings.commit = (100_000, 100_000);
    world.soon(Span(1), Happening::JournalFull(true));
    let id = world.say("sam", hold());
    assert!(world.session().course.hold.is_some());
    world.run_for(Span::secs(1));
    says(world.answers[&id].as_ref().unwrap_err(), &["the journal can't be written", "no space left"]);
    assert!(world.session().course.hold.is_none(), "folded again without it");
    says(&world.refused("raj", tick("basic/announced")), &["HOLD and ROLL BACK work meanwhile"]);
}

#[test]
fn with_the_journal_full_a_hold_and_a_rollback_go_ahead_and_are_sealed_afterwards() {
    let mut world = stopped();
    full(&mut world);
    says(&world.refused("raj", try_again(&crate::simulation::plan::unit("web-02"))), &["can't be written"]);
    world.must("sam", roll_back());
    assert!(world.session().course.hold.is_some(), "nothing goes forward without a record");
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(world.journal.full && !world.journal.fallback.is_empty());
    for host in &world.hosts {
        assert_eq!(host.installed, Some(candidate("2.4.1")));
        assert!(host.serves());
    }
    let lines = world.journal.fallback.len();
    world.soon(Span(1), Happening::JournalFull(false));
    world.run_for(Span::secs(30));
    assert!(world.turn.broken().is_none());
    let sealed = world.journal.durable.iter().find_map(|stamped| match &stamped.event {
        Event::Course(CourseEvent::GlassSealed { lines, .. }) => Some(*lines),
        _ => None,
    });
    assert!(sealed.is_some_and(|sealed| sealed as usize >= lines), "{sealed:?} of {lines}");
    world.must("dana", close());
    assert_eq!(world.journal.fold(), *world.session(), "the journal tells all of it");
}

/// What was answered on the fallback comes into the journal with what it did: whoever asks a later conductor again gets
/// the first answer, and is not told that it is held already.
#[test]
fn a_hold_that_was_answered_on_the_fallback_is_answered_alike_after_it_is_sealed_and_the_conductor_gone() {
    let mut world = stopped();
    full(&mut world);
    world.say_as("sam", hold().into(), "held-once");
    world.run_for(Span::secs(2));
    let first = world.answers["held-once"].clone();
    assert!(first.is_ok(), "{first:?}");
    world.soon(Span(1), Happening::JournalFull(false));
    world.run_for(Span::secs(30));
    assert!(world.turn.broken().is_none() && world.journal.fallback.is_empty());
    world.kill();
    world.run_for(Span::secs(5));
    world.answers.clear();
    world.say_as("sam", hold().into(), "held-once");
    world.run_for(Span::secs(2));
    assert_eq!(world.answers["held-once"], first, "and not as a second hold");
}

#[test]
fn a_refused_rollback_breaks_no_glass() {
    let mut world = World::new(53, &small());
    world.run_for(Span::secs(5));
    full(&mut world);
    says(&world.refused("sam", roll_back()), &["no host has been changed"]);
    says(&world.refused("eve", hold()), &["may look, but not act"]);
    world.run_for(Span::minutes(5));
    assert!(world.journal.fallback.is_empty(), "nothing was done, nothing is on record");
    assert!(world.session().course.hold.is_none());
    world.must("sam", hold());
    assert!(world.session().course.hold.is_some());
    assert!(!world.journal.fallback.is_empty());
}

#[test]
fn nothing_follows_by_itself_that_could_not_be_recorded() {
    let mut world = World::new(54, &small());
    world.under_way();
    world.run_until(Span::minutes(5), |session| {
        session.rollout.counts(&crate::simulation::plan::environment("production")).done == 1
    });
    world.soon(Span(1), Happening::JournalFull(true));
    world.run_for(Span::minutes(1));
    assert!(world.turn.broken().is_some());
    assert_eq!(world.turn.wake_at(), None);
    let durable = world.journal.durable.len();
    world.run_for(Span::hours(1));
    assert_eq!(world.journal.durable.len(), durable);
    world.soon(Span(1), Happening::JournalFull(false));
    world.reaches(Phase::LiveUnverified, Span::minutes(30));
}
