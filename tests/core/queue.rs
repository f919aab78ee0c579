//! A second go-live that waits for the end of the first: a place in the queue, opened once and in order, and never
//! by itself after what a person has to look at.

use std::sync::Arc;

use golive::domain::{
    actor::{Actor, Who},
    command::Command,
    course::{CourseCommand, CourseEvent, Ending, Mode, OpenRequest, close_obstacles, open},
    effect::Candidate,
    event::{Event, Stamped},
    name::{EnvironmentName, PersonName, SessionId, StageName, Version},
    plan::{Adopted, Driver, Plan, SecondGoLive, rules},
    poll::{Decision, PollCommand},
    project::{
        Project, ProjectEvent, owed,
        queue::{self, GoLive, Here, Next, Waits},
    },
    refusal::Refusal,
    rollout::RolloutCommand,
    session::Session,
    time::{Now, SessionTime, Span, WallTime},
};

use super::ways::says;
use crate::simulation::{
    people::{hold, roll_back},
    plan::{Shape, candidate, plan},
    world::{MORNING, World, actor},
};

const NOON: WallTime = WallTime(MORNING + 3 * 3_600_000_000);

fn queued_plan() -> Plan {
    plan(&Shape { queued: true, ..Shape::default() })
}

fn asked_of(plan: Plan, version: &str) -> GoLive {
    GoLive {
        candidate: candidate(version),
        go_live: WallTime(MORNING),
        adopted: Arc::new(Adopted::new(plan, "golive.toml".into())),
        mode: Mode::Live,
        author: None,
        strictness: None,
    }
}

fn asked(version: &str) -> GoLive {
    asked_of(queued_plan(), version)
}

/// A project with its stream and the session that is hosted.
struct Desk {
    project: Project,
    session: Session,
    /// What lies there by now; none: what was queued.
    artifact: Option<Candidate>,
}

fn at(wall: WallTime, actor: Actor, event: Event) -> Stamped {
    Stamped { seq: 1, now: Now { wall, session: SessionTime(0) }, epoch: 1, actor, event }
}

fn request(asked: &GoLive, id: &str) -> OpenRequest {
    OpenRequest {
        id: SessionId::new(id).unwrap(),
        candidate: asked.candidate.clone(),
        go_live: asked.go_live,
        adopted: asked.adopted.clone(),
        mode: asked.mode,
        author: None,
        machine: "deploy-1".into(),
    }
}

impl Desk {
    fn of(plan: Plan) -> Self {
        let project = Project::default();
        let event = open(&project, request(&asked_of(plan, "2.5.0"), "1"), &actor("dana")).unwrap();
        let session = Session::begin(&at(WallTime(MORNING), actor("dana"), event)).unwrap();
        let mut desk = Self { project, session, artifact: None };
        desk.settle();
        desk
    }

    fn new() -> Self {
        Self::of(queued_plan())
    }

    fn hears(&mut self, event: ProjectEvent, by: Actor) {
        self.project.apply(&at(NOON, by, Event::Project(event)));
    }

    fn settle(&mut self) {
        for event in owed(&self.project, &self.session) {
            self.hears(event, Actor::RULES);
        }
    }

    fn queue(&mut self, who: &str, version: &str) -> Result<(), Refusal> {
        let open = Some(&self.session).filter(|session| !session.course.is_over());
        let event = queue::enter(&self.project, open, asked(version), &actor(who), "deploy-1")?;
        self.hears(event, actor(who));
        Ok(())
    }

    fn ends(&mut self, ending: Ending) {
        let event = Event::Course(CourseEvent::Closed { ending });
        let seq = self.session.seq + 1;
        self.session.apply(&Stamped { seq, ..at(NOON, actor("dana"), event) });
        self.settle();
    }

    fn next_by(&self, file: Result<&Plan, String>, machine: &str) -> Option<Next> {
        let id = SessionId::new("2").unwrap();
        let first = self.project.queue().first().map(|first| first.asked.candidate.clone());
        let artifact = self.artifact.clone().or(first).ok_or_else(|| "it is gone".to_owned());
        queue::next(&self.project, &Here { machine, now: NOON, file, artifact, id })
    }

    fn next(&self) -> Option<Next> {
        self.next_by(Ok(&queued_plan()), "deploy-1")
    }

    fn waits(&self) -> Waits {
        match self.next() {
            Some(Next::Waits(ProjectEvent::QueueWaits { waits, .. })) => waits,
            other => panic!("{other:?}"),
        }
    }

