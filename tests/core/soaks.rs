//! A soak: it counts only what nobody was alarmed over, it can be lengthened and never shortened, and the way back is open
//! all the time.

use golive::domain::{
    event::Event,
    pipeline::{PipelineEvent, pause_left},
    plan::{Pause, Step},
    rollout::RolloutCommand,
    session::Session,
    time::Span,
};

use super::{
    blue_green::{soaks, step, two},
    ways::{says, small},
};
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, Shape},
    world::{Happening, HostFault, World},
};

fn left(world: &World) -> Span {
    pause_left(world.session().pipeline.running().unwrap(), world.now()).expect("it soaks")
}

/// Blue serves the new version and soaks.
fn soaking(seed: u64) -> World {
    let mut world = World::new(seed, &two(6));
    world.under_way();
    world.run_until(Span::minutes(30), soaks);
    world
}

fn is_paused(session: &Session) -> bool {
    session.pipeline.running().is_some_and(|run| run.at.paused.is_some())
}

/// [O50] A host of the side that soaks falls sick: its time stands still until that is over, and the record says why; with
/// the rest of the time soaked, the other side follows.
#[test]
fn an_alarm_pauses_the_soak_until_it_is_over() {
    let mut world = soaking(821);
    world.run_for(Span::minutes(2));
    let before = left(&world);
    world.plan_for(world.at, Happening::Host(0, HostFault::Sick));
    world.run_until(Span::minutes(2), is_paused);
    let at_pause = left(&world);
    assert!(at_pause > Span::ZERO && before.0 - at_pause.0 <= Span::minutes(1).0);
    world.run_for(Span::minutes(3));
    assert_eq!(left(&world), at_pause, "it does not count while a host is sick");
    let why = world.journal.durable.iter().find_map(|it| match &it.event {
        Event::Pipeline(PipelineEvent::SoakPaused { why, .. }) => Some(why.clone()),
        _ => None,
    });
    assert!(why.as_deref().is_some_and(|why| why.contains("web-01")), "{why:?}");
    world.plan_for(world.at, Happening::Host(0, HostFault::Well));
    world.run_until(Span::minutes(2), |session| !is_paused(session));
    let after = left(&world);
    assert!(at_pause.0 - after.0 <= Span::secs(1).0, "{after} of {at_pause}");
    let rest = Span(after.0 - Span::secs(5).0);
    world.run_for(rest);
    assert!(soaks(world.session()), "{}", world.story());
    world.run_for(Span::secs(6));
    assert!(!soaks(world.session()), "the rest of it is soaked\n{}", world.story());
}

/// [O50] Anybody in [people] lengthens it, with a reason; nobody shortens it, and it is no way past a wait for a person.
#[test]
fn a_soak_is_lengthened_with_a_reason_and_never_shortened() {
    let mut world = soaking(822);
    let before = left(&world);
    world.must("sam", extend(Span::minutes(20)));
    let longer = left(&world).0 - before.0;
    assert!(Span::minutes(20).0 - longer <= Span::secs(1).0, "{longer}");
    says(&world.ask("sam", extend(Span::ZERO)).unwrap_err(), &["lengthened"]);
    says(&world.ask("sam", extend(Span::days(30))).unwrap_err(), &["7 d at the most"]);
    let silent = RolloutCommand::Extend { by: Span::minutes(1), reason: " ".into() };
    says(&world.ask("sam", silent.into()).unwrap_err(), &["a reason is needed"]);
    world.run_for(before);
    assert!(soaks(world.session()), "it soaks for longer by now");
    says(&world.ask("dana", go_on()).unwrap_err(), &["a planned pause is not cut short"]);
    world.run_for(Span::minutes(20));
    assert!(!soaks(world.session()));
    // A bake is lengthened as well; what waits for a person has no time that could be.
    let mut world = World::new(823, &Shape { bake: Span::minutes(5), ..small() });
    world.under_way();
    says(&world.ask("sam", extend(Span::minutes(1))).unwrap_err(), &["waits for no set time"]);
    world.run_until(Span::minutes(30), |session| session.pipeline.stages[0].bake.is_some());
    world.must("sam", extend(Span::minutes(10)));
    world.run_for(Span::minutes(14));
    assert!(session_bakes(world.session()), "{}", world.story());
    world.run_for(Span::minutes(2));
    assert!(!session_bakes(world.session()));
}

fn session_bakes(session: &Session) -> bool {
    session.pipeline.stages[0].state == golive::domain::pipeline::StageState::Baking
}

/// [O50] It survives the end of the conductor: what nobody looked at is no part of it, lengthened or paused.
#[test]
fn a_soak_survives_a_restart_and_counts_nothing_that_nobody_saw() {
    let mut world = soaking(824);
    world.must("sam", extend(Span::minutes(3)));
    world.run_for(Span::minutes(1));
    let before = left(&world);
    world.kill();
    world.run_for(Span::secs(30));
    let after = left(&world);
    assert!(soaks(world.session()));
    assert!(before.0 - after.0 <= Span::secs(31).0, "{before}, {after}");
    world.plan_for(world.at, Happening::Host(0, HostFault::Sick));
    world.run_until(Span::minutes(2), is_paused);
    world.run_for(Span::secs(5));
    let paused = left(&world);
    world.kill();
    world.run_for(Span::minutes(2));
    assert_eq!(left(&world), paused, "{}", world.story());
}

/// [O50] The way back is open while it soaks, an alarm or not.
#[test]
fn whoever_sees_the_alarm_rolls_back_at_once() {
    for alarmed in [false, true] {
        let mut world = soaking(825);
        if alarmed {
            world.plan_for(world.at, Happening::Host(0, HostFault::Sick));
            world.run_until(Span::minutes(2), is_paused);
        }
        assert!(matches!(step(world.session()), Some(Step::Pause(Pause::Soak(_)))));
        world.must("sam", roll_back());
        world.plan_for(world.at, Happening::Host(0, HostFault::Well));
        world.run_for(Span::minutes(10));
        let back = world.hosts.iter().filter(|host| host.environment.as_str() == PRODUCTION);
        let back = back.filter(|host| host.runs.as_ref().is_some_and(|runs| runs.as_str() == "2.4.1"));
        assert_eq!(back.count(), 6, "{}", world.story());
    }
}
