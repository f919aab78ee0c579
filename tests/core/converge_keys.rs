//! Agents that read a key each: what is replaced and by whose word, keys that can't be set, and when a host is green.

use golive::domain::{
    course::{CourseCommand, Ending, Phase},
    desired::{Desired, Wish},
    name::PersonName,
    plan::Amount,
    rollout::{
        RolloutCommand, Standing, StoreState, Told, board, board_row, check_in, left_out_runs, partial,
    },
    session::Session,
    time::Span,
};

use super::{
    converge::{converging, runs, shape, words},
    ways::says,
};
use crate::simulation::{
    agents::Agents,
    people::*,
    plan::{PRODUCTION, environment, unit},
    world::World,
};

fn key(world: &World, name: &str) -> Desired {
    world.stores[&environment(PRODUCTION)].keys[&Some(unit(name))].clone()
}

fn holds(world: &World, name: &str) -> String {
    key(world, name).version.unwrap().to_string()
}

fn told(session: &Session) -> Told {
    session.rollout.stores[&environment(PRODUCTION)].told.clone().unwrap()
}

fn over(keys: &[String]) -> golive::domain::command::Command {
    RolloutCommand::DesireAgain { environment: environment(PRODUCTION), over: keys.to_vec() }.into()
}

fn stands(world: &World, name: &str) -> Standing {
    let session = world.session();
    board_row(session, session.rollout.unit(&unit(name)).unwrap(), world.now()).unwrap().standing
}

/// Three keys in one batch, two of which hold something that somebody else has set.
fn two_conflicts(seed: u64) -> World {
    let mut world = World::new(seed, &shape(true, vec![Amount::Count(3)]));
    world.prepare();
    world.decide_go();
    world.agents(Agents::SetsOne(0, "2.4.9".into(), "lee".into()));
    world.agents(Agents::SetsOne(1, "2.4.8".into(), "kim".into()));
    world.must("raj", start());
    world.run_until(Span::minutes(1), |session| !golive::domain::rollout::troubles(session).is_empty());
    world
}

/// A host of a later batch whose agent is told a third version does not wait calmly for its turn: it is said on the board,
/// and by when all have converged is not asked of it.
#[test]
fn a_host_of_a_later_batch_that_is_told_a_third_version_is_told_otherwise() {
    let mut world = World::new(14, &shape(true, vec![Amount::Count(1)]));
    world.under_way();
    world.run_until(Span::minutes(1), |session| converging(session) == 1);
    assert_eq!(stands(&world, "web-04"), Standing::Waiting);
    world.agents(Agents::SetsOne(3, "2.4.9".into(), "lee".into()));
    world.run_for(Span::secs(3));
    assert_eq!(stands(&world, "web-04"), Standing::ToldOtherwise);
    let all = board(world.session(), &environment(PRODUCTION), world.now()).unwrap();
    assert_eq!(all.told_otherwise, 1);
    assert!(all.left.is_some(), "those that were told converge all the same");
}

/// Only the key that a person was shown and named is replaced; another one is not, whatever its revision is.
#[test]
fn only_the_keys_that_a_person_named_are_replaced() {
    let mut world = two_conflicts(1);
    assert_eq!(holds(&world, "web-03"), "2.5.0", "what nobody disputes is set: {:?}", words(&world));
    let one = format!("web-01={}", key(&world, "web-01").revision.unwrap());
    says(&world.refused("raj", over(&[])), &["web-01 holds 2.4.9, set by lee", "web-02 holds 2.4.8", &one]);
    says(&world.refused("raj", over(&["web-02=77".into()])), &["the store has changed since"]);
    world.must("raj", over(std::slice::from_ref(&one)));
    world.run_until(Span::secs(20), |session| told(session).wish.over.len() == 1);
    world.run_for(Span::secs(5));
    assert_eq!((holds(&world, "web-01").as_str(), holds(&world, "web-02").as_str()), ("2.5.0", "2.4.8"));
    assert!(words(&world)[0].starts_with("conflict: the store holds 2.4.8"), "{:?}", words(&world));
    let other = format!("web-02={}", key(&world, "web-02").revision.unwrap());
    world.must("raj", over(&[other]));
    world.reaches(Phase::LiveUnverified, Span::minutes(12));
}

