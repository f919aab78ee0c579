//! Shares that the balancer gives: told before a host is taken, kept small on the way back, taken back at the end.

use std::{cell::Cell, sync::Arc};

use golive::domain::{
    comparison::{Side, Sides},
    course::{CourseCommand, Phase},
    effect::{Report, Reported, Share, Target},
    name::UnitId,
    pipeline::{StageRun, StageState},
    plan::{
        Adopted, Amount, Canary, CanaryStep, Capacity, Deadlines, Pause, Promote, Step, Strategy, Weight,
    },
    rollout::{Answer, RolloutCommand, Trouble, is_off, troubles, unwell},
    session::Session,
    time::Span,
};

use super::ways::says;
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, Shape, environment, unit},
    world::{Happening, World},
};

pub(super) fn weight(percent: u8) -> CanaryStep {
    CanaryStep::Weight(Weight::new(percent).unwrap())
}

pub(super) fn paused(min_healthy: u32, percent: u8) -> World {
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(2)),
        min_healthy: Some(Amount::Count(min_healthy)),
        max_unavailable: None,
    };
    let steps = vec![weight(percent), CanaryStep::Pause(Pause::Human)];
    let strategy = Strategy::Canary(Canary { steps });
    let mut world =
        World::new(141, &Shape { hosts: 10, capacity, strategy, bake: Span::ZERO, ..Shape::default() });
    world.under_way();
    world.run_until(Span::minutes(10), at_pause);
    world
}

pub(super) fn at_pause(session: &Session) -> bool {
    let step = session.pipeline.running().and_then(StageRun::step);
    step == Some(&Step::Pause(Pause::Human))
        && session.pipeline.running().is_some_and(|run| run.settled(session))
}

pub(super) fn held(world: &World) -> Option<&Share> {
    world.shares.get(&environment(PRODUCTION))
}

