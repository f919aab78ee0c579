//! What is refused of starting, promoting, rolling back, repairing and acknowledging; each says what lifts it.

use golive::domain::{
    command::{Asked, Command, Shown},
    effect::LaneStep,
    name::{Digest, StageName},
    notice::NoticeCommand,
    plan::PointOfNoReturn,
    refusal::RefusalKind,
    rollout::{RolloutCommand, troubles},
    time::Span,
};

use super::ways::{bad_second, says, small, stopped};
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{Shape, check, unit},
    world::World,
};

fn only(name: &str) -> Command {
    Command::Rollout(RolloutCommand::RollBack { only: vec![unit(name)] })
}

/// [W12] [K46] Nothing is deployed without a valid GO, by somebody who may, and stage after stage.
#[test]
fn a_start_is_refused_without_go_role_order_or_observation() {
    let mut world = World::new(3, &Shape { beta: true, ..small() });
    says(&world.refused("raj", start()), &["beta can't be started", "not observed"]);
    says(&world.refused("dana", start()), &["dana has none of the roles deployer", "raj"]);
    says(&world.refused("eve", start()), &["eve may look, but not act"]);
    world.prepare();
    says(
        &world.refused("raj", start_of("production")),
        &["production is not the next stage", "starting beta"],
    );
    says(&world.refused("raj", start_of("gamma")), &["there is no stage gamma"]);
    world.must("sam", hold());
    says(&world.refused("raj", start_of("beta")), &["HOLD", "CONTINUE"]);
    world.must("sam", go_on());
    world.must("raj", start_of("beta"));
    says(&world.refused("raj", start()), &["production can't be started", "beta: is rolling"]);
    world.run_until(Span::hours(1), |session| {
        session.pipeline.running().is_some_and(|run| run.state == golive::domain::pipeline::StageState::Ready)
    });
    world.must("raj", promote());
    assert!(world.session().pipeline.running().is_none(), "the poll stands before production");
    says(&world.refused("raj", start()), &["no GO is declared", "a GO declared (D)"]);
    world.decide_go();
    world.must("raj", start());
    world.run_until(Span::hours(1), |session| session.rollout.working().next().is_none());
    says(&world.refused("raj", start()), &["every stage has been started"]);
}

/// [R10] [R30] A promotion names all that is not complete, the rest of a bake too.
#[test]
fn a_promotion_is_refused_with_the_list_of_what_is_unmet() {
    let mut world = World::new(4, &small());
    says(&world.refused("raj", promote()), &["no stage is under way"]);
    world.under_way();
    says(&world.refused("dana", promote()), &["none of the roles deployer"]);
    says(
        &world.refused("raj", promote()),
        &["can't be promoted", "waiting", "validation smoke", "not run yet"],
    );
    world.run_until(Span::hours(1), |session| {
        session.pipeline.stages[0].state == golive::domain::pipeline::StageState::Baking
    });
    says(&world.refused("raj", promote()), &["bake", "left"]);
    world.run_for(Span::minutes(11));
    says(&world.refused("raj", promote()), &["basic/looked"]);
    world.hosts[0].sick = true;
    world.look_soon(0);
    world.run_for(Span::secs(5));
    says(&world.refused("raj", promote()), &["web-01", "sick", "rolling back (R)"]);
}

/// [W30] A first deploy has nothing to go back to, which is said and not tried.
#[test]
fn a_rollback_is_refused_where_there_is_nothing_to_go_back_to() {
    let mut world = World::new(5, &small());
    says(&world.refused("sam", roll_back()), &["no host has been changed"]);
    says(&world.refused("eve", roll_back()), &["may look, but not act"]);

    let mut first = World::with(5, &small(), None, "2.5.0", true);
    first.hosts[0].wrong.push((LaneStep::SelfTest, Wrong::Fails, None));
    first.under_way();
    first.run_until(Span::hours(1), |session| session.rollout.any_troubled());
    says(&first.refused("sam", roll_back()), &["no previous version: rollback unavailable", "plan B"]);
}

