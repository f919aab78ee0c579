//! The main road, without chaos: a go-live that goes well, and one whose second host is bad.

use golive::domain::{
    actor::Actor,
    course::{CourseEvent, Ending, Phase},
    effect::{LaneStep, PoolState, Target, Work},
    effect_log::EffectEvent,
    event::Event,
    name::{PersonName, UnitId},
    pipeline::{PipelineEvent, StageState},
    rollout::{LaneState, RolloutEvent, troubles},
    session::Session,
    time::Span,
};

use super::{
    host::Wrong,
    people::{claim, close, promote, roll_back, start, tick},
    plan::{PRODUCTION, Shape, candidate, environment},
    world::World,
};

fn lanes(session: &Session, wanted: impl Fn(&LaneState) -> bool) -> usize {
    session
        .rollout
        .units()
        .iter()
        .filter_map(|unit| unit.lane.as_ref())
        .filter(|lane| wanted(&lane.state))
        .count()
}

#[test]
fn a_good_release_goes_from_the_checklist_to_verified_and_closed() {
    let mut world = World::new(1, &Shape::default());
    assert_eq!(world.session().course.phase, Phase::Preparing);
    world.prepare();
    world.decide_go();
    assert_eq!(world.session().course.phase, Phase::Go);
    world.run_for(Span::minutes(10));
    assert_eq!(world.session().course.phase, Phase::Go, "GO starts nothing by itself");
    world.must("raj", start());
    assert_eq!(world.session().course.watch.by.as_ref().map(PersonName::as_str), Some("raj"));
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert_eq!(lanes(world.session(), |state| *state == LaneState::Done), 12);
    let refusal = world.refused("raj", promote());
    assert!(!refusal.obstacles.is_empty(), "{refusal}");
    world.run_until(Span::minutes(12), |session| session.pipeline.stages[0].state == StageState::Ready);
    assert!(world.at >= Span::minutes(10).0, "it baked");
    world.must("raj", tick("basic/looked"));
    world.run_for(Span::hours(2));
    assert_eq!(world.session().course.phase, Phase::LiveUnverified, "the last promotion is a person's too");
    world.must("raj", promote());
    world.reaches(Phase::Verified, Span::secs(5));
    // Of what is verified the lock is given back, and nothing else is under way.
    world.run_for(Span::secs(10));
    world.must("dana", close());
    assert_eq!(world.session().course.ending, Some(Ending::Verified));
    world.run_for(Span::minutes(5));
    for host in &world.hosts {
        assert_eq!(host.installed, Some(candidate("2.5.0")));
        assert!(host.serves());
    }
    assert!(world.session().flights.is_empty(), "nothing is watched after closing");
    let last = &world.journal.last().unwrap().event;
    assert!(
        matches!(last, Event::Course(CourseEvent::Closed { .. })),
        "the closing is the last line: {last:?}"
    );
    assert!(world.session().notices.notices.is_empty(), "nobody was paged");
}

/// [O3] What was done to a host is read off the record: each step in order, begun before the next, by whom.
#[test]
fn every_step_on_every_host_is_in_the_record_in_order_with_who_did_it() {
    let mut world = World::new(3, &Shape { hosts: 3, ..Shape::default() });
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    let record = &world.journal.durable;
    let pressed =
        record.iter().find(|at| matches!(at.event, Event::Pipeline(PipelineEvent::StageStarted { .. })));
    assert_eq!(pressed.and_then(|at| at.actor.person()).map(PersonName::as_str), Some("raj"));
    for unit in world.session().rollout.units() {
        let mut told = Vec::new();
        for at in record {
            match &at.event {
                Event::Effect(EffectEvent::Started { effect }) => {
                    if let Work::Step { unit: of, step, .. } = &effect.work
                        && *of == unit.id
                    {
                        assert_eq!(at.actor, Actor::RULES);
                        told.push((*step, "begun"));
                    }
                }
                Event::Effect(EffectEvent::Ended { id, .. })
                    if id.target == Target::Unit(unit.id.clone()) =>
                {
                    assert_eq!(at.actor, Actor::ENGINE);
                    let (step, _) = *told.last().unwrap();
                    told.push((step, "ended"));
                }
                _ => {}
            }
        }
        let lane = unit.lane.as_ref().unwrap();
        let steps = lane.steps.iter().filter(|step| **step != LaneStep::Settle);
        let expected: Vec<_> = steps.flat_map(|step| [(*step, "begun"), (*step, "ended")]).collect();
        assert_eq!(told, expected, "{}", unit.id);
    }
}

/// [W20] [W22] A failing self-test stops the line until a human decides; nothing moves for a day.
#[test]
fn a_bad_second_host_stops_the_line_and_rollback_brings_everything_back() {
    let mut world = World::new(2, &Shape::default());
    world.hosts[1].wrong.push((LaneStep::SelfTest, Wrong::Fails, Some(candidate("2.5.0").version.clone())));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.run_for(Span::hours(24));
    let session = world.session();
    assert_eq!(troubles(session).len(), 1);
    assert!(troubles(session)[0].words().contains("web-02 failed self-test"));
    assert_eq!(lanes(session, |state| *state == LaneState::Done), 1);
    assert_eq!(lanes(session, |state| *state == LaneState::Waiting), 10);
    assert!(session.notices.notices.iter().any(|notice| notice.text.contains("NEEDS A HUMAN")));
    assert_eq!(session.course.phase, Phase::UnderWay);
    world.must("raj", claim());
    let refusal = world.refused("sam", claim());
    assert!(refusal.reason.contains("raj has claimed it"), "two claim it, one has it: {refusal}");
    world.must("sam", roll_back());
    assert_eq!(world.session().course.phase, Phase::RollingBack);
    world.must("raj", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(5));
    let rollback = &world.session().rollout.rollbacks[&environment(PRODUCTION)];
    assert!(rollback.left.is_empty());
    let order: Vec<&str> = rollback.units.iter().map(UnitId::as_str).collect();
    assert_eq!(order, ["web-02", "web-01"], "newest first");
    let started = world.journal.durable.iter().filter(|stamped| {
        matches!(stamped.event, golive::domain::event::Event::Rollout(RolloutEvent::RollbackStarted { .. }))
    });
    assert_eq!(started.count(), 1, "pressed twice is one");
    for host in &world.hosts {
        assert_eq!(host.installed, Some(candidate("2.4.1")));
        assert_eq!(host.pool, PoolState::In);
    }
    world.must("dana", close());
    assert_eq!(world.session().course.ending, Some(Ending::RolledBack));
}