    fn queued(&self) -> Vec<&str> {
        self.project.queue().iter().map(|queued| queued.version().as_str()).collect()
    }
}

fn no_go() -> Ending {
    Ending::NoGo { reason: "the date is bad".into() }
}

#[test]
fn who_comes_while_one_is_open_gets_a_place_with_plan_artifact_and_time() {
    let mut desk = Desk::new();
    desk.queue("raj", "2.6.0").unwrap();
    desk.queue("sam", "2.7.0").unwrap();
    assert_eq!(desk.queued(), ["2.6.0", "2.7.0"]);
    let (place, second) = queue::place_of(&desk.project, &Version::new("2.7.0").unwrap()).unwrap();
    assert_eq!((place, second.by.as_str(), second.at), (2, "sam", NOON));
    assert_eq!(second.asked.candidate, candidate("2.7.0"));
    assert_eq!(second.asked.adopted.digest, Adopted::new(queued_plan(), String::new()).digest);
    assert_eq!(desk.next(), None, "nothing is opened beside what is open");
}

#[test]
fn who_has_no_place_in_the_queue_is_told_why() {
    let mut desk = Desk::new();
    desk.queue("raj", "2.6.0").unwrap();
    let twice = desk.queue("sam", "2.6.0").unwrap_err();
    says(&twice, &["2.6.0 is in the queue already: position 1, by raj", "--leave-queue 2.6.0"]);
    says(&desk.queue("raj", "2.5.0").unwrap_err(), &["2.5.0 is what is under way"]);
    says(&desk.queue("nobody", "2.8.0").unwrap_err(), &["may not open a session"]);
    let mut refused = Desk::of(plan(&Shape::default()));
    says(&refused.queue("raj", "2.6.0").unwrap_err(), &["no plan lets 2.6.0 wait", "second = \"queued\""]);
    let open = Some(&desk.session);
    let mut ssh = queued_plan();
    let production = EnvironmentName::new("production").unwrap();
    ssh.environments.get_mut(&production).unwrap().driver =
        Driver::Ssh { dir: crate::plan_parts::template("/srv/shop"), unit: "shop".into() };
    let broken = queue::enter(&desk.project, open, asked_of(ssh, "2.8.0"), &actor("raj"), "deploy-1");
    says(&broken.unwrap_err(), &["not yet carried out"]);
    let away = Plan { home: Some("deploy-9".into()), ..queued_plan() };
    let elsewhere = queue::enter(&desk.project, open, asked_of(away, "2.8.0"), &actor("raj"), "deploy-1");
    says(&elsewhere.unwrap_err(), &["project.home is deploy-9, and this machine is deploy-1"]);
}

/// Opened for whoever queued it, with what was adopted then; its go-live is not in the past, and nobody's vote is
/// taken over.
#[test]
fn after_a_verified_ending_the_first_opens_by_itself_once_and_begins_anew() {
    for ending in [Ending::Verified, no_go()] {
        let mut desk = Desk::new();
        desk.queue("raj", "2.6.0").unwrap();
        desk.queue("dana", "2.7.0").unwrap();
        desk.ends(ending);
        let Some(Next::Opens(request, by)) = desk.next() else { panic!("{:?}", desk.next()) };
        assert_eq!(by.who, Who::Person(PersonName::new("raj").unwrap()));
        assert_eq!((&request.candidate, request.go_live), (&candidate("2.6.0"), NOON));
        let event = open(&desk.project, *request, &by).unwrap();
        desk.session = Session::begin(&at(NOON, by, event)).unwrap();
        // Killed here, the next conductor finds the session first, and what is owed of it.
        desk.settle();
        assert_eq!(desk.queued(), ["2.7.0"]);
        assert_eq!(desk.next(), None);
        assert!(desk.session.poll.votes.is_empty() && desk.session.poll.declared.is_none());
        assert!(desk.session.checklist.items.is_empty(), "no evidence is taken over");
    }
}

