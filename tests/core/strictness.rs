//! Profiles of strictness: what each leaves out, who may choose less than the project's own, and what that comes to.

use std::sync::Arc;

use golive::domain::{
    checklist::Severity,
    course::{
        CourseCommand, Mode, OpenRequest, open_at,
        strictness::{AskedProfile, foreseen},
    },
    event::{Event, Stamped},
    name::{ItemId, SessionId, StageName},
    pipeline::cards,
    plan::{Adopted, Plan, Profile, rules},
    project::Project,
    refusal::Refusal,
    rollout::Forecast,
    session::Session,
    time::{Now, SessionTime, Span, WallTime},
    timeline::{Sum, by_stage, timeline},
};

use super::ways::says;
use crate::simulation::{
    plan::{Shape, check, plan},
    world::{MORNING, actor},
};

fn stage(name: &str) -> StageName {
    StageName::new(name).unwrap()
}

fn item(name: &str) -> ItemId {
    ItemId::new(name).unwrap()
}

/// Standard does not ask for smoke, and relaxed bakes no beta and only shows an item besides.
fn declared(own: Profile) -> Plan {
    let mut plan = plan(&Shape { hosts: 3, beta: true, ..Shape::default() });
    plan.strictness.own = own;
    plan.strictness.standard.validations = vec![check("smoke")];
    plan.strictness.relaxed.bakes = vec![stage("beta")];
    plan.strictness.relaxed.items = vec![item("basic/on-call")];
    assert!(rules::check(&plan).is_empty(), "{:?}", rules::check(&plan));
    plan
}

fn opened(plan: Plan, asked: Option<(Profile, &str)>, who: &str) -> Result<Session, Refusal> {
    let asked = asked.map(|(profile, reason)| AskedProfile { profile, reason: reason.into() });
    let request = OpenRequest {
        id: SessionId::new("1").unwrap(),
        candidate: crate::simulation::plan::candidate("2.5.0"),
        go_live: WallTime(MORNING),
        adopted: Arc::new(Adopted::new(plan, "golive.toml".into())),
        mode: Mode::Live,
        author: None,
        machine: "deploy-1".into(),
    };
    let event = open_at(&Project::default(), request, asked.as_ref(), &actor(who))?;
    Ok(Session::begin(&at(event)).unwrap())
}

fn at(event: Event) -> Stamped {
    let now = Now { wall: WallTime(MORNING), session: SessionTime(0) };
    Stamped { seq: 1, now, epoch: 1, actor: actor("dana"), event }
}

/// What it is asked for: validations and bakes by stage, and whether the item blocks.
fn asks(session: &Session) -> (usize, Span, Severity) {
    let beta = &session.plan().stages[0];
    let on_call = session.plan().items.iter().find(|spec| spec.id == item("basic/on-call")).unwrap();
    (beta.validations.len(), beta.bake, on_call.severity)
}

/// [R6] Each profile leaves out what is declared and nothing else; less than the project's own is a decider's, with a
/// reason, and stands in the record.
#[test]
fn less_than_the_projects_own_needs_a_decider_and_a_reason_and_more_needs_neither() {
    let strict = opened(declared(Profile::Strict), None, "raj").unwrap();
    assert_eq!(asks(&strict), (2, Span::minutes(10), Severity::Required));
    assert_eq!(strict.left_out_words(), None);

    let relaxed = |who, reason| opened(declared(Profile::Strict), Some((Profile::Relaxed, reason)), who);
    let no_role = relaxed("raj", "a page of text").unwrap_err();
    says(&no_role, &["relaxed is less than the project's strict, and raj is no decider", "dana"]);
    let no_reason = relaxed("dana", " ").unwrap_err();
    says(&no_reason, &["relaxed is less than the project's strict: a reason is needed", "--reason"]);
    let session = relaxed("dana", "a page of text").unwrap();
    assert_eq!(asks(&session), (1, Span::ZERO, Severity::Advisory));
    let chosen = session.course.strictness.as_ref().unwrap();
    assert_eq!((chosen.own, chosen.reason.as_str()), (Profile::Strict, "a page of text"));
    assert_eq!(
        session.left_out_words().unwrap(),
        "left out by relaxed: validation smoke, bake of beta, item basic/on-call (only shown)"
    );

    // What the project's own leaves out is no less a decider's, with a reason.
    let own = |asked, who| opened(declared(Profile::Standard), asked, who);
    let unsaid = own(None, "dana").unwrap_err();
    says(&unsaid, &["standard, the project's own, is less than strict: a reason is needed", "--reason"]);
    let stranger = own(Some((Profile::Standard, "a page of text")), "raj").unwrap_err();
    says(&stranger, &["standard, the project's own, is less than strict, and raj is no decider", "dana"]);
    let own = own(Some((Profile::Standard, "a page of text")), "dana").unwrap();
    assert_eq!(asks(&own), (1, Span::minutes(10), Severity::Required));
    assert_eq!(own.course.strictness.as_ref().unwrap().reason, "a page of text");
    let raised = opened(declared(Profile::Standard), Some((Profile::Strict, "")), "raj").unwrap();
    assert_eq!(asks(&raised), (2, Span::minutes(10), Severity::Required));
    let mut none = declared(Profile::Strict);
    none.strictness = golive::domain::plan::Strictness::default();
    let unknown = opened(none, Some((Profile::Relaxed, "why not")), "dana").unwrap_err();
    says(&unknown, &["the plan declares no profile relaxed", "[strictness.standard]"]);
}

