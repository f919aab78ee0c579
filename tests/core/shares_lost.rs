//! A balancer that was started anew has forgotten its shares: it is told again, or somebody is called.

use golive::domain::{
    plan::Weight,
    rollout::{Answer, RolloutCommand, Trouble, troubles, unwell},
    time::Span,
};

use super::shares::{at_pause, held, paused};
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, environment},
    world::{Happening, World},
};

fn told(world: &World) -> &golive::domain::rollout::Shares {
    &world.session().rollout.shares[&environment(PRODUCTION)]
}

/// Nobody was taken out, and no look ever found the balancer away: only its weights say what it has forgotten.
#[test]
fn a_balancer_that_forgets_between_two_looks_is_told_again_and_it_is_said() {
    let mut world = paused(5, 10);
    world.forgets_weights();
    assert_eq!(held(&world), None);
    world.run_for(Span::millis(100));
    let words: Vec<String> = unwell(world.session(), world.now()).into_iter().map(|it| it.what).collect();
    let said = "the balancer gives 2.5.0 10.00 % instead of 10 %: it has lost what it was told";
    assert!(words.iter().any(|it| it == said), "{words:?}");
    world.run_for(Span::secs(10));
    assert_eq!(held(&world).unwrap().weight, Weight::new(10).unwrap());
    assert_eq!(told(&world).answer, Answer::Holds);
    assert_eq!(told(&world).lost.unwrap().times, 1);
    assert!(unwell(world.session(), world.now()).is_empty());
    // It stops nothing.
    assert!(troubles(world.session()).is_empty() && at_pause(world.session()));
    world.must("dana", go_on());
}

/// Something else sets the weights: after three times it is not told again and again, and a human decides.
#[test]
fn a_balancer_that_loses_its_share_again_and_again_calls_somebody() {
    let mut world = paused(5, 10);
    for _ in 0..4 {
        assert!(troubles(world.session()).is_empty());
        world.forgets_weights();
        world.run_for(Span::secs(10));
    }
    let words: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
    for part in ["the shares of production could not be set", "told again 3 times", "10.00 %"] {
        assert!(words.iter().any(|words| words.contains(part)), "{words:?}");
    }
    assert_eq!(held(&world), None);
    // Whoever tries it again ends that; what comes then counts anew.
    world.must("raj", RolloutCommand::ShareAgain { environment: environment(PRODUCTION) }.into());
    world.run_for(Span::secs(10));
    assert!(troubles(world.session()).is_empty() && held(&world).is_some());
    world.plan_for(world.at, Happening::BalancerForgets);
    world.run_for(Span::secs(30));
    assert!(troubles(world.session()).is_empty() && held(&world).is_some());
    assert_eq!(told(&world).lost.unwrap().times, 1);
    // An hour later it is another occasion.
    for _ in 0..4 {
        world.run_for(Span::hours(1));
        world.forgets_weights();
        world.run_for(Span::secs(10));
        assert!(troubles(world.session()).is_empty() && held(&world).is_some());
    }
}
