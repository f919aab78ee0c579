//! How long it takes over clouds: every pause is a decision of its own, each part names its cloud, and a shift that is not
//! seen has no end that anybody knows.

use golive::domain::{
    plan::{CloudPauses, CloudStep},
    rollout::{Forecast, unwell},
    session::Session,
    time::Span,
    timeline::{Expected, Timeline, What, timeline},
};

use super::clouds::{shifts, strategy, taken, two};
use crate::simulation::{people::*, plan::cloud, world::World};

fn seen(world: &World) -> Timeline {
    timeline(world.session(), &Forecast::of(world.session()), world.now())
}

fn paused(session: &Session) -> bool {
    golive::domain::pipeline::waits_at_pause(session).is_some()
}

#[test]
fn every_pause_is_a_decision_of_its_own_and_says_what_it_is_before_or_after() {
    let pause = CloudPauses {
        before: vec![CloudStep::Switch, CloudStep::Apply(cloud("a"))],
        after: vec![CloudStep::Apply(cloud("b")), CloudStep::Switch],
    };
    let shape = taken(golive::domain::plan::ZeroDowntime { pause, ..strategy() }, 4, 2);
    let mut world = World::new(421, &shape);
    world.under_way();
    world.run_until(Span::minutes(10), paused);
    let line = seen(&world);
    let words: Vec<String> = line.rows.iter().map(|row| row.what.words()).collect();
    let expected = [
        "out of traffic: b",
        "change 2 hosts of b",
        "pause before the test",
        "validate reachable",
        "pause before switch to b",
        "back in: 2 hosts of b",
        "out of traffic: a",
        "traffic shifts to b",
        "pause after switch to b",
        "pause before change of a",
    ];
    let from = words.iter().position(|it| it == expected[0]).unwrap_or_else(|| panic!("{words:?}"));
    assert_eq!(words[from..from + expected.len()], expected, "{words:?}");
    let pauses = line.rows.iter().filter(|row| matches!(row.what, What::Pause { .. }) && row.left.is_some());
    assert_eq!(pauses.count(), 4);
    // The four, and the promotion.
    assert_eq!(line.outlook.whole.people.len(), 5, "{:?}", line.outlook.whole);
    let stage = &world.session().pipeline.running().unwrap().name;
    assert_eq!(line.hosts_left(stage), None, "no time is named for hosts that a pause keeps waiting");
    world.must("raj", go_on());
    world.run_until(Span::minutes(10), paused);
    assert_eq!(seen(&world).outlook.whole.people.len(), 4);
}

#[test]
fn a_shift_of_which_no_request_is_seen_is_said_and_has_no_end() {
    let mut world = World::new(422, &two(4));
    world.requests = 0;
    world.under_way();
    world.run_until(Span::minutes(10), shifts);
    assert!(!unwell(world.session(), world.now()).iter().any(|it| it.what.contains("traffic")));
    world.run_for(Span::secs(30));
    let said = unwell(world.session(), world.now());
    let said = said.iter().find(|it| it.what.contains("no request came since a left")).unwrap();
    assert!(said.release.contains("somebody is called in 1 min"), "{}", said.release);
    let line = seen(&world);
    let shift = line.rows.iter().find(|row| matches!(row.what, What::Shift { .. })).unwrap();
    assert!(
        matches!(&shift.left, Some(Expected::Unknown(why)) if why.contains("no request came")),
        "{shift:?}"
    );
    world.requests = 60;
    world.run_for(Span::secs(90));
    assert!(!shifts(world.session()));
}
