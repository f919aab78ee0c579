//! A second go-live while one is under way: refused, or superseding; never three versions.

use golive::domain::{
    command::Command,
    course::{CourseCommand, Ending, Phase, supersede},
    effect::LaneStep,
    name::Version,
    plan::{SecondGoLive, rules},
    rollout::RolloutCommand,
    session::Session,
    time::Span,
};

use super::ways::{says, small};
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{candidate, plan, unit},
    world::World,
};

fn by(version: &str) -> Command {
    Command::Course(CourseCommand::Supersede { by: Version::new(version).unwrap() })
}

fn world(second: SecondGoLive) -> World {
    World::changed(7, &small(), |plan| plan.second = second)
}

/// The first host is done, and the second under way.
fn one_done(session: &Session) -> bool {
    session.rollout.units()[0].lane.as_ref().is_some_and(|lane| lane.state.ended())
        && session.rollout.units()[1].out
}

fn under_way(second: SecondGoLive) -> World {
    let mut world = world(second);
    world.under_way();
    world.run_until(Span::minutes(10), one_done);
    world
}

fn ended(world: &World) -> Option<Ending> {
    world.session().course.ending.clone()
}

#[test]
fn a_second_go_live_is_refused_where_the_plan_says_nothing_else() {
    let mut world = under_way(SecondGoLive::Refused);
    let refusal = world.ask("raj", by("2.6.0")).unwrap_err();
    says(&refusal, &["session", "of 2.5.0 is open", "closing it", "second = \"superseding\""]);
    assert_eq!(world.session().course.superseded, None);
}

#[test]
fn what_is_superseded_is_brought_back_hosts_under_way_included_and_closes_by_itself() {
    let mut world = under_way(SecondGoLive::Superseding);
    world.must("raj", by("2.6.0"));
    assert_eq!(world.session().course.phase, Phase::RollingBack);
    world.run_until(Span::minutes(10), |session| session.course.is_over());
    assert_eq!(ended(&world), Some(Ending::Superseded { by: Version::new("2.6.0").unwrap() }));
    for host in &world.hosts {
        assert_eq!(
            host.runs,
            Some(candidate("2.4.1").version.clone()),
            "one version runs where the next begins"
        );
    }
    assert!(
        world.session().rollout.units()[2].lane.as_ref().is_none_or(|lane| lane.at == 0),
        "web-03 was left alone"
    );
}

#[test]
fn what_has_changed_nothing_is_closed_at_once() {
    let mut world = world(SecondGoLive::Superseding);
    world.prepare();
    world.must("dana", by("2.6.0"));
    assert_eq!(ended(&world), Some(Ending::Superseded { by: Version::new("2.6.0").unwrap() }));
}

#[test]
fn nobody_supersedes_without_a_role_nor_by_the_same_version_nor_what_is_live() {
    let mut world = under_way(SecondGoLive::Superseding);
    says(&world.ask("sam", by("2.6.0")).unwrap_err(), &["sam has none of the roles"]);
    says(&world.ask("raj", by("2.5.0")).unwrap_err(), &["2.5.0 is what is under way"]);
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    says(&world.ask("raj", by("2.6.0")).unwrap_err(), &["2.5.0 is live", "golive close", "rolling it back"]);
}

#[test]
fn where_there_is_no_way_back_it_is_not_superseded_and_says_why() {
    let mut world = World::with(7, &small(), None, "2.5.0", true);
    let mut other = plan(&small());
    other.second = SecondGoLive::Superseding;
    assert!(rules::check(&other).is_empty());
    let adopted = golive::domain::plan::Adopted::new(other, "another".into());
    world.must("dana", Command::Course(CourseCommand::AdoptPlan { adopted: std::sync::Arc::new(adopted) }));
    world.under_way();
    world.run_until(Span::minutes(10), one_done);
    let refusal = world.ask("raj", by("2.6.0")).unwrap_err();
    says(&refusal, &["2.5.0 can't be brought back for 2.6.0", "no previous version"]);
    assert_eq!(world.session().course.superseded, None, "refused it goes on as if nobody had asked");
}

/// A host that the way back does not reach would serve the one version, the others the next two.
#[test]
fn a_host_that_could_not_be_brought_back_keeps_it_open_for_a_person() {
    let mut world = under_way(SecondGoLive::Superseding);
    world.hosts[0].wrong.push((LaneStep::Start, Wrong::Fails, Some(candidate("2.4.1").version.clone())));
    world.must("raj", by("2.6.0"));
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(5));
    assert_eq!(ended(&world), None, "the line waits for a person");
    world.must("raj", exclude(&unit("web-01")));
    world.reaches(Phase::RolledBack, Span::minutes(10));
    world.run_for(Span::minutes(5));
    assert_eq!((ended(&world), supersede::left(world.session())), (None, vec![&unit("web-01")]));
    world.must("dana", close());
    assert_eq!(ended(&world), Some(Ending::RolledBack), "and that is not called superseded");
}

