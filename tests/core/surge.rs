//! How many hosts of each version may stand next on the way to a share, with hosts beside the others and without.

use golive::domain::{
    course::Phase,
    pipeline::StageState,
    plan::{Amount, Canary, CanaryStep, Capacity, Pause, Room, Side, Split, Step, Strategy, Weight, rules},
    rollout::preview,
    session::Session,
    time::Span,
};
use serde::Deserialize;

use crate::simulation::{
    people::*,
    plan::{Shape, candidate, plan, unit},
    world::{Happening, HostFault, World},
};

#[derive(Deserialize)]
struct Published {
    calculate_replica_counts: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    rollout_spec_replicas: u32,
    set_weight: u8,
    stable_spec_replica: u32,
    stable_available_replica: u32,
    canary_spec_replica: u32,
    canary_available_replica: u32,
    expected_stable_replica_count: u32,
    expected_canary_replica_count: u32,
    max_surge: Option<Written>,
    max_unavailable: Option<Written>,
    promote_full: bool,
    abort: bool,
    traffic_routing: bool,
    older: Option<Older>,
    set_canary_scale: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Older {
    spec: u32,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Written {
    Count(u32),
    Share(String),
}

/// As the cases have it where it is not written.
fn amount(written: Option<&Written>) -> Amount {
    match written {
        Some(Written::Count(count)) => Amount::Count(*count),
        Some(Written::Share(share)) => Amount::parse(share).unwrap(),
        None => Amount::Percent(2500),
    }
}

impl Case {
    /// A promotion in full is a share of all; one that was aborted wants none.
    fn wanted(&self) -> u8 {
        match (self.promote_full, self.abort) {
            (_, true) => 0,
            (true, false) => 100,
            (false, false) => self.set_weight,
        }
    }

    fn next(&self) -> Split {
        let total = self.rollout_spec_replicas;
        // A balancer that shares requests out lets a size be written for the new version's hosts: the second figure.
        let written = self.set_canary_scale.as_deref().filter(|_| !self.abort);
        let written = written.and_then(|text| text.split("intPnt(").last()?.split(')').next()?.parse().ok());
        let surges = self.max_surge.is_some() || self.max_unavailable.is_some();
        if self.traffic_routing && !surges {
            return Split::beside(total, written.unwrap_or(u32::from(self.wanted())));
        }
        let room = Room::new(total, amount(self.max_surge.as_ref()), amount(self.max_unavailable.as_ref()));
        let stable = Side { hosts: self.stable_spec_replica, available: self.stable_available_replica };
        let canary = Side { hosts: self.canary_spec_replica, available: self.canary_available_replica };
        room.next(self.wanted(), stable, canary, self.older.as_ref().map_or(0, |older| older.spec))
    }
}

/// The published cases of Argo Rollouts (Apache-2.0; see the file).
#[test]
fn how_many_hosts_may_stand_next_is_as_in_the_published_cases() {
    let cases: Published = serde_json::from_str(include_str!("data/canary_counts.json")).unwrap();
    assert_eq!(cases.calculate_replica_counts.len(), 20);
    for case in cases.calculate_replica_counts {
        let next = case.next();
        let expected = (case.expected_stable_replica_count, case.expected_canary_replica_count);
        assert_eq!((next.stable, next.canary), expected, "{}: {case:?}", case.name);
    }
}

/// Whatever the numbers, every move keeps what has to serve, uses no more hosts than there are, and leads to the share;
/// on the way down as on the way up.
#[test]
fn no_move_takes_what_has_to_serve_and_every_way_comes_to_its_end() {
    for total in 1..14_u32 {
        for surge in 0..4_u32 {
            for unavailable in u32::from(surge == 0)..4_u32 {
                let room = Room { total, surge, unavailable };
                for (from, to) in [(0, 10), (0, 50), (50, 90), (90, 20), (100, 0), (30, 31), (99, 1)] {
                    let from = Split::closest(total, from, surge);
                    let wanted = Split::closest(total, to, surge);
                    let way = room.way(wanted, from);
                    assert_eq!(way.last(), Some(&wanted), "{room:?} from {from:?} to {wanted:?}: {way:?}");
                    for stand in &way {
                        let sum = stand.canary + stand.stable;
                        assert!(sum >= room.least() && sum <= room.most(), "{room:?}: {way:?}");
                    }
                }
            }
        }
    }
}

/// What is not there yet stands in for nobody: with nothing that may be unavailable the old version's hosts leave one by
/// one, as hosts of the new one come to serve; and as the share falls the new one's leave as the old one's come.
#[test]
fn a_share_that_falls_never_cuts_capacity() {
    let room = Room { total: 10, surge: 2, unavailable: 0 };
    let side = |hosts, available| Side { hosts, available };
    let not_yet = room.next(50, Side::whole(10), side(2, 0), 0);
    assert_eq!((not_yet.stable, not_yet.canary), (10, 2));
    let one = room.next(50, Side::whole(10), side(2, 1), 0);
    assert_eq!((one.stable, one.canary), (9, 2));
    let down = room.next(0, side(2, 0), Side::whole(10), 0);
    assert_eq!((down.stable, down.canary), (2, 10));
    let down = room.next(0, side(2, 1), Side::whole(10), 0);
    assert_eq!((down.stable, down.canary), (2, 9));
}

fn spares(hosts: u32, spares: u32, steps: Vec<CanaryStep>) -> Shape {
    // Nobody who has to serve may be given up.
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(2)),
        min_healthy: Some(Amount::Percent(10_000)),
        max_unavailable: None,
    };
    let strategy = Strategy::Canary(Canary { steps });
    Shape { hosts, spares, capacity, strategy, bake: Span::ZERO, ..Shape::default() }
}

