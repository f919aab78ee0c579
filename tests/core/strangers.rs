//! What runs although golive did not put it there: no second version beside it, and no host that is down goes unnamed.

use golive::domain::{
    course::Phase,
    effect::LaneStep,
    plan::{ALIVE, rules},
    rollout::{preview, strangers_beside, troubles, unwell},
    time::Span,
};

use super::{
    stop_all::{at, over},
    ways::{says, small},
};
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, candidate, check, environment, plan, unit},
    world::{Happening, HostFault, World},
};

fn strange(world: &mut World, host: usize, comes: bool) {
    world.plan_for(world.at, Happening::Host(host, HostFault::Stranger(comes)));
    world.run_for(Span::secs(5));
}

fn whats(world: &World) -> Vec<String> {
    unwell(world.session(), world.now()).into_iter().map(|it| it.what).collect()
}

/// [K47] A second version on a host that is to be stopped, of a process that nobody here can stop: refused, with the place.
#[test]
fn something_else_that_answers_keeps_a_stop_all_from_its_start() {
    let mut world = World::new(301, &over(3, None));
    world.prepare();
    world.decide_go();
    strange(&mut world, 2, true);
    let refusal = world.refused("raj", start());
    says(
        &refusal,
        &["something answers at web-03: 0.0.2", "golive did not start it", "ending it by hand on web-03"],
    );
    strange(&mut world, 2, false);
    world.must("raj", start());
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
}

/// A command that can't fail would keep every host down for ever: that is said before it does.
#[test]
fn that_an_alive_command_has_to_fail_of_what_is_stopped_is_said_by_check() {
    let mut plan = plan(&over(3, None));
    let said = |plan: &golive::domain::plan::Plan| {
        let all = rules::remarks(plan).into_iter().filter(|it| it.place.to_string() == "checks.alive");
        all.map(|it| it.what)
            .filter(|what| what.contains("has to fail where nothing runs"))
            .collect::<Vec<_>>()
    };
    let (alive, mut as_command) = (check(ALIVE), plan.checks[&check("smoke")].clone());
    as_command.name = alive.clone();
    plan.checks.insert(alive.clone(), as_command);
    let words = "alive is a command, and has to fail where nothing runs: a host of production counts as stopped only once \
                 it does. One that passes there keeps every host down, as something that answers";
    assert_eq!(said(&plan), [words]);
    let tcp = plan.checks[&check("database")].kind.clone();
    plan.checks.get_mut(&alive).unwrap().kind = tcp;
    assert_eq!(said(&plan), Vec::<String>::new(), "a port that is closed fails by itself");
}

/// It comes while the others are stopped already: nobody can say that it is off, and R says what it mixes.
#[test]
fn something_else_that_answers_while_all_are_stopped_is_not_vouched_for_and_the_way_back_says_what_it_mixes()
{
    let mut world = World::new(302, &over(3, Some(3)));
    world.under_way();
    world.run_until(Span::minutes(5), |session| at(session) == Some(LaneStep::Stop));
    strange(&mut world, 2, true);
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.run_for(Span::secs(10));
    let called = troubles(world.session());
    let lift = called[0].lift(world.session());
    assert!(lift.contains("ending by hand what answers there") && !lift.contains("mark-done"), "{lift}");
    says(
        &world.refused("raj", mark_done(&unit("web-03"))),
        &["something answers at web-03: 0.0.2", "not off"],
    );
    let mixes = "rolling back starts 2.4.1 beside 0.0.2 at web-03, which golive did not start: no two versions may run \
                 side by side";
    assert_eq!(strangers_beside(world.session(), &environment(PRODUCTION)).as_deref(), Some(mixes));
    assert!(whats(&world).iter().any(|it| it == mixes), "{:?}", whats(&world));
    // It stays possible.
    world.must("sam", roll_back());
    strange(&mut world, 2, false);
    for trouble in troubles(world.session()) {
        if let Some(unit) = trouble.unit() {
            world.must("raj", try_again(unit));
        }
    }
    world.reaches(Phase::RolledBack, Span::minutes(30));
    assert_eq!(strangers_beside(world.session(), &environment(PRODUCTION)), None);
}

#[test]
fn what_serves_now_is_said_where_it_is_not_what_a_rollback_goes_back_to() {
    let mut world = World::new(303, &small());
    world.prepare();
    assert_eq!(
        preview(world.session(), world.now()).unwrap().runs_now,
        None,
        "2.4.1 runs, and R goes back to it"
    );
    for host in 0..world.hosts.len() {
        world.hosts[host].runs = Some(candidate("2.4.9").version.clone());
        world.look_soon(host);
    }
    world.run_for(Span::secs(5));
    let words = "2.4.9 (no go-live verified it), way back 2.4.1";
    assert_eq!(preview(world.session(), world.now()).unwrap().runs_now.as_deref(), Some(words));
    // All that serve are named where they are several, the way back among them.
    world.hosts[0].runs = Some(candidate("2.4.1").version.clone());
    world.look_soon(0);
    world.run_for(Span::secs(5));
    let runs_now = preview(world.session(), world.now()).unwrap().runs_now.unwrap();
    let others: Vec<String> = (2..=world.hosts.len()).map(|nth| format!("web-{nth:02}")).collect();
    let others = if others.len() > 3 { format!("{} hosts", others.len()) } else { others.join(", ") };
    let words = format!(
        "2.4.1 on web-01 and 2.4.9 on {others}: 2.5.0 comes beside them, so that 3 versions serve until it is \
         everywhere; way back 2.4.1"
    );
    assert_eq!(runs_now, words);
    for host in 0..world.hosts.len() {
        (world.hosts[host].runs, world.hosts[host].installed) =
            (Some(candidate("2.5.0").version.clone()), Some(candidate("2.5.0")));
        world.look_soon(host);
    }
    world.run_for(Span::secs(5));
    let words = preview(world.session(), world.now()).unwrap().runs_now.unwrap();
    assert_eq!(words, "2.5.0 runs already on every host: nothing to do, and a start restarts them");
}

/// [W22] A host that does not serve is named wherever one looks: before the start, and once all others are back.
#[test]
fn a_host_that_is_down_is_named_before_the_start_and_once_the_others_are_back() {
    let mut world = World::new(304, &small());
    world.prepare();
    world.decide_go();
    assert!(whats(&world).is_empty(), "{:?}", whats(&world));
    let last = world.hosts.len() - 1;
    let name = world.units[last].to_string();
    let happens = |world: &mut World, fault| {
        world.plan_for(world.at, Happening::Host(last, fault));
        world.run_for(Span::secs(5));
    };
    let down =
        |world: &World| whats(world).iter().any(|it| it.starts_with(&name) && it.contains("does not serve"));
    happens(&mut world, HostFault::Dies);
    assert!(down(&world), "{:?}", whats(&world));
    happens(&mut world, HostFault::ComesBack);
    assert!(!down(&world), "{:?}", whats(&world));
    world.must("raj", start());
    world.run_until(Span::minutes(10), |session| !session.rollout.touched().is_empty());
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(30));
    happens(&mut world, HostFault::Dies);
    assert!(down(&world), "{:?}", whats(&world));
}