#[test]
fn after_any_other_ending_a_person_says_so_first_by_opening_it() {
    let reason = || "so it was said".to_owned();
    let endings = [
        (Ending::RolledBack, "2.5.0 was rolled back"),
        (Ending::Abandoned { reason: reason() }, "2.5.0 was abandoned"),
        (Ending::AsIs { reason: reason() }, "2.5.0 was ended as it is"),
        (Ending::Partial { new: 2, of: 3 }, "2.5.0 is live on a part of its hosts"),
        (Ending::Superseded { by: Version::new("2.9.0").unwrap() }, "2.5.0 was superseded"),
    ];
    for (ending, why) in endings {
        let mut desk = Desk::new();
        desk.queue("raj", "2.6.0").unwrap();
        desk.queue("raj", "2.7.0").unwrap();
        desk.ends(ending);
        let waits = desk.waits();
        assert!(waits.why.starts_with(why) && waits.lift.starts_with("golive open 2.6.0"), "{waits:?}");
        let Some(Next::Waits(event)) = desk.next() else { unreachable!() };
        desk.hears(event, Actor::RULES);
        assert_eq!(desk.next(), None, "it is said once");
        // Nobody passes the first, and the first needs no more than its name.
        let second = open(&desk.project, request(&asked("2.7.0"), "2"), &actor("dana")).unwrap_err();
        says(&second, &["2.6.0 is before it in the queue", "--leave-queue 2.6.0"]);
        let third = desk.queue("sam", "2.8.0");
        assert_eq!((third, desk.queued()), (Ok(()), vec!["2.6.0", "2.7.0", "2.8.0"]));
        let event = open(&desk.project, request(&asked("2.6.0"), "2"), &actor("sam")).unwrap();
        desk.session = Session::begin(&at(NOON, actor("sam"), event)).unwrap();
        desk.settle();
        assert_eq!(desk.queued(), ["2.7.0", "2.8.0"]);
    }
}

#[test]
fn where_it_cannot_be_opened_by_itself_any_more_it_says_why_and_what_lifts_it() {
    let mut desk = Desk::new();
    desk.queue("raj", "2.6.0").unwrap();
    desk.ends(Ending::Verified);
    let waits = |next: Option<Next>| match next {
        Some(Next::Waits(ProjectEvent::QueueWaits { waits, .. })) => format!("{}; {}", waits.why, waits.lift),
        other => panic!("{other:?}"),
    };
    let broken = waits(desk.next_by(Err("golive.toml:3: no such key".into()), "deploy-1"));
    assert!(
        broken.contains("golive.toml is no plan any more: golive.toml:3: no such key; mending it"),
        "{broken}"
    );
    let mut without = queued_plan();
    without.people.remove("raj");
    let gone = waits(desk.next_by(Ok(&without), "deploy-1"));
    assert!(gone.contains("raj, who queued it, is not in [people] any more"), "{gone}");
    let away = Plan { home: Some("deploy-9".into()), ..queued_plan() };
    let away = waits(desk.next_by(Ok(&away), "deploy-1"));
    assert!(away.contains("project.home is deploy-9") && away.contains("then golive open 2.6.0"), "{away}");
}

#[test]
fn who_queued_it_or_directs_go_lives_takes_it_out_again() {
    let mut desk = Desk::new();
    desk.queue("sam", "2.6.0").unwrap();
    desk.queue("raj", "2.7.0").unwrap();
    let leaves = |desk: &Desk, who: &str, version: &str| {
        queue::leave(&desk.project, Some(&desk.session), &Version::new(version).unwrap(), &actor(who))
    };
    says(&leaves(&desk, "sam", "2.7.0").unwrap_err(), &["sam did not queue 2.7.0", "raj taking it out"]);
    says(&leaves(&desk, "dana", "2.9.0").unwrap_err(), &["2.9.0 is not in the queue", "golive sessions"]);
    let out = leaves(&desk, "sam", "2.6.0").unwrap();
    desk.hears(out, actor("sam"));
    assert_eq!(desk.queued(), ["2.7.0"]);
    let out = leaves(&desk, "dana", "2.7.0").unwrap();
    desk.hears(out, actor("dana"));
    assert!(desk.queued().is_empty());
    desk.ends(Ending::Verified);
    assert_eq!(desk.next(), None);
}

#[test]
fn check_says_what_queued_means_and_open_takes_it() {
    let second = |plan: &Plan| {
        let mut all = rules::remarks(plan).into_iter();
        all.find(|remark| remark.place.to_string().contains("second")).map(|it| (it.what, it.blocks_open))
    };
    let (what, blocks) = second(&queued_plan()).unwrap();
    assert!(
        what.contains("waits for the end") && what.contains("a person says so first") && !blocks,
        "{what}"
    );
    let refused = Plan { second: SecondGoLive::Refused, ..queued_plan() };
    assert_eq!(second(&refused), None);
    // A later time is kept as it was asked for.
    let mut desk = Desk::new();
    let later = NOON.plus(Span::hours(5));
    let event = queue::enter(
        &desk.project,
        Some(&desk.session),
        GoLive { go_live: later, ..asked("2.6.0") },
        &actor("raj"),
        "deploy-1",
    );
    desk.hears(event.unwrap(), actor("raj"));
    desk.ends(Ending::Verified);
    assert!(matches!(desk.next(), Some(Next::Opens(request, _)) if request.go_live == later));
}

