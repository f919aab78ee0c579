//! What a rehearsal has shown is expected where nothing better is known, is compared part by part, and is worth nothing
//! once the steps have changed.

use std::sync::Arc;

use golive::domain::{
    command::Command,
    course::{CourseCommand, Mode, OpenRequest, Phase, open},
    event::{Event, Stamped},
    name::SessionId,
    pipeline::StageState,
    plan::{Adopted, Plan},
    project::{Project, ProjectEvent, owed},
    rehearsal::{Aims, Rehearsal, Standing, record, said, standing},
    rollout::{Basis, Forecast},
    session::Session,
    time::{Span, WallTime},
    timeline::{What, timeline},
};

use super::ways::small;
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, candidate, environment},
    world::{World, actor},
};

/// All of it live and verified, and back again.
fn there_and_back(change: impl FnOnce(&mut Plan)) -> (World, Session) {
    let mut world = World::changed(7, &small(), change);
    world.timings.step = (2_000_000, 3_000_000);
    world.under_way();
    world.must("raj", tick("basic/looked"));
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Ready);
    world.must("raj", promote());
    let live = world.session().clone();
    assert_eq!(live.course.phase, Phase::Verified);
    world.must("raj", roll_back());
    world.reaches(Phase::RolledBack, Span::hours(1));
    world.must("dana", close());
    (world, live)
}

fn aims(back: bool) -> Aims {
    Aims {
        id: SessionId::new("rehearsal-1").unwrap(),
        back,
        otherwise: Vec::new(),
        faults: Vec::new(),
        requests: Some((100, 0)),
    }
}

/// Of the plan that the simulated go-lives have.
fn rehearsed() -> Rehearsal {
    let (world, live) = there_and_back(|_| {});
    record(live.plan(), Some(&live), world.session(), aims(true)).expect("it is over")
}

fn noted(world: &mut World, rehearsal: &Rehearsal) {
    let command = CourseCommand::NoteRehearsal(Box::new(rehearsal.clone()));
    world.must("raj", Command::Course(command));
}

/// [P40] The times of a rehearsal are what is expected while nothing of one's own has shown it, and are named as such.
#[test]
fn what_was_rehearsed_is_expected_until_something_real_is_seen() {
    let rehearsal = rehearsed();
    assert!(rehearsal.passed(), "{:?}", rehearsal.short);
    assert_eq!(rehearsal.back.as_ref().map(|back| back.hosts), Some(3));
    let mut world = World::new(9, &small());
    let here = environment(PRODUCTION);
    assert_eq!(Forecast::of(world.session()).lane(&here), None, "nothing is guessed");
    assert_eq!(said(world.session()), Some(Standing::Never));
    assert_eq!(standing(world.session()).words(), "NOT REHEARSED");

    noted(&mut world, &rehearsal);
    let lane = Forecast::of(world.session()).lane(&here).expect("rehearsed");
    assert_eq!((lane.span, lane.basis.clone()), (rehearsal.times[&here].lane, Basis::Rehearsed { hosts: 3 }));
    assert_eq!(lane.basis.words(), "rehearsed with 3 stand-ins");
    let words = standing(world.session()).words();
    assert!(words.starts_with("rehearsed with stand-ins for 3 hosts, and back in "), "{words}");

    world.under_way();
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Ready);
    let seen = Forecast::of(world.session()).lane(&here).expect("seen");
    assert_eq!(seen.basis, Basis::Seen { samples: 3 }, "what was seen here counts, and not the rehearsal");
}

/// [P40] Each part stands beside what it took in the rehearsal; what was played otherwise is said and not compared.
#[test]
fn parts_are_compared_with_their_rehearsal_and_what_was_cut_is_said() {
    let (ended, live) = there_and_back(|plan| plan.stages[0].bake = Span::secs(5));
    let mut world = World::new(9, &small());
    let rehearsal = record(world.session().plan(), Some(&live), ended.session(), aims(true)).unwrap();
    noted(&mut world, &rehearsal);
    let line = timeline(world.session(), &Forecast::of(world.session()), world.now());
    let of = |wanted: fn(&What) -> bool| {
        let row = line.rows.iter().find(|row| wanted(&row.what)).expect("there");
        row.rehearsed.clone()
    };
    let hosts = of(|what| matches!(what, What::Hosts { .. })).expect("the hosts were rehearsed");
    assert_eq!(hosts.comparable(), Some(hosts.took));
    assert!(hosts.took > Span::secs(2), "{hosts:?}");
    let bake = of(|what| matches!(what, What::Bake { .. })).expect("and so was the bake");
    assert_eq!((bake.comparable(), bake.otherwise.as_deref()), (None, Some("5 s instead of 10 min")));
    assert_eq!(of(|what| *what == What::Poll), None, "nobody was asked");
    assert_eq!(of(|what| *what == What::Start), None, "and nobody had to make up their mind");
}

