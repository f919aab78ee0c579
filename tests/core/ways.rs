//! Ways to get a session to where a test begins.

use golive::domain::{effect::LaneStep, refusal::Refusal, time::Span};

use crate::simulation::{
    host::Wrong,
    plan::{Shape, candidate},
    world::World,
};

pub fn small() -> Shape {
    Shape { hosts: 3, ..Shape::default() }
}

/// The second host fails this step of the new version.
pub fn bad_second(shape: &Shape, step: LaneStep, wrong: Wrong) -> World {
    let mut world = World::new(7, shape);
    world.hosts[1].wrong.push((step, wrong, Some(candidate("2.5.0").version.clone())));
    world
}

/// The line is stopped by the second of three hosts.
pub fn stopped() -> World {
    let mut world = bad_second(&small(), LaneStep::SelfTest, Wrong::Fails);
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world
}

#[track_caller]
pub fn says(refusal: &Refusal, parts: &[&str]) {
    assert!(!refusal.lift.is_empty(), "a refusal says what lifts it: {refusal}");
    for part in parts {
        assert!(refusal.to_string().contains(part), "{part:?} is not in: {refusal}");
    }
}