fn weight(percent: u8) -> CanaryStep {
    CanaryStep::Weight(Weight::new(percent).unwrap())
}

fn serving(world: &World) -> usize {
    world.hosts.iter().filter(|host| host.serves()).count()
}

/// Lets it go on for as long, and looks all the while at how many serve in truth.
fn fewest(world: &mut World, most: Span, until: impl Fn(&Session) -> bool) -> usize {
    let mut fewest = serving(world);
    let end = world.at + most.0;
    while !until(world.session()) {
        assert!(world.at < end, "not within {most}:\n{}", world.story());
        world.run_for(Span::millis(500));
        fewest = fewest.min(serving(world));
    }
    fewest
}

/// Hosts that stand by come in before anybody leaves, so that no more than what has to serve is ever missed; and
/// they leave when the release is through.
#[test]
fn spare_hosts_come_in_for_a_canary_and_capacity_is_never_cut() {
    let mut world = World::new(811, &spares(6, 2, vec![weight(25), weight(50)]));
    assert_eq!(serving(&world), 6);
    let shown = preview(world.session(), world.now()).unwrap();
    let spare: Vec<&str> = shown.spare.iter().map(golive::domain::name::UnitId::as_str).collect();
    assert_eq!(spare, ["web-07", "web-08"]);
    let sizes: Vec<usize> = shown.batches.iter().map(|batch| batch.units.len()).collect();
    // 2 of 8 are 25 %, 4 of 8 are 50 %.
    assert_eq!(sizes, [2, 2, 4]);
    let words = shown.surge_words().unwrap();
    assert!(words.starts_with("2 (web-07, web-08): in before anybody leaves"), "{words}");
    assert!(
        words.contains("6+0 → 6+2 → 4+2 → 4+4 → 2+4") && words.contains("6 serve at the least"),
        "{words}"
    );
    assert_eq!(shown.steps.last(), Some(&Step::StandBy));
    world.under_way();
    let fewest = fewest(&mut world, Span::minutes(30), |session| {
        session.pipeline.running().is_none_or(|run| run.state != StageState::Rolling)
    });
    assert_eq!(fewest, 6);
    assert!(world.hosts.iter().all(|host| host.installed == Some(candidate("2.5.0"))));
    let session = world.session();
    let stands = |id: &str| session.rollout.unit(&unit(id)).unwrap().standby;
    assert!(stands("web-07") && stands("web-08") && !stands("web-01"));
    assert_eq!(serving(&world), 6, "the spare ones are out again");
}

