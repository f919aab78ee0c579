//! Every host is stopped, and shown to be, before one is deployed: forward. The way back is in `stop_all_back`.

use std::sync::Arc;

use golive::domain::{
    command::Command,
    course::{CourseCommand, Phase},
    effect::LaneStep,
    name::HostName,
    pipeline::StageRun,
    plan::{Adopted, Amount, Capacity, Plan, Select, Step, Strategy},
    rollout::{Downtime, LaneState, Trouble, downtimes, preview, troubles, unwell},
    session::Session,
    time::Span,
};

use super::ways::says;
use crate::simulation::{
    host::{Host, Wrong},
    people::*,
    plan::{PRODUCTION, Shape, candidate, environment, unit},
    world::{Happening, HostFault, World},
};

pub fn over(hosts: u32, at_once: Option<u32>) -> Shape {
    let capacity = Capacity { max_parallel: at_once.map(Amount::Count), ..Capacity::default() };
    Shape { hosts, capacity, strategy: Strategy::StopAll, bake: Span::ZERO, ..Shape::default() }
}

pub fn at(session: &Session) -> Option<LaneStep> {
    session.pipeline.running().and_then(StageRun::until)
}

pub fn runs(world: &World) -> Vec<Option<String>> {
    world.hosts.iter().map(|host| host.runs.as_ref().map(ToString::to_string)).collect()
}

pub fn state(session: &Session, name: &str) -> LaneState {
    session.rollout.unit(&unit(name)).unwrap().lane.as_ref().unwrap().state.clone()
}

pub fn downtime(session: &Session) -> Downtime {
    *downtimes(session).next().expect("there was a downtime").1
}

/// [K48] The steps in their order, each of all hosts before the next begins; a fetch is no downtime.
#[test]
fn nothing_is_deployed_before_every_host_is_shown_to_be_stopped() {
    let mut world = World::new(201, &over(5, Some(2)));
    let preview = preview(world.session(), world.now()).unwrap();
    assert!(preview.steps.len() == 4 && preview.steps[..3].iter().all(Step::gathers), "{:?}", preview.steps);
    assert_eq!(preview.lowest, 0);
    let expected = preview.downtime.expect("a start says what it means");
    assert!(expected.span.is_none() && expected.how_long().contains("unknown"), "{expected:?}");
    world.under_way();
    world.run_until(Span::minutes(5), |session| at(session) == Some(LaneStep::Stop));
    assert!(downtimes(world.session()).next().is_none());
    assert!(world.hosts.iter().all(Host::serves), "a fetch stops nobody");
    let mut most = 0;
    let mut began = false;
    for _ in 0..2000 {
        world.step();
        let session = world.session();
        let working = session.rollout.working().count();
        most = most.max(working);
        let old = runs(&world).iter().flatten().any(|runs| runs == "2.4.1");
        let new = runs(&world).iter().flatten().any(|runs| runs == "2.5.0");
        assert!(!(old && new), "{:?}", runs(&world));
        began |= session.rollout.downtime.values().any(Downtime::is_now);
        if session.course.phase == Phase::LiveUnverified {
            break;
        }
    }
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert_eq!(most, 2, "as many at once as the plan allows");
    let downtime = downtime(world.session());
    assert!(began && !downtime.is_now() && downtime.lasted(world.now()) > Span::secs(2), "{downtime:?}");
}

#[test]
fn without_a_declared_number_all_are_stopped_at_once() {
    let mut world = World::new(202, &over(6, None));
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.rollout.working().count() == 6);
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
}

/// [K48] One that can't be shown to be stopped: nothing is started anywhere, and it can't be left behind running.
#[test]
fn a_host_that_can_not_be_shown_to_be_stopped_stops_the_line_and_is_not_left_behind() {
    let mut world = World::new(203, &over(4, Some(4)));
    world.hosts[2].wrong.push((LaneStep::Prove, Wrong::Undecided, None));
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(3));
    let called = troubles(world.session());
    let [Trouble::Unknown { unit: of, step: LaneStep::Prove, .. }] = called.as_slice() else {
        panic!("{called:?}")
    };
    assert_eq!(of.as_str(), "web-03");
    assert_eq!(runs(&world), [None, None, None, None], "nothing is started beside it");
    assert!(downtime(world.session()).is_now());
    says(
        &world.refused("raj", exclude(&unit("web-03"))),
        &["web-03 may still run", "side by side", "mark-done"],
    );
    says(&world.refused("raj", force_next()), &["web-03 may still run"]);
    // Tried again it is looked at anew; what it was is still not known.
    world.must("raj", try_again(&unit("web-03")));
    world.run_for(Span::minutes(1));
    assert!(world.session().rollout.any_troubled());
    // A person knows that it is off: that is theirs to say, and recorded.
    world.must("raj", mark_done(&unit("web-03")));
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert!(runs(&world).iter().all(|runs| runs.as_deref() == Some("2.5.0")));
}