/// A stage before the poll has changed hosts already: what a NO-GO leaves there somebody looks at first.
#[test]
fn a_no_go_that_changed_hosts_opens_nothing_by_itself() {
    let mut desk = Desk::new();
    desk.queue("raj", "2.6.0").unwrap();
    let ended = |changed| ProjectEvent::SessionEnded {
        id: SessionId::new("1").unwrap(),
        ending: no_go(),
        candidate: None,
        changed,
    };
    desk.hears(ended(true), Actor::RULES);
    let waits = desk.waits();
    assert!(
        waits.why.starts_with("2.5.0 was a NO-GO, and hosts were changed for it (golive rollout versions)"),
        "{waits:?}"
    );
    desk.hears(ended(false), Actor::RULES);
    assert!(matches!(desk.next(), Some(Next::Opens(..))), "{:?}", desk.next());
}

#[test]
fn what_was_queued_with_another_plan_waits_for_a_person() {
    let mut desk = Desk::new();
    desk.queue("raj", "2.6.0").unwrap();
    desk.ends(Ending::Verified);
    let mut other = queued_plan();
    other.second = SecondGoLive::Refused;
    let Some(Next::Waits(ProjectEvent::QueueWaits { waits, .. })) = desk.next_by(Ok(&other), "deploy-1")
    else {
        panic!("a plan that nobody has any more came back by itself");
    };
    assert_eq!(waits.why, "golive.toml is another than when 2.6.0 was queued");
    assert!(waits.lift.starts_with("with the plan as it is now: golive open 2.6.0"), "{waits:?}");
}

#[test]
fn a_version_that_was_adopted_in_the_session_before_is_not_opened_once_more() {
    let mut desk = Desk::new();
    desk.queue("raj", "2.6.0").unwrap();
    desk.queue("raj", "2.7.0").unwrap();
    desk.session.course.release.candidate = candidate("2.6.0");
    desk.ends(Ending::Verified);
    assert_eq!(desk.queued(), ["2.7.0"]);
    assert_eq!(desk.project.sessions[0].candidate, candidate("2.6.0"), "it is listed as what went live");
}

/// What a stage before the poll has under way is brought to an end first: a NO-GO does not leave two versions there.
#[test]
fn a_no_go_is_not_closed_over_hosts_that_are_under_way() {
    let mut world = World::new(33, &Shape { beta: true, hosts: 3, ..Shape::default() });
    world.prepare();
    let beta = Some(StageName::new("beta").unwrap());
    world.must("raj", Command::Rollout(RolloutCommand::Start { stage: beta }));
    world.run_until(Span::minutes(5), |session| session.rollout.any_touched());
    world.must("dana", hold());
    let no_go = PollCommand::Declare { decision: Decision::NoGo, reason: "rain".into(), ask_again: None };
    world.must("dana", no_go.into());
    let close = || Command::Course(CourseCommand::Close);
    let refused = world.refused("dana", close()).to_string();
    assert!(refused.contains("beta"), "{refused}");
    let list = close_obstacles(world.session(), world.now());
    assert_eq!(list[0].why, "hosts of beta are under way");
    world.must("dana", roll_back());
    world.run_for(Span::minutes(5));
    world.must("dana", close());
    assert!(world.session().course.is_over());
}

/// What lies there is looked at again: another artifact opens nothing by itself, and is said.
#[test]
fn what_was_rebuilt_meanwhile_waits_for_a_person() {
    let mut desk = Desk::new();
    desk.queue("raj", "2.6.0").unwrap();
    desk.ends(Ending::Verified);
    let digest = golive::domain::name::Digest::of(b"rebuilt");
    desk.artifact = Some(Candidate::new(candidate("2.6.0").version.clone(), digest));
    let waits = desk.waits();
    assert!(waits.why.starts_with("the artifact of 2.6.0 is another than when it was queued"), "{waits:?}");
    assert!(waits.lift.starts_with("with the artifact as it is now: golive open 2.6.0"), "{waits:?}");
    desk.artifact = None;
    let Some(Next::Opens(request, by)) = desk.next() else { panic!("{:?}", desk.next()) };
    let queued = desk.project.queue()[0].clone();
    let event = queue::by_itself(open(&desk.project, *request, &by).unwrap(), &queued);
    let said = golive::report::says(&event);
    assert!(said.contains("by itself"), "{said}");
}
