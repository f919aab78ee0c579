//! An environment that should get no requests: what is seen of any, and the alarm that stops the line.

use golive::domain::{
    command::Command,
    event::Event,
    next_step::{NextStep, next_step},
    pipeline::StageState,
    plan::{Balancer, TrafficKind, rules},
    rollout::{RolloutCommand, Trouble, troubles},
    session::Session,
    signal::{SignalEvent, TrafficStanding, traffic},
    time::Span,
};

use super::ways::says;
use crate::simulation::{
    people::*,
    plan::{Shape, environment, plan},
    world::{Happening, World},
};

fn shape() -> Shape {
    Shape { hosts: 3, beta: true, quiet: true, bake: Span::secs(30), ..Shape::default() }
}

fn standing(world: &World) -> Option<String> {
    traffic(world.session(), &environment("beta")).map(|it| it.words())
}

fn asked(world: &mut World, requests: u64) {
    world.plan_for(world.at, Happening::Strays(environment("beta"), requests));
    world.run_for(Span::secs(15));
}

fn beta(session: &Session) -> StageState {
    session.pipeline.stages[0].state
}

fn lifted(reason: &str) -> Command {
    let reason = reason.to_owned();
    Command::Rollout(RolloutCommand::LiftAlarm { environment: environment("beta"), reason })
}

/// Beta is rolled out, and waits for its promotion.
fn ready() -> World {
    let mut world = World::new(7, &shape());
    world.prepare();
    world.must("raj", start());
    world.run_until(Span::minutes(10), |session| beta(session) == StageState::Ready);
    world
}

/// Between two stages as well what is asked for is what lifts it.
#[test]
fn an_alarm_between_two_stages_names_what_lifts_it() {
    let mut world = ready();
    world.must("raj", promote());
    asked(&mut world, 3);
    let (next, list) = next_step(world.session(), world.now());
    assert!(
        matches!(&next, NextStep::Human(lift) if lift.contains("lift-alarm beta") && !lift.contains("exclude")),
        "{next:?}"
    );
    assert!(list[0].lift.contains("lift-alarm beta --reason"), "{list:?}");
}

/// [R12] A request into an environment without traffic is an alarm with figure, host and time; the stage is not
/// promoted until a person lifts it with a reason, although nobody asks any more.
#[test]
fn requests_where_none_should_be_stop_the_line_until_a_person_says_why_they_came() {
    let mut world = ready();
    assert_eq!(standing(&world).unwrap(), "traffic: 0 requests seen, as it should be");
    asked(&mut world, 3);
    let Some(TrafficStanding::Alarm(alarm)) = traffic(world.session(), &environment("beta")) else {
        panic!("{:?}", standing(&world));
    };
    assert_eq!(
        (alarm.requests, alarm.host.as_ref().map(golive::domain::name::UnitId::as_str)),
        (3, Some("beta-01"))
    );
    let at = alarm.first;
    assert!(world.now().session.since(at.session) <= Span::secs(15));
    world.run_for(Span::minutes(30));
    let refusal = world.ask("raj", promote()).unwrap_err();
    says(&refusal, &["beta has no traffic: 3 requests seen, most of them on beta-01", "lift-alarm"]);
    says(&world.ask("sam", lifted("it was me")).unwrap_err(), &["sam has none of the roles"]);
    says(&world.ask("raj", lifted(" ")).unwrap_err(), &["a reason is needed"]);
    world.must("raj", lifted("a crawler, blocked by now"));
    assert!(troubles(world.session()).is_empty());
    // What is not looked at since is not vouched for.
    world.run_for(Span::secs(15));
    world.must("raj", promote());
    assert_eq!(world.session().pipeline.stages[0].state, StageState::Passed);
    let known = world.session().checks.quiet.get(&environment("beta")).unwrap();
    assert_eq!(known.lifted.as_ref().map(|it| it.reason.as_str()), Some("a crawler, blocked by now"));
}

#[test]
fn no_further_host_is_taken_and_no_bake_ends_while_the_alarm_stands() {
    let mut world = World::new(7, &shape());
    world.prepare();
    world.must("raj", start());
    world.run_until(Span::minutes(5), |session| session.rollout.units().iter().any(|unit| unit.out));
    asked(&mut world, 1);
    world.run_for(Span::minutes(20));
    let begun =
        |world: &World| world.session().rollout.units().iter().filter(|it| it.touched.is_some()).count();
    assert_eq!((begun(&world), beta(world.session())), (1, StageState::Rolling), "the other host waits");
    world.must("raj", lifted("the load test was aimed at the wrong front"));
    world.run_until(Span::minutes(10), |session| beta(session) == StageState::Baking);
    asked(&mut world, 2);
    world.run_for(Span::minutes(10));
    assert_eq!(beta(world.session()), StageState::Baking, "it bakes until somebody has looked");
    world.must("dana", lifted("the same again"));
    world.run_until(Span::minutes(1), |session| beta(session) == StageState::Ready);
}

#[test]
fn the_alarm_outlives_the_conductor_and_traffic_that_stops() {
    let mut world = ready();
    asked(&mut world, 4);
    world.plan_for(world.at, Happening::Kill);
    world.run_for(Span::minutes(5));
    assert!(matches!(troubles(world.session()).as_slice(), [Trouble::Traffic { .. }]));
    assert!(standing(&world).unwrap().contains("4 requests seen"));
    // It goes on: the figure grows, and one alarm is enough.
    for _ in 0..20 {
        asked(&mut world, 1);
    }
    assert_eq!(troubles(world.session()).len(), 1);
    let Some(TrafficStanding::Alarm(alarm)) = traffic(world.session(), &environment("beta")) else {
        panic!("{:?}", standing(&world));
    };
    assert!(alarm.requests > 4 && alarm.requests <= 24, "{alarm:?}");
}

