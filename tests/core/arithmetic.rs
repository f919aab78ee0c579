//! The sums: what may be out, what a start would do, what a rollback could reach.

use golive::domain::{
    plan::{Amount, Capacity, Limits},
    rollout::{Budget, Counts, budget, preview, readiness, scope},
    time::Span,
};

use super::ways::{small, stopped};
use crate::simulation::{
    host::Host,
    people::*,
    plan::{PRODUCTION, Shape, candidate, environment, unit},
    world::World,
};

fn counts(world: &World) -> Counts {
    world.session().rollout.counts(&environment(PRODUCTION))
}

#[test]
fn the_budget_counts_what_is_observed_and_words_say_the_sum() {
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(3)),
        min_healthy: Some(Amount::Percent(5000)),
        max_unavailable: None,
    };
    let mut world = World::new(61, &Shape { hosts: 5, capacity, ..Shape::default() });
    let before = budget(world.session(), &environment(PRODUCTION));
    assert_eq!((before.available, before.limits.min_healthy, before.limits.spare()), (0, 3, 2));
    let first = world.session().rollout.units()[0].clone();
    assert!(!before.may_take_out(&first), "nothing is known: nothing is taken out");
    world.run_for(Span::secs(5));
    let seen = budget(world.session(), &environment(PRODUCTION));
    assert_eq!(seen.words(), "capacity 5 of 5, minimum 3");
    let first = world.session().rollout.units()[0].clone();
    assert!(seen.may_take_out(&first));
    world.hosts[3].sick = true;
    world.hosts[4].sick = true;
    (3..5).for_each(|index| world.look_soon(index));
    world.run_for(Span::secs(5));
    let short = budget(world.session(), &environment(PRODUCTION));
    assert_eq!((short.available, short.lane_free()), (3, true));
    assert!(!short.may_take_out(&first), "3 of 5 and a minimum of 3");
    let sick = world.session().rollout.units()[4].clone();
    assert!(short.may_take_out(&sick), "one that does not serve makes nothing worse");
}

/// [W34] The preview says how far it may go wrong before anybody presses.
#[test]
fn the_preview_of_a_start_says_hosts_versions_and_the_lowest_capacity() {
    let capacity = Capacity { max_parallel: Some(Amount::Count(2)), ..Capacity::default() };
    let mut world = World::new(62, &Shape { hosts: 6, capacity, one_box: true, ..Shape::default() });
    world.prepare();
    let start_of = preview(world.session(), world.now()).unwrap();
    assert_eq!(start_of.stage.as_str(), "1-box");
    assert_eq!(start_of.units, [unit("web-01")]);
    assert_eq!((start_of.budget.available, start_of.lowest), (6, 5), "one host at the most is out");
    assert_eq!(start_of.from, Some(candidate("2.4.1")));
    assert_eq!(start_of.to, candidate("2.5.0"));
    assert!(!start_of.requests_may_fail);
    assert_eq!(start_of.obstacles.len(), 1, "only the GO is missing: {:?}", start_of.obstacles);
    world.decide_go();
    assert!(preview(world.session(), world.now()).unwrap().obstacles.is_empty());
    let bare = World::new(63, &Shape { balanced: false, ..small() });
    assert!(preview(bare.session(), bare.now()).unwrap().requests_may_fail, "said before the start");
}

#[test]
fn a_way_back_is_ready_only_where_it_is_known_to_be_kept_on_every_host() {
    let mut world = World::new(64, &small());
    let nothing = readiness(world.session(), &environment(PRODUCTION));
    assert_eq!((nothing.to.clone(), nothing.unknown, nothing.ready()), (None, 3, false));
    world.run_for(Span::secs(10));
    let kept = readiness(world.session(), &environment(PRODUCTION));
    assert_eq!((kept.to.clone(), kept.kept, kept.ready()), (Some(candidate("2.4.1")), 3, true));
    assert!(!kept.proven, "it runs everywhere, and no go-live has proved it");
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.pipeline.stages[0].rolled_out.is_some());
    world.hosts[2].kept.remove(&candidate("2.4.1"));
    world.look_soon(2);
    world.run_for(Span::secs(5));
    let lost = readiness(world.session(), &environment(PRODUCTION));
    assert_eq!((lost.kept, lost.missing, lost.ready()), (2, 1, false));
}

#[test]
fn hosts_on_different_versions_have_no_common_way_back() {
    let mut world = World::new(65, &small());
    world.hosts[1] = Host::new(environment(PRODUCTION), Some(candidate("2.3.0")), true);
    world.run_for(Span::secs(10));
    assert_eq!(readiness(world.session(), &environment(PRODUCTION)).to, None);
}

/// [W34] What a rollback would touch is what was touched, newest first; all else stays alone.
#[test]
fn the_scope_of_a_rollback_is_what_was_touched_newest_first() {
    let mut world = stopped();
    let back = scope(world.session()).unwrap();
    assert_eq!(back.units, [unit("web-02"), unit("web-01")]);
    assert_eq!(back.to, candidate("2.4.1"));
    assert_eq!((counts(&world).touched, counts(&world).out, counts(&world).failed), (2, 1, 1));
    world.must("sam", roll_back());
    world.run_for(Span::minutes(5));
    assert!(scope(world.session()).is_err(), "all of it is back");
    assert_eq!((counts(&world).out, counts(&world).done, counts(&world).available), (0, 2, 3));
}

#[test]
fn the_lowest_capacity_on_the_way_is_never_told_under_the_minimum() {
    let limits = Limits { hosts: 12, max_parallel: 3, min_healthy: 9, max_unavailable: 12, surge: 0 };
    let lowest = |available, hosts| Budget { limits, available, unknown: 0, working: 0 }.lowest(hosts);
    assert_eq!((lowest(12, 12), lowest(12, 1)), (9, 11));
    assert_eq!(lowest(11, 11), 9, "one is out already: two more may go");
    assert_eq!(lowest(8, 12), 8, "under the minimum only those go that do not serve");
}
