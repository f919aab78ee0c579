//! A host of those that serve falls sick while others are out of traffic for a drill.

use golive::domain::{
    plan::{Amount, Capacity},
    session::Session,
    time::Span,
};

use super::{
    clouds::two,
    drills_away::{begin, is_out, offline, regions, secondary, serving, world},
};
use crate::simulation::{
    plan::Shape,
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
