//! What did not reach every host is PARTIAL, and the matrix of versions says what each way on would do.

use golive::domain::{
    course::{Ending, Phase},
    effect::LaneStep,
    plan::{Amount, Capacity},
    rollout::{Move, mix, moves, partial, troubles},
    session::Session,
    time::Span,
};

use super::ways::{bad_second, says, small, stopped};
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{Shape, candidate, unit},
    world::{World, actor},
};

/// The last of three hosts fails its self-test of the new version.
fn last_fails() -> World {
    let mut world = World::new(7, &small());
    world.hosts[2].wrong.push((LaneStep::SelfTest, Wrong::Fails, Some(candidate("2.5.0").version.clone())));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world
}

fn offered(world: &World, person: &str) -> Vec<Move> {
    moves(world.session(), &actor(person), world.now())
}

fn one<'a>(moves: &'a [Move], what: &str) -> &'a Move {
    moves.iter().find(|it| it.what == what).unwrap_or_else(|| panic!("{what} is not in {moves:?}"))
}

#[test]
fn only_the_last_host_failing_is_partial_and_never_a_success() {
    let mut world = last_fails();
    assert_eq!(partial(world.session()), None, "it is not live yet");
    world.must("raj", exclude(&unit("web-03")));
    world.reaches(Phase::LiveUnverified, Span::minutes(5));
    let short = partial(world.session()).unwrap();
    assert_eq!((short.new, short.of, short.left), (2, 3, vec![unit("web-03")]));
    world.run_for(Span::minutes(15));
    world.must("raj", tick("basic/looked"));
    world.must("raj", promote());
    world.reaches(Phase::Verified, Span::minutes(5));
    world.must("dana", close());
    assert_eq!(world.session().course.ending, Some(Ending::Partial { new: 2, of: 3 }));
}

#[test]
fn ended_as_is_it_says_on_how_many_hosts_the_new_version_is() {
    let mut world = stopped();
    world.must("dana", end_as_is());
    assert!(matches!(world.session().course.ending, Some(Ending::AsIs { .. })));
    let short = partial(world.session()).unwrap();
    assert_eq!((short.new, short.of), (1, 3));
    assert_eq!(short.words("2.5.0", 1), "PARTIAL: 1 of 3 on 2.5.0; not web-02 and 1 more");
}

#[test]
fn what_went_to_every_host_is_not_partial_nor_is_what_was_rolled_back() {
    let mut world = World::new(7, &small());
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert_eq!(partial(world.session()), None);
    let mut world = stopped();
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
    world.must("dana", close());
    assert_eq!((&world.session().course.ending, partial(world.session())), (&Some(Ending::RolledBack), None));
}

#[test]
fn each_host_is_shown_with_what_ran_what_is_wanted_and_what_runs() {
    let world = stopped();
    let mix = mix(world.session()).unwrap();
    let rows: Vec<(&str, &str, &str, &str, &str)> = mix
        .hosts
        .iter()
        .map(|host| {
            let version = |it: &'_ Option<golive::domain::name::Version>| it.as_ref().map_or("", |_| "known");
            (host.host.as_str(), version(&host.before), version(&host.wanted), host.runs_words(), host.stands)
        })
        .collect();
    assert_eq!(rows[0], ("web-01", "known", "known", "2.5.0", "done"));
    assert_eq!(rows[2], ("web-03", "known", "known", "2.4.1", "waiting"));
    assert_eq!(rows[1].4, "failed");
    assert!(mix.hosts[0].is_as_wanted() && !mix.hosts[2].is_as_wanted());
    let versions = |host: &golive::domain::rollout::MixedHost| {
        [&host.before, &host.wanted].map(|it| it.as_ref().unwrap().to_string())
    };
    assert_eq!(versions(&mix.hosts[1]), ["2.4.1", "2.5.0"]);
    assert!(mix.hosts[1].why.as_deref().unwrap().contains("failed self-test"));
}

/// Once it is given up, every host is to run the old version again.
#[test]
fn after_a_rollback_the_old_version_is_wanted_everywhere() {
    let mut world = stopped();
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
    let mix = mix(world.session()).unwrap();
    for host in &mix.hosts {
        assert_eq!(host.wanted.as_ref().map(ToString::to_string).as_deref(), Some("2.4.1"), "{host:?}");
        assert!(host.is_as_wanted(), "{host:?}");
    }
}