#[test]
fn a_host_that_can_not_be_stopped_is_not_forced_past_and_one_that_waits_is_not_left_out() {
    let mut world = World::new(204, &over(3, Some(1)));
    world.hosts[1].wrong.push((LaneStep::Stop, Wrong::Fails, None));
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(1));
    assert_eq!(runs(&world), [None, Some("2.4.1".into()), Some("2.4.1".into())]);
    says(&world.refused("raj", exclude(&unit("web-02"))), &["may still run 2.4.1"]);
    says(&world.refused("raj", exclude(&unit("web-03"))), &["may still run 2.4.1"]);
    says(&world.refused("raj", force_next()), &["may still run 2.4.1"]);
    world.hosts[1].wrong.clear();
    world.must("raj", try_again(&unit("web-02")));
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
}

/// [K47] A second version anywhere in the environment: refused, with the place.
#[test]
fn a_host_outside_the_stage_that_runs_another_version_is_named_before_anything_starts() {
    let mut world = World::changed(205, &over(3, None), |plan| {
        let hosts = ["web-01", "web-02"].map(|name| HostName::new(name).unwrap()).into();
        plan.stages[0].select = Select::Some { amount: None, region: None, hosts };
    });
    world.prepare();
    world.decide_go();
    let refusal = world.refused("raj", start());
    says(&refusal, &["web-03 runs 2.4.1 and is not in this stage"]);
    // The same version is no second one.
    let index = world.index[&unit("web-03")];
    world.hosts[index].installed = Some(candidate("2.5.0"));
    world.hosts[index].runs = Some(candidate("2.5.0").version.clone());
    world.look_soon(index);
    world.run_for(Span::secs(5));
    world.must("raj", start());
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
}

/// [K47] Back from the dead with the old version, while the new one is deployed.
#[test]
fn a_second_version_that_turns_up_later_stops_the_line_and_is_not_counted_as_done() {
    let mut world = World::new(206, &over(4, Some(1)));
    world.under_way();
    world.run_until(Span::minutes(5), |session| {
        session.pipeline.running().is_some_and(|run| run.deploys() && session.rollout.done_in(&run.name) >= 1)
    });
    // Its supervisor starts what it had.
    let index = world.index[&unit("web-04")];
    world.hosts[index].runs = Some(candidate("2.4.1").version.clone());
    world.hosts[index].strange = true;
    world.look_soon(index);
    world.run_until(Span::minutes(2), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(2));
    let words = troubles(world.session())[0].words();
    assert!(words.contains("web-04") && words.contains("2.4.1 runs there"), "{words}");
    let newer = runs(&world).iter().flatten().filter(|runs| *runs == "2.5.0").count();
    assert!(newer <= 2, "{:?}", runs(&world));
    says(&world.refused("raj", exclude(&unit("web-04"))), &["may still run 2.4.1"]);
    world.must("raj", try_again(&unit("web-04")));
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
}

#[test]
fn one_that_is_done_and_runs_another_version_later_is_not_done() {
    let mut world = World::new(207, &over(2, None));
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    world.hosts[0].runs = Some(candidate("2.4.1").version.clone());
    world.hosts[0].strange = true;
    world.look_soon(0);
    world.run_for(Span::secs(20));
    assert!(matches!(state(world.session(), "web-01"), LaneState::Failed { step: LaneStep::Prove, .. }));
    says(&world.refused("raj", promote()), &["2.4.1 runs there"]);
}

#[test]
fn a_host_that_was_left_out_stopped_and_comes_back_with_another_version_stops_the_line() {
    let mut world = World::new(208, &over(3, Some(1)));
    world.hosts[0].wrong.push((LaneStep::Install, Wrong::Fails, Some(candidate("2.5.0").version.clone())));
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    // It was shown to be stopped: it may be left behind.
    world.must("raj", exclude(&unit("web-01")));
    world.hosts[0].runs = Some(candidate("2.4.1").version.clone());
    world.hosts[0].strange = true;
    world.look_soon(0);
    world.run_for(Span::minutes(1));
    let words = troubles(world.session())[0].words();
    assert!(words.contains("web-01 runs 2.4.1"), "{words}");
    // Going on does not make it right.
    world.must("dana", go_on());
    world.run_for(Span::minutes(1));
    assert_eq!(runs(&world)[2], None, "who was under way is through, and no further one is taken");
    assert!(!troubles(world.session()).is_empty());
}

