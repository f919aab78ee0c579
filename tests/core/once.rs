//! What runs once in a go-live: when it begins, that nothing but a person begins it again, and what takes it back.

use golive::domain::{
    course::{CourseCommand, Phase},
    digests,
    effect::{LaneStep, Work},
    effect_log::EffectEvent,
    event::Event,
    plan::{Amount, Canary, CanaryStep, Capacity, Converging, Rolling, Step, Strategy, Weight},
    project::Project,
    rollout::{Beforehand, Direction, OnceState, RolloutEvent, Trouble, preview, taken_back, troubles},
    time::Span,
};

use super::blue_green::two;
use crate::simulation::{
    host::Wrong,
    once::{again, done, forced, name},
    outlived::Leaves,
    people::*,
    plan::{PRODUCTION, Shape, environment, plan, unit},
    superseding::supersede,
    world::{Happening, World},
};

pub fn batches(backs: [bool; 2]) -> Shape {
    let batches = vec![Amount::Count(1), Amount::Count(2)];
    let strategy = Strategy::Rolling(Rolling { batches, ..Rolling::default() });
    let capacity = Capacity { max_parallel: Some(Amount::Count(2)), ..Capacity::default() };
    Shape { hosts: 4, strategy, capacity, bake: Span::ZERO, once: Some(backs), ..Shape::default() }
}

pub fn begins(seed: u64, shape: &Shape) -> World {
    let mut world = World::new(seed, shape);
    world.timings.step = (1_000_000, 2_000_000);
    world
}

pub fn ran(world: &World) -> Vec<String> {
    let said = |(once, back): &(_, bool)| if *back { format!("back of {once}") } else { format!("{once}") };
    world.once.log.iter().map(said).collect()
}

pub fn until(world: &mut World, what: &str, holds: impl Fn(&World) -> bool) {
    for _ in 0..200_000 {
        if holds(world) {
            return;
        }
        world.step();
    }
    panic!("never {what}\n{}", world.story());
}

pub fn state(world: &World, once: &str) -> Option<OnceState> {
    let run = world.session().pipeline.stages.iter().flat_map(|run| &run.once);
    run.clone().find(|it| it.name == name(once)).map(|it| it.state.clone())
}

pub fn words(world: &World) -> Vec<String> {
    troubles(world.session()).iter().map(Trouble::words).collect()
}

/// What began and ended, in its order: hosts by their lanes, and what runs once.
pub fn order(world: &World) -> Vec<String> {
    let told = |event: &Event| match event {
        Event::Effect(EffectEvent::Started { effect }) => match &effect.work {
            Work::Once { once, back, .. } => Some(format!("{}{once}", if *back { "back of " } else { "" })),
            _ => None,
        },
        Event::Rollout(RolloutEvent::LaneStarted { direction: Direction::Forward, .. }) => {
            Some("host".to_owned())
        }
        Event::Rollout(RolloutEvent::LaneStarted { direction: Direction::Back, .. }) => {
            Some("host back".to_owned())
        }
        _ => None,
    };
    let mut list: Vec<String> = world.journal.durable.iter().filter_map(|it| told(&it.event)).collect();
    list.dedup();
    list
}

/// Whatever the strategy, and however many batches: one before the first host, one after the last.
#[test]
fn each_stands_once_among_the_steps_of_every_strategy() {
    let canary = Canary {
        steps: vec![
            CanaryStep::Weight(Weight::new(25).unwrap()),
            CanaryStep::Weight(Weight::new(100).unwrap()),
        ],
    };
    let once = Some([true, false]);
    let converge = Converging { batches: Rolling::default(), all_at_once: false };
    let shapes = [
        batches([true, false]),
        Shape { once, strategy: Strategy::Canary(canary), ..Shape::default() },
        Shape { once, strategy: Strategy::StopAll, ..Shape::default() },
        Shape { once, ..two(4) },
        Shape { once, one_box: true, ..Shape::default() },
        Shape {
            once,
            strategy: Strategy::Converge(converge),
            agents: Some(true),
            balanced: false,
            ..Shape::default()
        },
    ];
    for shape in shapes {
        let plan = plan(&shape);
        let index = plan.stages.len() - 1;
        let steps = plan.steps(index);
        let first = (steps.first(), steps.last());
        let both = (Step::Once(name("migrate")), Step::Once(name("announce")));
        assert_eq!(first, (Some(&both.0), Some(&both.1)), "{steps:?}");
        assert_eq!(steps.iter().filter(|step| matches!(step, Step::Once(_))).count(), 2);
    }
}

