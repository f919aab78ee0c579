//! Opening, holding, watching, adopting, closing.

use std::sync::Arc;

use golive::domain::{
    command::Command,
    course::{CourseCommand as C, CourseEvent, Ending, Mode, OpenRequest, Phase, open},
    event::Event,
    name::{SessionId, StageName, UnitId},
    plan::{Adopted, Amount, Driver, Notifier, Plan, Template},
    poll::{Decision, PollCommand},
    project::{Project, ProjectEvent, owed},
    rollout::{RolloutCommand, readiness},
    time::Span,
};

use super::{
    desk::{Desk, NOON, candidate, person, plan, who},
    poll::{declare, go, ready, ready_with},
};

fn course(command: C) -> Command {
    Command::Course(command)
}

fn hold() -> Command {
    course(C::Hold { reason: "a strange graph".into() })
}

fn request(machine: &str) -> OpenRequest {
    let mut plan = plan();
    plan.home = Some("deploy-1".into());
    OpenRequest {
        id: SessionId::new("2").unwrap(),
        candidate: candidate("2.6.0"),
        go_live: NOON,
        adopted: Arc::new(Adopted::new(plan, String::new())),
        mode: Mode::Live,
        author: None,
        machine: machine.into(),
    }
}

fn started() -> Desk {
    started_with(|_| {})
}

/// Under way, with something else in its plan.
fn started_with(change: impl FnOnce(&mut Plan)) -> Desk {
    let mut desk = ready_with(change);
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    desk.say("raj", Command::Rollout(RolloutCommand::Start { stage: None })).unwrap();
    desk
}

#[test]
fn a_session_is_opened_by_people_of_the_project_on_its_home_and_one_at_a_time() {
    let project = Project::default();
    assert!(open(&project, request("deploy-1"), &person("eve")).is_err());
    let elsewhere = open(&project, request("laptop"), &person("dana")).unwrap_err();
    assert!(elsewhere.to_string().contains("deploy-1"), "{elsewhere}");
    assert!(open(&project, request("deploy-1"), &person("dana")).is_ok());
    let desk = Desk::new(plan());
    let mut busy = Project::default();
    for event in owed(&busy.clone(), &desk.session) {
        let mut at = desk.record[0].clone();
        at.event = golive::domain::event::Event::Project(event);
        busy.apply(&at);
    }
    let refusal = open(&busy, request("deploy-1"), &person("dana")).unwrap_err();
    assert!(refusal.reason.contains("is open"), "{refusal}");
}

/// What was prepared or decided is not given up in passing: that needs a reason, and a decider.
#[test]
fn a_session_that_is_not_started_is_closed_only_by_abandoning_it_with_a_reason() {
    let mut desk = ready_with(|_| {});
    desk.refused("dana", course(C::Close), &["giving it up needs a reason", "golive close --abandon REASON"]);
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    desk.refused("dana", course(C::Close), &["GO is declared", "golive close --abandon REASON"]);
    desk.refused("dana", course(C::Abandon { reason: " ".into() }), &["a reason is needed"]);
    desk.say("dana", course(C::Abandon { reason: "the bank is down today".into() })).unwrap();
    let reason = "the bank is down today".to_owned();
    assert_eq!(desk.session.course.ending, Some(Ending::Abandoned { reason }));
    let last = &desk.record.last().unwrap().event;
    assert!(
        matches!(last, Event::Course(CourseEvent::Closed { .. })),
        "nothing follows the closing: {last:?}"
    );
}

/// Who deploys again what is live goes back to what was proven before it, and not to what a session gave up.
#[test]
fn where_what_is_live_is_deployed_again_the_way_back_is_the_release_proven_before_it() {
    let mut project = Project::default();
    let stamp = Desk::new(plan()).record[0].clone();
    let environments: Vec<_> = plan().environments.keys().cloned().collect();
    let proves = |project: &mut Project, version: &str, session: &str| {
        for environment in &environments {
            let event = ProjectEvent::ReleaseProven {
                environment: environment.clone(),
                candidate: candidate(version),
                session: SessionId::new(session).unwrap(),
            };
            let mut at = stamp.clone();
            at.event = Event::Project(event);
            project.apply(&at);
        }
    };
    let way_back = |project: &Project| {
        let desk = Desk::opened(plan(), project, None);
        let ready = readiness(&desk.session, &environments[0]);
        ready.to.map(|to| (to.version.to_string(), ready.proven))
    };
    proves(&mut project, "2.5.0", "a");
    assert_eq!(way_back(&project), None, "only itself was ever proven");
    let mut project = Project::default();
    proves(&mut project, "2.4.0", "a");
    assert_eq!(way_back(&project), Some(("2.4.0".into(), true)));
    proves(&mut project, "2.5.0", "b");
    assert_eq!(way_back(&project), Some(("2.4.0".into(), true)), "2.5.0 is live, and deployed again");
    proves(&mut project, "2.5.0", "c");
    assert_eq!(way_back(&project), Some(("2.4.0".into(), true)), "and again");
    proves(&mut project, "2.6.0", "d");
    proves(&mut project, "2.5.0", "d");
    assert_eq!(way_back(&project), Some(("2.4.0".into(), true)), "2.6.0 was rolled back: it is no way back");
}

