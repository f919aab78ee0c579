//! What a go-live leaves behind for the next one: repairs that are suspended or given up, and what ran once and was not
//! taken back.

use golive::domain::{
    course::Phase,
    effect::{LaneStep, Target},
    operation::Repaired,
    plan::SecondGoLive,
    rollout::{Crossed, moves, once_crossed, preview, taken_back},
    time::Span,
};

use super::{mended, once, replace};
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{PRODUCTION, environment, unit},
    robot::abandon,
    superseding::supersede,
    world::{World, actor},
};

fn closes(world: &mut World) {
    world.must("dana", abandon());
}

/// Its first host fails, and it is ended as it is: what ran once before stays. The next release is opened.
fn ends_as_is(world: &mut World) {
    ends_as_is_as(world, "2.6.0");
}

fn ends_as_is_as(world: &mut World, next: &str) {
    let index = world.index[&unit("web-01")];
    world.hosts[index].wrong.push((LaneStep::Fetch, Wrong::Fails, None));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.must("dana", end_as_is());
    world.hosts[index].wrong.clear();
    world.opens_next(next);
    world.run_for(Span::secs(20));
}

/// Said in one session it holds in the next, whoever opens that.
#[test]
fn repairs_that_are_suspended_stay_so_in_the_next_session() {
    let mut world = mended::world(701);
    world.must("raj", mended::suspend());
    closes(&mut world);
    world.opens_next("2.6.0");
    let paused = &world.session().operations.repairs.paused[&environment(PRODUCTION)];
    assert_eq!(paused.by.as_ref().map(golive::domain::name::PersonName::as_str), Some("raj"), "{paused:?}");
    world.run_for(Span::secs(20));
    mended::falls(&mut world, 1);
    world.run_for(Span::minutes(5));
    assert!(mended::repairs(&world).is_empty(), "{}", world.story());
    world.must("raj", mended::resume());
    world.run_for(Span::minutes(1));
    assert_eq!(mended::repairs(&world).len(), 1);
}

/// A host that three repairs have not helped is not repaired three times more because another session began.
#[test]
fn a_host_that_was_given_up_is_not_repaired_again_by_the_next_session() {
    let mut world = mended::world(702);
    world.hosts[1].beyond_repair = true;
    mended::falls(&mut world, 1);
    world.run_for(Span::minutes(10));
    assert_eq!(mended::repairs(&world).len(), 3);
    closes(&mut world);
    world.opens_next("2.6.0");
    world.run_for(Span::minutes(10));
    assert!(mended::repairs(&world).is_empty(), "{}", world.story());
    let said = mended::release(&world);
    assert!(said.contains("3 repairs did not help"), "{said}");
}

/// Of a cool-down only the rest is left where another session is opened in the middle of it: a host is not kept waiting
/// because somebody closed one.
#[test]
fn a_cool_down_goes_on_in_the_next_session() {
    let mut world = mended::world(709);
    world.hosts[1].beyond_repair = true;
    mended::falls(&mut world, 1);
    world.run_until(Span::minutes(2), |session| {
        session.operations.repairs.last(&unit("web-02")).is_some_and(|last| last.ended.is_some())
    });
    // Of the minute of its cool-down two thirds are over.
    world.run_for(Span::secs(40));
    assert_eq!(mended::repairs(&world).len(), 1);
    closes(&mut world);
    world.opens_next("2.6.0");
    let opened = world.now().session;
    world.run_for(Span::minutes(2));
    let second = mended::repairs(&world)[0].since(opened);
    assert!(second < Span::secs(40), "{second} after it was opened\n{}", world.story());
}

/// One that helps for a moment only is no help: it ends with as many as the plan has, and none is the fourth of three.
#[test]
fn a_host_that_falls_again_within_its_cool_down_is_given_up_after_as_many_as_the_plan_has() {
    let mut world = mended::world(703);
    for _ in 0..8 {
        mended::falls(&mut world, 1);
        world.run_for(Span::minutes(1));
    }
    let feed = &world.session().operations.repairs.feed;
    assert!(feed.iter().all(|it: &Repaired| it.attempt <= it.of), "{feed:?}\n{}", world.story());
    assert_eq!(feed.len(), 3, "{feed:?}");
}

/// Nothing is written after the closing: a repair comes to its end before it.
#[test]
fn no_session_ends_while_a_host_is_repaired() {
    let mut world = mended::world(704);
    world.timings.step = (3_000_000, 3_000_000);
    mended::falls(&mut world, 1);
    let repairs = |session: &golive::domain::session::Session| {
        session.flights.iter().any(|flight| matches!(flight.effect.id.target, Target::Repair(_)))
    };
    world.run_until(Span::minutes(2), repairs);
    let refused = world.refused("dana", abandon()).to_string();
    assert!(refused.contains("web-02: is being repaired by golive"), "{refused}");
    world.run_for(Span::minutes(1));
    world.must("dana", abandon());
}