#[test]
fn before_the_start_it_says_what_runs_and_that_nothing_takes_it_back() {
    let mut world = begins(11, &batches([true, false]));
    world.prepare();
    let preview = preview(world.session(), world.now()).unwrap();
    let said: Vec<String> = preview.once.iter().map(|once| once.words(true)).collect();
    assert_eq!(
        said,
        [
            "migrate: once, before any host: bin/once migrate {version}, at most 5 min; a rollback runs bin/once back \
             migrate once all hosts are back",
            "announce: once, when all hosts are done: bin/once announce {version}, at most 5 min; nothing takes it back"
        ]
    );
    // A vote relies on it: another command is another plan.
    let mut other = plan(&batches([true, false]));
    let before = digests::steps(&other);
    other.stages[0].once[0].back.clear();
    assert_ne!(digests::steps(&other), before);
}

#[test]
fn it_runs_once_over_all_batches_and_not_before_the_hosts_or_after_them_only() {
    let mut world = begins(12, &batches([true, true]));
    world.under_way();
    world.run_for(Span::minutes(10));
    assert_eq!(ran(&world), ["migrate", "announce"], "{}", world.story());
    assert_eq!(order(&world), ["migrate", "host", "announce"]);
    assert_eq!(world.session().course.phase, Phase::LiveUnverified);
}

/// It is asked for, and said so; whoever looked says that it is done.
#[test]
fn one_that_is_cut_off_is_not_run_again_by_itself() {
    let mut world = begins(13, &batches([true, true]));
    world.under_way();
    until(&mut world, "under way", |world| state(world, "migrate") == Some(OnceState::UnderWay));
    world.engine.leaves = Some(Leaves::Nothing);
    world.plan_for(world.at, Happening::Kill);
    world.run_for(Span::hours(3));
    let said = words(&world);
    let asks = "migrate of production unknown: how it ended was not written down";
    assert_eq!(said, [asks], "{}", world.story());
    assert_eq!(order(&world), ["migrate"], "no host was begun, and it was not run again");
    world.must("raj", done("migrate"));
    world.run_for(Span::minutes(10));
    assert_eq!(order(&world), ["migrate", "host", "announce"]);
    assert_eq!(world.session().course.phase, Phase::LiveUnverified);
}

#[test]
fn one_that_fails_stops_the_line_until_somebody_says_what_becomes_of_it() {
    for (seed, says) in [(14, again("migrate")), (15, done("migrate")), (16, forced("migrate"))] {
        let mut world = begins(seed, &batches([true, true]));
        world.once.wrong.insert((name("migrate"), false), Wrong::Fails);
        world.under_way();
        world.run_for(Span::hours(3));
        assert_eq!(words(&world), ["migrate of production failed: exit status 1: no such table"]);
        let lift = troubles(world.session())[0].lift(world.session());
        assert_eq!(
            lift,
            "trying again (T: golive rollout try --once migrate), mark-done --once, force past it (F), or roll back (R)"
        );
        assert_eq!(ran(&world), ["migrate"], "{}", world.story());
        assert_eq!(order(&world), ["migrate"], "no host is touched");
        let unknown = world.ask("raj", again("sweep")).unwrap_err().to_string();
        assert!(unknown.contains("no step that runs once is called sweep"), "{unknown}");
        assert!(unknown.contains("migrate, announce"), "{unknown}");
        world.once.wrong.clear();
        let tries = says == again("migrate");
        world.must("raj", says);
        world.run_for(Span::minutes(10));
        let wanted: &[&str] =
            if tries { &["migrate", "migrate", "announce"] } else { &["migrate", "announce"] };
        assert_eq!(ran(&world), wanted, "{}", world.story());
        assert_eq!(world.session().course.phase, Phase::LiveUnverified, "{}", world.story());
    }
}

