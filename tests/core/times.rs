//! How long hosts take is learned from one session to the next, and carried into it as a fact of its opening.

use std::sync::Arc;

use golive::domain::{
    course::{Mode, OpenRequest, Phase, open},
    event::{Event, Stamped},
    name::SessionId,
    project::{Project, ProjectEvent, owed},
    rollout::{Forecast, times},
    session::Session,
    time::Span,
    timeline::{Expected, timeline},
};

use super::ways::small;
use crate::simulation::{
    once,
    people::*,
    plan::{PRODUCTION, Shape, candidate, environment},
    world::{World, actor},
};

/// A session in which each step took so long, to its closing; what it owes the project is in the project's stream.
fn session(project: &mut Project, number: u64, step: Span) -> World {
    session_of(&small(), project, number, step)
}

fn session_of(shape: &Shape, project: &mut Project, number: u64, step: Span) -> World {
    let mut world = World::new(number, shape);
    world.timings.step = (step.0, step.0);
    world.under_way();
    world.must("raj", tick("basic/looked"));
    world.reaches(Phase::LiveUnverified, Span::minutes(30));
    world.run_until(Span::minutes(30), |session| {
        session.pipeline.stages[0].state == golive::domain::pipeline::StageState::Ready
    });
    world.must("raj", promote());
    world.must("dana", close());
    let owed = named(owed(project, world.session()), number);
    assert!(owed.iter().any(|event| matches!(event, ProjectEvent::HostsTimed { .. })), "{owed:?}");
    for event in owed {
        let event = Event::Project(event);
        project.apply(&Stamped { seq: 1, now: world.now(), epoch: 1, actor: actor("dana"), event });
    }
    world
}

/// The simulator calls every session the same.
fn named(events: Vec<ProjectEvent>, number: u64) -> Vec<ProjectEvent> {
    let id = SessionId::new(&format!("s{number}")).unwrap();
    events
        .into_iter()
        .map(|event| match event {
            ProjectEvent::HostsTimed { environment, times, .. } => {
                ProjectEvent::HostsTimed { environment, session: id.clone(), times }
            }
            ProjectEvent::SessionOpened { candidate, mode, .. } => {
                ProjectEvent::SessionOpened { id: id.clone(), candidate, mode }
            }
            ProjectEvent::SessionEnded { ending, candidate, changed, .. } => {
                ProjectEvent::SessionEnded { id: id.clone(), ending, candidate, changed }
            }
            other => other,
        })
        .collect()
}

fn opened(project: &Project, world: &World) -> Session {
    let request = OpenRequest {
        id: SessionId::new("next").unwrap(),
        candidate: candidate("2.6.0"),
        go_live: world.now().wall,
        adopted: Arc::clone(&world.session().course.adopted),
        mode: Mode::Live,
        author: None,
        machine: "deploy-1".into(),
    };
    let event = open(project, request, &actor("dana")).unwrap();
    let first = Stamped { seq: 1, now: world.now(), epoch: 1, actor: actor("dana"), event };
    Session::begin(&first).unwrap()
}

#[test]
fn the_times_of_the_last_five_sessions_are_expected_of_the_next_by_their_median() {
    let mut project = Project::default();
    let here = environment(PRODUCTION);
    let world = World::new(1, &small());
    assert!(
        Forecast::of(&opened(&project, &world)).hosts(world.session(), &here, 3).is_none(),
        "nothing is guessed"
    );

    let slow = session(&mut project, 1, Span::secs(20));
    let one = opened(&project, &slow);
    let forecast = Forecast::of(&one);
    assert_eq!(forecast.learned_from(&here), Some(1));
    assert_eq!(forecast.source(&here), " (from 1 session)");
    let of_one = times(slow.session(), &here).unwrap();
    assert_eq!((of_one.hosts, one.course.learned[&here].lane), (3, of_one.lane));
    // The host's own time, and what it has to serve before it counts; one after the other.
    let settle = one.plan().environments[&here].deadlines.min_healthy_time;
    let each = of_one.lane.0 + settle.0;
    assert_eq!(forecast.hosts(&one, &here, 3), Some(Span(each * 3)));

    let mut last = slow;
    for number in 2..=6 {
        last = session(&mut project, number, Span::secs(number));
    }
    let next = opened(&project, &last);
    let learned = &next.course.learned[&here];
    assert_eq!(learned.sessions, 5, "the first is forgotten");
    let steps: Vec<Span> = learned.steps.values().copied().collect();
    assert!(
        !steps.is_empty() && steps.iter().all(|step| step.as_secs() == 4),
        "the middle of 2, 3, 4, 5, 6: {steps:?}"
    );

    // A check that passed is timed too, so that what comes after the hosts is expected as well.
    let smoke = golive::domain::name::CheckName::new("smoke").unwrap();
    let took = times(last.session(), &here).unwrap().checks[&smoke];
    assert!(took >= Span::secs(1), "{took}");
    assert_eq!((learned.checks[&smoke].sessions, learned.checks[&smoke].took >= Span::secs(1)), (5, true));

    // What this session shows itself counts for more.
    assert_eq!(Forecast::of(last.session()).learned_from(&here), None);
    let again = serde_json::to_string(&next).unwrap();
    assert_eq!(serde_json::from_str::<Session>(&again).unwrap().course.learned, next.course.learned);
}

/// A migration that was timed once is no unknown any more: the whole of the next go-live has an expected end.
#[test]
fn what_runs_once_is_expected_by_the_sessions_before() {
    let mut project = Project::default();
    let shape = Shape { once: Some([true, true]), ..small() };
    let unknown = |session: &Session| {
        let line = timeline(session, &Forecast::of(session), session.now);
        let migrate = line.rows.iter().find(|row| row.what.words() == "once: migrate").unwrap();
        migrate.left.clone().unwrap()
    };
    let fresh = World::new(1, &shape);
    assert!(matches!(unknown(&opened(&project, &fresh)), Expected::Unknown(_)));
    let before = session_of(&shape, &mut project, 1, Span::secs(20));
    let next = opened(&project, &before);
    let learned = next.course.learned[&environment(PRODUCTION)].once[&once::name("migrate")];
    assert_eq!(learned.sessions, 1);
    let run =
        before.session().pipeline.stages[0].once.iter().find(|it| it.name.as_str() == "migrate").unwrap();
    assert_eq!((Some(learned.took), learned.took > Span::ZERO), (run.took, true));
    assert_eq!(unknown(&next).span(), Some(learned.took));
}