#[test]
fn the_balancer_holds_the_share_before_a_host_is_taken_and_what_is_configured_at_the_end() {
    let mut world = paused(5, 7);
    let share = held(&world).unwrap();
    assert_eq!((share.weight.percent(), share.canary.as_slice()), (7, &[unit("web-01")][..]));
    world.must("dana", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
    assert_eq!(held(&world), None);
    assert!(world.session().rollout.shares.is_empty());
}

#[test]
fn on_the_way_back_the_new_version_gets_as_little_as_can_be_at_once() {
    let mut world = paused(5, 30);
    world.must("sam", roll_back());
    world.run_until(Span::secs(30), |session| {
        let told = session.rollout.shares.get(&environment(PRODUCTION));
        told.is_some_and(|told| {
            told.answer == Answer::Holds && told.asked.as_ref().unwrap().weight.percent() == 1
        })
    });
    world.reaches(Phase::RolledBack, Span::minutes(20));
    world.run_for(Span::secs(30));
    assert_eq!(held(&world), None);
}

#[test]
fn a_share_is_not_taken_from_the_new_version_where_too_few_others_could_carry_it() {
    let mut world = paused(8, 30);
    world.must("sam", roll_back());
    let least = Cell::new(100);
    world.run_until(Span::minutes(20), |session| {
        let told = session.rollout.shares.get(&environment(PRODUCTION));
        let new = session
            .rollout
            .touched()
            .iter()
            .filter(|unit| {
                unit.fresh()
                    .is_some_and(|seen| seen.runs.as_ref().is_some_and(|runs| runs.as_str() == "2.5.0"))
            })
            .count();
        if let Some(share) = told.and_then(|told| told.asked.as_ref()).filter(|_| new == 3) {
            least.set(least.get().min(share.weight.percent()));
        }
        session.course.phase == Phase::RolledBack
    });
    assert_eq!(least.get(), 30);
}

#[test]
fn a_balancer_that_refuses_a_share_stops_the_line_until_it_is_tried_again() {
    let mut world = paused(5, 10);
    world.plan_for(world.at, Happening::Balancer(false));
    world.run_for(Span::secs(1));
    // Hosts whose place in the pool is not known are not said to be well.
    says(&world.refused("dana", go_on()), &["can't go on"]);
    world.plan_for(world.at, Happening::Balancer(true));
    world.run_for(Span::secs(30));
    world.must("sam", roll_back());
    world.plan_for(world.at, Happening::Balancer(false));
    world.run_for(Span::minutes(2));
    let words: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
    assert!(
        words.iter().any(|words| words.contains("the shares of production could not be set")),
        "{words:?}"
    );
    world.plan_for(world.at, Happening::Balancer(true));
    world.run_for(Span::secs(1));
    world.must("raj", RolloutCommand::ShareAgain { environment: environment(PRODUCTION) }.into());
    let again = RolloutCommand::ShareAgain { environment: environment(PRODUCTION) };
    world.run_for(Span::secs(30));
    says(&world.refused("raj", again.into()), &["has refused no share"]);
    // A host that could not be taken out meanwhile is tried again by hand, too.
    let failed: Vec<UnitId> = troubles(world.session()).iter().filter_map(Trouble::unit).cloned().collect();
    for unit in &failed {
        world.must("raj", try_again(unit));
    }
    world.reaches(Phase::RolledBack, Span::minutes(30));
}

#[test]
fn a_killed_conductor_tells_the_balancer_again_what_nobody_heard() {
    let mut world = paused(5, 20);
    world.must("dana", hold());
    world.kill();
    world.run_for(Span::minutes(2));
    assert_eq!(held(&world).unwrap().weight.percent(), 20);
    world.must("dana", go_on());
    world.run_until(Span::minutes(2), at_pause);
    world.run_for(Span::secs(2));
    world.must("dana", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
    assert_eq!(held(&world), None);
}

#[test]
fn requests_off_their_share_are_told_and_chance_is_not() {
    let served = |weight: u8, canary: u64, of: u64| is_off(Weight::new(weight).unwrap(), canary, of);
    // 10 % of 200: chance alone makes 4 or 36 of it now and then.
    assert!(!served(10, 20, 200) && !served(10, 5, 200) && !served(10, 36, 200));
    assert!(served(10, 50, 200));
    assert!(!served(10, 1_100, 10_000) && served(10, 1_600, 10_000) && served(10, 500, 10_000));
    assert!(!served(50, 0, 0), "of nothing nothing is said");
}

/// What the balancer of a world is said to have sent to each side.
pub(super) fn counted(world: &World, canary: u64, of: u64) -> Happening {
    let flight = world.session().flights.get(&Target::Served(environment(PRODUCTION))).unwrap();
    let side = |requests| Side { hosts: 5, requests, ..Side::default() };
    let lately = Box::new(Sides { new: side(canary), rest: side(of - canary) });
    let what = Reported::Counted {
        environment: environment(PRODUCTION),
        all: lately.clone(),
        lately,
        busiest: None,
        total: None,
        recent: None,
    };
    let (effect, epoch) = (flight.effect.id.clone(), world.session().epoch);
    Happening::Arrives(Box::new(Report { epoch, effect, what }))
}

/// [O41] [R44] The share that is wanted stands beside the one that is observed, and the two differing is said.
#[test]
fn what_the_new_version_gets_is_told_where_it_is_not_what_it_was_to_get() {
    let mut world = paused(5, 5);
    // What is counted is said here.
    world.requests = 0;
    world.run_for(Span::secs(5));
    let off = |session: &Session| session.rollout.shares[&environment(PRODUCTION)].served.map(|it| it.off);
    world.plan_for(world.at, counted(&world, 75, 150));
    world.run_for(Span::secs(1));
    assert_eq!(off(world.session()), None, "too few to say anything");
    world.plan_for(world.at, counted(&world, 15, 300));
    world.run_for(Span::secs(1));
    assert_eq!(off(world.session()), Some(false));
    world.plan_for(world.at, counted(&world, 36, 300));
    world.run_for(Span::secs(1));
    let words: Vec<String> = unwell(world.session(), world.now()).into_iter().map(|it| it.what).collect();
    assert!(words.iter().any(|it| it == "2.5.0 gets 12.00 % of 300 requests, wanted 5 %"), "{words:?}");
    // It ends with the share.
    world.must("dana", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
    assert!(world.session().flights.get(&Target::Served(environment(PRODUCTION))).is_none());
}

/// [O46] [O52] The new version gets another share than was set for as long as a stage may go without progress: a human
/// is called, and nothing goes on before somebody says so.
#[test]
fn a_share_that_is_off_for_long_stops_the_line_until_somebody_goes_on_knowing_it() {
    let mut world = paused(5, 5);
    world.requests = 0;
    world.run_for(Span::secs(5));
    let limit = Deadlines::default().progress_deadline;
    let tells = |world: &mut World, canary: u64| {
        let happens = counted(world, canary, 300);
        world.plan_for(world.at, happens);
        world.run_for(Span::secs(1));
    };
    tells(&mut world, 36);
    world.run_for(Span(limit.0 / 2));
    // Right again in between: it counts anew.
    tells(&mut world, 15);
    tells(&mut world, 60);
    world.run_for(Span(limit.0 - 70_000_000));
    // One count says nothing of how long it is so.
    tells(&mut world, 60);
    world.run_for(Span::secs(59));
    assert!(troubles(world.session()).is_empty(), "{:?}", troubles(world.session()));
    world.run_for(Span::secs(20));
    let words = troubles(world.session())[0].words();
    assert_eq!(words, format!("2.5.0 gets 20.00 % of 300 requests, wanted 5 %, for {limit}"));
    // The first word is about the share, the second ends the pause.
    world.must("dana", go_on());
    tells(&mut world, 61);
    world.run_for(limit);
    assert!(troubles(world.session()).is_empty() && at_pause(world.session()), "it was accepted");
    // Quite another share is none that anybody knows of.
    for _ in 0..2 {
        tells(&mut world, 150);
        world.run_for(limit);
        tells(&mut world, 150);
    }
    let words = troubles(world.session())[0].words();
    assert!(words.starts_with("2.5.0 gets 50.00 % of 300 requests, wanted 5 %"), "{words}");
    world.must("dana", go_on());
    world.run_for(Span::secs(2));
    world.must("dana", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
}

#[test]
fn a_host_that_has_the_new_version_from_a_stage_before_is_part_of_its_share() {
    let steps = vec![weight(30), CanaryStep::Pause(Pause::Human)];
    let strategy = Strategy::Canary(Canary { steps });
    let capacity = Capacity { max_parallel: Some(Amount::Count(2)), ..Capacity::default() };
    let shape = Shape { hosts: 10, one_box: true, capacity, strategy, bake: Span::ZERO, ..Shape::default() };
    let mut world = World::new(142, &shape);
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.pipeline.stages[0].state == StageState::Ready);
    world.must("raj", promote());
    world.run_until(Span::minutes(10), at_pause);
    let canary = &held(&world).unwrap().canary;
    assert_eq!(
        canary.iter().map(UnitId::as_str).collect::<Vec<_>>(),
        ["web-01", "web-02", "web-03", "web-04"]
    );
}

#[test]
fn a_larger_share_that_takes_no_further_host_is_told_before_what_follows_begins() {
    let steps = vec![weight(5), CanaryStep::Pause(Pause::Human), weight(25), CanaryStep::Pause(Pause::Human)];
    let strategy = Strategy::Canary(Canary { steps });
    let mut world = World::new(142, &Shape { hosts: 4, strategy, bake: Span::ZERO, ..Shape::default() });
    world.under_way();
    world.run_until(Span::minutes(10), at_pause);
    world.must("dana", go_on());
    world.run_until(Span::minutes(10), |session| {
        session.pipeline.running().is_some_and(|run| run.at.step == 3)
    });
    let told = &world.session().rollout.shares[&environment(PRODUCTION)];
    assert_eq!(told.asked.as_ref().unwrap().weight.percent(), 25);
    assert_eq!(told.answer, Answer::Holds);
}

#[test]
fn no_host_gets_more_on_the_way_back_than_it_had() {
    let mut world = paused(8, 50);
    world.must("sam", roll_back());
    let most = Cell::new(0);
    world.run_until(Span::minutes(20), |session| {
        let told = session.rollout.shares.get(&environment(PRODUCTION));
        if let Some(share) = told.and_then(|told| told.asked.as_ref()) {
            most.set(most.get().max(u32::from(share.weight.percent()) / share.canary.len() as u32));
        }
        session.course.phase == Phase::RolledBack
    });
    assert_eq!(most.get(), 10);
}

#[test]
fn hosts_that_an_earlier_stage_has_changed_are_part_of_the_share() {
    let strategy = Strategy::Canary(Canary { steps: vec![weight(30), CanaryStep::Pause(Pause::Human)] });
    let shape = Shape { hosts: 10, strategy, one_box: true, promote: Promote::Automatic, ..Shape::default() };
    let mut world = World::new(143, &shape);
    world.under_way();
    world.run_until(Span::hours(2), |session| {
        at_pause(session) && session.pipeline.running().is_some_and(|run| run.units.len() == 9)
    });
    let canary = &held(&world).unwrap().canary;
    let new = world.session().rollout.touched().len();
    assert_eq!(new, 4);
    assert!(world.session().rollout.touched().iter().all(|unit| canary.contains(&unit.id)), "{canary:?}");
}

#[test]
fn a_share_is_told_again_by_the_next_conductor_and_where_there_are_other_hosts() {
    let mut world = paused(5, 20);
    world.shares.clear();
    world.kill();
    world.run_for(Span::minutes(2));
    assert_eq!(held(&world).unwrap().weight.percent(), 20);
    world.shares.clear();
    let mut plan = world.session().plan().clone();
    plan.environments.get_mut(&environment(PRODUCTION)).unwrap().pools[0].hosts.pop();
    let adopted = Arc::new(Adopted::new(plan, "golive.toml".into()));
    world.must("dana", CourseCommand::AdoptPlan { adopted }.into());
    world.run_for(Span::minutes(2));
    assert_eq!(held(&world).unwrap().weight.percent(), 20);
}

#[test]
fn a_balancer_that_was_started_anew_is_told_again_once_it_can_be_asked() {
    let mut world = paused(5, 20);
    world.plan_for(world.at, Happening::Balancer(false));
    world.run_for(Span::secs(10));
    world.shares.clear();
    world.plan_for(world.at, Happening::Balancer(true));
    world.run_for(Span::secs(30));
    assert_eq!(held(&world).unwrap().weight.percent(), 20);
    // Nobody has to say so, and what it was told stops nothing.
    assert!(troubles(world.session()).is_empty());
    world.must("dana", go_on());
}