#[test]
fn it_does_not_begin_while_the_line_is_held() {
    let mut world = begins(17, &batches([true, true]));
    world.under_way();
    until(&mut world, "three are done", |world| world.session().rollout.done_in(&stage()) == 3);
    world.must("sam", hold());
    world.run_for(Span::hours(2));
    assert_eq!(ran(&world), ["migrate"]);
    world.must("sam", go_on());
    world.run_for(Span::minutes(10));
    assert_eq!(ran(&world), ["migrate", "announce"]);
}

fn stage() -> golive::domain::name::StageName {
    golive::domain::name::StageName::new("production").unwrap()
}

/// As a mirror of the way there.
#[test]
fn a_rollback_takes_back_what_ran_after_the_hosts_before_they_go_and_what_ran_before_them_last() {
    let mut world = begins(18, &batches([true, true]));
    world.under_way();
    world.run_for(Span::minutes(10));
    world.must("dana", roll_back());
    world.run_for(Span::minutes(20));
    assert_eq!(
        order(&world),
        ["migrate", "host", "announce", "back of announce", "host back", "back of migrate"],
        "{}",
        world.story()
    );
    assert_eq!(world.session().course.phase, Phase::RolledBack);
    let said: Vec<String> = taken_back(world.session()).into_iter().map(|it| it.words).collect();
    assert_eq!(said, ["migrate of production was taken back", "announce of production was taken back"]);
}

#[test]
fn what_nothing_takes_back_is_named_and_what_was_never_begun_is_not_taken_back() {
    let mut world = begins(19, &batches([false, true]));
    world.under_way();
    until(&mut world, "two are done", |world| world.session().rollout.done_in(&stage()) == 2);
    let known: Vec<String> = Beforehand::of(world.session(), &environment(PRODUCTION)).all().collect();
    assert_eq!(known, ["migrate of production is done, and nothing takes it back"]);
    world.must("dana", roll_back());
    world.run_for(Span::minutes(20));
    assert_eq!(ran(&world), ["migrate"], "{}", world.story());
    assert_eq!(world.session().course.phase, Phase::RolledBack);
    let said: Vec<String> = taken_back(world.session()).into_iter().map(|it| it.words).collect();
    assert_eq!(said, ["migrate of production is done, and nothing takes it back"]);
}

/// No host was changed: what ran is ended and taken back all the same, and the session is not given up around it.
#[test]
fn a_rollback_while_it_runs_ends_it_first() {
    let mut world = begins(20, &batches([true, true]));
    world.once.wrong.insert((name("migrate"), false), Wrong::Hangs);
    world.under_way();
    until(&mut world, "under way", |world| state(world, "migrate") == Some(OnceState::UnderWay));
    let abandon = CourseCommand::Abandon { reason: "another day".into() };
    let refused = world.ask("dana", abandon.into()).unwrap_err().to_string();
    assert!(refused.contains("what runs once in production was begun"), "{refused}");
    world.must("dana", roll_back());
    world.run_for(Span::minutes(1));
    assert_eq!(world.session().course.phase, Phase::RolledBack, "{}", world.story());
    assert_eq!(order(&world), ["migrate", "back of migrate"]);
    assert!(!world.session().rollout.any_touched());
}

#[test]
fn what_takes_it_back_is_asked_for_as_well_and_no_host_waits_for_ever() {
    let mut world = begins(21, &batches([true, true]));
    world.once.wrong.insert((name("announce"), true), Wrong::Undecided);
    world.under_way();
    world.run_for(Span::minutes(10));
    world.must("dana", roll_back());
    world.run_for(Span::hours(2));
    let said = words(&world);
    let wanted = "rollback stopped: taking back announce of production unknown: it was not done within 5 min";
    assert!(said[0].starts_with(wanted), "{said:?}");
    assert_eq!(order(&world), ["migrate", "host", "announce", "back of announce"]);
    world.must("dana", forced("announce"));
    world.run_for(Span::minutes(20));
    assert_eq!(world.session().course.phase, Phase::RolledBack, "{}", world.story());
    assert_eq!(ran(&world).last().unwrap(), "back of migrate");
    let said = taken_back(world.session()).remove(1).words;
    assert_eq!(said, "announce of production is done, and was not taken back: a person let it be");
}