#[test]
fn a_rollback_by_name_takes_only_what_was_changed() {
    let mut world = stopped();
    says(&world.refused("sam", only("web-03")), &["web-03 was not changed", "web-02, web-01"]);
    world.must("sam", only("web-02"));
    let rollback = &world.session().rollout.rollbacks.values().next().unwrap();
    assert!(rollback.narrow);
    assert_eq!(rollback.units, [unit("web-02")]);
    world.run_until(Span::minutes(10), |session| session.pipeline.stages[0].rolled_out.is_some());
    let runs = |name: &str| world.session().rollout.unit(&unit(name)).unwrap().runs().map(str::to_owned);
    assert_eq!(runs("web-02").as_deref(), Some("2.4.1"));
    assert_eq!(runs("web-03").as_deref(), Some("2.5.0"), "the line went on");
}

/// Past the point of no return the answer is plan B.
#[test]
fn a_rollback_past_the_point_of_no_return_names_plan_b() {
    let shape = Shape { one_box: true, bake: Span::ZERO, validations: false, ..small() };
    let mut world = World::changed(6, &shape, |plan| {
        plan.plan_b.point_of_no_return = PointOfNoReturn::Stage(StageName::new("1-box").unwrap());
        plan.plan_b.steps = vec!["send all to the other region".into(), "tell the partners".into()];
    });
    world.under_way();
    world.run_until(Span::hours(1), |session| {
        session.pipeline.stages[0].state == golive::domain::pipeline::StageState::Ready
    });
    world.must("raj", promote());
    says(&world.refused("raj", roll_back()), &["the point of no return (1-box) is passed", "dana decides"]);
    says(&world.refused("raj", roll_back()), &["1. send all to the other region; 2. tell the partners"]);
    // A host that fails after it: what is offered is no key that is dead.
    for host in &mut world.hosts {
        host.wrong.push((LaneStep::SelfTest, Wrong::Fails, None));
    }
    world.run_until(Span::hours(1), |session| session.rollout.any_troubled());
    let lift = troubles(world.session())[0].lift(world.session());
    assert!(lift.contains("plan B, which dana decides") && !lift.contains("(R)"), "{lift}");
}

/// [W21] Forcing the line past a host takes a reason and a role, and is recorded.
#[test]
fn repairs_are_refused_without_a_cause_a_reason_or_a_role() {
    let mut world = stopped();
    let (done, bad, waits) = (unit("web-01"), unit("web-02"), unit("web-03"));
    says(&world.refused("raj", try_again(&unit("web-09"))), &["there is no host web-09"]);
    says(&world.refused("raj", try_again(&done)), &["web-01 is done", "only a failed or unknown"]);
    says(&world.refused("raj", try_again(&waits)), &["web-03 is waiting"]);
    says(&world.refused("sam", try_again(&bad)), &["sam has none of the roles"]);
    says(&world.refused("raj", exclude(&done)), &["web-01 is done"]);
    let no_reason = |unit| RolloutCommand::Exclude { unit, reason: "tbd".into() };
    says(&world.refused("raj", Command::Rollout(no_reason(bad.clone()))), &["a reason is needed"]);
    says(&world.refused("raj", mark_done(&bad)), &["web-02 is failed, not unknown"]);
    says(&world.refused("sam", force_next()), &["decider, deployer"]);
    let no_reason = RolloutCommand::ForceNext { reason: " ".into() };
    says(&world.refused("raj", Command::Rollout(no_reason)), &["a reason is needed"]);
    says(&world.refused("raj", end_as_is()), &["none of the roles decider"]);
    let validate = RolloutCommand::ValidateAgain { check: check("smoke") };
    says(&world.refused("raj", Command::Rollout(validate)), &["smoke is not a validation that failed"]);
    world.must("raj", force_next());
    says(&world.refused("raj", force_next()), &["not stopped by a host"]);
    let kept = world
        .journal
        .durable
        .iter()
        .any(|stamped| serde_json::to_string(&stamped.event).unwrap().contains("forced-past"));
    assert!(kept, "forced, and on record");
}