/// [P40] A rehearsal of other steps is none of these.
#[test]
fn once_the_steps_have_changed_the_rehearsal_counts_no_more() {
    let mut world = World::new(9, &small());
    noted(&mut world, &rehearsed());
    let mut plan = world.session().plan().clone();
    plan.stages[0].bake = Span::minutes(3);
    let adopted = Arc::new(Adopted::new(plan, String::new()));
    world.must("dana", Command::Course(CourseCommand::AdoptPlan { adopted }));
    let words = standing(world.session()).words();
    assert_eq!(words, "NOT REHEARSED: rehearsal-1 was of other steps, the plan has changed since");
    assert_eq!(Forecast::of(world.session()).lane(&environment(PRODUCTION)), None);
    assert!(!timeline(world.session(), &Forecast::of(world.session()), world.now()).rehearsed());
}

/// A rehearsal that stopped has not shown that it can be done.
#[test]
fn a_rehearsal_that_fell_short_says_where() {
    let (world, live) = there_and_back(|_| {});
    let without = record(live.plan(), Some(&live), world.session(), aims(false)).unwrap();
    assert_eq!(without.short.as_deref(), Some("it ended rolled back"), "it was to stay live");
    let mut stopped = super::ways::stopped();
    let plan = stopped.session().plan().clone();
    assert_eq!(record(&plan, None, stopped.session(), aims(true)), None, "it is not over");
    stopped.must("raj", roll_back());
    stopped.reaches(Phase::RolledBack, Span::hours(1));
    stopped.must("raj", tick("basic/looked"));
    stopped.must("dana", close());
    let short = record(&plan, None, stopped.session(), aims(true)).unwrap();
    assert_eq!(short.short.as_deref(), Some("production was not passed, it ended rolled back"));
    let backs = short.parts.iter().filter(|part| part.part.starts_with("rollback"));
    assert_eq!(backs.count(), 1, "the way back is one part: {:?}", short.parts);
    let mut world = World::new(9, &small());
    noted(&mut world, &short);
    assert!(matches!(standing(world.session()), Standing::Short(_)));
    assert!(standing(world.session()).words().starts_with("NOT REHEARSED: rehearsal-1 of 2.5.0 fell short"));
}

/// [P40] What was made to fail is in the record with its faults, and takes the place of no rehearsal that was not; one
/// of another version says so.
#[test]
fn a_rehearsal_with_faults_or_of_another_version_never_passes_for_one_of_this_go_live() {
    let mut world = World::new(9, &small());
    let passed = rehearsed();
    noted(&mut world, &passed);
    let faulty = Rehearsal {
        at: WallTime(passed.at.0 + 1),
        faults: vec!["crash@web-02".to_owned()],
        short: Some("production was not passed".to_owned()),
        times: [].into(),
        ..passed.clone()
    };
    noted(&mut world, &faulty);
    assert!(faulty.words().contains("2.5.0 made to fail (crash@web-02)"), "{}", faulty.words());
    assert_eq!(standing(world.session()), Standing::Passed(&passed));
    assert!(Forecast::of(world.session()).lane(&environment(PRODUCTION)).is_some(), "its times are kept too");
    let mut project = Project::default();
    for rehearsal in [&passed, &faulty] {
        let event = Event::Project(ProjectEvent::Rehearsed(Box::new(rehearsal.clone())));
        project.apply(&Stamped { seq: 1, now: world.now(), epoch: 1, actor: actor("dana"), event });
    }
    assert_eq!(project.rehearsal(), Some(&passed));

    let other = Rehearsal { version: "2.4.9".parse().unwrap(), ..passed };
    noted(&mut world, &other);
    let words = standing(world.session()).words();
    assert!(words.ends_with(", of another version: 2.4.9"), "{words}");
}

/// What the session is told the project knows, and the next session begins with it.
#[test]
fn the_next_session_knows_of_the_rehearsal_too() {
    let mut world = World::new(9, &small());
    let rehearsal = rehearsed();
    noted(&mut world, &rehearsal);
    let mut project = Project::default();
    for event in owed(&project, world.session()) {
        let event = match event {
            ProjectEvent::SessionOpened { .. } => continue,
            event => Event::Project(event),
        };
        project.apply(&Stamped { seq: 1, now: world.now(), epoch: 1, actor: actor("dana"), event });
    }
    assert_eq!(project.rehearsal(), Some(&rehearsal));
    assert!(
        !owed(&project, world.session()).iter().any(|it| matches!(it, ProjectEvent::Rehearsed(_))),
        "told once"
    );
    let request = OpenRequest {
        id: SessionId::new("next").unwrap(),
        candidate: candidate("2.6.0"),
        go_live: world.now().wall,
        adopted: Arc::clone(&world.session().course.adopted),
        mode: Mode::Live,
        author: None,
        machine: "deploy-1".into(),
    };
    let event = open(&project, request, &actor("dana")).unwrap();
    let first = Stamped { seq: 1, now: world.now(), epoch: 1, actor: actor("dana"), event };
    assert!(standing(&Session::begin(&first).unwrap()).passed().is_some());
}