#[test]
fn what_nobody_can_look_at_is_never_said_to_have_no_traffic() {
    let mut world = ready();
    world.plan_for(world.at, Happening::Balancer(false));
    world.run_for(Span::secs(30));
    assert_eq!(standing(&world).unwrap(), "traffic: unknown, it can't be reached");
    says(&world.ask("raj", promote()).unwrap_err(), &["traffic: unknown, it can't be reached", "a look at"]);
    world.plan_for(world.at, Happening::Balancer(true));
    world.run_for(Span::secs(30));
    assert_eq!(standing(&world).unwrap(), "traffic: 0 requests seen, as it should be");
    // After a restart it is looked at anew before anything is said.
    world.plan_for(world.at, Happening::Kill);
    world.run_for(Span::secs(1));
    assert_eq!(standing(&world).unwrap(), "traffic: not looked at yet");

    let blind = World::new(7, &Shape { balanced: false, ..shape() });
    assert_eq!(standing(&blind).unwrap(), "traffic: not seen by anything");
    assert_eq!(traffic(blind.session(), &environment("production")), None, "it is meant to have some");
}

#[test]
fn check_says_what_sees_traffic_or_that_nothing_does() {
    let said = |balancer: Option<Balancer>| {
        let mut plan = plan(&shape());
        let place = plan.environments.get_mut(&environment("beta")).unwrap();
        assert_eq!(place.traffic, TrafficKind::None);
        place.balancer = balancer.unwrap_or_else(|| place.balancer.clone());
        let remarks = rules::remarks(&plan).into_iter();
        remarks.filter(|it| it.place.to_string().contains("traffic")).map(|it| it.what).collect::<Vec<_>>()
    };
    assert!(said(None)[0].contains("every request that its balancer sends to a host is an alarm"));
    assert!(said(Some(Balancer::None))[0].contains("not seen by anything"));
}

/// Of an alarm that stands the figure goes on, a line of the record a minute at the most, and nothing of it is lost; the
/// host named is the one that got most of all.
#[test]
fn what_comes_after_the_alarm_is_in_the_record_within_a_minute_and_none_of_it_is_lost() {
    let mut world = ready();
    for _ in 0..30 {
        asked(&mut world, 2);
    }
    world.run_for(Span::secs(75));
    let seen: Vec<(u64, u64)> = world
        .journal
        .durable
        .iter()
        .filter_map(|stamped| match &stamped.event {
            Event::Signal(SignalEvent::TrafficSeen { requests, .. }) => {
                Some((*requests, stamped.now.session.0 / 1_000_000))
            }
            _ => None,
        })
        .collect();
    assert_eq!(seen.iter().map(|(requests, _)| requests).sum::<u64>(), 60, "{seen:?}");
    assert!(seen.windows(2).all(|two| two[1].1 - two[0].1 >= 59), "{seen:?}");
    let Some(TrafficStanding::Alarm(alarm)) = traffic(world.session(), &environment("beta")) else {
        panic!("{:?}", standing(&world));
    };
    assert_eq!(alarm.requests, 60);
}

/// Requests that the alarm stood for already, and that were not written down yet, are no alarm of their own when it is
/// lifted; the next request is.
#[test]
fn what_had_come_when_the_alarm_was_lifted_raises_none_anew() {
    let mut world = ready();
    asked(&mut world, 2);
    asked(&mut world, 5);
    world.must("raj", lifted("a crawler, blocked by now"));
    world.run_for(Span::secs(60));
    assert_eq!(standing(&world).unwrap(), "traffic: 0 requests seen, as it should be");
    // One that came a moment before the lift, and was not counted by then.
    asked(&mut world, 1);
    world.plan_for(world.at, Happening::Strays(environment("beta"), 4));
    world.run_for(Span::millis(500));
    world.must("raj", lifted("the same crawler"));
    world.run_for(Span::secs(60));
    assert_eq!(standing(&world).unwrap(), "traffic: 0 requests seen, as it should be");
    asked(&mut world, 1);
    assert!(standing(&world).unwrap().contains("1 request seen"), "{:?}", standing(&world));
}

/// Its balancer counts on while no conductor runs: what came then is an alarm as soon as one runs again.
#[test]
fn what_comes_while_no_conductor_runs_is_asked_of_the_balancer_afterwards() {
    let mut world = ready();
    world.run_for(Span::secs(15));
    world.plan_for(world.at, Happening::Kill);
    world.plan_for(world.at + 1, Happening::Strays(environment("beta"), 7));
    world.run_for(Span::secs(40));
    assert!(standing(&world).unwrap().contains("7 requests seen"), "{:?}", standing(&world));
}

/// Where it can't be asked for that, since it counts from 0 again, it is said when nobody looked.
#[test]
fn when_nobody_looked_and_nothing_counted_is_said() {
    let mut world = ready();
    world.run_for(Span::secs(15));
    world.plan_for(world.at, Happening::Strays(environment("beta"), 9));
    world.run_for(Span::secs(15));
    world.must("raj", lifted("a crawler, blocked by now"));
    world.run_for(Span::secs(15));
    world.plan_for(world.at, Happening::Kill);
    world.strays.clear();
    world.run_for(Span::secs(40));
    let said = standing(&world).unwrap();
    assert!(said.starts_with("traffic: 0 requests seen, not looked from "), "{said}");
}