/// An older wish named revisions of no key: nothing may be replaced by it.
#[test]
fn a_revision_that_was_shown_of_one_key_says_nothing_of_another() {
    let world = two_conflicts(2);
    let wish = told(world.session()).wish;
    let named = golive::domain::desired::Over {
        key: Some(unit("web-01")),
        revision: key(&world, "web-01").revision.unwrap(),
    };
    let wish = Wish { over: vec![named.clone()], ..wish };
    let same = Desired { revision: Some(named.revision), ..key(&world, "web-02") };
    assert!(key(&world, "web-01").may_be_replaced(Some(&unit("web-01")), &wish));
    assert!(!same.may_be_replaced(Some(&unit("web-02")), &wish), "another key of the same revision");
    assert!(!same.may_be_replaced(None, &wish));
}

/// Whoever tries it again wishes it, at that time; not whoever started the stage, when something happened last.
#[test]
fn who_tries_again_is_who_wishes_it_and_when() {
    let mut world = two_conflicts(3);
    let started = told(world.session()).wish;
    assert_eq!(started.by.as_ref().map(PersonName::as_str), Some("raj"));
    world.run_for(Span::secs(40));
    let keys: Vec<String> =
        ["web-01", "web-02"].map(|name| format!("{name}={}", key(&world, name).revision.unwrap())).to_vec();
    let before = world.now().wall;
    world.must("dana", over(&keys));
    let again = told(world.session()).wish;
    assert_eq!(again.by.as_ref().map(PersonName::as_str), Some("dana"));
    assert!(again.at >= before, "{:?} is before {before:?}", again.at);
}

/// One key that can't be set keeps no other from being set, on the way back least of all.
#[test]
fn one_bad_key_keeps_no_other_from_going_back() {
    let mut world = World::new(4, &shape(true, vec![Amount::Count(3)]));
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(6));
    world.agents(Agents::SetsOne(0, "2.4.9".into(), "lee".into()));
    world.must("sam", roll_back());
    world.run_for(Span::secs(20));
    for name in ["web-02", "web-03", "web-04", "web-05", "web-06"] {
        assert_eq!(holds(&world, name), "2.4.1", "{name}");
    }
    assert_eq!(holds(&world, "web-01"), "2.4.9");
    assert!(words(&world).join("; ").contains("2.4.9"), "{:?}", words(&world));
    world.must("raj", set_over(&world, PRODUCTION));
    world.reaches(Phase::RolledBack, Span::minutes(4));
    assert_eq!(runs(&world, "2.4.1"), 6);
}

/// What is left out is told what it was told before: its agent does not install the new version behind our back.
#[test]
fn the_key_of_a_host_that_is_left_out_is_set_back() {
    let mut world = World::new(5, &shape(true, vec![Amount::Count(3)]));
    world.agents(Agents::Silent(1, true));
    world.under_way();
    world.run_until(Span::minutes(8), |session| session.rollout.any_troubled());
    assert_eq!(holds(&world, "web-02"), "2.5.0");
    assert_eq!(left_out_runs(world.session(), &unit("web-02")), "its key is set back to 2.4.1");
    world.must("raj", exclude(&unit("web-02")));
    world.run_for(Span::secs(10));
    assert_eq!(holds(&world, "web-02"), "2.4.1");
    world.agents(Agents::Silent(1, false));
    world.reaches(Phase::LiveUnverified, Span::minutes(8));
    assert_eq!((runs(&world, "2.5.0"), runs(&world, "2.4.1")), (5, 1));
}

/// Where all hosts read one key, who leaves one out is told beforehand that its agent installs it all the same.
#[test]
fn where_there_is_one_key_it_is_said_that_a_host_left_out_converges_all_the_same() {
    let mut world = World::new(6, &shape(false, Vec::new()));
    world.agents(Agents::Silent(1, true));
    world.under_way();
    world.run_until(Span::minutes(8), |session| session.rollout.any_troubled());
    let words = left_out_runs(world.session(), &unit("web-02"));
    assert_eq!(words, "its agent installs 2.5.0 all the same once it looks");
}

