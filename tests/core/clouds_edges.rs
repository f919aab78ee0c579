//! Clouds that are not as they should be: what stands by serves, a host of the primary is sick, the other cloud is smaller,
//! and what is promised of the way back.

use golive::{
    domain::{
        course::Phase,
        effect::PoolState,
        event::Event,
        name::CloudName,
        plan::{Amount, Capacity, CloudPauses, CloudStep, Pause, Step},
        rollout::{RolloutEvent, fewer_take_over, readiness, unwell},
        session::Session,
        time::Span,
    },
    report::says,
};

use super::clouds::{is_primary, new, out, serve, shifts, step, strategy, taken, two, validates};
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, Shape, cloud, environment},
    world::{Happening, HostFault, World},
};

fn happens(world: &mut World, index: usize, fault: HostFault) {
    world.plan_for(world.at, Happening::Host(index, fault));
    world.look_soon(index);
}

/// What stands by and serves all the same is called out before its stage starts, with who takes it out.
#[test]
fn what_stands_by_and_serves_is_called_out_before_its_stage_starts() {
    let mut world = World::new(427, &two(4));
    world.prepare();
    let mistaken = |world: &World| {
        let list = unwell(world.session(), world.now()).into_iter();
        let list = list.filter(|it| it.what.ends_with("stands by and gets traffic: b is not primary"));
        list.map(|it| (it.unit.unwrap().to_string(), it.release)).collect::<Vec<_>>()
    };
    assert_eq!(mistaken(&world), []);
    happens(&mut world, 2, HostFault::PutBack);
    happens(&mut world, 3, HostFault::PutBack);
    world.run_for(Span::secs(5));
    let release = "taking it out by hand; its stage takes it out as it starts".to_owned();
    assert_eq!(mistaken(&world), [("web-03".to_owned(), release.clone()), ("web-04".into(), release)]);
    happens(&mut world, 2, HostFault::TakenOut);
    happens(&mut world, 3, HostFault::TakenOut);
    world.run_for(Span::secs(5));
    assert_eq!(mistaken(&world), []);
}

/// What serves nobody may be changed while a host of the cloud that serves is sick: it is the way out of that, too.
#[test]
fn a_sick_host_of_the_primary_keeps_nobody_from_changing_what_is_out_already() {
    let mut world = World::new(428, &two(4));
    world.prepare();
    world.decide_go();
    happens(&mut world, 0, HostFault::Sick);
    world.run_for(Span::secs(5));
    world.must("raj", start());
    world.run_until(Span::minutes(10), validates);
    assert!(world.hosts[2..].iter().all(new), "b is changed");
    assert_eq!(world.hosts[0].pool, PoolState::In, "and nobody of a was touched");
    world.run_until(Span::minutes(10), |session| is_primary(session) == Some(&cloud("b")));
    assert!(serve(&world.hosts[2..]), "b has taken over from what was sick");
}

/// Fewer hosts carry what more did: that is said with the figure before it happens, and no more afterwards.
#[test]
fn a_smaller_cloud_that_takes_over_is_said_with_its_figure() {
    let pause = CloudPauses { before: vec![CloudStep::Switch], after: Vec::new() };
    let strategy = golive::domain::plan::ZeroDowntime { pause, ..strategy() };
    let mut world = World::changed(429, &taken(strategy, 5, 2), |plan| {
        let place = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
        let host = place.pools[1].hosts.remove(0);
        place.pools[0].hosts.push(host);
    });
    world.under_way();
    world.run_until(Span::minutes(10), |session| step(session) == Some(&Step::Pause(Pause::Human)));
    let words = |session: &Session| fewer_take_over(session, session.pipeline.running().unwrap());
    let said = "2 hosts of b carry what 3 of a did, 1.5 times as much each";
    assert_eq!(words(world.session()).as_deref(), Some(said));
    world.must("raj", go_on());
    world.run_until(Span::minutes(10), |session| matches!(step(session), Some(Step::Stand { .. })));
    assert_eq!(words(world.session()), None);
}

/// The switch back is promised only where every host of the cloud that served is well: else it would wait for that one.
#[test]
fn the_switch_back_is_not_promised_while_a_host_of_it_is_down() {
    let capacity = Capacity { min_healthy: Some(Amount::Count(2)), ..Capacity::default() };
    let mut world = World::new(430, &Shape { capacity, ..two(6) });
    let place = environment(PRODUCTION);
    let promised = |world: &World| readiness(world.session(), &place).switch.is_some();
    world.under_way();
    world.requests = 0;
    world.run_until(Span::minutes(10), shifts);
    assert!(promised(&world));
    happens(&mut world, 1, HostFault::Sick);
    world.run_for(Span::secs(20));
    assert!(!promised(&world), "web-02 of a is down");
    happens(&mut world, 1, HostFault::Well);
    world.run_for(Span::secs(20));
    assert!(promised(&world));
}

/// How the way back was told, where the old primary serves alone again.
fn told(world: &World) -> Vec<String> {
    let events = world.journal.between(0, u64::MAX).into_iter().map(|stamped| stamped.event);
    let ours = |event: &Event| {
        matches!(event, Event::Rollout(RolloutEvent::Switched { .. } | RolloutEvent::RoleSwitched { .. }))
    };
    events.filter(ours).map(|event| says(&event)).collect()
}

/// Only a switch is called one: where the primary was never left, nothing was switched back.
#[test]
fn the_record_says_switched_only_of_a_switch() {
    let mut world = World::new(436, &two(4));
    world.under_way();
    world.run_until(Span::minutes(10), validates);
    world.must("sam", roll_back());
    world.reaches(golive::domain::course::Phase::RolledBack, Span::minutes(10));
    let said = told(&world).join("; ");
    assert!(said.contains("cloud a of production serves alone"), "{said}");
    assert!(!said.contains("switched") && !said.contains("side"), "{said}");
    assert_eq!((out(&world.hosts[..2]), is_primary(world.session())), (0, Some::<&CloudName>(&cloud("a"))));
}

/// `two` of four hosts on which nothing runs yet, of which the third would become one of `a` with six.
fn grows_on_its_first_deploy(seed: u64) -> (World, golive::domain::command::Command) {
    let mut world = World::with(seed, &two(4), None, "2.5.0", true);
    world.run_for(Span::secs(1));
    world.spare_hosts(2, true);
    world.under_way();
    (world, adopt(&two(6)))
}

/// A host that waits for its turn and changes clouds goes as one of the cloud that it is in by then.
#[test]
fn a_host_that_waits_serves_where_a_plan_puts_it_into_the_primary() {
    let (mut world, grown) = grows_on_its_first_deploy(438);
    world.must("dana", grown);
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
    assert!(world.hosts.iter().all(new), "{}", world.story());
    assert_eq!((out(&world.hosts[..3]), out(&world.hosts[3..])), (0, 3), "{}", world.story());
}

/// One that was taken keeps its cloud: it would stand by for ever in one that serves.
#[test]
fn a_host_that_was_taken_keeps_its_cloud_until_the_session_ends() {
    let (mut world, grown) = grows_on_its_first_deploy(439);
    let third =
        |session: &Session| session.rollout.units()[2].lane.as_ref().is_some_and(|lane| lane.attempt > 0);
    world.run_until(Span::minutes(20), third);
    let refusal = world.refused("dana", grown.clone());
    let said =
        "web-03 was taken of b that stands by in this session, and may not become one of a that serves";
    assert!(refusal.to_string().contains(said), "{refusal}");
    // Nor once its stage is through.
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
    assert!(world.refused("dana", grown).to_string().contains(said));
}