/// What is offered is what the commands do: each is then given, and what it said comes true.
#[test]
fn each_move_says_what_it_would_do_and_does_it() {
    let world = stopped();
    let list = offered(&world, "raj");
    let does = |what: &str| one(&list, what).does.clone().unwrap();
    assert!(does("try web-02 again").contains("deploys 2.5.0, attempt 2; the line goes on: 1 host waiting"));
    assert!(does("exclude web-02").contains("PARTIAL at best: 2 of 3"));
    assert!(does("ROLL BACK").starts_with("2.4.1 on 2 hosts: web-02, web-01"), "{}", does("ROLL BACK"));
    let on = one(&list, "CONTINUE").refused.clone().unwrap();
    assert!(on.starts_with("nothing is held; the line is stopped: web-02 failed self-test"), "{on}");
    assert!(on.contains("lifted by: try again (T: golive rollout try web-02), exclude (X)"), "{on}");
    assert!(one(&list, "END AS IS").refused.as_deref().unwrap().contains("raj has none of the roles"));
    let ends = offered(&world, "dana");
    let ends = one(&ends, "END AS IS").does.clone().unwrap();
    assert_eq!(ends, "closes now, PARTIAL: 1 of 3 on 2.5.0; not web-02, web-03");
    let before = world.session().clone();
    assert_eq!(&before, world.session(), "a trial changes nothing");

    let mut tried = stopped();
    tried.hosts[1].wrong.clear();
    tried.must("raj", try_again(&unit("web-02")));
    tried.reaches(Phase::LiveUnverified, Span::minutes(10));
    let mut back = stopped();
    back.must("raj", roll_back());
    assert_eq!(touched(back.session()), 2);
    let mut ended = stopped();
    ended.must("dana", end_as_is());
    assert_eq!(partial(ended.session()).map(|it| (it.new, it.of)), Some((1, 3)));
    assert!(offered(&ended, "dana").is_empty(), "nothing is left to do");
}

fn touched(session: &Session) -> usize {
    session.rollout.rollbacks.values().map(|rollback| rollback.units.len()).sum()
}

/// With two troubles, dealing with the one leaves the line stopped by the other, and that is said beforehand.
#[test]
fn a_move_that_does_not_lift_everything_says_what_stays_in_the_way() {
    let mut world = stopped();
    world.must("sam", hold());
    let list = offered(&world, "raj");
    assert!(
        one(&list, "exclude web-02").does.as_deref().unwrap().contains("nothing new begins before CONTINUE")
    );
    let list = offered(&world, "dana");
    let says = one(&list, "CONTINUE").does.clone().unwrap();
    assert!(says.contains("the line stays stopped: web-02 failed self-test"), "{says}");
    assert_eq!(troubles(world.session()).len(), 1);
}

/// Whom the record does not know may look, and reads why nothing is offered.
#[test]
fn a_stranger_is_offered_nothing() {
    let world = stopped();
    let stranger = offered(&world, "nobody");
    assert!(stranger.iter().all(|it| it.does.is_none() && it.refused.is_some()), "{stranger:?}");
    let mut world = stopped();
    says(&world.ask("sam", exclude(&unit("web-02"))).unwrap_err(), &["sam has none of the roles"]);
}

/// The target is what runs: nothing is done, and that is said.
#[test]
fn a_rollback_to_what_runs_already_does_nothing_and_says_so() {
    let mut world = stopped();
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
    let seq = world.session().rollout.rollbacks.values().next().unwrap().started;
    says(&world.refused("sam", roll_back()), &["every host of production that was changed runs 2.4.1 again"]);
    assert_eq!(
        world.session().rollout.rollbacks.values().next().unwrap().started,
        seq,
        "it is not begun anew"
    );
    assert_eq!(world.session().course.phase, Phase::RolledBack);
}

/// Asked for once more it does nothing, and that is what is said of it.
#[test]
fn a_way_back_that_is_under_way_is_not_offered_as_another() {
    let mut world = stopped();
    world.must("raj", roll_back());
    let before = world.session().rollout.rollbacks.clone();
    assert_eq!(one(&offered(&world, "raj"), "ROLL BACK").does.as_deref(), Some("goes on already"));
    world.must("raj", roll_back());
    assert_eq!(world.session().rollout.rollbacks, before);
}

/// With a host gone there may be none to spare: the line does not go on, and that is said beforehand.
#[test]
fn a_move_after_which_the_next_host_waits_for_capacity_says_so() {
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(1)),
        min_healthy: Some(Amount::Count(2)),
        max_unavailable: None,
    };
    let mut world = bad_second(&Shape { capacity, ..small() }, LaneStep::SelfTest, Wrong::Fails);
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    let exclude_it = one(&offered(&world, "raj"), "exclude web-02").does.clone().unwrap();
    assert!(exclude_it.contains("web-03 waits for capacity: capacity 2 of 3, minimum 2"), "{exclude_it}");
    world.must("raj", exclude(&unit("web-02")));
    world.run_for(Span::minutes(2));
    let lane = world.session().rollout.unit(&unit("web-03")).unwrap().lane.as_ref().unwrap();
    assert_eq!(lane.attempt, 0, "as was said");
}