/// Green asks the store: what was set by somebody else since is what the host is going to run.
#[test]
fn a_host_is_green_only_where_the_store_says_the_same() {
    let mut world = World::new(7, &shape(true, vec![Amount::Count(3)]));
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(6));
    assert_eq!(stands(&world, "web-01"), Standing::Converged);
    world.agents(Agents::SetsOne(0, "2.4.9".into(), "lee".into()));
    world.run_for(Span::secs(3));
    assert_eq!(stands(&world, "web-01"), Standing::ToldOtherwise, "it still runs 2.5.0");
    let place = environment(PRODUCTION);
    assert_eq!(board(world.session(), &place, world.now()).unwrap().told_otherwise, 1);
    world.agents(Agents::Store(place.clone(), true));
    world.run_for(Span::secs(5));
    let all = board(world.session(), &place, world.now()).unwrap();
    assert_eq!((all.converged, all.left), (0, None), "nobody can read what agents are told");
    assert!(matches!(all.store, StoreState::Unreadable(_)), "{:?}", all.store);
    assert_eq!(stands(&world, "web-02"), Standing::Unknown);
}

/// A host that drifted is not on the new version: the ending says so.
#[test]
fn a_host_that_drifted_makes_the_ending_partial() {
    let mut world = World::new(8, &shape(true, vec![Amount::Count(3)]));
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(6));
    world.run_for(Span::minutes(2));
    world.must("raj", tick("basic/looked"));
    world.must("raj", promote());
    world.reaches(Phase::Verified, Span::minutes(20));
    world.agents(Agents::Silent(2, true));
    world.agents(Agents::ByHand(2, "2.4.0".into()));
    world.run_until(Span::minutes(1), |session| session.rollout.unit(&unit("web-03")).unwrap().drifted());
    let partial = partial(world.session()).unwrap();
    assert_eq!((partial.new, partial.of, partial.left), (5, 6, vec![unit("web-03")]));
    world.must("dana", CourseCommand::Close.into());
    assert_eq!(world.session().course.ending, Some(Ending::Partial { new: 5, of: 6 }));
}

/// A clock that is ahead says nothing of when its agent looked: neither in time, nor by when it has converged.
#[test]
fn an_agent_whose_clock_is_ahead_does_not_pass_for_in_time() {
    let mut world = World::new(9, &shape(false, Vec::new()));
    world.agents(Agents::Ahead(0, Span::minutes(30)));
    world.run_for(Span::minutes(2));
    let place = environment(PRODUCTION);
    let how = world.how(&place).unwrap();
    let looked = |world: &World, name: &str| {
        check_in(world.session().rollout.unit(&unit(name)).unwrap(), &how, world.now()).unwrap()
    };
    assert!(!looked(&world, "web-01").in_time() && looked(&world, "web-02").in_time());
    world.under_way();
    world.run_until(Span::minutes(1), |session| converging(session) == 6);
    let all = board(world.session(), &place, world.now()).unwrap();
    assert_eq!((all.late, all.left), (1, None), "when it looks nobody knows");
    world.reaches(Phase::LiveUnverified, Span::minutes(8));
    assert_eq!(
        (stands(&world, "web-01"), stands(&world, "web-02")),
        (Standing::Unknown, Standing::Converged)
    );
}

/// A host whose key can't be set back stops the line, and is named with the command that lets its key be; after that the
/// line goes on, and nothing of the kind stays.
#[test]
fn a_key_that_cannot_be_set_back_is_let_be_by_name_with_a_reason() {
    let mut world = World::new(10, &shape(true, vec![Amount::Count(3)]));
    world.agents(Agents::Silent(1, true));
    world.under_way();
    world.run_until(Span::minutes(8), |session| session.rollout.any_troubled());
    world.agents(Agents::SetsOne(1, "2.4.9".into(), "lee".into()));
    world.agents(Agents::Store(environment(PRODUCTION), true));
    world.run_for(Span::secs(4));
    world.must("dana", exclude(&unit("web-02")));
    world.run_for(Span::secs(20));
    let trouble = golive::domain::rollout::troubles(world.session()).remove(0);
    let told = told(world.session());
    assert!(told.wish.back, "{told:?}");
    assert_eq!(told.wish.by.as_ref().map(PersonName::as_str), Some("dana"), "whoever left it out wishes it");
    let by_name = "golive rollout mark-done web-02 --reason … --confirm web-02";
    assert!(trouble.lift(world.session()).contains(by_name), "{}", trouble.lift(world.session()));
    assert!(
        trouble.lift(world.session()).contains("golive rollout try --desired production"),
        "{}",
        trouble.lift(world.session())
    );
    says(&world.refused("raj", force_next()), &["web-02 was left out", by_name]);
    world.must("raj", mark_done(&unit("web-02")));
    world.agents(Agents::Store(environment(PRODUCTION), false));
    world.run_for(Span::secs(20));
    assert_eq!(words(&world), Vec::<String>::new(), "nothing stands in the way any more");
    world.reaches(Phase::LiveUnverified, Span::minutes(8));
}