/// A host that comes in the middle would run what nobody stopped; one that is taken out goes on with what it runs.
#[test]
fn no_host_comes_or_goes_while_all_are_stopped_for_one_version() {
    let mut world = World::new(219, &over(5, Some(1)));
    let plan = world.session().plan().clone();
    let fewer = |mut plan: Plan| {
        plan.environments.get_mut(&environment(PRODUCTION)).unwrap().pools[0].hosts.pop();
        let adopted = Arc::new(Adopted::new(plan, "golive.toml".into()));
        Command::Course(CourseCommand::AdoptPlan { adopted })
    };
    world.under_way();
    world.run_until(Span::minutes(5), |session| at(session) == Some(LaneStep::Stop));
    says(&world.refused("dana", fewer(plan)), &["web-05 may neither come nor go", "the stage's end"]);
}

#[test]
fn a_hold_while_hosts_are_stopped_takes_no_further_one_and_brings_nothing_back() {
    let mut world = World::new(209, &over(5, Some(1)));
    world.under_way();
    world.run_until(Span::minutes(5), |session| {
        at(session) == Some(LaneStep::Stop)
            && session.rollout.counts(&session.rollout.units()[0].environment).out == 2
    });
    world.must("sam", hold());
    world.run_for(Span::minutes(5));
    assert_eq!(runs(&world).iter().flatten().count(), 3, "who was under way was stopped, and no further one");
    world.must("dana", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
}

fn release(world: &World) -> String {
    let list = unwell(world.session(), world.now());
    list.into_iter().find(|it| it.outage).expect("nobody is served").release
}

/// Whoever reads it presses that key: it must do what it says.
#[test]
fn what_is_said_to_bring_the_service_back_does_so() {
    let mut world = World::new(224, &over(3, None));
    world.hosts[1].wrong.push((LaneStep::Stop, Wrong::Fails, None));
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(1));
    assert_eq!(release(&world), "R, or what the stopped line needs");
    world.must("sam", hold());
    assert_eq!(release(&world), "R, or what the stopped line needs");
    world.must("dana", go_on());
    world.run_for(Span::minutes(1));
    assert!(downtime(world.session()).is_now(), "CONTINUE alone does not mend what is stopped");

    let mut world = World::new(225, &over(3, None));
    world.under_way();
    world.run_until(Span::minutes(5), |session| {
        session.pipeline.running().is_some_and(StageRun::deploys)
            && session.rollout.working().any(|(_, unit)| unit.working())
    });
    world.must("sam", hold());
    assert!(release(&world).starts_with("a host that serves"), "hosts under way finish: {}", release(&world));
    world.run_for(Span::minutes(5));
    assert!(!downtime(world.session()).is_now());
}

#[test]
fn killed_at_any_step_it_goes_on_and_mixes_nothing() {
    for (nth, step) in
        [LaneStep::Fetch, LaneStep::Stop, LaneStep::Prove].into_iter().map(Some).chain([None]).enumerate()
    {
        let mut world = World::new(210 + nth as u64, &over(4, Some(2)));
        world.under_way();
        world.run_until(Span::minutes(5), |session| {
            session.pipeline.running().is_some_and(|run| run.until() == step)
                && session.rollout.working().any(|(_, unit)| unit.working())
        });
        world.kill();
        for _ in 0..4000 {
            world.step();
            let running: std::collections::BTreeSet<_> =
                world.hosts.iter().filter_map(|host| host.runs.clone()).collect();
            assert!(running.len() < 2, "{running:?}");
            if world.session().course.phase == Phase::LiveUnverified {
                break;
            }
        }
        world.reaches(Phase::LiveUnverified, Span::minutes(20));
        assert!(!downtime(world.session()).is_now());
    }
}

#[test]
fn a_first_deploy_stops_nothing_and_proves_nothing() {
    let mut world = World::with(220, &over(3, None), None, "2.5.0", true);
    world.prepare();
    let preview = preview(world.session(), world.now()).unwrap();
    assert!(preview.first && preview.downtime.is_none() && preview.steps.len() == 1);
    world.decide_go();
    world.must("raj", start());
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert!(downtimes(world.session()).next().is_none());
}

#[test]
fn a_host_that_dies_before_it_is_stopped_keeps_everything_stopped_until_somebody_vouches() {
    let mut world = World::new(221, &over(3, None));
    world.under_way();
    world.run_until(Span::minutes(5), |session| at(session) == Some(LaneStep::Stop));
    world.plan_for(world.at, Happening::Host(1, HostFault::Dies));
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(1));
    assert!(runs(&world).iter().flatten().all(|runs| runs != "2.5.0"));
    world.must("raj", mark_done(&unit("web-02")));
    // It is taken as stopped, and can't be deployed: now it may be left out.
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(1));
    world.must("raj", exclude(&unit("web-02")));
    world.run_until(Span::minutes(5), |session| {
        session.rollout.done_in(&session.pipeline.stages[0].name) == 2
    });
    // Back from the dead with what it ran.
    world.plan_for(world.at, Happening::Host(1, HostFault::ComesBack));
    world.look_soon(1);
    world.run_for(Span::minutes(1));
    let words: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
    assert!(words.iter().any(|words| words.contains("web-02 runs 2.4.1")), "{words:?}");
}
