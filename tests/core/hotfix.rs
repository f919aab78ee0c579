//! A hotfix: what it skips, what it does not, and the review that it leaves behind.

use golive::domain::{
    course::{Ending, Phase},
    event::Event,
    pipeline::{PipelineEvent, StageState},
    plan::{TimeOfDay, Weekday, Window},
    time::Span,
};

use super::ways::small;
use crate::simulation::{people::*, plan::Shape, world::World};

fn window() -> Window {
    let time = |text| TimeOfDay::parse(text).unwrap();
    let days = Weekday::parse_set("sat").unwrap();
    Window { days, from: time("01:00"), to: time("02:00"), zone: "Europe/Berlin".into() }
}

fn shape() -> Shape {
    Shape { hosts: 3, bake: Span::hours(2), window: Some(window()), ..small() }
}

fn told(world: &World, wanted: impl Fn(&PipelineEvent) -> bool) -> usize {
    let durable = world.journal.durable.iter();
    durable.filter(|it| matches!(&it.event, Event::Pipeline(event) if wanted(event))).count()
}

/// [R52] [R53] [S3] Its bake and its window are skipped, on the record with the reason; votes, items, validations and the GO
/// are asked for as always, and it is not closed before its review is done.
#[test]
fn a_hotfix_skips_bakes_and_windows_with_a_reason_and_is_closed_after_its_review() {
    let mut world = World::new(11, &Shape { validations: true, ..shape() });
    world.must("dana", hotfix(Span::hours(24)));
    let early = world.refused("raj", start()).to_string();
    assert!(early.contains("no GO is declared") && !early.contains("window"), "{early}");
    world.prepare();
    world.decide_go();
    world.must("raj", start());
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    world.run_until(Span::minutes(10), |session| session.pipeline.stages[0].state == StageState::Ready);
    let run = &world.session().pipeline.stages[0];
    assert!(run.bake_skipped && run.bake.is_none() && run.outside.is_some(), "{run:?}");
    let skipped = |event: &PipelineEvent| matches!(event, PipelineEvent::BakeSkipped { reason, .. } if reason == "logins fail since noon");
    // Counted once it is durable.
    world.run_for(Span::secs(1));
    assert_eq!(told(&world, skipped), 1);
    assert_eq!(told(&world, |event| matches!(event, PipelineEvent::BakeStarted { .. })), 0);
    world.must("raj", tick("basic/looked"));
    world.must("raj", promote());
    world.reaches(Phase::Verified, Span::secs(5));
    world.run_for(Span::secs(10));
    let refusal = world.refused("dana", close()).to_string();
    assert!(refusal.contains("review of the hotfix"), "{refusal}");
    world.must("raj", reviewed());
    world.must("dana", close());
    assert_eq!(world.session().course.ending, Some(Ending::Verified));
}

/// [R52] Any other skip is refused in words; so is a hotfix without a reason, without a decider, without a due time, and
/// one that comes after votes.
#[test]
fn anything_else_that_a_hotfix_would_skip_is_refused() {
    let mut world = World::new(12, &shape());
    for what in ["smoke", "checklist", "poll", "capacity"] {
        let refusal = world.refused("dana", hotfix_that_skips(Span::hours(24), &["bakes", what])).to_string();
        let words = format!("a hotfix skips bakes and windows only: {what} is enforced");
        assert!(refusal.contains(&words), "{refusal}");
    }
    world.refused("raj", hotfix(Span::hours(24)));
    let late = world.refused("dana", hotfix(Span::days(30))).to_string();
    assert!(late.contains("the review is due within"), "{late}");
    world.prepare();
    world.must("dana", vote_go());
    let voted = world.refused("dana", hotfix(Span::hours(24))).to_string();
    assert!(voted.contains("votes were cast"), "{voted}");
    assert!(world.session().course.hotfix.is_none());
}

/// [R52] Of the two it skips only what was named, and a bake that has begun is ended by its time alone.
#[test]
fn a_bake_is_never_ended_early_in_another_way() {
    let mut world = World::new(13, &Shape { window: None, ..shape() });
    world.must("dana", hotfix_that_skips(Span::hours(24), &["windows"]));
    world.under_way();
    world.run_until(Span::minutes(20), |session| session.pipeline.stages[0].state == StageState::Baking);
    let begun = world.at;
    for command in [promote(), go_on(), force_next(), start()] {
        world.refused("raj", command);
    }
    world.refused("dana", hotfix(Span::hours(24)));
    world.run_until(Span::hours(3), |session| session.pipeline.stages[0].state == StageState::Ready);
    assert!(world.at - begun >= Span::minutes(119).0, "it baked for its two hours");
}