/// What somebody set before the start is said before it, with who and what to do.
#[test]
fn a_conflict_that_is_known_before_the_start_is_said_before_it() {
    let mut world = World::new(11, &shape(true, vec![Amount::Count(3)]));
    world.prepare();
    world.run_for(Span::secs(5));
    assert_eq!(golive::domain::rollout::conflict(world.session(), &environment(PRODUCTION)), None);
    world.agents(Agents::SetsOne(4, "2.4.9".into(), "lee".into()));
    world.run_for(Span::secs(5));
    let said = golive::domain::rollout::conflict(world.session(), &environment(PRODUCTION)).unwrap();
    assert!(said.starts_with("web-05 holds 2.4.9, set by lee at 13:50: the start stops there"), "{said}");
    assert!(said.contains("golive rollout try --desired production"), "{said}");
}

/// Of the second batch it is not known when it was set until it is: the first one's time says nothing of it.
#[test]
fn when_the_first_batch_was_set_says_nothing_of_the_second() {
    let mut world = World::new(12, &shape(true, vec![Amount::Count(3)]));
    world.under_way();
    world.run_until(Span::minutes(1), |session| converging(session) == 3);
    let first = told(world.session());
    assert!(first.held.is_some());
    world.run_until(Span::minutes(6), |session| told(session).wish.units != first.wish.units);
    let second = told(world.session());
    assert!(second.held != first.held, "{:?} is the first batch's", second.held);
}

/// A key of a batch before changes while another one is under way: the line that is advised sets it, and keeps what the
/// batch under way was told.
fn changed_beside(seed: u64, fails: bool) {
    let mut world = World::new(seed, &shape(true, vec![Amount::Count(1), Amount::Count(3)]));
    world.under_way();
    let second = |session: &Session| told(session).wish.units.len() == 3 && converging(session) == 3;
    world.run_until(Span::minutes(10), second);
    let keys: Vec<String> =
        told(world.session()).wish.units.iter().map(|unit| unit.as_str().to_owned()).collect();
    assert!(!keys.contains(&"web-01".to_owned()), "{keys:?}");
    let index = world.index[&unit(&keys[0])];
    world.agents(Agents::Silent(index, true));
    if fails {
        world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    }
    world.agents(Agents::SetsOne(0, "2.6.0".into(), "lee".into()));
    world.run_until(Span::minutes(1), |session| {
        golive::domain::rollout::troubles(session).iter().any(|it| it.words().contains("web-01"))
    });
    let named = format!("web-01={}", key(&world, "web-01").revision.unwrap());
    world.must("raj", over(&[named]));
    world.run_for(Span::secs(20));
    assert_eq!(holds(&world, "web-01"), "2.5.0", "{:?}", words(&world));
    assert!(words(&world).iter().all(|it| !it.contains("conflict")), "{:?}", words(&world));
    for key in &keys {
        assert_eq!(holds(&world, key), "2.5.0", "{key}");
    }
    world.agents(Agents::Silent(index, false));
    if fails {
        world.must("raj", try_again(&unit(&keys[0])));
    }
    world.reaches(Phase::LiveUnverified, Span::minutes(30));
}

#[test]
fn a_key_of_an_earlier_batch_is_set_again_while_another_batch_is_under_way() {
    changed_beside(11, false);
}

#[test]
fn a_key_of_an_earlier_batch_is_set_again_where_a_host_of_another_one_has_failed() {
    changed_beside(12, true);
}