#[test]
fn anybody_holds_and_twice_is_once() {
    let mut desk = started();
    desk.refused("raj", course(C::Continue), &["nothing is held"]);
    desk.say("sam", hold()).unwrap();
    let seq = desk.session.seq;
    desk.say("ana", hold()).unwrap();
    assert_eq!(desk.session.seq, seq, "held already: no second fact");
    desk.refused("ana", course(C::Continue), &["decider"]);
    desk.say("sam", course(C::Continue)).unwrap();
    desk.say("sam", hold()).unwrap();
    desk.refused("raj", course(C::Continue), &["CONTINUE was said less than 2 s ago", "the hold"]);
    desk.later(Span::secs(2));
    desk.say("raj", course(C::Continue)).unwrap();
}

/// [W27] Whoever starts is on watch; it is handed over by offer and acceptance.
#[test]
fn the_watch_is_handed_over_by_offer_and_acceptance() {
    let mut desk = started();
    assert_eq!(desk.session.course.watch.by, Some(who("raj")));
    desk.refused("lee", course(C::TakeWatch), &["raj is on watch", "has not offered"]);
    desk.refused("lee", course(C::OfferWatch { to: who("lee") }), &["the watch is raj's"]);
    desk.say("raj", course(C::OfferWatch { to: who("lee") })).unwrap();
    assert_eq!(desk.session.course.watch.by, Some(who("raj")), "an offer alone moves nothing");
    desk.say("lee", course(C::TakeWatch)).unwrap();
    assert_eq!(desk.session.course.watch.by, Some(who("lee")));
}

/// [W27] A watcher without a screen is told of, to the watcher and to whoever decides, and relieved on record.
#[test]
fn a_watcher_who_is_gone_is_told_of_and_can_be_relieved() {
    let mut desk = started_with(|plan| {
        let argv = vec![Template::new("page").unwrap(), Template::new("{text}").unwrap()];
        plan.notify = vec![Notifier::Exec { argv, timeout: Span::secs(5) }];
    });
    desk.say("raj", course(C::WatcherPresent { present: false })).unwrap();
    assert!(desk.session.course.watch.gone_since.is_some());
    let told: Vec<_> =
        desk.session.notices.notices.iter().map(|it| (it.person.as_str(), &*it.text)).collect();
    let text = "shop: raj is on watch and has no screen open";
    assert_eq!(told, [("dana", text), ("raj", text)]);
    desk.say("lee", course(C::TakeWatch)).unwrap();
    assert_eq!(desk.session.course.watch.gone_since, None);
    let taken =
        desk.record.iter().rev().find(|at| matches!(at.event, Event::Course(CourseEvent::WatchTaken { .. })));
    assert_eq!(taken.and_then(|at| at.actor.person()), Some(&who("lee")));
}

#[test]
fn while_a_stage_runs_only_hosts_limits_and_deadlines_change() {
    let mut desk = started();
    let adopt = |change: &dyn Fn(&mut golive::domain::plan::Plan)| {
        let mut next = plan();
        change(&mut next);
        course(C::AdoptPlan { adopted: Arc::new(Adopted::new(next, String::new())) })
    };
    desk.refused("raj", adopt(&|_| {}), &["is the adopted one"]);
    desk.refused("raj", adopt(&|plan| plan.stages[0].bake = Span::ZERO), &["stages", "while a stage runs"]);
    desk.refused("raj", adopt(&|plan| plan.poll.by_voice = false), &["poll.by_voice"]);
    desk.say(
        "raj",
        adopt(&|plan| {
            plan.environments.values_mut().next().unwrap().capacity.max_parallel = Some(Amount::Count(2));
        }),
    )
    .unwrap();
    assert_eq!(desk.session.pipeline.running().unwrap().units.len(), 3);
}