/// On the way back as well, from the middle and from the end.
#[test]
fn the_way_back_calls_spare_hosts_in_and_never_cuts_capacity() {
    for at_the_end in [false, true] {
        let steps = vec![weight(50), CanaryStep::Pause(Pause::Human)];
        let mut world = World::new(812, &spares(4, 1, steps));
        world.under_way();
        world.run_until(Span::minutes(20), |session| {
            session.pipeline.running().unwrap().step() == Some(&Step::Pause(Pause::Human))
        });
        if at_the_end {
            world.must("dana", go_on());
            world.run_until(Span::minutes(20), |session| {
                session.pipeline.running().is_none_or(|run| run.state != StageState::Rolling)
            });
            assert_eq!(serving(&world), 4);
        }
        world.must("sam", roll_back());
        let fewest =
            fewest(&mut world, Span::minutes(30), |session| session.course.phase == Phase::RolledBack);
        assert_eq!(fewest, 4, "at the end: {at_the_end}\n{}", world.story());
        assert!(world.hosts.iter().all(|host| host.installed == Some(candidate("2.4.1"))));
        assert_eq!(serving(&world), 4);
        assert!(world.session().rollout.unit(&unit("web-05")).unwrap().standby);
    }
}

/// A host that has to serve falls sick while a spare one is in: nobody else leaves, and the spare one stays in until
/// somebody else serves.
#[test]
fn a_spare_host_stays_in_while_it_is_needed() {
    let mut world = World::new(813, &spares(4, 1, vec![weight(50)]));
    world.under_way();
    world.run_until(Span::minutes(20), |session| {
        session.rollout.done_in(&session.pipeline.running().unwrap().name) == 4
    });
    let last = world.session().rollout.units().iter().position(|unit| unit.touched.is_none()).unwrap_or(0);
    let sick = usize::from(last == 0);
    world.plan_for(world.at, Happening::Host(sick, HostFault::Sick));
    world.run_for(Span::minutes(3));
    assert!(!world.session().rollout.unit(&unit("web-05")).unwrap().standby);
    world.plan_for(world.at, Happening::Host(sick, HostFault::Well));
    world.run_for(Span::secs(30));
    if world.session().rollout.stalled.is_some() || world.session().course.hold.is_some() {
        world.must("dana", go_on());
    }
    world.run_until(Span::minutes(20), |session| session.rollout.unit(&unit("web-05")).unwrap().standby);
    assert_eq!(serving(&world), 4);
}

/// A first deploy brings nobody into traffic that stands by.
#[test]
fn a_first_deploy_leaves_spare_hosts_out_of_traffic() {
    let shape = Shape { capacity: Capacity::default(), ..spares(3, 1, vec![weight(50)]) };
    let mut world = World::with(814, &shape, None, "2.5.0", true);
    world.run_for(Span::secs(5));
    let shown = preview(world.session(), world.now()).unwrap();
    assert!(shown.first && shown.spare.is_empty() && shown.surge_words().is_none());
    world.under_way();
    world.run_until(Span::minutes(20), |session| {
        session.pipeline.running().is_none_or(|run| run.state != StageState::Rolling)
    });
    assert_eq!(serving(&world), 3);
}

#[test]
fn spare_hosts_that_could_not_be_kept_out_or_called_in_are_refused() {
    let says = |shape: &Shape| {
        let broken = rules::check(&plan(shape));
        let each = broken.into_iter().map(|one| format!("{}: {} ({})", one.place, one.what, one.help));
        each.collect::<Vec<_>>().concat()
    };
    let fine = spares(4, 1, vec![weight(50)]);
    assert_eq!(says(&fine), "");
    let rolling = Shape { strategy: Strategy::default(), ..fine.clone() };
    let words = says(&rolling);
    assert!(
        words.contains("stages[0].strategy: production has 1 spare host, and production is rolling"),
        "{words}"
    );
    let words = says(&Shape { balanced: false, ..fine.clone() });
    assert!(words.contains("environments.production.hosts: production has no balancer"), "{words}");
    let words = says(&Shape { one_box: true, ..fine.clone() });
    assert!(words.contains("spare"), "{words}");
    let words = says(&Shape { hosts: 0, capacity: Capacity::default(), ..fine });
    assert!(words.contains("all 1 host of production are spare"), "{words}");
}
