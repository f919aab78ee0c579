//! How requests are in fact shared out where few come: counted for longer, said to be too few, and old figures said to be old.

use golive::domain::{
    comparison::{Recent, Sides},
    effect::{Report, Reported, Target},
    rollout::{Served, unwell},
    time::Span,
};

use super::shares::paused;
use crate::simulation::{
    plan::{PRODUCTION, environment},
    world::{Happening, World},
};

fn served(world: &World) -> Option<Served> {
    world.session().rollout.shares[&environment(PRODUCTION)].served
}

/// So many requests were counted of late, too few by themselves, and so many over a longer time.
fn counts(world: &mut World, canary: u64, of: u64, over: Span) {
    let flight = world.session().flights.get(&Target::Served(environment(PRODUCTION))).unwrap();
    let what = Reported::Counted {
        environment: environment(PRODUCTION),
        lately: Box::new(Sides::default()),
        all: Box::new(Sides::default()),
        busiest: None,
        total: None,
        recent: Some(Recent { canary, of, over }),
    };
    let report = Report { epoch: world.session().epoch, effect: flight.effect.id.clone(), what };
    world.plan_for(world.at, Happening::Arrives(Box::new(report)));
    world.run_for(Span::secs(1));
}

/// [O41] Thirteen requests a second are not two hundred in ten seconds, and yet a share can be told of them.
#[test]
fn of_few_requests_a_share_is_counted_for_longer() {
    let mut world = paused(5, 10);
    world.requests = 0;
    world.run_for(Span::secs(100));
    counts(&mut world, 26, 260, Span::secs(20));
    let known = served(&world).unwrap();
    assert_eq!((known.canary, known.of, known.off), (26, 260, false));
    counts(&mut world, 78, 260, Span::secs(20));
    assert!(served(&world).unwrap().off);
    let words: Vec<String> = unwell(world.session(), world.now()).into_iter().map(|it| it.what).collect();
    let off = "2.5.0 gets 30.00 % of 260 requests in 20 s, wanted 10 %";
    assert!(words.iter().any(|it| it == off), "{words:?}");
    // Nobody counts any more: what was counted stands, as old.
    world.run_for(Span::minutes(3));
    let words: Vec<String> = unwell(world.session(), world.now()).into_iter().map(|it| it.what).collect();
    assert!(
        words.iter().any(|it| it.contains("in 20 s, 3 min ") && it.contains(" ago, wanted 10 %")),
        "{words:?}"
    );
}

/// What was counted while the share was another one, or its hosts were out, says nothing of it.
#[test]
fn what_was_counted_before_the_share_was_set_is_not_counted_for_it() {
    let mut world = paused(5, 10);
    world.requests = 0;
    world.run_for(Span::secs(40));
    counts(&mut world, 0, 260, Span::minutes(5));
    assert_eq!(served(&world), None);
    counts(&mut world, 26, 260, Span::secs(30));
    assert!(served(&world).is_some_and(|known| !known.off));
}

#[test]
fn too_few_requests_to_tell_are_said_to_be() {
    let mut world = paused(5, 10);
    world.requests = 0;
    world.run_for(Span::secs(10));
    counts(&mut world, 3, 20, Span::secs(10));
    assert_eq!(served(&world), None, "it has only begun");
    world.run_for(Span::secs(30));
    counts(&mut world, 30, 57, Span::secs(40));
    let known = served(&world).unwrap();
    assert!(known.few() && !known.off);
    assert_eq!(known.words(world.now()), "30 of 57 requests, too few to tell in 40 s");
    // Once they are enough that is said at once.
    counts(&mut world, 100, 210, Span::secs(40));
    assert!(served(&world).unwrap().off);
}

/// With the counts of the balancer itself: one request a host in ten seconds.
#[test]
fn a_balancer_with_next_to_no_traffic_comes_to_a_figure_in_the_end() {
    let mut world = paused(5, 10);
    world.requests = 1;
    world.run_for(Span::minutes(2));
    // What came before it was paused is not counted, and what came since is not enough.
    assert_eq!(served(&world), None);
    world.run_for(Span::minutes(6));
    assert!(served(&world).is_some_and(|known| !known.few() && !known.off), "{:?}", served(&world));
}