#[test]
fn a_plan_that_breaks_a_rule_or_cannot_be_carried_out_is_refused_whoever_read_it() {
    let mut desk = started();
    let adopt = |change: &dyn Fn(&mut golive::domain::plan::Plan)| {
        let mut next = plan();
        change(&mut next);
        course(C::AdoptPlan { adopted: Arc::new(Adopted::new(next, String::new())) })
    };
    let tight = adopt(&|plan| {
        plan.environments.values_mut().next().unwrap().capacity.min_healthy = Some(Amount::Count(3));
    });
    desk.refused("raj", tight, &["min_healthy", "3 - 3 = 0 may be out"]);
    let later = adopt(&|plan| {
        let driver = Driver::Ssh { dir: crate::plan_parts::template("/srv/shop"), unit: "shop".into() };
        plan.environments.values_mut().next().unwrap().driver = driver;
    });
    desk.refused("raj", later, &["not yet carried out"]);
}

#[test]
fn a_host_that_was_changed_may_not_leave_the_plan() {
    let mut desk = started();
    let first = UnitId::new("web-01").unwrap();
    assert!(desk.session.rollout.unit(&first).unwrap().lane.is_some());
    let mut smaller = plan();
    smaller.environments.values_mut().next().unwrap().pools[0].hosts.remove(0);
    // It only fetches so far: nothing is changed on it, so it may go.
    let adopted = Arc::new(Adopted::new(smaller, String::new()));
    desk.say("raj", course(C::AdoptPlan { adopted })).unwrap();
    assert!(desk.session.rollout.unit(&first).is_none());
}

#[test]
fn a_session_is_not_closed_or_abandoned_in_the_middle() {
    let mut desk = started();
    desk.refused("raj", course(C::Close), &["under way"]);
    let mut desk = Desk::new(plan());
    desk.refused("raj", course(C::Abandon { reason: "the market moved".into() }), &["decider"]);
    desk.say("dana", course(C::Abandon { reason: "the market moved".into() })).unwrap();
    assert!(matches!(desk.session.course.ending, Some(Ending::Abandoned { .. })));
    desk.refused("dana", hold(), &["the session is closed"]);
}

#[test]
fn a_no_go_names_a_date_to_ask_again_and_can_be_closed() {
    let mut desk = ready();
    let no_go = |ask_again| {
        Command::Poll(PollCommand::Declare {
            decision: Decision::NoGo,
            reason: "the partner is down".into(),
            ask_again,
        })
    };
    desk.refused("dana", no_go(Some(NOON)), &["date to ask again is past"]);
    desk.say("dana", no_go(Some(NOON.plus(Span::days(1))))).unwrap();
    assert_eq!(desk.session.course.phase, Phase::NoGo);
    desk.say("dana", course(C::Close)).unwrap();
    assert!(matches!(desk.session.course.ending, Some(Ending::NoGo { .. })));
    let project = Project::default();
    let ended = owed(&project, &desk.session);
    assert!(ended.iter().any(|event| matches!(event, ProjectEvent::SessionEnded { .. })), "{ended:?}");
}

#[test]
fn only_the_next_stage_is_started_and_only_with_a_go() {
    let mut desk = ready();
    let start = |stage: Option<&str>| {
        let stage = stage.map(|name| StageName::new(name).unwrap());
        Command::Rollout(RolloutCommand::Start { stage })
    };
    desk.refused("lee", start(None), &["deployer", "raj"]);
    desk.refused("raj", start(Some("beta")), &["there is no stage beta"]);
    desk.refused("raj", start(None), &["no GO is declared", "dana"]);
}

#[test]
fn the_report_counts_the_hold_under_way_as_far_as_it_has_come() {
    let mut desk = Desk::new(plan());
    let held = |desk: &Desk| {
        golive::report::gather(&desk.session, &desk.record, desk.now, None).figures.held_ms / 60_000
    };
    desk.say("sam", hold()).unwrap();
    desk.later(Span::minutes(10));
    assert_eq!(held(&desk), 10, "nobody has continued yet");
    desk.say("dana", course(C::Continue)).unwrap();
    desk.later(Span::minutes(30));
    assert_eq!(held(&desk), 10);
    desk.say("sam", hold()).unwrap();
    desk.later(Span::minutes(5));
    assert_eq!(held(&desk), 15);
    desk.say("dana", course(C::Abandon { reason: "the date has moved to May".into() })).unwrap();
    desk.later(Span::hours(1));
    assert_eq!(held(&desk), 15, "a closed session is held no longer");
}