#[test]
fn a_host_with_a_step_under_way_is_left_alone() {
    let mut world = World::new(8, &small());
    says(&world.refused("raj", try_again(&unit("web-01"))), &["not part of a stage yet"]);
    world.under_way();
    world.run_until(Span::minutes(1), |session| session.rollout.working().next().is_some());
    says(&world.refused("raj", try_again(&unit("web-01"))), &["a step on web-01 is under way", "its end"]);
    says(&world.refused("dana", end_as_is()), &["no host has been changed"]);
    world.run_until(Span::minutes(1), |session| session.rollout.units()[0].out);
    says(&world.refused("dana", end_as_is()), &["hosts are under way"]);
    says(&world.refused("raj", force_next()), &["not stopped by a host"]);
}

#[test]
fn ending_as_is_needs_a_line_that_stands() {
    let mut world = World::new(9, &small());
    world.under_way();
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].rolled_out.is_some());
    says(&world.refused("dana", end_as_is()), &["neither held nor stopped"]);
    world.must("sam", hold());
    let no_reason = RolloutCommand::EndAsIs { reason: "ok".into() };
    says(&world.refused("dana", Command::Rollout(no_reason)), &["a reason is needed"]);
    world.must("dana", end_as_is());
    says(&world.refused("sam", hold()), &["the session is closed"]);
    says(&world.refused("sam", roll_back()), &["the session is closed", "opening"]);
}

#[test]
fn a_claim_is_one_persons_and_nothing_is_claimed_in_calm() {
    let mut world = World::new(10, &small());
    says(&world.refused("raj", claim()), &["nothing needs a human"]);
    let acknowledge = || Command::Notice(NoticeCommand::Acknowledge { number: None });
    says(&world.refused("raj", acknowledge()), &["no notice is open"]);
    let mut world = stopped();
    world.must("raj", claim());
    world.must("raj", claim());
    says(&world.refused("sam", claim()), &["raj has claimed it"]);
    world.run_for(Span::secs(30));
    world.must("raj", acknowledge());
    says(&world.refused("raj", acknowledge()), &["no notice is open"]);
    world.must("raj", try_again(&unit("web-02")));
    assert!(world.session().rollout.claim.is_none(), "dealt with: the claim is over");
}

#[test]
fn a_decision_about_what_has_changed_meanwhile_is_refused() {
    let mut world = bad_second(&small(), LaneStep::SelfTest, Wrong::Fails);
    world.prepare();
    let shown = |shown: Shown| Asked { command: roll_back(), shown: Some(shown), as_person: None };
    let other = Some(Digest::of(b"another"));
    for (asked, part) in [
        (Shown { candidate: other.clone(), ..Shown::default() }, "the candidate is"),
        (Shown { plan: other, ..Shown::default() }, "the plan"),
    ] {
        let id = world.say("sam", shown(asked));
        let refusal = world.answers[&id].clone().unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::Changed);
        assert!(refusal.reason.contains(part), "{refusal}");
    }
    world.decide_go();
    world.must("raj", start());
    world.run_until(Span::hours(1), |session| session.rollout.any_troubled());
    let id = world.say("sam", shown(Shown { touched: Some(1), ..Shown::default() }));
    let refusal = world.answers[&id].clone().unwrap_err();
    assert!(refusal.reason.contains("showed 1 host to roll back, by now it is 2"), "{refusal}");
    let right = Shown { touched: Some(2), ..Shown::default() };
    let id = world.say("sam", shown(right));
    world.run_for(Span::secs(1));
    assert!(world.answers[&id].is_ok());
}
