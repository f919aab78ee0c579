//! A host of those that serve falls sick while others are out of traffic for a drill.

use golive::domain::{
    drill::Criterion,
    plan::{Amount, Capacity},
    rollout::unwell,
    session::Session,
    time::Span,
};

use super::{
    clouds::two,
    drills_away::{
        begin, found, is_out, last, offline, over, regions, secondary, serving, with_regions, world,
    },
};
use crate::simulation::{
    people::exclude,
    plan::{Shape, unit},
    upkeep::{drills_of, quiet_at},
    world::{Happening, HostFault},
};

/// One of those that serve meanwhile falls sick: all comes back before its time, also where the plan's minimum is kept.
#[test]
fn a_sick_host_of_those_that_serve_meanwhile_has_all_back() {
    for (seed, roles, sick) in [(621, true, 2), (622, false, 1)] {
        let capacity = Capacity { min_healthy: Some(Amount::Count(1)), ..Capacity::default() };
        let mut world = if roles {
            world(seed, &Shape { capacity, ..two(4) }, |plan| drills_of(plan, secondary(None)))
        } else {
            world(seed, &Shape { capacity, ..regions() }, |plan| {
                drills_of(plan, offline("eu-1"));
                quiet_at(plan, 0..24);
            })
        };
        world.must("raj", begin());
        world.run_until(Span::minutes(10), is_out);
        world.plan_for(world.at, Happening::Host(sick, HostFault::Sick));
        let back = |session: &Session| {
            let away = session.operations.running.as_ref().and_then(|it| it.away.as_ref());
            away.and_then(|away| away.back.as_ref()).and_then(|back| back.early.clone())
        };
        world.run_until(Span::minutes(2), |session| back(session).is_some());
        let why = format!("web-0{}, which serves meanwhile: sick", sick + 1);
        assert_eq!(back(world.session()), Some(why));
        world.run_for(Span::minutes(5));
        assert!(serving(&world).contains(&1), "{}", world.story());
    }
}

/// One that died out of traffic and is given up by name: it was not replaced, and that is not said of it.
#[test]
fn a_host_that_died_while_it_was_out_is_named_as_such() {
    let mut world = with_regions(619);
    world.must("raj", begin());
    world.run_until(Span::minutes(10), is_out);
    world.plan_for(world.at, Happening::Host(0, HostFault::Dies));
    world.run_until(Span::minutes(20), |session| session.rollout.any_troubled());
    world.must("raj", exclude(&unit("web-01")));
    world.run_until(Span::minutes(10), over);
    let line = last(world.session());
    let shows = &found(&line, Criterion::CarriedOut).shows;
    assert!(shows.contains("not web-01; ") && shows.contains(" came back after "), "{shows}");
    // Nobody replaced it.
    let wrong = unwell(world.session(), world.now());
    let died = wrong.iter().find(|it| it.unit == Some(unit("web-01"))).unwrap();
    let words = "web-01 is not well: it died while it was out of traffic for a drill, and did not come back";
    assert!(died.what.starts_with(words), "{}", died.what);
}