/// The version that is left on a host still needs what ran before it.
#[test]
fn what_ran_before_the_hosts_stays_while_one_of_them_is_not_back() {
    let mut world = begins(22, &batches([true, true]));
    world.under_way();
    world.run_for(Span::minutes(10));
    let index = world.index[&unit("web-02")];
    world.hosts[index].wrong.push((LaneStep::Install, Wrong::Fails, None));
    world.must("dana", roll_back());
    world.run_for(Span::minutes(10));
    world.must("raj", exclude(&unit("web-02")));
    world.run_for(Span::minutes(10));
    assert_eq!(world.session().course.phase, Phase::RolledBack, "{}", world.story());
    assert_eq!(ran(&world).last().unwrap(), "back of announce");
    let said = taken_back(world.session()).remove(0).words;
    assert_eq!(said, "migrate of production is done; a rollback runs bin/once back migrate");
    // Nobody closes over it without a word.
    let refused = world.refused("dana", close()).to_string();
    assert!(refused.contains("migrate of production is not taken back: 1 host is not back"), "{refused}");
    world.hosts[index].wrong.clear();
    world.must("dana", roll_back());
    world.run_for(Span::minutes(10));
    assert_eq!(ran(&world).last().unwrap(), "back of migrate", "{}", world.story());
    world.must("dana", close());
}

/// Where there is nothing to go back to, no rollback takes anything back, and none is promised.
#[test]
fn on_a_first_deploy_no_rollback_is_promised() {
    let shape = batches([true, true]);
    let plan = plan(&shape);
    let mut world = World::begin(24, &shape, plan, (None, "2.5.0"), true, &Project::default());
    world.timings.step = (1_000_000, 2_000_000);
    world.prepare();
    let before = preview(world.session(), world.now()).unwrap();
    let way_back = before.rollback.to.is_some();
    let said = before.once[0].words(way_back);
    assert!(said.ends_with("; there is no previous version to roll back to"), "{said}");
    assert_eq!(before.once[0].short(way_back), "once: migrate before any host, no rollback takes it back");
    world.under_way();
    world.run_for(Span::minutes(10));
    let said = taken_back(world.session()).remove(0);
    assert_eq!(said.words, "migrate of production is done, and there is no previous version to roll back to");
    assert_eq!(said.runs, None);
}

#[test]
fn what_is_superseded_takes_it_back_before_it_ends() {
    let mut world = begins(23, &Shape { superseding: true, ..batches([true, true]) });
    world.under_way();
    until(&mut world, "under way", |world| state(world, "migrate") == Some(OnceState::Done));
    world.must("dana", supersede("2.6.0"));
    world.run_for(Span::minutes(10));
    assert!(world.session().course.is_over(), "{}", world.story());
    assert_eq!(ran(&world), ["migrate", "back of migrate"]);
}

/// Where agents change the hosts, they are told to go back only once it is taken back.
#[test]
fn agents_are_told_to_go_back_after_what_ran_after_them_is_taken_back() {
    let strategy = Strategy::Converge(Converging { batches: Rolling::default(), all_at_once: true });
    let shape = Shape { strategy, agents: Some(false), balanced: false, ..batches([true, true]) };
    let mut world = begins(24, &shape);
    world.under_way();
    world.run_for(Span::minutes(30));
    assert_eq!(ran(&world), ["migrate", "announce"], "{}", world.story());
    world.must("dana", roll_back());
    world.run_for(Span::minutes(30));
    let told = |event: &Event| match event {
        Event::Effect(EffectEvent::Started { effect }) => match &effect.work {
            Work::Once { once, back: true, .. } => Some(format!("back of {once}")),
            Work::Desire { wish, .. } if wish.back => Some("set back".to_owned()),
            _ => None,
        },
        _ => None,
    };
    let list: Vec<String> = world.journal.durable.iter().filter_map(|it| told(&it.event)).collect();
    assert_eq!(list, ["back of announce", "set back", "back of migrate"], "{}", world.story());
}