/// What is left out has not passed: it is named where it would have been asked for, and votes rely on it.
#[test]
fn what_is_left_out_is_said_at_its_gate_and_another_profile_is_another_thing_to_vote_on() {
    let strict = opened(declared(Profile::Strict), None, "dana").unwrap();
    let relaxed =
        opened(declared(Profile::Strict), Some((Profile::Relaxed, "a page of text")), "dana").unwrap();
    assert_ne!(strict.steps(), relaxed.steps());
    let cards = cards(&relaxed);
    assert_eq!(cards[0].left_out, ["validation smoke left out by relaxed", "bake left out by relaxed"]);
    assert_eq!(cards[0].validations.len(), 1, "and it is not among those that have a verdict");
    assert_eq!(cards[1].left_out, ["validation smoke left out by relaxed"]);
}

#[test]
fn a_plan_that_is_adopted_later_changes_no_sessions_profile() {
    use golive::domain::{actor::Actor, command::Command, decide};
    let mut session = opened(declared(Profile::Strict), None, "dana").unwrap();
    let less = declared(Profile::Relaxed);
    let adopted = Arc::new(Adopted::new(less, "another".into()));
    let command = Command::Course(CourseCommand::AdoptPlan { adopted });
    let now = session.now;
    let events = decide::decide(&session, &command.into(), &actor("dana"), now).unwrap();
    for event in events {
        let seq = session.seq + 1;
        session.apply(&Stamped { seq, now, epoch: 1, actor: Actor::RULES, event });
    }
    assert_eq!(asks(&session), (2, Span::minutes(10), Severity::Required), "strict it was, and strict it is");
}

/// What a decider left out with a reason does not grow by a deployer's plan.
#[test]
fn a_plan_by_which_the_profile_leaves_out_more_is_a_deciders_to_adopt() {
    use golive::domain::{command::Command, decide};
    let said = Some((Profile::Standard, "a page of text"));
    let session = opened(declared(Profile::Standard), said, "dana").unwrap();
    let adopts = |plan: Plan, who: &str| {
        let adopted = Arc::new(Adopted::new(plan, "another".into()));
        let command = Command::Course(CourseCommand::AdoptPlan { adopted });
        decide::decide(&session, &command.into(), &actor(who), session.now)
    };
    let mut less = declared(Profile::Standard);
    less.strictness.standard.bakes = vec![stage("beta")];
    let refused = adopts(less.clone(), "raj").unwrap_err();
    assert!(
        refused.reason.contains("standard leave out more than it did, and raj is no decider"),
        "{refused}"
    );
    assert_eq!(refused.lift, "dana");
    assert!(adopts(less, "dana").is_ok());
    // What another profile leaves out is nothing to this session, and to leave out less is anybody's who directs.
    let mut other = declared(Profile::Standard);
    other.strictness.relaxed.validations = vec![check("smoke")];
    other.strictness.standard.validations.clear();
    assert!(adopts(other, "raj").is_ok());
}

/// [R5] Each profile is shown with its expected time to production and where that goes; the sum of the stages is the
/// ETA, and what was never timed makes it unknown.
#[test]
fn the_sum_of_the_stages_is_the_time_to_production_of_a_profile() {
    let adopted = Arc::new(Adopted::new(declared(Profile::Strict), "golive.toml".into()));
    for profile in Profile::ALL {
        let session = foreseen(&Project::default(), &adopted, profile, WallTime(MORNING)).unwrap();
        let stages = by_stage(&session);
        let line = timeline(&session, &Forecast::of(&session), session.now);
        let sum = Sum::of(stages.iter().flat_map(|stage| &stage.parts).map(|(_, expected)| expected));
        assert_eq!(sum.known, line.outlook.whole.known, "{profile}");
        assert_eq!(sum.unknown, line.outlook.whole.unknown, "{profile}");
        let each: u64 = stages.iter().map(|stage| stage.sum().known.0).sum();
        assert_eq!(each, sum.known.0, "{profile}");
        assert_eq!(sum.span(), None, "no host was ever timed: {:?}", sum.unknown);
        let bakes = if profile == Profile::Relaxed { 1 } else { 2 };
        assert_eq!(sum.known, Span::minutes(10 * bakes), "{profile}: the bakes are planned");
    }
}

/// A stage that never asked for what is left out lacks nothing, and its card says nothing of it.
#[test]
fn what_is_left_out_stands_only_at_the_stages_that_ask_for_it() {
    let mut plan = declared(Profile::Strict);
    plan.stages[1].validations.clear();
    let relaxed = opened(plan, Some((Profile::Relaxed, "a fix that the hotline waits for")), "dana").unwrap();
    let cards = cards(&relaxed);
    assert_eq!(cards[0].left_out, ["validation smoke left out by relaxed", "bake left out by relaxed"]);
    assert!(cards[1].left_out.is_empty(), "{:?}", cards[1].left_out);
}
