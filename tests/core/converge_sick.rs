//! A host to which its agent brought what was set, and that is not well.

use golive::domain::{
    course::Phase,
    plan::{Amount, Deadlines},
    rollout::{Standing, board, board_row, troubles, unwell},
    time::Span,
};

use super::converge::{converging, shape, words};
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, Shape, environment, unit},
    world::{Happening, HostFault, World},
};

/// The first of six hosts runs 2.5.0 and is not well.
fn sick(seed: u64) -> World {
    let deadlines = Deadlines {
        healthy_deadline: Span::minutes(1),
        progress_deadline: Span::minutes(6),
        ..Deadlines::default()
    };
    let mut world = World::new(seed, &Shape { deadlines, ..shape(true, vec![Amount::Count(1)]) });
    world.under_way();
    world.run_until(Span::minutes(1), |session| converging(session) == 1);
    world.plan_for(world.at, Happening::Host(0, HostFault::Sick));
    world.run_until(Span::minutes(2), |session| session.rollout.units()[0].runs() == Some("2.5.0"));
    world
}

/// It is said at once, and nobody promises that it converges in time; as long as any host has it may take to become
/// well, and then somebody is called: nothing that its agent's next look mends is waited for.
#[test]
fn a_host_that_runs_what_was_set_and_is_not_well_is_said_at_once_and_calls_for_somebody_by_its_deadline() {
    let mut world = sick(201);
    let place = environment(PRODUCTION);
    let said: Vec<String> = unwell(world.session(), world.now()).into_iter().map(|it| it.what).collect();
    assert!(said.iter().any(|it| it.starts_with("web-01 runs 2.5.0 and is not well: sick")), "{said:?}");
    let row = board_row(world.session(), &world.session().rollout.units()[0], world.now()).unwrap();
    assert_eq!(row.standing, Standing::NotWell);
    let all = board(world.session(), &place, world.now()).unwrap();
    assert_eq!((all.not_well, all.left), (1, None));
    assert!(all.words().contains("1 not well"), "{}", all.words());
    for _ in 0..2 {
        let since = world.at;
        world.run_until(Span::secs(62), |session| !troubles(session).is_empty());
        assert!(world.at - since > Span::secs(50).0, "it has its time");
        let said = words(&world).join("; ");
        assert!(said.contains("web-01 failed converge: it runs 2.5.0, and was not well for 1 min"), "{said}");
        world.must("raj", try_again(&unit("web-01")));
    }
    world.plan_for(world.at, Happening::Host(0, HostFault::Well));
    world.reaches(Phase::LiveUnverified, Span::minutes(12));
}

/// Only an unbroken time counts, and none while it is held.
#[test]
fn a_host_that_becomes_well_between_has_all_its_time_again_and_none_passes_while_it_is_held() {
    let mut world = sick(202);
    world.run_for(Span::secs(40));
    world.must("dana", hold());
    world.run_for(Span::minutes(5));
    assert_eq!(words(&world), Vec::<String>::new(), "held");
    world.must("dana", go_on());
    world.run_for(Span::secs(10));
    assert_eq!(words(&world), Vec::<String>::new(), "it has its time");
    world.run_for(Span::secs(12));
    assert!(words(&world).join("; ").contains("was not well for"), "{:?}", words(&world));
}
