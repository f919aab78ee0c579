//! How long a stage may take.

use golive::domain::{
    course::Phase,
    event::Event,
    notice::NoticeEvent,
    pipeline::{PipelineEvent, StageState, over_budget},
    plan::rules,
    time::Span,
};

use crate::simulation::{
    people::*,
    plan::{Shape, plan},
    world::World,
};

fn spent(world: &World) -> usize {
    let durable = world.journal.durable.iter();
    let spent = |it: &&_| matches!(it, Event::Pipeline(PipelineEvent::BudgetSpent { .. }));
    durable.map(|it| &it.event).filter(spent).count()
}

/// A stage that takes longer than it may is said so, once in the record and to whoever is on watch, and goes on.
#[test]
fn a_stage_that_takes_longer_than_its_budget_is_told_and_stopped_by_nothing() {
    let shape = Shape { budget: Some(Span::minutes(12)), ..Shape::default() };
    let mut world = World::new(181, &shape);
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    world.must("dana", hold());
    world.run_for(Span::minutes(13));
    // It is held, and time goes on.
    let over = over_budget(world.session(), world.now()).next().unwrap();
    assert!(
        over.what.starts_with("production has taken 1") && over.what.ends_with("of its 12 min"),
        "{over:?}"
    );
    assert_eq!(spent(&world), 1);
    let told = |it: &Event| matches!(it, Event::Notice(NoticeEvent::Queued { text, .. }) if text.ends_with("production takes longer than its 12 min"));
    assert!(world.journal.durable.iter().any(|it| told(&it.event)));
    world.kill();
    world.must("dana", go_on());
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Ready);
    assert_eq!(over_budget(world.session(), world.now()).next(), None, "it is through");
    assert_eq!(spent(&world), 1);
}

/// What is through in its time is not spoken of, however long its promotion takes.
#[test]
fn a_stage_that_is_through_in_its_time_may_wait_for_its_promotion() {
    let shape = Shape { budget: Some(Span::hours(1)), ..Shape::default() };
    let mut world = World::new(182, &shape);
    world.under_way();
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Ready);
    world.run_for(Span::hours(2));
    assert_eq!(spent(&world), 0);
}

#[test]
fn a_budget_that_its_bake_alone_spends_is_refused() {
    let mut plan = plan(&Shape::default());
    plan.stages[0].budget = Some(Span::minutes(10));
    let broken = rules::check(&plan);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].what.contains("production may take 10 min, and bakes for 10 min"), "{broken:?}");
}