#[test]
fn said_twice_it_is_said_once_and_what_is_rolled_back_already_is_closed() {
    let mut world = under_way(SecondGoLive::Superseding);
    world.must("sam", roll_back());
    world.must("raj", by("2.6.0"));
    let seq = world.session().seq;
    world.must("dana", by("2.6.0"));
    assert_eq!(world.session().seq, seq);
    world.run_until(Span::minutes(10), |session| session.course.is_over());
    assert!(matches!(ended(&world), Some(Ending::Superseded { .. })));
    let mut world = under_way(SecondGoLive::Superseding);
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
    world.must("raj", by("2.6.0"));
    world.run_for(Span::secs(5));
    assert!(matches!(ended(&world), Some(Ending::Superseded { .. })));
}

/// Killed in the middle of it, the next conductor goes on with it: it stands in the record.
#[test]
fn a_conductor_that_is_killed_meanwhile_forgets_nothing() {
    let mut world = under_way(SecondGoLive::Superseding);
    world.must("raj", by("2.6.0"));
    world.run_for(Span::secs(2));
    world.plan_for(world.at, crate::simulation::world::Happening::Kill);
    world.run_until(Span::minutes(20), |session| session.course.is_over());
    assert!(matches!(ended(&world), Some(Ending::Superseded { .. })));
}

fn room(world: &World, version: &str) -> Result<(), golive::domain::refusal::Refusal> {
    supersede::made_room(world.session(), &Version::new(version).unwrap())
}

/// What it mended would be back, and the version that was to follow could not be opened for its review.
#[test]
fn a_hotfix_is_not_brought_back_for_another_version_before_its_review() {
    let mut world = world(SecondGoLive::Superseding);
    world.must("dana", hotfix(Span::hours(24)));
    world.under_way();
    world.run_until(Span::minutes(10), one_done);
    let refusal = world.refused("raj", by("2.6.0"));
    says(&refusal, &["2.5.0 can't be closed for 2.6.0 yet", "review of the hotfix"]);
    assert!(!world.session().pipeline.is_rolling_back());
    world.must("raj", reviewed());
    world.must("raj", by("2.6.0"));
    world.run_until(Span::minutes(10), |session| session.course.is_over());
    assert!(matches!(ended(&world), Some(Ending::Superseded { .. })));
    assert_eq!(supersede::waits(world.session(), world.now()), None);
}

/// Two people at once: the later word stands, and only that version may be opened by whoever waited.
#[test]
fn room_is_made_for_the_version_that_was_named_last_and_for_no_other() {
    let mut world = under_way(SecondGoLive::Superseding);
    world.must("raj", by("2.6.0"));
    world.must("dana", by("2.7.0"));
    world.run_until(Span::minutes(10), |session| session.course.is_over());
    says(&room(&world, "2.6.0").unwrap_err(), &["2.5.0 made room for 2.7.0 meanwhile, not for 2.6.0"]);
    assert_eq!(room(&world, "2.7.0"), Ok(()));
}

#[test]
fn a_rollback_that_was_ended_as_it_is_has_made_room_for_nobody() {
    let mut world = under_way(SecondGoLive::Superseding);
    world.hosts[0].wrong.push((LaneStep::Start, Wrong::Fails, Some(candidate("2.4.1").version.clone())));
    world.must("raj", by("2.6.0"));
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(5));
    world.must("dana", end_as_is());
    says(&room(&world, "2.6.0").unwrap_err(), &["2.5.0 was not brought back, it ended", "rollout versions"]);
}

#[test]
fn what_is_back_by_name_already_is_superseded_although_nothing_is_left_to_roll_back() {
    let mut world = under_way(SecondGoLive::Superseding);
    world.must("raj", hold());
    world.run_for(Span::minutes(5));
    let only = vec![unit("web-01"), unit("web-02")];
    world.must("sam", Command::Rollout(RolloutCommand::RollBack { only }));
    world.run_for(Span::minutes(5));
    assert_eq!((world.session().course.phase, ended(&world)), (Phase::UnderWay, None));
    world.must("raj", by("2.6.0"));
    assert!(matches!(ended(&world), Some(Ending::Superseded { .. })));
    assert!(world.hosts.iter().all(|host| host.runs == Some(candidate("2.4.1").version.clone())));
}

/// An earlier session ended AS IS on two versions: where three must never serve together a third does not begin.
#[test]
fn where_two_versions_serve_a_third_does_not_start_and_one_of_them_does() {
    let starts = |second, left: &str| {
        let mut world = world(second);
        world.hosts[0].runs = Some(candidate(left).version.clone());
        world.hosts[0].installed = Some(candidate(left));
        world.look_soon(0);
        world.prepare();
        world.decide_go();
        world.run_for(Span::secs(10));
        world.ask("raj", start()).map(|_| ())
    };
    let refusal = starts(SecondGoLive::Superseding, "2.3.0").unwrap_err();
    says(
        &refusal,
        &["2.3.0 and 2.4.1 serve already, 2.5.0 would be one more", "bringing all to one of them"],
    );
    assert_eq!(starts(SecondGoLive::Superseding, "2.5.0"), Ok(()));
    assert_eq!(starts(SecondGoLive::Refused, "2.3.0"), Ok(()), "its plan promises nothing of the kind");
}