/// END AS IS leaves a migration behind. Whoever rolls the next release back is told that this goes back past it: in the
/// plan, and where the rollback is asked for. Once a release is proven good everywhere, nothing is left to cross.
#[test]
fn what_ran_once_for_a_release_that_ended_as_is_is_said_by_the_next() {
    let mut world = once::begins(705, &once::batches([false, false]));
    ends_as_is(&mut world);
    world.prepare();
    let words = "migrate of production ran for 2.5.0 (ended as is), and was not taken back: a rollback goes back past it";
    let crossed = preview(world.session(), world.now()).unwrap().crossed;
    assert_eq!(crossed, [words], "{}", world.story());
    // What a rollback goes back past is asked for by its name; what this release runs is not.
    let asked = once_crossed(world.session(), &environment(PRODUCTION));
    assert!(asked.len() == 1 && words.starts_with(&asked[0].words), "{asked:?}");
    assert!(asked[0].stays.starts_with("what migrate changed stays, and "), "{asked:?}");
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(15));
    let said: Vec<String> = taken_back(world.session()).into_iter().map(|it| it.words).collect();
    assert_eq!(said[0], words, "{said:?}");
    assert!(said.iter().any(|it| it.starts_with("migrate of production is done")), "{said:?}");
}

/// Whoever flagged a host needs not flag it again because the release came to its end first.
#[test]
fn hosts_that_are_flagged_stay_so_in_the_next_session() {
    let mut world = mended::world(703);
    world.must("raj", replace::flag("web-02"));
    closes(&mut world);
    world.opens_next("2.6.0");
    let flags = &world.session().operations.flags;
    let who = |name: &str| flags[&unit(name)].by.as_ref().map(ToString::to_string);
    assert_eq!(flags.len(), 1, "{flags:?}");
    assert_eq!(who("web-02").as_deref(), Some("raj"));
}

/// Another version that supersedes it has it rolled back as well: not past what has to be named.
#[test]
fn a_version_that_supersedes_does_not_roll_back_past_a_migration_unasked() {
    let mut world = World::changed(706, &once::batches([false, false]), |plan| {
        plan.second = SecondGoLive::Superseding;
    });
    ends_as_is(&mut world);
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_touched());
    let refused = world.refused("dana", supersede("2.7.0")).to_string();
    assert!(refused.contains("goes back past migrate"), "{refused}");
    assert!(refused.contains("golive rollback --across-migration migrate"), "{refused}");
    assert!(world.session().course.superseded.is_none() && world.session().rollout.rollbacks.is_empty());
    world.must("dana", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(15));
    world.must("dana", supersede("2.7.0"));
}

/// Rolled back on every host, the old version serves with what the migration changed: going back to that again goes back
/// past nothing, and takes the one key. What goes back to another version still has to be named, once for each step.
#[test]
fn what_the_old_version_serves_with_since_a_rollback_is_not_gone_back_past_again() {
    let mut world = once::begins(707, &once::batches([false, false]));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_touched());
    world.must("dana", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(15));
    world.must("dana", close());
    world.opens_next("2.6.0");
    world.run_for(Span::secs(20));
    let place = environment(PRODUCTION);
    let left = &world.session().course.left.once[&place];
    assert_eq!((left.len(), left[0].runs_with.as_ref().unwrap().as_str()), (1, "2.4.1"), "{left:?}");
    assert!(once_crossed(world.session(), &place).is_empty(), "{:?}", once_crossed(world.session(), &place));
    assert!(preview(world.session(), world.now()).unwrap().crossed.is_empty());
}

/// Tried again and again for other versions it is one step to name, with all that it ran for; and the way back says so
/// where it is offered.
#[test]
fn a_step_that_was_left_behind_more_than_once_is_named_once() {
    let mut world = once::begins(708, &once::batches([false, false]));
    ends_as_is(&mut world);
    ends_as_is_as(&mut world, "2.7.0");
    let asked = once_crossed(world.session(), &environment(PRODUCTION));
    let words: Vec<&str> = asked.iter().map(|it| it.words.as_str()).collect();
    let all =
        "migrate of production ran for 2.5.0 (ended as is) and 2.6.0 (ended as is), and was not taken back";
    assert_eq!(words, [all]);
    assert_eq!(Crossed::asked(&asked), "golive rollback --across-migration migrate");
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_touched());
    let list = moves(world.session(), &actor("dana"), world.now());
    let back = list.iter().find(|it| it.key == 'R').unwrap();
    assert_eq!(back.command, "golive rollback --across-migration migrate");
    let does = back.does.as_deref().unwrap();
    assert!(does.contains(&format!("goes back past {all}: what migrate changed stays")), "{does}");
}
